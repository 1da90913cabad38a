import assert from "node:assert/strict";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { checkHook } from "../../lib/cli/check-hook.ts";
import { hooksOf, type HookedRun } from "../../lib/cli/hooked-run.ts";
import type { BackupError } from "../../lib/model/failure.ts";
import { reasonOf } from "../store/reason-of.ts";
import { temporaryFolder } from "../store/sample-backup.ts";

const vm = { host: "kvm1", vm: `web "ü"; rm`, uuid: "8ecd7577-0e1f-4bdf-a0cf-74614d4c0edb" };

const noComplaint = ({ message }: BackupError): void => assert.fail(message);

describe("hooksOf()", () => {
  const folder = temporaryFolder();

  /** A hook with this shell text, run in a folder of its own, whose `log` has what each call was given. */
  async function hooked(text: string, options: Partial<HookedRun> = {}) {
    const own = await mkdtemp(path.join(folder, "h"));
    const program = path.join(own, "a hook");
    const log = path.join(own, "log");
    await writeFile(program, `#!/bin/sh\n{ echo "$# $1"; cat; } >>'${log}'\n${text}\n`, { mode: 0o755 });
    const complaints: BackupError["reason"][] = [];
    const hooks = hooksOf({
      hook: { program, timeoutSeconds: 20 },
      signal: new AbortController().signal,
      resultOf: () => undefined,
      complain: ({ reason }) => complaints.push(reason),
      ...options,
    });
    const said = async (): Promise<readonly string[]> => (await readFile(log, "utf8")).trimEnd().split("\n");
    return { program, hooks, complaints, said };
  }

  it("gives the moment as the argument, and one JSON object on standard input", async () => {
    const { hooks, said, complaints } = await hooked("");
    let turns = 0;
    await hooks.beforeRun({ store: "/s" });
    await hooks.aroundVm(vm, async () => void turns++);
    const [first, facts, second, before, third, after] = await said();
    assert.deepEqual([first, second, third], ["1 before-run", "1 before-vm", "1 after-vm"]);
    const { virtfold, ...known } = JSON.parse(facts!) as Record<string, unknown>;
    assert.deepEqual(known, { version: 1, moment: "before-run", store: "/s" });
    assert.match(String(virtfold), /^\d+\.\d+\.\d+/);
    assert.deepEqual(JSON.parse(before!), { version: 1, virtfold, moment: "before-vm", ...vm });
    assert.deepEqual(JSON.parse(after!), { version: 1, virtfold, moment: "after-vm", ...vm, result: null });
    assert.equal(turns, 1);
    assert.deepEqual(complaints, []);
  });

  it("does not begin a VM's turn when the hook before it fails, and says why", async () => {
    const { hooks, said, program } = await hooked("echo not today >&2; exit 7");
    const turn = hooks.aroundVm(vm, () => assert.fail("its turn began"));
    assert.deepEqual(await reasonOf(turn), {
      ...{ kind: "hook-failed", program, moment: "before-vm", detail: "exit code 7: not today" },
    });
    assert.ok(!(await said()).includes("1 after-vm"));
  });

  it("only complains when the hook after a turn fails, also when the turn did", async () => {
    const { hooks, complaints, program } = await hooked('[ "$1" = before-vm ]');
    const turn = hooks.aroundVm(vm, () => Promise.reject(new Error("a bug")));
    await assert.rejects(turn, /^Error: a bug$/);
    assert.deepEqual(complaints, [
      { kind: "hook-failed", program, moment: "after-vm", detail: "exit code 1" },
    ]);
  });

  it("ends a hook that takes too long, or prints without end", async () => {
    const slow = await hooked("exec sleep 60");
    const hook = { program: slow.program, timeoutSeconds: 0.2 };
    const impatient = hooksOf({
      hook,
      signal: new AbortController().signal,
      resultOf: () => undefined,
      complain: noComplaint,
    });
    const late = await reasonOf(impatient.beforeRun({}));
    assert.ok(late.kind === "hook-failed");
    assert.equal(late.detail, "it did not end within 0.2 s");
    const loud = await reasonOf((await hooked("yes")).hooks.beforeRun({}));
    assert.ok(loud.kind === "hook-failed");
    assert.equal(loud.detail, "it printed more than 1 MiB");
  });

  it("is stopped with the run before a turn, and run after one all the same", async () => {
    const controller = new AbortController();
    const { hooks, said } = await hooked("", { signal: controller.signal });
    await hooks.aroundVm(vm, async () => controller.abort());
    assert.ok((await said()).includes("1 after-vm"));
    assert.equal((await reasonOf(hooks.beforeRun({}))).kind, "interrupted");
  });

  it("does not mind a hook that reads nothing", async () => {
    const own = await mkdtemp(path.join(folder, "h"));
    const program = path.join(own, "deaf");
    await writeFile(program, "#!/bin/sh\nexec <&-\nexit 0\n", { mode: 0o755 });
    const hook = { program, timeoutSeconds: 20 };
    const hooks = hooksOf({
      hook,
      signal: new AbortController().signal,
      resultOf: () => undefined,
      complain: noComplaint,
    });
    await hooks.beforeRun({ hosts: "x".repeat(1024 * 1024) });
  });

  it("does nothing without a hook", async () => {
    const options = { hook: undefined, resultOf: () => undefined, complain: noComplaint };
    let turns = 0;
    await hooksOf({ ...options, signal: new AbortController().signal }).aroundVm(
      vm,
      async () => void turns++,
    );
    assert.equal(turns, 1);
  });
});

describe("checkHook()", () => {
  const folder = temporaryFolder();

  it("refuses what is no program before anything is begun", async () => {
    await checkHook(undefined);
    await checkHook("/bin/sh");
    const file = path.join(folder, "text");
    await writeFile(file, "echo", { mode: 0o644 });
    for (const [program, why] of [
      [file, /may not be run; chmod \+x/],
      [folder, /it is no file/],
      ["/nothing/there", /cannot be used \(ENOENT\)/],
    ] as const) {
      const reason = await reasonOf(checkHook(program));
      assert.ok(reason.kind === "usage");
      assert.match(reason.detail, why);
    }
  });
});
