import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, before, describe, it } from "node:test";
import { join } from "node:path";
import { readArguments } from "../../lib/cli/arguments.ts";
import { readRestoreRequest, restoreShape } from "../../lib/cli/restore-request.ts";
import { BackupError } from "../../lib/model/failure.ts";

describe("restore --overwrite-device", () => {
  let store: string;
  before(async () => void (store = await mkdtemp(join(tmpdir(), "vf-overwrite-"))));
  after(() => rm(store, { recursive: true }));

  const read = async (...argv: readonly string[]): ReturnType<typeof readRestoreRequest> => {
    const args = readArguments(restoreShape, "0", ["root@kvm1/web", "--store", store, ...argv]);
    assert.ok(args.kind === "run");
    return await readRestoreRequest(args);
  };

  it("names one device or more, and says nothing about anything else", async () => {
    const flags = ["--overwrite-device", "/dev/vg/a", "--overwrite-device", "/dev/vg/it's b"];
    const { options } = await read("--as-original", ...flags);
    assert.deepEqual(options.original, { isForced: false, overwrites: ["/dev/vg/a", "/dev/vg/it's b"] });
    const forced = await read("--as-original", "--force");
    assert.deepEqual(forced.options.original, { isForced: true, overwrites: [] });
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--overwrite-device", "/dev/vg/a"], /--overwrite-device is for --as-original/],
    ...["vg/a", "", "/dev/../sda", "/dev//sda", "/dev/sd\na", "/dev/sd\ta", "-rf"].map(
      (path) =>
        [
          ["--as-original", `--overwrite-device=${path}`],
          /--overwrite-device cannot be ".*": it is no full path/,
        ] as const,
    ),
  ];
  for (const [argv, sentence] of wrong)
    it(`refuses ${JSON.stringify(argv.at(-1))}${argv.length < 2 || argv[0] !== "--as-original" ? " without --as-original" : ""}`, async () => {
      await assert.rejects(read(...argv), (error) => {
        assert.ok(error instanceof BackupError && error.reason.kind === "usage");
        assert.match(error.reason.detail, sentence);
        return true;
      });
    });
});
