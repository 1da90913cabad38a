// A first inventory: from hosts that are named, and from answers on a terminal; then plan and backup work with it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { toShell } from "../../lib/shell/command.ts";
import { runtimeEnvironment } from "../../scripts/testing/runtimes.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { openTestHost, type TestHost } from "./support/test-host.ts";
import { thorough } from "./support/thorough.ts";
import { programCommand, runBackup, type RunEnd } from "./support/virtfold-process.ts";

const files = [".env", "hosts/inventory.yaml"];

describe("init", { timeout: 900_000 }, () => {
  let first: TestHost;
  let scratch: ScratchFolder;
  before(async () => {
    first = await openTestHost("hv1", ["web", "off"]);
    await openTestHost("hv2", ["off"]);
    scratch = await makeScratchFolder();
  });
  after(() => scratch?.remove());

  async function workFolder(name: string): Promise<string> {
    const directory = join(scratch.directory, name);
    await mkdir(directory);
    return directory;
  }
  const init = async (directory: string, ...args: readonly string[]): Promise<RunEnd> =>
    await runBackup(args, { command: "init", directory });
  const filesIn = async (directory: string): Promise<readonly string[]> =>
    (await readdir(directory, { recursive: true })).filter((name) => name !== "hosts").toSorted();

  it("takes hosts and writes what plan and backup work with, also for one that cannot be asked", async () => {
    const directory = await workFolder("named");
    const store = await scratch.newStore();
    const settings = ["--store", store, "--ssh-config", first.lab.sshConfig];
    const end = await init(directory, "hv1", "nosuch.invalid", "hv2", ...settings);
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stdout, /^hv1 +web +backed up +1 /m);
    assert.match(end.stdout, /^Not asked: "nosuch\.invalid"\./m);
    assert.deepEqual(await filesIn(directory), files);
    const inventory = await readFile(join(directory, "hosts/inventory.yaml"), "utf8");
    assert.match(inventory, /^ {2}# \d+ of \d+ VMs can be backed up: .*"web".*\n {2}hv1:$/m);
    assert.match(inventory, /^ {2}# It could not be asked: Cannot reach host .*\n {2}nosuch\.invalid:$/m);

    const plan = await runBackup([], { command: "plan", directory });
    assert.equal(plan.code, 3, plan.stderr);
    assert.match(plan.stdout, /, 1 host not reached, /);
    const backup = await runBackup(["hv1/off", "hv2/off"], { directory });
    assert.equal(backup.code, 0, backup.stderr);
    assert.deepEqual((await readdir(store)).filter((name) => name.startsWith("hv")).toSorted(), [
      "hv1",
      "hv2",
    ]);

    const again = await init(directory, "hv2");
    assert.equal(again.code, 2);
    assert.match(
      again.stderr,
      /^ERROR: "hosts\/inventory\.yaml" is there already, and is never overwritten: /,
    );
    const other = await init(directory, "hv2", "--inventory", "hosts/other.yaml");
    assert.equal(other.code, 0, other.stderr);
    assert.match(other.stdout, /virtfold plan --inventory hosts\/other\.yaml /);
    assert.equal(await readFile(join(directory, "hosts/inventory.yaml"), "utf8"), inventory);
  });

  thorough("writes nothing when it only shows, and when no host can be asked", async () => {
    const directory = await workFolder("nothing");
    const settings = ["--store", "backups", "--ssh-config", first.lab.sshConfig];
    const dry = await init(directory, "hv1", "--dry-run", "--sudo", ...settings);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^==> hosts\/inventory\.yaml <==\n[^]*^ {2}sudo: true\nhosts:$/m);
    assert.match(dry.stdout, new RegExp(`^VIRTFOLD_STORE=${directory}/backups$`, "m"));
    const none = await init(directory, "nosuch.invalid", ...settings);
    assert.equal(none.code, 3);
    assert.match(none.stdout, /^No host could be asked, so nothing was written/m);
    assert.deepEqual(await filesIn(directory), []);
  });

  thorough("puts a VM that would be refused down as one that can be left out", async () => {
    const directory = await workFolder("refused");
    const { host } = first;
    const image = "/var/lib/libvirt/images/gone.qcow2";
    const xml = `<domain type='qemu'><name>odd # name: &apos;x</name><memory>65536</memory><os><type arch='x86_64'>hvm</type></os>
      <devices><disk type='file'><driver name='qemu' type='qcow2'/><source file='${image}'/><target dev='vda'/></disk></devices></domain>`;
    await host.check(["sh", "-c", 'printf %s "$1" | virsh define /dev/stdin', "sh", xml]);
    try {
      const end = await init(directory, "hv1", "--store", "/x", "--ssh-config", first.lab.sshConfig);
      assert.equal(end.code, 0, end.stderr);
      assert.match(end.stdout, /^hv1 +odd # name: 'x +refused$/m);
      const path = join(directory, "hosts/inventory.yaml");
      const text = await readFile(path, "utf8");
      assert.match(text, /^ {4}# vms:\n {4}# {3}exclude:\n {4}# {5}- "odd # name: 'x" # Cannot back up /m);
      await writeFile(path, text.replaceAll(/^ {4}# /gm, "    "));
      await mkdir(join(directory, "store"));
      const args = ["--store", join(directory, "store"), "--verbose"];
      const plan = await runBackup(args, { command: "plan", directory });
      assert.ok(isPlanned(plan), plan.stderr);
      assert.match(plan.stderr, /left out by the inventory: "odd # name: 'x"/);
    } finally {
      await host.check(["virsh", "undefine", "odd # name: 'x"]);
    }
  });

  describe("on a terminal", () => {
    it("asks for all it needs, and asks a host again after what was wrong was put right", async () => {
      const directory = await workFolder("asked");
      const knownHosts = join(directory, "known_hosts");
      await writeFile(knownHosts, "");
      const config = join(directory, "ssh_config");
      const lab = await readFile(first.lab.sshConfig, "utf8");
      await writeFile(config, lab.replaceAll(/^( *UserKnownHostsFile) .*$/gm, `$1 ${knownHosts}`));
      const person = startTerminal(directory, ["--ssh-config", config]);
      await person.sees(/Host: $/);
      person.types("hv1/off hv1\n");
      await person.sees(/it names a VM/);
      await person.sees(/Cannot trust host "hv1": [^]*\(l\)eave it out \[t\]: $/);
      await writeFile(knownHosts, await readFile(first.lab.knownHosts, "utf8"));
      person.types("\n");
      await person.sees(/hv1: \d+ VMs found[^]*Another host .*: $/);
      // More than one answer at once, as when lines are pasted.
      person.types(`hv2\n\n${directory}/the store\n`);
      await person.sees(/Write hosts\/inventory\.yaml and \.env\? .*: $/);
      person.types("yes\n");
      assert.equal(await person.ends(), 0, person.screen());
      assert.match(person.screen(), /mkdir -p '.*\/the store'/);
      assert.match(await readFile(join(directory, ".env"), "utf8"), /^VIRTFOLD_STORE='.*\/the store'$/m);
      await mkdir(join(directory, "the store"));
      const plan = await runBackup([], { command: "plan", directory });
      assert.ok(isPlanned(plan), plan.stderr);
    });

    thorough("writes nothing after Ctrl-C, the end of the input, or a no, and says so with 130", async () => {
      const directory = await workFolder("stopped");
      const settings = ["--ssh-config", first.lab.sshConfig, "--store", "/x"];
      for (const [answers, question] of [
        [[], /Host: $/],
        [["hv1\n"], /Another host .*: $/],
        [["hv1\n", "\n"], /Write .*\[y\]: $/],
      ] as const) {
        for (const end of ["\u0003", "\u0004", ...(answers.length === 2 ? ["n\n"] : [])]) {
          const person = startTerminal(directory, settings);
          await person.sees(/Host: $/);
          for (const answer of answers) person.types(answer);
          await person.sees(question);
          person.types(end);
          assert.equal(await person.ends(), 130, person.screen());
          assert.match(person.screen(), /Nothing was written\r?\n$/);
          assert.deepEqual(await filesIn(directory), []);
        }
      }
    });
  });
});

/** Another VM of the host may have a disk that is left out. */
function isPlanned({ code }: RunEnd): boolean {
  return code === 0 || code === 5;
}

interface Terminal {
  types(text: string): void;
  /** Waits until all that was shown matches. */
  sees(pattern: RegExp): Promise<void>;
  screen(): string;
  ends(): Promise<unknown>;
}

/** Starts init on a terminal of its own, which script(1) gives it. */
function startTerminal(directory: string, args: readonly string[]): Terminal {
  const command = toShell([...programCommand("init"), ...args]);
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    cwd: directory,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...runtimeEnvironment(process.env), TERM: "xterm" },
    timeout: 300_000,
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  const end = once(child, "close");
  // oxlint-disable-next-line no-control-regex -- escape sequences are what a terminal reads
  const screen = (): string => shown.replaceAll(/\u001b\[[?\d;]*[A-Za-z]/g, "");
  return {
    screen,
    types: (text) => void child.stdin.write(text),
    sees: async (pattern) => {
      const options = { limitSeconds: 120, everyMilliseconds: 50, explain: screen };
      await waitUntil(`the terminal shows ${String(pattern)}`, options, () =>
        Promise.resolve(pattern.test(screen()) ? true : undefined),
      );
    },
    ends: async () => (await end)[0] as unknown,
  };
}
