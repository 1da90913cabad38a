import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import { askClientConfig } from "../../lib/ssh/ask-client-config.ts";
import { readClientConfig } from "../../lib/ssh/client-config.ts";
import type { ClientConfig, LocalIdentity } from "../../lib/ssh/client-config.ts";

const local: LocalIdentity = {
  userName: "ada",
  userId: 1815,
  homeDirectory: "/home/ada",
  hostName: "laptop.example.org",
  environment: { SSH_AUTH_SOCK: "/run/agent", KEYS: "/keys", MY_AGENT: "/run/mine" },
};

const minimum = "host kvm1\nhostname 10.0.0.1\nport 22\nuser root\n";

function read(lines: string): ClientConfig {
  return readClientConfig(minimum + lines, "kvm1", local);
}

describe("readClientConfig()", () => {
  it("reads the first of repeated settings, and none as nothing", () => {
    const config = read("proxyjump none\nhostkeyalias web\nhostkeyalias other\nconnecttimeout none\n");
    assert.equal(config.proxyJump, undefined);
    assert.equal(config.hostKeyAlias, "web");
    assert.equal(config.connectTimeoutSeconds, 15);
    assert.equal(read("connecttimeout 7").connectTimeoutSeconds, 7);
  });

  it("expands the tokens that ssh -G leaves in identity files", () => {
    const cases: readonly [raw: string, expanded: string][] = [
      ["~/.ssh/%r@%h-%p", "/home/ada/.ssh/root@10.0.0.1-22"],
      ["~/sp ace/%n", "/home/ada/sp ace/kvm1"],
      ["${KEYS}/%%%u", "/keys/%ada"],
      ["%d/%i", "/home/ada/1815"],
      ["/k/%l/%L/%k", "/k/laptop.example.org/laptop/kvm1"],
    ];
    for (const [raw, expanded] of cases) {
      assert.deepEqual(read(`identityfile ${raw}`).identityFiles, [{ path: expanded, isDefault: false }]);
    }
  });

  it("knows the identity files that need not exist", () => {
    const { identityFiles } = read(
      "identityfile ~/.ssh/id_rsa\nidentityfile none\nidentityfile ~/.ssh/mine\n",
    );
    assert.deepEqual(
      identityFiles.map(({ isDefault }) => isDefault),
      [true, false],
    );
  });

  it("says which token or variable it cannot expand", () => {
    assert.throws(() => read("identityfile /k/%C"), /%C/);
    assert.throws(() => read("identityfile ${NOT_SET}/k"), /NOT_SET/);
    assert.throws(() => read("identityfile ~bob/k"), /~bob/);
  });

  it("finds the agent's socket in all its spellings", () => {
    assert.equal(read("").identityAgent, "/run/agent");
    assert.equal(read("identityagent SSH_AUTH_SOCK").identityAgent, "/run/agent");
    assert.equal(read("identityagent none").identityAgent, undefined);
    assert.equal(read("identityagent $MY_AGENT").identityAgent, "/run/mine");
    assert.equal(read("identityagent ${MY_AGENT}").identityAgent, "/run/mine");
    assert.equal(read("identityagent /a b/agent").identityAgent, "/a b/agent");
  });

  it("parts known_hosts files at spaces before paths only", () => {
    const { userKnownHostsFiles } = read("userknownhostsfile /a b/kh /c ~/d none");
    assert.deepEqual(userKnownHostsFiles, ["/a b/kh", "/c", "/home/ada/d none"]);
    assert.deepEqual(read("userknownhostsfile none").userKnownHostsFiles, []);
    assert.deepEqual(read("userknownhostsfile one two").userKnownHostsFiles, ["one", "two"]);
  });

  it("treats ask as yes, since nobody is there to answer", () => {
    const accepts = (value: string): boolean => read(`stricthostkeychecking ${value}`).acceptsNewHostKeys;
    assert.deepEqual(["ask", "true", "yes"].map(accepts), [false, false, false]);
    assert.deepEqual(["accept-new", "false", "no", "off"].map(accepts), [true, true, true, true]);
  });

  it("expands ProxyCommand but for what the shell is to expand", () => {
    const { proxyCommand } = read("proxycommand nc -x ${PROXY} ~/s %h %p %r %n %%");
    assert.equal(proxyCommand, "nc -x ${PROXY} ~/s 10.0.0.1 22 root kvm1 %");
  });

  it("refuses settings that would make host keys mean something else than for ssh", () => {
    assert.throws(() => read("knownhostscommand /bin/list"), /knownhostscommand/);
    assert.throws(() => read("revokedhostkeys /etc/krl"), /revokedhostkeys/);
    assert.throws(() => read("proxyusefdpass yes"), /proxyusefdpass/);
    assert.doesNotThrow(() => read("knownhostscommand none\nrevokedhostkeys none\nproxyusefdpass no\n"));
    assert.doesNotThrow(() => read("certificatefile ~/.ssh/id-cert.pub\npkcs11provider /x.so\n"));
  });
});

describe("askClientConfig()", () => {
  const folder = mkdtempSync(join(tmpdir(), "vf config-"));
  after(() => rmSync(folder, { recursive: true }));
  const configFile = join(folder, "config");
  const sources = { configFile, environment: process.env };

  it("asks ssh, which knows aliases, matches and ports", async () => {
    writeFileSync(
      configFile,
      "Host kvm*\n  HostName %h.example.org\n  User backup\nMatch user backup\n  Port 2222\n",
    );
    const { config } = await askClientConfig({ name: "kvm1", destination: "kvm1", uri: "" }, sources);
    assert.deepEqual([config.hostname, config.user, config.port], ["kvm1.example.org", "backup", 2222]);
    const own = await askClientConfig({ name: "x", destination: "eve@kvm1", port: 99, uri: "" }, sources);
    assert.deepEqual([own.config.user, own.config.port], ["eve", 99]);
  });

  it("tells who we are as ssh sees it, whatever the environment says", async () => {
    const environment = { ...process.env, USER: "nobody-real", LOGNAME: "nobody-real", HOME: "/nowhere" };
    const host = { name: "x", destination: "x", uri: "" };
    const { config, account } = await askClientConfig(host, { configFile: "none", environment });
    assert.equal(config.user, account.userName);
    assert.notEqual(account.userName, "nobody-real");
    assert.notEqual(account.homeDirectory, "/nowhere");
  });

  it("lets no destination pass for an option", async () => {
    const host = { name: "evil", destination: "-oProxyCommand=touch /tmp/pwned", uri: "" };
    await assert.rejects(askClientConfig(host, sources), isConfigurationError);
  });

  it("reports a configuration file that is not there, or that ssh refuses", async () => {
    const host = { name: "kvm1", destination: "kvm1", uri: "" };
    const missing = { configFile: join(folder, "missing"), environment: process.env };
    await assert.rejects(askClientConfig(host, missing), isConfigurationError);
    writeFileSync(configFile, "NoSuchOption yes\n");
    await assert.rejects(askClientConfig(host, sources), isConfigurationError);
    writeFileSync(configFile, "RevokedHostKeys /etc/krl\n");
    await assert.rejects(askClientConfig(host, sources), isConfigurationError);
  });
});

function isConfigurationError(error: unknown): boolean {
  return error instanceof BackupError && error.reason.kind === "ssh-configuration";
}
