import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { envText } from "../../lib/config/env-text.ts";
import { parseEnvText } from "../../lib/config/load.ts";

describe("envText()", () => {
  it("writes each setting under what it means", () => {
    assert.equal(
      envText({ sshConfig: "/etc/ssh config", store: "/srv/backups" }),
      `# folder that holds the backups; it must exist
VIRTFOLD_STORE=/srv/backups

# OpenSSH configuration file to use instead of ~/.ssh/config
VIRTFOLD_SSH_CONFIG='/etc/ssh config'
`,
    );
  });

  it("writes paths so that they are read back as they are", () => {
    const paths = [
      "/a b",
      "/it's",
      '/say "x"',
      "/#1",
      "/a#b",
      "/$HOME/${x}",
      "/back\\nslash",
      "/ü",
      "/a=b",
      "/`x`",
    ];
    for (const store of [...paths, " /padded ", "/'\"", '/"`', "/'`"])
      assert.deepEqual(parseEnvText(envText({ store })), { store }, store);
  });
});
