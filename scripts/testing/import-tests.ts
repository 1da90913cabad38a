// Runs test files together in one Node process, as Bun and Deno do: starting Node and tsx anew for each file
// would take longer than most of the tests.

import { mkdtemp, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

/** Imports test files, so that the test runner of this process finds their tests. One that cannot be is a failed test. */
export async function importTests(files: readonly string[]): Promise<void> {
  for (const file of files) {
    try {
      await import(pathToFileURL(resolve(file)).href);
    } catch (error) {
      void test(`${file} can be imported`, () => {
        throw error;
      });
    }
  }
}

/**
 * Writes files that each import their share of the test files, into a new folder inside of `folder`, and returns their
 * paths. Node runs them in the order of their names, which is that of the test files.
 */
export async function writeBatches(
  files: readonly string[],
  folder: string,
  count: number,
): Promise<readonly string[]> {
  const ownFolder = await mkdtemp(join(folder, "batches-"));
  const names = Array.from({ length: Math.min(count, files.length) }, (_, index) =>
    join(ownFolder, `batch-${String(index + 1).padStart(3, "0")}.mjs`),
  );
  const self = JSON.stringify(import.meta.url);
  for (const [index, name] of names.entries()) {
    const share = files.filter((_, position) => position % names.length === index);
    await writeFile(
      name,
      `import { importTests } from ${self};\nawait importTests(${JSON.stringify(share)});\n`,
    );
  }
  return names;
}
