import { readFile } from "node:fs/promises";

/** The text of one of the scripts that run on hosts. */
export async function readScript(
  name: "arm.sh" | "find.sh" | "guard.sh" | "list.sh" | "readiness.sh",
): Promise<string> {
  return await readFile(new URL(name, import.meta.url), "utf8");
}
