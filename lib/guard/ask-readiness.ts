// The other end of readiness.sh: how a login stands on a host.

import type { HostShell } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import type { Readiness } from "../model/readiness.ts";
import { readScript } from "./read-script.ts";

/** Asks a host. @throws BackupError when it cannot be asked, or says nothing of the login. */
export async function askReadiness(shell: HostShell): Promise<Readiness> {
  const { code, stdout, stderr } = await shell.runScript(await readScript("readiness.sh"), []);
  const readiness = parseReadiness(stdout);
  if (readiness !== undefined) return readiness;
  const detail = stderr.trim().split("\n").at(-1) ?? "";
  throw new BackupError({ kind: "command-failed", host: shell.name, command: "readiness.sh", code, detail });
}

/** Reads what `readiness.sh` prints; undefined when it does not say who it runs as and where guards lie. */
export function parseReadiness(text: string): Readiness | undefined {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const all = (word: string): readonly (readonly string[])[] =>
    lines.filter(([kind]) => kind === word).map(([, ...fields]) => fields);
  const [[user = "", uid = ""] = []] = all("login");
  const [[folder = "", trouble = "", free = ""] = []] = all("folder");
  if (user === "" || !/^\d+$/.test(uid) || !folder.startsWith("/")) return undefined;
  const [[mode] = []] = all("selinux");
  return {
    user,
    isRoot: Number(uid) === 0,
    missingTools: all("missing").map(([tool = ""]) => tool),
    guardFolder: {
      folder,
      trouble: trouble === "" ? undefined : trouble,
      freeBytes: /^\d{1,15}$/.test(free) ? Number(free) * 1024 : undefined,
    },
    endsSessions: all("ends-sessions").length > 0,
    selinux: mode === "enforcing" || mode === "permissive" ? mode : undefined,
  };
}
