// The TypeScript of all commands as one JavaScript program, which starts in a third of the time and needs no tsx.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";

/** Where the program is, below the top: as deep as lib/cli, so that it finds schema/ where the TypeScript does. */
const folder = "dist/program";

/**
 * Builds `dist/program/virtfold.js` with what it loads, and returns its path. Packages are not in it. A file that is
 * there already with the same content is left alone and another one is replaced as a whole, so programs may be
 * started, and build this too, at the same time. Files of an earlier build are removed unless they are to be kept for
 * those that run.
 */
export async function buildProgram(
  top: string,
  { keepStale }: { readonly keepStale: boolean },
): Promise<string> {
  const target = join(top, folder);
  await mkdir(target, { recursive: true });
  const { outputFiles } = await build({
    absWorkingDir: top,
    entryPoints: ["scripts/virtfold.ts"],
    outdir: folder,
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "none",
    logLevel: "error",
    write: false,
  });
  const program = new Map(outputFiles.map(({ path, text }) => [basename(path), Buffer.from(forNode(text))]));
  for (const name of await readdir(join(top, "lib/guard")))
    if (name.endsWith(".sh")) program.set(name, await readFile(join(top, "lib/guard", name)));
  for (const [name, content] of program) await putFile(join(target, name), content);
  if (!keepStale)
    for (const name of await readdir(target))
      if (!program.has(name)) await rm(join(target, name), { recursive: true });
  return join(target, "virtfold.js");
}

/** The script's first line says how to run TypeScript. */
function forNode(text: string): string {
  return text.replace(/^#!.*\n/, "#!/usr/bin/env node\n");
}

async function putFile(path: string, content: Buffer): Promise<void> {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(content) === true) return;
  // Beside the folder: another build may be removing from it what it does not know.
  const draft = join(dirname(dirname(path)), `.${basename(path)}.${process.pid}`);
  await writeFile(draft, content, { mode: 0o755 });
  await rename(draft, path);
}
