// The commands of docs/restore-by-hand.md, for a given backup.

import { dirname, join } from "node:path";
import { readFile } from "node:fs/promises";
import { quoteArgument } from "../../../lib/shell/command.ts";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";

const page = new URL("../../../docs/restore-by-hand.md", import.meta.url);

/** The shell text of the page with its example's folder, names and snapshots replaced by those of this backup. */
export async function documentedRestore({ folder, manifest }: FoundBackup): Promise<string> {
  const text = await readFile(page, "utf8");
  const example = /^```sh\n(.*?)^```$/ms.exec(text)?.[1] ?? "";
  const commands = example.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const values: readonly (readonly [RegExp, string])[] = [
    [/^cd \S+\/latest$/, `cd ${quoteArgument(join(dirname(folder), "latest"))}`],
    [/ubuntu20-restore-[\d-]+\.xml/, quoteArgument(manifest.files.patchedXml.fileName)],
    [/ubuntu20-restore-[\d-]+/, quoteArgument(manifest.newName)],
  ];
  const lines = expandSnapshots(commands, manifest).map((line) =>
    values.reduce((filled, [pattern, value]) => filled.replace(pattern, () => value), line),
  );
  if (lines.some((line) => /ubuntu20|kvm1/.test(line))) throw new Error(`Cannot fill in ${lines.join("\n")}`);
  return ["set -eu", ...lines].join("\n");
}

/** Likewise those that give a VM with a TPM its state. */
export async function documentedTpm({ manifest }: FoundBackup): Promise<string> {
  const examples = [...(await readFile(page, "utf8")).matchAll(/^```sh\n(.*?)^```$/gms)];
  const commands = examples.map(([, text = ""]) => text).find((text) => text.includes("swtpm")) ?? "";
  const filled = commands.replaceAll(/ubuntu20-restore-[\d-]+/g, () => quoteArgument(manifest.newName));
  if (filled === commands) throw new Error(`Cannot fill in ${commands}`);
  return `set -eu\n${filled}`;
}

/** The example's two lines stand for as many as there are snapshots: the second for the current one. */
function expandSnapshots(
  commands: readonly string[],
  { snapshots }: FoundBackup["manifest"],
): readonly string[] {
  const isSnapshot = (line: string): boolean => line.startsWith("virsh snapshot-create ");
  const first = commands.findIndex(isSnapshot);
  const [plain = "", current = ""] = commands.filter(isSnapshot);
  if (!current.endsWith(" --current"))
    throw new Error("The page does not say how the current snapshot is defined");
  const all = snapshots.order.map(({ name, fileName }) =>
    (name === snapshots.current ? current : plain).replace(/"snapshots\/[^"]*"/, () =>
      quoteArgument(fileName),
    ),
  );
  return [...commands.slice(0, first), ...all, ...commands.slice(first).filter((line) => !isSnapshot(line))];
}
