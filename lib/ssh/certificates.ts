// Certificates of the operator that `ssh` would log in with. ssh2 cannot: it would sign in the certificate's own name.

import { readFile } from "node:fs/promises";
import { runLocal } from "../shell/run-local.ts";
import type { ClientConfig } from "./client-config.ts";

const certificateType = /^(?:sk-)?(?:ssh|ecdsa)-\S+-cert-v\d\d@openssh\.com\s/;

/** Those that are there: in files that are configured or lie beside a key, and in the agent. For the message only. */
export async function findCertificates(config: ClientConfig): Promise<readonly string[]> {
  const beside = config.identityFiles.map(({ path }) => `${path.replace(/\.pub$/, "")}-cert.pub`);
  const paths = [...new Set([...config.certificateFiles, ...beside])];
  const files = await Promise.all(paths.map(async (path) => ((await isCertificate(path)) ? [path] : [])));
  return [...files.flat(), ...(await heldByAgent(config))];
}

async function isCertificate(path: string): Promise<boolean> {
  return certificateType.test(await readFile(path, "utf8").catch(() => ""));
}

async function heldByAgent({ identityAgent, identitiesOnly }: ClientConfig): Promise<readonly string[]> {
  if (identityAgent === undefined || identityAgent === "" || identitiesOnly) return [];
  const { stdout } = await runLocal(["ssh-add", "-L"], {
    deadlineSeconds: 5,
    environment: { SSH_AUTH_SOCK: identityAgent },
  });
  const held = stdout.split("\n").filter((line) => certificateType.test(line));
  return held.map((line) => `agent ${identityAgent} (${line.split(" ").slice(2).join(" ")})`);
}
