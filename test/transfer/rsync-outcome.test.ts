import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FailureKind } from "../../lib/model/failure.ts";
import type { CopySubject } from "../../lib/transfer/copy-subject.ts";
import { rsyncFailure, sentBeforeTheEnd } from "../../lib/transfer/rsync-outcome.ts";
import { readRsyncOutput } from "../../lib/transfer/rsync-progress.ts";
import { storeFailure } from "../../lib/transfer/store-failure.ts";

const subject: CopySubject = {
  host: { name: "kvm1", destination: "root@kvm1", uri: "" },
  vm: "web",
  target: "vda",
  path: "/images/web.qcow2",
  destination: "/store/kvm1/web/vda.qcow2",
  bytes: 4096,
};

describe("rsyncFailure()", () => {
  const closed =
    "rsync: connection unexpectedly closed (0 bytes received so far) [Receiver]\nrsync error: error in rsync protocol data stream (code 12) at io.c(232) [Receiver=3.5.0]";
  const cases: readonly [title: string, code: number | null, stderr: string, kind: FailureKind][] = [
    [
      "no room here",
      11,
      'rsync: [receiver] write failed on "/store/vda.qcow2": No space left on device (28)',
      "store-full",
    ],
    ["no quota here", 11, 'rsync: [receiver] write failed on "/x": Disk quota exceeded (122)', "store-full"],
    [
      "a store that cannot be written",
      11,
      'rsync: [Receiver] mkdir "/store/x" failed: Permission denied (13)',
      "store-not-writable",
    ],
    [
      "a store that cannot be written, old rsync",
      23,
      'rsync: mkstemp "/store/.x.AbCd" failed: Read-only file system (30)',
      "store-not-writable",
    ],
    [
      "a source that is not there",
      23,
      'rsync: [sender] link_stat "/nope" failed: No such file or directory (2)',
      "copy-unreadable",
    ],
    [
      "a source that is not there, old rsync",
      23,
      'rsync: link_stat "/nope" failed: No such file or directory (2)',
      "copy-unreadable",
    ],
    [
      "a source that may not be read",
      23,
      'rsync: [sender] send_files failed to open "/x": Permission denied (13)',
      "copy-unreadable",
    ],
    ["a source that went away", 24, 'file has vanished: "/x"', "copy-unreadable"],
    [
      "a source that got shorter",
      23,
      'rsync: [sender] read errors mapping "/x": No data available (61)',
      "copy-failed",
    ],
    ["a link that broke", 12, closed, "connection-lost"],
    [
      "a link that broke, as ssh sees it",
      255,
      "client_loop: send disconnect: Broken pipe",
      "connection-lost",
    ],
    [
      "a link that broke before the two rsyncs had greeted each other",
      12,
      "rsync: [Receiver] safe_write failed to write 6 bytes to fd 4: Broken pipe (32)\nrsync error: error in rsync protocol data stream (code 12) at io.c(327) [Receiver=3.2.7]",
      "connection-lost",
    ],
    [
      "a link that was reset before they had",
      12,
      "rsync: [Receiver] safe_read failed to read 4 bytes: Connection reset by peer (104)\nrsync error: error in rsync protocol data stream (code 12) at io.c(285) [Receiver=3.2.7]",
      "connection-lost",
    ],
    [
      "a store that cannot be written, though the link breaks with it",
      12,
      'rsync: [Receiver] mkdir "/store/x" failed: Permission denied (13)\nrsync: [Receiver] safe_write failed to write 6 bytes to fd 4: Broken pipe (32)',
      "store-not-writable",
    ],
    [
      "a link on which nothing comes",
      30,
      "[Receiver] io timeout after 120 seconds -- exiting",
      "connection-lost",
    ],
    [
      "an rsync that was ended over there",
      10,
      "rsync error: error in socket IO (code 10)",
      "connection-lost",
    ],
    ["a login that is refused", 255, `root@kvm1: Permission denied (publickey).\n${closed}`, "copy-failed"],
    ["a host that is not trusted", 12, `Host key verification failed.\n${closed}`, "copy-failed"],
    ["no rsync over there", 127, "sh: 1: rsync: not found", "tool-missing"],
    [
      "no rsync over there, as bash says it",
      12,
      `bash: line 1: rsync: command not found\n${closed}`,
      "tool-missing",
    ],
    [
      "no ssh here",
      14,
      "rsync: [Receiver] Failed to exec ssh: No such file or directory (2)",
      "tool-missing",
    ],
    ["a chatty login shell", 2, "protocol version mismatch -- is your shell clean?", "copy-failed"],
    ["an option unknown over there", 4, "requested action not supported", "copy-failed"],
    ["a signal that was not ours", null, "", "copy-failed"],
  ];
  for (const [title, code, stderr, kind] of cases) {
    it(`${title}: ${kind}`, () => assert.equal(rsyncFailure({ code, stderr }, subject).kind, kind));
  }

  it("names what and where", () => {
    const stderr = `${"x".repeat(5000)}\n\nlast line\n`;
    const reason = rsyncFailure({ code: 1, stderr }, subject);
    assert.ok(reason.kind === "copy-failed");
    assert.deepEqual(
      [reason.vm, reason.target, reason.path, reason.code],
      ["web", "vda", "/images/web.qcow2", 1],
    );
    assert.ok(reason.detail.endsWith("; last line") && reason.detail.length <= 1000);
  });
});

