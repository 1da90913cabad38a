// XML that real hypervisors wrote (libvirt 9.0.0, QEMU 7.2), and tools that may be installed.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The text of a fixture, byte for byte. */
export function fixture(name: string): string {
  return readFileSync(besideTests(`fixtures/${name}`), "utf8");
}

/** A file's place, told from this folder. */
export function besideTests(path: string): URL {
  // Deno's own check of types, under our tsconfig, knows no `import.meta.url`.
  const { url } = import.meta as unknown as { readonly url: string };
  return new URL(path, url);
}

/** Runs a program of this machine with text on its standard input. */
export function runTool(program: string, args: readonly string[], input = "") {
  const environment = { ...process.env, LC_ALL: "C" };
  const result = spawnSync(program, args, { input, encoding: "utf8", env: environment, maxBuffer: 1 << 26 });
  return {
    code: result.error === undefined ? result.status : null,
    stdout: result.stdout,
    stderr: result.stderr,
  };
}

/** For a test's `skip`: why it cannot run here, or false. */
export function missing(program: string): string | false {
  return runTool(program, ["--version"]).code === null ? `${program} is not installed` : false;
}
