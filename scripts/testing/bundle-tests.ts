// Makes JavaScript of test files that each run in a process of their own: to load what an end-to-end test needs by tsx takes
// 1.9 s of the processor for each (measured; bundled, a quarter), and leaves the process larger.

import { mkdir, mkdtemp, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "../packaging/bundler.ts";
import type { Plugin } from "../packaging/bundler.ts";
import { bundleOf, bundlesStart } from "./bundle-names.ts";

/** What stands for a module's own address, which would be that of the bundle. */
const placeName = "addressOfSource";

/**
 * Bundles TypeScript test files (paths from `top`) into a new folder inside of `folder`. Returns the paths of what to run:
 * Node runs it in the order of the names, which is that of the test files.
 */
export async function bundleTests(
  files: readonly string[],
  { top, folder }: { readonly top: string; readonly folder: string },
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const ownFolder = await mkdtemp(join(folder, bundlesStart));
  // Where Node looks for the packages.
  await symlink(join(top, "node_modules"), join(ownFolder, "node_modules"));
  const entries = files.map((file, index) => ({ in: file, out: bundleOf(file, index + 1) }));
  await build({
    absWorkingDir: top,
    entryPoints: entries,
    outdir: ownFolder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "error",
    plugins: [keepPlaces],
    define: { "import.meta.url": placeName },
  });
  return entries.map(({ out }) => join(ownFolder, `${out}.mjs`));
}

/** What a module finds beside itself it still finds beside its source. */
const keepPlaces: Plugin = {
  name: "keep-places",
  setup: (bundler) => {
    bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const place = `const ${placeName} = ${JSON.stringify(pathToFileURL(path).href)}; `;
      return { loader: "ts", contents: text.replace(/^(?:#!.*\n)?/, (start) => `${start}${place}`) };
    });
  },
};
