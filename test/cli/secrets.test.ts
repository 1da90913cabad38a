// A whole backup of a VM whose definition holds a password, told to a secret address: neither is to be seen anywhere but
// where it belongs.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { currentRuntime, scriptCommand } from "../../scripts/testing/runtimes.ts";
import { startFleet, type SimulatedFleet } from "../bench/simulated-fleet.ts";
import { findProgram } from "../ssh/find-program.ts";
import { notePrograms, type NotedPrograms } from "../support/noted-programs.ts";

const password = "c0nsole-p4ssword";
const pingSecret = "p1ng-4ddress";
const hookSecret = "h00k-t0ken";
const secret = new RegExp(`${password}|${pingSecret}|${hookSecret}`);
/** All that the two ends start; the fake virsh and qemu-img note their own calls. */
const programs = [
  "ssh",
  "ssh-keygen",
  "ssh-add",
  "rsync",
  "sh",
  "timeout",
  "env",
  "cat",
  "mkdir",
  "mv",
  "rm",
  "ln",
  "cp",
];
const more = [
  "flock",
  "awk",
  "sed",
  "grep",
  "setsid",
  "nohup",
  "stat",
  "find",
  "df",
  "sync",
  "tee",
  "printf",
  "sleep",
  "id",
];
const skip = ["ssh", "rsync", "qemu-img"].find((name) => findProgram(name) === undefined);

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("secrets", { skip: skip === undefined ? false : `${skip} is missing` }, () => {
  let fleet: SimulatedFleet;
  let noted: NotedPrograms;
  let listener: Server;
  let run: Run;
  const heard: string[] = [];
  const argvs = new Set<string>();
  const file = (name: string): string => join(fleet.store, "..", name);

  before(async () => {
    noted = notePrograms([...programs, ...more]);
    const path = process.env["PATH"];
    process.env["PATH"] = noted.path;
    fleet = await startFleet({ hosts: 1, vms: 1 }).finally(() => (process.env["PATH"] = path));
    const [hypervisor] = fleet.hypervisors;
    protectConsoles(hypervisor!.state);
    // What the host keeps of the definition while its guard is armed.
    const look = `find "$VIRTFOLD_STATE_DIRECTORY" -type f -exec grep -l passwd= {} + | xargs stat -c '%a %n'`;
    hypervisor!.hook("after", "snapshot-create-as.1", `${look} >'${file("on-host")}'`);
    listener = await startListener(heard);
    run = await backUp();
  });
  after(async () => {
    await fleet?.close();
    noted?.remove();
    listener?.close();
  });

  async function backUp(): Promise<Run> {
    const hook = file("hook");
    writeFileSync(
      hook,
      `#!/bin/sh\n[ -n "$HOOK_TOKEN" ] && cat >>'${file("hooked")}'\n[ "$1" != after-vm ]\n`,
      { mode: 0o755 },
    );
    const script = fileURLToPath(new URL("../../scripts/backup.ts", import.meta.url));
    const flags = ["--inventory", fleet.inventory, "--ssh-config", fleet.sshConfig, "--store", fleet.store];
    const wishes = ["--json", "--verbose", "--hook", hook, "--metrics-file", file("metrics.prom")];
    const [program, ...args] = scriptCommand(currentRuntime());
    const child = spawn(program, [...args, script, ...flags, ...wishes], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PATH: noted.path,
        HOOK_TOKEN: hookSecret,
        VIRTFOLD_PING_URL: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/${pingSecret}`,
      },
    });
    const looking = setInterval(() => noteArgvs(argvs), 20);
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const [code] = (await once(child, "close").finally(() => clearInterval(looking))) as [number | null];
    return { code, ...output };
  }

  it("are no hindrance to a backup, and are where they belong: in the definition, readable by its owner alone", () => {
    assert.equal(run.code, 0, run.stderr + run.stdout);
    const files = filesUnder(fleet.store).filter((path) => readFileSync(path, "utf8").includes(password));
    assert.match(
      files
        .map((path) => basename(path))
        .toSorted()
        .join(),
      /^original\.xml,vm1-restore-[-\d]+\.xml$/,
    );
    for (const path of files) assert.equal(statSync(path).mode & 0o777, 0o600, path);
    assert.deepEqual(heard, [`/${pingSecret}/start`, `/${pingSecret}`]);
    assert.match(readFileSync(file("on-host"), "utf8"), /^600 \S*\/definition\.xml\n$/);
  });

  it("are not in what is printed, nor in anything else in the store, nor in the metrics", () => {
    assert.match(run.stderr, /Cannot tell 127\.0\.0\.1:\d+ \(VIRTFOLD_PING_URL\)/);
    assert.match(run.stderr, /after-vm/);
    for (const text of [run.stdout, run.stderr]) assert.doesNotMatch(text, secret);
    const others = filesUnder(fleet.store).filter((path) => !path.endsWith(".xml"));
    for (const name of ["manifest.json", "backup.log", "SHA256SUMS"])
      assert.ok(
        others.some((path) => path.endsWith(`/${name}`)),
        name,
      );
    assert.ok(others.some((path) => path.includes("/.virtfold/runs/")));
    for (const path of [...others, file("metrics.prom"), file("hooked")])
      assert.doesNotMatch(readFileSync(path, "utf8"), secret, path);
    for (const path of filesUnder(fleet.store)) assert.doesNotMatch(path, secret);
  });

  it("are in nobody's arguments, here or on the host", () => {
    const calls = [...noted.calls(), ...fleet.hypervisors.flatMap((hypervisor) => hypervisor.calls())];
    for (const name of ["ssh", "ssh-keygen", "rsync", "timeout", "virsh", "qemu-img"])
      assert.ok(
        calls.some((call) => call.startsWith(`${name} `)),
        name,
      );
    assert.ok([...argvs].some((argv) => argv.includes("scripts/backup.ts")));
    for (const argv of [...calls, ...argvs]) assert.doesNotMatch(argv, secret);
  });

  it("leave standard output to objects, one on a line", () => {
    const kinds = run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    assert.ok(kinds.includes("vm-finished"));
    assert.equal(kinds.at(-1), "run-finished");
  });
});

/** Gives each VM a console with a password, which libvirt tells only to those who ask for it. */
function protectConsoles(state: string): void {
  for (const uuid of readdirSync(join(state, "domains"))) {
    const path = join(state, "domains", uuid, "inactive.xml");
    const graphics = `    <graphics type='vnc' port='-1' passwd='${password}'/>\n  </devices>`;
    writeFileSync(path, readFileSync(path, "utf8").replace("  </devices>", graphics));
  }
}

/** Hears of the run, and is content with its beginning only. */
async function startListener(heard: string[]): Promise<Server> {
  const server = createServer(({ url = "" }, response) => {
    heard.push(url);
    response.writeHead(url.endsWith("/start") ? 200 : 500).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Not by a recursive `readdir`, with which Bun follows links. */
function filesUnder(folder: string): readonly string[] {
  return execFileSync("find", [folder, "-type", "f"], { encoding: "utf8" }).trimEnd().split("\n");
}

/** What runs on this machine at this moment. */
function noteArgvs(argvs: Set<string>): void {
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      argvs.add(readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " "));
    } catch {
      // It has ended meanwhile.
    }
  }
}
