// What an inventory says of the way to a host, as OpenSSH understands it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { askClientConfig, sshSelection, type SshReach } from "../../lib/ssh/ask-client-config.ts";

describe("sshSelection()", () => {
  const cases: readonly (readonly [reach: SshReach, options: string])[] = [
    [{}, ""],
    [{ port: 22, user: "me" }, "-p 22 -l me"],
    [{ address: "fe80::1%eth0" }, "-o HostName=fe80::1%%eth0"],
    [{ jump: "me@b:22,[::1]:23", identityFile: "/a b" }, '-J me@b:22,[::1]:23 -o IdentityFile="/a b"'],
  ];
  for (const [reach, options] of cases) {
    it(`makes of ${JSON.stringify(reach)} ${options === "" ? "nothing" : options}`, () => {
      assert.equal(sshSelection(reach, undefined).join(" "), options);
    });
  }
});

describe("askClientConfig() of a host that an inventory describes", () => {
  const ask = async (reach: SshReach) =>
    (
      await askClientConfig(
        { name: "kvm2", destination: "kvm2", uri: "", ...reach },
        { configFile: "none", environment: { HOME: "/home/ada" } },
      )
    ).config;

  it("is what was said: ssh itself reads the options", async () => {
    const config = await ask({
      ...{ address: "fe80::1%eth0", user: "Größe", port: 2222 },
      ...{ jump: "me@b:23", identityFile: "/keys/no such key" },
    });
    assert.deepEqual(
      [config.hostname, config.user, config.port, config.proxyJump],
      ["fe80::1%eth0", "Größe", 2222, "me@b:23"],
    );
    assert.deepEqual(config.identityFiles[0]?.path, "/keys/no such key");
  });

  it("can be reached directly where the configuration says otherwise", async () => {
    assert.equal((await ask({ jump: "none" })).proxyJump, undefined);
  });
});
