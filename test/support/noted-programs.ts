// Which arguments programs are started with: all processes of the machine can see them.

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A folder for the front of a PATH; its programs note how they were called and become the real ones. */
export interface NotedPrograms {
  readonly path: string;
  /** A line for each call: the name and all arguments. */
  calls(): readonly string[];
  remove(): void;
}

/** Notes the calls of those of these programs that there are. */
export function notePrograms(
  names: readonly string[],
  searchPath = process.env["PATH"] ?? "",
): NotedPrograms {
  const folder = mkdtempSync(join(tmpdir(), "vf-noted-"));
  const [programs, log] = [join(folder, "bin"), join(folder, "log")];
  mkdirSync(programs);
  for (const name of names) {
    const real = searchPath
      .split(delimiter)
      .map((each) => join(each, name))
      .find(canRun);
    if (real === undefined) continue;
    const note = `printf '%s\\n' "${name} $*" >>'${log}'`;
    writeFileSync(join(programs, name), `#!/bin/sh\n${note}\nexec '${real}' "$@"\n`, { mode: 0o755 });
  }
  return {
    path: `${programs}${delimiter}${searchPath}`,
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").split("\n") : []),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
