// An rsync whose other end was never there: told from a link that broke, whatever of the two is seen first.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Host } from "../../lib/model/host.ts";
import { copyWithRsync } from "../../lib/transfer/rsync-copier.ts";
import { pushWithRsync } from "../../lib/transfer/rsync-pusher.ts";
import type { TransferLink } from "../../lib/transfer/transfer-link.ts";
import { failureOf } from "../ssh/connect-for-test.ts";
import { findProgram } from "../ssh/find-program.ts";

const host: Host = { name: "kvm1", destination: "root@kvm1", uri: "" };

/** A link whose ssh is silent at once, and ends a good while after: our rsync sees the silence and no more. */
function silentLink(words: string, ends: string): TransferLink {
  const script = `shift; printf '%s\\n' '${words}' >&2; exec >&- 2>&- <&-; sleep 0.3; ${ends}`;
  return {
    ...{ host, environment: process.env, hasRsync: true, pauses: [], bytesPerSecond: 0 },
    ...{ canFillSparsely: false, canBoundMemory: false },
    farEnd: {
      ...{ rsyncShell: ["sh", "-c", script, "sh"], destination: host.destination, rsyncPath: undefined },
      scriptShell: ["sh"],
    },
  };
}

describe("lacksRsync()", { skip: findProgram("rsync") === undefined && "rsync is missing" }, () => {
  const { signal } = new AbortController();
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vf-lacks-"));
    writeFileSync(join(folder, "image"), "an image");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A link on which our rsync finds nobody to greet: printed by rsync 3.2.7, about one time in twenty. */
  const greetingNobody = (): TransferLink => {
    const programs = join(folder, "programs");
    mkdirSync(programs, { recursive: true });
    const words = ["Receiver", "sender"].map(
      (who) => `rsync: [${who}] safe_write failed to write 4 bytes to socket: Broken pipe (32)`,
    );
    const script = `#!/bin/sh\nprintf '%s\\n' '${words.join("' '")}' >&2\nexit 12\n`;
    writeFileSync(join(programs, "rsync"), script, { mode: 0o755 });
    const environment = { ...process.env, PATH: `${programs}:${process.env["PATH"] ?? ""}` };
    return { ...silentLink("", "exit 255"), environment };
  };

  const pull = async (link: TransferLink): Promise<void> =>
    await copyWithRsync(
      { host, vm: "web", target: "vda", path: "/x", destination: join(folder, "copy"), bytes: 8 },
      link,
      { signal },
    );
  const push = async (link: TransferLink): Promise<void> =>
    await pushWithRsync({ localPath: join(folder, "image"), hostPath: "/x" }, link, { signal });

  for (const [title, copy] of [
    ["pulled", pull],
    ["pushed", push],
  ] as const) {
    it(`knows it is missing when a file is ${title}, though its silence comes first`, async () => {
      const { where, tool } = await failureOf(
        copy(silentLink("bash: Zeile 1: rsync: Kommando nicht gefunden.", "exit 127")),
        "tool-missing",
      );
      assert.deepEqual([where, tool], ["kvm1", "rsync"]);
    });

    it(`knows that sudo does not find it when a file is ${title}`, async () => {
      await failureOf(copy(silentLink("sudo: rsync: Befehl nicht gefunden", "exit 1")), "tool-missing");
    });

    it(`calls the link broken when it is that, as a file is ${title}`, async () => {
      await failureOf(copy(silentLink("", "exit 255")), "connection-lost");
      // As seldom, our own rsync is the first to see it, and says so in words that it has for files too.
      await failureOf(copy(greetingNobody()), "connection-lost");
      // There is an rsync, which ends well when it is asked.
      await failureOf(
        copy(silentLink("", "case $* in *--version) exit 0 ;; esac; exit 255")),
        "connection-lost",
      );
    });
  }
});
