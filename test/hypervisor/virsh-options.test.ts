import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { inOneVirsh, virsh } from "../../lib/hypervisor/virsh.ts";
import type { VirshCommands } from "../../lib/hypervisor/virsh.ts";
import type { Command } from "../../lib/shell/command.ts";
import { besideTests, missing, runTool } from "./fixture.ts";
import { probedOptions, virshOptions } from "./virsh-1.2.9.ts";

const commands = virsh("qemu:///system");
const uuid = "6695eb01-f6a4-8304-79aa-97f2502e193f";
const disks = [
  { target: "vda", overlayPath: "/a,b" },
  { target: "hdc", overlayPath: undefined },
];

/** Every command that virsh.ts can build, with every option it may have. */
const built: Readonly<Record<keyof VirshCommands, Command>> = {
  version: commands.version(),
  capabilities: commands.capabilities(),
  listUuids: commands.listUuids(),
  domainState: commands.domainState(uuid),
  domainInfo: commands.domainInfo(uuid),
  dumpXml: commands.dumpXml(uuid),
  dumpInactiveXml: commands.dumpInactiveXml(uuid),
  snapshotNames: commands.snapshotNames(uuid),
  snapshotCurrent: commands.snapshotCurrent(uuid),
  snapshotXml: commands.snapshotXml(uuid, "--name"),
  snapshotCreate: commands.snapshotCreate({ uuid, name: "x", disks }),
  blockCommit: commands.blockCommit(uuid, { target: "vda", basePath: "/b", overlayPath: "/o" }),
  pivot: commands.pivot(uuid, "vda"),
  blockJob: commands.blockJob(uuid, "vda"),
  createPaused: commands.createPaused("/x/definition.xml"),
  agentPing: commands.agentPing(uuid),
  freeze: commands.freeze(uuid),
  thaw: commands.thaw(uuid),
  domainCapabilities: commands.domainCapabilities({
    ...{ virtType: "kvm", emulator: "/usr/bin/qemu", arch: "x86_64", machine: "pc" },
  }),
  volumePath: commands.volumePath("pool", "volume"),
  listNames: commands.listNames(),
  domainUuid: commands.domainUuid("--name"),
  networkInfo: commands.networkInfo("--name"),
  define: commands.define("/definition.xml"),
  redefineSnapshot: commands.redefineSnapshot(uuid, { file: "/snapshot.xml", isCurrent: true }),
  create: commands.create("/definition.xml"),
  screenshot: commands.screenshot(uuid, "/screenshot"),
  askAgent: commands.askAgent(uuid, { execute: "guest-ping" }),
  start: commands.start(uuid),
  startWithHost: commands.startWithHost(uuid),
  undefine: commands.undefine(uuid),
  probeCheckpoints: commands.probeCheckpoints(),
  checkpointNames: commands.checkpointNames(uuid),
};

interface Use {
  readonly command: string;
  readonly options: readonly string[];
}

/** The words behind `virsh -c URI`. */
function useOf([program, flag, uri, command, ...words]: Command): Use {
  assert.deepEqual([program, flag, uri], ["virsh", "-c", "qemu:///system"]);
  const options = words
    .filter((word) => word.startsWith("--"))
    .map((word) => word.slice(2).replace(/=[\s\S]*$/, ""));
  return { command: command ?? "", options };
}

/** What a script asks of its function `call_virsh [SECONDS] COMMAND [ARGUMENTS]`. */
function usesIn(script: string): readonly Use[] {
  const code = script.replace(/\\\n/g, " ").replace(/^\s*#.*$/gm, "");
  return Array.from(
    code.matchAll(/\bcall_virsh +(?:[0-9]+ +|"\$seconds" +)?([a-z][a-z-]*)([^|;&<>)\n]*)/g),
    ([, command = "", rest = ""]) => ({
      command,
      options: Array.from(rest.matchAll(/(?<=\s)--([a-z][a-z-]*)/g), ([, option = ""]) => option),
    }),
  );
}

function assertKnown({ command, options }: Use): void {
  const known = virshOptions[command] ?? probedOptions[command]?.options;
  assert.ok(known, `virsh 1.2.9 has no command ${command}`);
  for (const option of options)
    assert.ok(known.includes(option), `virsh 1.2.9's ${command} has no --${option}`);
}

describe("virsh()", () => {
  for (const [name, command] of Object.entries(built)) {
    it(`${name} asks for nothing that libvirt 1.2.9 did not have`, () => {
      assertKnown(useOf(command));
    });
  }

  it("asks several things of one virsh with nothing that libvirt 1.2.9 did not have", () => {
    const [program, flag, uri, text = ""] = inOneVirsh([built.domainState, built.dumpInactiveXml], "next");
    for (const words of text.split("; ").map((part) => part.split(" ")))
      assertKnown(useOf([program, flag ?? "", uri ?? "", ...words]));
  });

  it("probes for what is newer", () => {
    for (const [name, { probe }] of Object.entries(probedOptions)) {
      assert.equal(virshOptions[name], undefined);
      assert.ok(
        Object.values(built).some((command) => command.slice(3).join(" ") === probe),
        probe,
      );
    }
  });

  it("asks for nothing that the virsh of this machine does not have", { skip: missing("virsh") }, () => {
    for (const { command, options } of Object.values(built).map(useOf)) {
      const help = runTool("virsh", ["help", command]).stdout;
      for (const option of options) assert.match(help, new RegExp(`--${option}\\b`), command);
    }
  });
});

describe("guard.sh", () => {
  const path = besideTests("../../lib/guard/guard.sh");
  const script = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  const skip = script === undefined ? "there is no guard.sh" : false;

  it("asks virsh for nothing that libvirt 1.2.9 did not have", { skip }, () => {
    const uses = usesIn(script ?? "");
    assert.ok(uses.length >= 5);
    uses.forEach(assertKnown);
  });

  it("folds overlays with the commands that a plan shows", { skip }, () => {
    const commit = { target: "$target", basePath: "$base", overlayPath: "$overlay" };
    for (const words of [commands.blockCommit("$uuid", commit), commands.pivot("$uuid", "$target")]) {
      const text = words.slice(3).map((word) => (word.startsWith("$") ? `"${word}"` : word));
      assert.match(
        script ?? "",
        new RegExp(`call_virsh 120 ${text.join(" ").replaceAll("$", "\\$")} +(\\\\|>)`),
      );
    }
  });

  it("calls virsh in one place", { skip }, () => {
    assert.equal((script ?? "").match(/\bvirsh +-c\b/g)?.length, 1);
  });

  it("is read as it is meant", () => {
    const text = `# call_virsh 9 bogus --x\n if call_virsh 60 dumpxml --inactive "$u" >"$f" || call_virsh blockcommit "$u" \\\n  --active --base "$b" 2>&1 | grep -- --no; then call_virsh "$seconds" list --uuid; fi\ncall_virsh() {\n`;
    assert.deepEqual(usesIn(text), [
      { command: "dumpxml", options: ["inactive"] },
      { command: "blockcommit", options: ["active", "base"] },
      { command: "list", options: ["uuid"] },
    ]);
  });
});
