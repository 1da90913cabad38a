import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "./cached.ts";
import type { Suite } from "./lab-host.ts";
import { runWithUs } from "./run-with-us.ts";

const buildScript = join(dirname(fileURLToPath(import.meta.url)), "host", "build-suite.sh");
const buildSeconds = 900;

/** The folder that is the root below the writable layer of a host of this suite; built on first use. */
export async function suiteRoot(suite: Suite): Promise<string> {
  if (suite === "machine") return "/";
  const version = createHash("sha256")
    .update(await readFile(buildScript))
    .digest("hex")
    .slice(0, 8);
  const directory = await cached(`suite-${suite}-${version}`, (building) =>
    build(suite, join(building, "root")),
  );
  return join(directory, "root");
}

async function build(suite: Suite, root: string): Promise<void> {
  const errors: unknown[] = [];
  for (const mirror of await mirrors()) {
    try {
      await runWithUs(["sh", buildScript, suite, root, mirror], { deadlineSeconds: buildSeconds });
      return;
    } catch (error) {
      errors.push(error);
      await rm(root, { recursive: true, force: true });
    }
  }
  throw errors[0];
}

/** The machine's own mirror first; a release that is old enough is found in the archive only. */
async function mirrors(): Promise<string[]> {
  const folder = "/etc/apt/sources.list.d";
  const files = [
    "/etc/apt/sources.list",
    ...(await readdir(folder).catch(() => [])).map((name) => join(folder, name)),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const own = [...texts.join("\n").matchAll(/^(?:URIs:|deb\s).*?(https?:\/\/\S+\/debian)\/?(?=\s|$)/gm)].map(
    (match) => match[1] as string,
  );
  return [...new Set([...own, "http://deb.debian.org/debian", "http://archive.debian.org/debian"])];
}
