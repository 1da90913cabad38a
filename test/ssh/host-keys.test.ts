import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readClientConfig } from "../../lib/ssh/client-config.ts";
import type { ClientConfig } from "../../lib/ssh/client-config.ts";
import { fingerprintOf, hostKeyPolicy } from "../../lib/ssh/host-keys.ts";
import type { HostKeyPolicy } from "../../lib/ssh/host-keys.ts";
import { addKnownHost, findKnownHosts } from "../../lib/ssh/known-hosts.ts";
import { makeKey, publicKeyOf } from "./ssh-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "vf keys-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "known hosts");
const local = { userName: "ada", userId: 1, homeDirectory: "/home/ada", hostName: "laptop", environment: {} };

const keys = {
  ed25519: ["-t", "ed25519"],
  other: ["-t", "ed25519"],
  ecdsa: ["-t", "ecdsa"],
  rsa: ["-t", "rsa"],
};
for (const [name, options] of Object.entries(keys)) makeKey(join(folder, name), options);
const line = (name: keyof typeof keys): string => publicKeyOf(join(folder, name));
const bytes = (name: keyof typeof keys): Buffer => Buffer.from(line(name).split(" ")[1]!, "base64");

function config(lines = "", port = 2222): ClientConfig {
  const text = `host kvm1\nhostname 10.0.0.1\nport ${port}\nuser root\nuserknownhostsfile ${file}\n${lines}\n`;
  return readClientConfig(text, "kvm1", local);
}

async function policyFor(knownHosts: string, asked = config()): Promise<HostKeyPolicy> {
  writeFileSync(file, knownHosts);
  return hostKeyPolicy(await findKnownHosts(asked), asked);
}

const acceptNew = "stricthostkeychecking accept-new";
const name = "[10.0.0.1]:2222";

