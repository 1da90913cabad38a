// A folder for one test file.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder with an empty store in it. */
export interface ScratchFolder {
  readonly directory: string;
  /** Makes one more empty store and returns its path. */
  newStore(): Promise<string>;
  remove(): Promise<void>;
}

/** Makes the folder; whoever makes it removes it. */
export async function makeScratchFolder(): Promise<ScratchFolder> {
  const directory = await mkdtemp(join(tmpdir(), "virtfold-e2e-"));
  let stores = 0;
  return {
    directory,
    newStore: async () => {
      const store = join(directory, `store${++stores}`);
      await mkdir(store);
      return store;
    },
    remove: async () => rm(directory, { recursive: true, force: true }),
  };
}
