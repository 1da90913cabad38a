import type { LabHost } from "./lab-host.ts";

/** A command of virsh with its arguments. */
export type VirshCommand = readonly [string, ...string[]];

/** No name and no definition in the laboratory has it. With --quiet no end of line follows it. */
const border = "== the next answer ==";

/**
 * What virsh prints on each of these commands, asked in one run of it: to start it takes several times as long as libvirt
 * takes to answer, because it loads sixty libraries. Throws when one of them fails in another way than is expected; then
 * its answer is empty.
 */
export async function askVirsh<Commands extends readonly VirshCommand[]>(
  host: LabHost,
  commands: readonly [...Commands],
  { expectedFailure }: { readonly expectedFailure?: RegExp } = {},
): Promise<{ readonly [Index in keyof Commands]: string }> {
  const line = commands
    .flatMap((command, index) => (index === 0 ? [command] : [["echo", border], command]))
    .map((command) => command.map(quoteForVirsh).join(" "))
    .join("; ");
  const { stdout, stderr } = await host.run(["virsh", "--quiet", line]);
  const answers = stdout.split(border);
  const failures = stderr.split("\n").filter((text) => text !== "" && expectedFailure?.test(text) !== true);
  if (answers.length !== commands.length || failures.length > 0)
    throw new Error(`Cannot ask libvirt on ${host.name}: ${stderr}`);
  return answers as { readonly [Index in keyof Commands]: string };
}

/** virsh reads its own line nearly as a shell does: in double quotes a backslash takes the next character as it is. */
function quoteForVirsh(word: string): string {
  return `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
