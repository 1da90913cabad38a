import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readClientConfig } from "../../lib/ssh/client-config.ts";
import { jumpCommand } from "../../lib/ssh/jump-command.ts";

const local = { userName: "ada", userId: 1, homeDirectory: "/home/ada", hostName: "laptop", environment: {} };
const context = { configFile: "/c f/config", shell: "/bin/bash" };

function jump(line: string): readonly string[] | undefined {
  const text = `host kvm1\nhostname fd00::1\nport 2222\nuser root\n${line}\n`;
  return jumpCommand(readClientConfig(text, "kvm1", local), context);
}

describe("jumpCommand()", () => {
  it("has nothing to do for a host that is reached directly", () => {
    assert.equal(jump(""), undefined);
  });

  it("has ssh forward to the host from the last hop, through the others", () => {
    assert.deepEqual(
      jump("proxyjump a@x:1,b@jump:2203")?.join(" "),
      "ssh -T -o BatchMode=yes -o ClearAllForwardings=yes -o ControlMaster=no -F /c f/config -l b -p 2203 -J a@x:1 -W [fd00::1]:2222 -- jump",
    );
  });

  it("reads hops with addresses of IPv6, and hops without user or port", () => {
    assert.deepEqual(jump("proxyjump [fe80::1]:22")?.slice(-6), [
      "-p",
      "22",
      "-W",
      "[fd00::1]:2222",
      "--",
      "fe80::1",
    ]);
    assert.deepEqual(jump("proxyjump plain")?.slice(-4), ["-W", "[fd00::1]:2222", "--", "plain"]);
    assert.throws(() => jump("proxyjump a:b:c"), /ProxyJump/);
  });

  it("runs a ProxyCommand in the operator's shell, as ssh does", () => {
    assert.deepEqual(jump("proxycommand nc %h %p"), ["/bin/bash", "-c", "exec nc fd00::1 2222"]);
  });
});
