// The TypeScript of all commands as one JavaScript program, which starts in a third of the time and needs no tsx.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build } from "./bundler.ts";
import { installedProgram, swiftProgram } from "./program-places.ts";

/**
 * What a program that has its packages in it needs: they are CommonJS in part, and ssh2 looks for a native module, which
 * it does without when there is none.
 */
const withPackages = {
  external: ["cpu-features", "*.node"],
  banner: {
    js: [
      // Nothing in the program may have one of these names.
      'import { createRequire as bannerCreateRequire } from "node:module";',
      'import { fileURLToPath as bannerFileUrlToPath } from "node:url";',
      "const require = bannerCreateRequire(import.meta.url);",
      'const __dirname = bannerFileUrlToPath(new URL(".", import.meta.url));',
    ].join("\n"),
  },
};

/** How a program is built. */
export interface BuildOptions {
  /** Files of an earlier build are kept for those that run. */
  readonly keepStale: boolean;
  /**
   * Builds `dist/swift/virtfold.js`, for tests, which start it hundreds of times: with the packages in it, so that it
   * starts in two thirds of the time. It is not shipped: what is installed finds its packages beside it.
   */
  readonly swift?: boolean;
}

/**
 * Builds `dist/program/virtfold.js` with what it loads, and returns its path. Packages are not in it. A file that is
 * there already with the same content is left alone and another one is replaced as a whole, so programs may be
 * started, and build this too, at the same time. Files of an earlier build are removed unless they are to be kept.
 */
export async function buildProgram(top: string, { keepStale, swift = false }: BuildOptions): Promise<string> {
  const path = swift ? swiftProgram : installedProgram;
  const target = dirname(join(top, path));
  await mkdir(target, { recursive: true });
  const { outputFiles } = await build({
    absWorkingDir: top,
    entryPoints: ["scripts/virtfold.ts"],
    outdir: dirname(path),
    bundle: true,
    splitting: true,
    ...(swift ? withPackages : { packages: "external" }),
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
  return join(top, path);
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