describe("sentBeforeTheEnd()", () => {
  it("is what rsync says of a link that broke, and 0 when it says nothing", () => {
    const stderr = "rsync: connection unexpectedly closed (1234567 bytes received so far) [receiver]";
    assert.equal(sentBeforeTheEnd({ code: 12, stderr }), 1234567);
    assert.equal(sentBeforeTheEnd({ code: 30, stderr: "io timeout after 120 seconds" }), 0);
  });
});

describe("readRsyncOutput()", () => {
  it("reads progress, wherever the text was cut", () => {
    const text =
      "\r              0   0%    0.00kB/s    ??:??:??  \r      972314624  45%  927.27MB/s    0:00:01  " +
      "\r  2,147,483,648 100%  387.88MB/s    0:00:05 (xfr#1, to-chk=0/1)\nskipping directory images\n";
    for (let size = 1; size <= text.length; size += 7) {
      const seen: number[] = [];
      const output = readRsyncOutput((bytes) => seen.push(bytes));
      for (let start = 0; start < text.length; start += size) output.push(text.slice(start, start + size));
      assert.deepEqual(seen, [0, 972314624, 2147483648]);
      assert.equal(output.remarks(), "skipping directory images");
    }
  });

  it("reads this end's own account, which is the last, and takes no account for a remark", () => {
    const account = (bytes: number): string =>
      `\nsent 54 bytes  received ${bytes} bytes  6001716.00 bytes/sec\ntotal size is 9 (DRY)\ntotal size is 3000000  speedup is 1.00\n`;
    const output = readRsyncOutput(() => undefined);
    assert.equal(output.sentBytes(), undefined);
    output.push(account(7) + account(3000804));
    assert.equal(output.sentBytes(), 3000804);
    assert.equal(output.remarks(), "total size is 9 (DRY); total size is 9 (DRY)");
  });

  it("keeps the last remarks only", () => {
    const output = readRsyncOutput(() => undefined);
    for (let number = 1; number <= 100; number++) output.push(`remark ${number}\n`);
    assert.ok(output.remarks().startsWith("remark 91; "));
  });
});

describe("storeFailure()", () => {
  it("tells trouble of the file system from bugs", () => {
    const kindOf = (code: string): string | undefined =>
      storeFailure(Object.assign(new Error("x"), { code }), subject)?.kind;
    assert.deepEqual(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "ERR_X"].map(kindOf), [
      ...["store-full", "store-full", "store-not-writable", "store-not-writable"],
      undefined,
    ]);
    assert.equal(storeFailure(new TypeError("bug"), subject), undefined);
  });
});