describe("hostKeyPolicy()", () => {
  const cases: readonly {
    title: string;
    knownHosts: string;
    config?: ClientConfig;
    verdict: string;
    algorithms: string | undefined;
  }[] = [
    {
      title: "a known key",
      knownHosts: `${name} ${line("ed25519")}\n`,
      verdict: "known",
      algorithms: "ssh-ed25519",
    },
    {
      title: "a known key among others",
      knownHosts: `${name} ${line("rsa")}\n${name} ${line("ed25519")}\n`,
      verdict: "known",
      algorithms: "ssh-ed25519,rsa-sha2-512,rsa-sha2-256",
    },
    { title: "an unknown host", knownHosts: "", verdict: "unknown", algorithms: undefined },
    {
      title: "an unknown host where new ones are accepted",
      knownHosts: "",
      config: config(acceptNew),
      verdict: "new",
      algorithms: undefined,
    },
    {
      title: "another key of the same type",
      knownHosts: `${name} ${line("other")}\n`,
      verdict: "changed",
      algorithms: "ssh-ed25519",
    },
    {
      title: "a changed key where new hosts are accepted",
      knownHosts: `${name} ${line("other")}\n`,
      config: config(acceptNew),
      verdict: "changed",
      algorithms: "ssh-ed25519",
    },
    {
      title: "a changed key where nothing is checked",
      knownHosts: `${name} ${line("other")}\n`,
      config: config("stricthostkeychecking no"),
      verdict: "changed",
      algorithms: "ssh-ed25519",
    },
    {
      title: "a key of another type than the known one",
      knownHosts: `${name} ${line("ecdsa")}\n`,
      config: config(acceptNew),
      verdict: "changed",
      algorithms: "ecdsa-sha2-nistp256",
    },
    {
      title: "a revoked key, though it is known",
      knownHosts: `@revoked * ${line("ed25519")}\n${name} ${line("ed25519")}\n`,
      verdict: "revoked",
      algorithms: "ssh-ed25519",
    },
    {
      title: "a revoked key where new ones are accepted",
      knownHosts: `@revoked * ${line("ed25519")}\n`,
      config: config(acceptNew),
      verdict: "revoked",
      algorithms: undefined,
    },
    {
      title: "an unknown key where another one is revoked",
      knownHosts: `@revoked * ${line("other")}\n`,
      verdict: "unknown",
      algorithms: undefined,
    },
    {
      title: "a host known by its authority only",
      knownHosts: `@cert-authority * ${line("other")}\n`,
      verdict: "authority",
      algorithms: undefined,
    },
    {
      title: "a host known without its port",
      knownHosts: `10.0.0.1 ${line("ed25519")}\n`,
      verdict: "known",
      algorithms: undefined,
    },
    {
      title: "another host behind the same address",
      knownHosts: `10.0.0.1 ${line("other")}\n`,
      config: config("hostkeyalgorithms rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-512,ssh-ed25519"),
      verdict: "unknown",
      algorithms: "rsa-sha2-512,ssh-ed25519",
    },
    {
      title: "another host behind the same address, where new ones are accepted",
      knownHosts: `10.0.0.1 ${line("other")}\n`,
      config: config(acceptNew),
      verdict: "new",
      algorithms: undefined,
    },
    {
      title: "a key beside another one that is revoked",
      knownHosts: `@revoked * ${line("rsa")}\n${name} ${line("rsa")}\n${name} ${line("ed25519")}\n`,
      verdict: "known",
      algorithms: "ssh-ed25519",
    },
    {
      title: "a host known by its alias",
      knownHosts: `web.prod ${line("ed25519")}\n`,
      config: config("hostkeyalias web.prod"),
      verdict: "known",
      algorithms: "ssh-ed25519",
    },
    {
      title: "an alias, which stands for all ports",
      knownHosts: `${name} ${line("ed25519")}\n`,
      config: config("hostkeyalias web.prod"),
      verdict: "unknown",
      algorithms: undefined,
    },
    {
      title: "the usual port",
      knownHosts: `10.0.0.1 ${line("ed25519")}\n`,
      config: config("", 22),
      verdict: "known",
      algorithms: "ssh-ed25519",
    },
    {
      title: "a pattern that leaves the host out",
      knownHosts: `*,!${name},!10.0.0.1 ${line("ed25519")}\n`,
      verdict: "unknown",
      algorithms: undefined,
    },
  ];
  for (const { title, knownHosts, config: asked, verdict, algorithms } of cases) {
    it(`${title}: ${verdict}`, async () => {
      const policy = await policyFor(knownHosts, asked);
      assert.equal(policy.algorithms?.join(), algorithms);
      assert.equal(policy.verify(bytes("ed25519")), verdict === "known" || verdict === "new");
      assert.equal(policy.verdict().kind, verdict);
    });
  }

  it("1.3.4 answers synchronously with real booleans, again and again, as rekeying asks", async () => {
    const known = await policyFor(`${name} ${line("rsa")}\n`);
    for (let rekey = 0; rekey < 3; rekey++) assert.equal(known.verify(bytes("rsa")), true);
    assert.equal(known.verify(bytes("ed25519")), false);
    const fresh = await policyFor("", config(acceptNew));
    for (let rekey = 0; rekey < 3; rekey++) assert.equal(fresh.verify(bytes("rsa")), true);
    assert.equal(fresh.verdict().kind, "new");
    assert.equal(
      fresh.verify(bytes("ed25519")),
      false,
      "a key accepted as new must not change in the same connection",
    );
  });

  it("asks for SHA-1 signatures of RSA keys only where ssh would", async () => {
    const old = config("hostkeyalgorithms ssh-ed25519,ssh-rsa");
    const policy = await policyFor(`${name} ${line("rsa")}\n`, old);
    assert.equal(policy.algorithms?.join(), "rsa-sha2-512,rsa-sha2-256,ssh-rsa");
  });

  it("asks for nothing that ssh2 does not know", async () => {
    const policy = await policyFor(`${name} sk-ssh-ed25519@openssh.com AAAA\n`);
    assert.deepEqual(policy.algorithms, []);
  });

  it("has no verdict as long as it has seen no key", async () => {
    assert.equal((await policyFor("")).verdict().kind, "unseen");
  });
});

describe("addKnownHost()", () => {
  it("adds the key so that it is known afterwards", async () => {
    for (const lines of ["", "hashknownhosts yes"]) {
      const asked = config(lines);
      writeFileSync(file, "");
      await addKnownHost(asked, { type: "ssh-ed25519", key: bytes("ed25519").toString("base64") });
      const policy = hostKeyPolicy(await findKnownHosts(asked), asked);
      assert.equal(policy.verify(bytes("ed25519")), true);
      assert.equal(policy.verdict().kind, "known");
      assert.equal(readFileSync(file, "utf8").includes("10.0.0.1"), lines === "");
    }
  });
});

describe("fingerprintOf()", () => {
  it("is what ssh-keygen prints", () => {
    const printed = execFileSync("ssh-keygen", ["-l", "-f", join(folder, "ed25519.pub")], {
      encoding: "utf8",
    });
    assert.ok(printed.includes(fingerprintOf(bytes("ed25519"))));
  });
});
