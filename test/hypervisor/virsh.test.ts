import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  parseDomainInfo,
  parseDomainState,
  parseNames,
  parseUuids,
} from "../../lib/hypervisor/parse-virsh.ts";
import { parseSnapshot } from "../../lib/hypervisor/snapshot-xml.ts";
import { parseVirshVersion } from "../../lib/hypervisor/versions.ts";
import { answersOfOneVirsh, inOneVirsh, virsh } from "../../lib/hypervisor/virsh.ts";
import { toShell } from "../../lib/shell/command.ts";
import type { Command } from "../../lib/shell/command.ts";
import { missing, runTool } from "./fixture.ts";

const uuid = "6695eb01-f6a4-8304-79aa-97f2502e193f";
const overlays = (paths: Readonly<Record<string, string | undefined>>) =>
  Object.entries(paths).map(([target, overlayPath]) => ({ target, overlayPath }));

describe("virsh()", () => {
  const commands = virsh("qemu:///system");

  it("takes a snapshot that names every disk", () => {
    const disks = overlays({ vda: "/a b/c,d,,e=.qcow2", hdc: undefined });
    const words = [
      "virsh",
      "-c",
      "qemu:///system",
      "snapshot-create-as",
      uuid,
      "--name=x-1",
      "--disk-only",
      "--atomic",
      "--no-metadata",
    ];
    const specs = [
      "--diskspec",
      "vda,snapshot=external,file=/a b/c,,d,,,,e=.qcow2",
      "--diskspec",
      "hdc,snapshot=no",
    ];
    assert.deepEqual(commands.snapshotCreate({ uuid, name: "x-1", disks }), [...words, ...specs]);
  });

  for (const path of ["", "x.qcow2", "/a\nb", "/a\0b", "/a\tb"]) {
    it(`refuses an overlay at ${JSON.stringify(path)}`, () => {
      assert.throws(
        () => commands.snapshotCreate({ uuid, name: "x", disks: overlays({ vda: path }) }),
        TypeError,
      );
    });
  }

  it("names snapshots in a way that no name is taken for an option", () => {
    assert.deepEqual(commands.snapshotXml(uuid, "--security-info").slice(3), [
      "snapshot-dumpxml",
      uuid,
      "--snapshotname=--security-info",
      "--security-info",
    ]);
  });
});

const test = virsh("test:///default");

/** Gives commands to one virsh, since the test driver forgets all at its end; what each prints. */
function session(...lines: readonly Command[]): readonly string[] {
  const words = lines.map((line) => toShell(line).replace(/^virsh -c \S+ /, ""));
  const { stdout } = runTool("virsh", ["-q", "-c", "test:///default", words.join("; echo =END=; ")]);
  return stdout.split("=END=");
}

describe("virsh itself", { skip: missing("virsh") }, () => {
  const ask = ([program, ...args]: Command) => runTool(program, args);
  const id = parseUuids(ask(test.listUuids()).stdout)[0] ?? "";

  it("answers in a way that is understood", () => {
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal(parseDomainState(ask(test.domainState(id)).stdout).state, "running");
    assert.deepEqual(parseDomainInfo(ask(test.domainInfo(id)).stdout), {
      isPersistent: true,
      hasManagedSave: false,
      startsWithHost: false,
    });
    assert.deepEqual(parseNames(ask(test.snapshotNames(id)).stdout), []);
    assert.match(parseVirshVersion(ask(test.version()).stdout).libvirt ?? "", /^\d+\.\d+\.\d+$/);
    assert.equal(ask(test.agentPing(id)).code, 0);
    assert.equal(ask(test.snapshotCurrent(id)).code, 1);
    assert.equal(ask(test.domainState("00000000-0000-0000-0000-000000000000")).code, 1);
  });

  it("understands a diskspec as it is meant", () => {
    const path = `/a b/c,d,,e=f "g" 'h' <&> ü;-.qcow2`;
    const [program, ...args] = test.snapshotCreate({
      uuid: id,
      name: "x",
      disks: overlays({ vda: path, hdc: undefined }),
    });
    const printable = [...args.filter((word) => word !== "--no-metadata"), "--print-xml"];
    const xml = runTool(program, printable).stdout.trim();
    assert.equal(parseSnapshot(xml).location, "external");
    assert.match(
      xml,
      /<source file='\/a b\/c,d,,e=f &quot;g&quot; &apos;h&apos; &lt;&amp;&gt; ü;-.qcow2'\/>/,
    );
    assert.match(xml, /<disk name='hdc' snapshot='no'\/>/);
  });

  for (const name of ["plain", "zeta base", "--security-info", "-x", "a=b", "ümläut 日本", `'q' <&>`]) {
    it(`finds the snapshot ${JSON.stringify(name)}`, () => {
      const create: Command = ["virsh", "-c", "test:///default", "snapshot-create-as", id, `--name=${name}`];
      const questions = [test.snapshotNames(id), test.snapshotCurrent(id), test.snapshotXml(id, name)];
      const [, names = "", current = "", xml = ""] = session(create, ...questions);
      assert.deepEqual([parseNames(names), parseNames(current)], [[name], [name]]);
      assert.equal(parseSnapshot(xml.trim()).name, name);
    });
  }
});

describe("inOneVirsh()", () => {
  const commands = virsh("qemu:///system");

  it("asks one thing after the other, with a line between their answers", () => {
    assert.deepEqual(inOneVirsh([commands.domainState(uuid), commands.dumpXml(uuid)], "next-1"), [
      ...["virsh", "-c", "qemu:///system"],
      `domstate ${uuid} --reason; echo next-1; dumpxml ${uuid}`,
    ]);
  });

  for (const text of ["a;undefine b", "a b", "a'b", 'a"b', "a\\b", "a\nb", ""]) {
    it(`takes nothing that virsh would take apart: ${JSON.stringify(text)}`, () => {
      assert.throws(() => inOneVirsh([commands.domainState(text)], "next"), TypeError);
    });
  }

  it("does not mix connections", () => {
    const other = virsh("qemu:///session").version();
    assert.throws(() => inOneVirsh([commands.version(), other], "next"), TypeError);
  });
});

describe("answersOfOneVirsh()", () => {
  it("gives what each command would have printed alone", () => {
    const stdout = "running (booted)\n\nnext-1\n\n\nnext-1\n<domain/>\n\n";
    assert.deepEqual(answersOfOneVirsh(stdout, "next-1", 3), [
      "running (booted)\n\n",
      "\n\n",
      "<domain/>\n\n",
    ]);
  });

  it("gives nothing when an answer is missing", () => {
    assert.equal(answersOfOneVirsh("running\n\nnext-1\n", "next-1", 3), undefined);
  });

  it("reads what the virsh of this machine prints", { skip: missing("virsh") }, () => {
    const fake = virsh("test:///default");
    const domain = "test";
    const asked = [fake.snapshotNames(domain), fake.domainState(domain), fake.dumpXml(domain)];
    const [, ...words] = inOneVirsh(asked, "next-1");
    const { stdout } = runTool("virsh", words);
    const alone = asked.map(([, ...each]) => runTool("virsh", each).stdout);
    assert.deepEqual(answersOfOneVirsh(stdout, "next-1", 3), alone);
    assert.match(alone[2] ?? "", /<domain /);
  });

  it("hears of a command that failed, though a later one did not", { skip: missing("virsh") }, () => {
    const fake = virsh("test:///default");
    const [, ...words] = inOneVirsh([fake.domainState("gone"), fake.domainState("test")], "next-1");
    const { code, stderr } = runTool("virsh", words);
    assert.equal(code, 0);
    assert.match(stderr, /^error: /);
  });
});
