// Where the files of this repository are, seen from a test.

import { fileURLToPath } from "node:url";

/** The path of a file named relative to the module whose `import.meta` this is. */
export function fileBeside(module: ImportMeta, relative: string): string {
  // Deno's type check does not know `url` where only Node's types are loaded.
  const { url } = module as unknown as { readonly url: string };
  return fileURLToPath(new URL(relative, url));
}
