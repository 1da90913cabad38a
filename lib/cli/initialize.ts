// The course of `virtfold init`: hosts, what is on them, the store, the files.

import { resolve } from "node:path";
import type { PlanContext } from "../fleet/plan-backups.ts";
import { BackupError } from "../model/failure.ts";
import { draftsText, nextSteps } from "../report/init-text.ts";
import { foundTable } from "../report/init-notes.ts";
import { systemCode } from "../store/in-store.ts";
import { askHosts, type FoundHosts } from "./ask-hosts.ts";
import { askLetter, type Person } from "./ask-lines.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { draftEnv, initDrafts, type InitDrafts } from "./init-drafts.ts";
import { isFolder, isThereAlready } from "./init-files.ts";
import type { InitRequest } from "./init-request.ts";
import { surveyDraft } from "./survey-draft.ts";
import { usage } from "./usage.ts";
import { writeNewFiles } from "./write-new-files.ts";

/**
 * Finds hosts, by asking `person` where there is one, and writes the files; gives the exit code.
 * @throws BackupError `interrupted` when the run was stopped; nothing was written then.
 */
export async function initialize(
  request: InitRequest,
  context: PlanContext,
  person: Person | undefined,
): Promise<ExitCode> {
  // What is wrong with it is said before anybody waits for a host.
  if (request.store !== undefined) draftEnv(request, request.store);
  const found = await findHosts(request, context, person);
  const { vms, failedHosts } = found.plan;
  if (vms.length > 0) console.log(foundTable(vms));
  if (person === undefined && failedHosts.length === found.hosts.length) {
    console.log("No host could be asked, so nothing was written: put that right and run the command again");
    return exitCodes.someFailed;
  }
  const exitCode = failedHosts.length > 0 ? exitCodes.someFailed : exitCodes.ok;
  const store = request.store ?? resolve(await askStore(person));
  const drafts = initDrafts(request, found, store);
  const { files } = request;
  if (request.isDryRun) {
    console.log(draftsText(files.inventory, drafts));
    return exitCode;
  }
  await confirm(request, drafts, person);
  await write(request, drafts);
  console.log(
    nextSteps({
      written: [files.inventory, ...(drafts.env === undefined ? [] : [".env"])],
      inventory: files.isUsual || !files.hasEnv ? undefined : files.inventory,
      missingStore: (await isFolder(store)) ? undefined : store,
      unasked: failedHosts.map(({ host }) => host),
    }),
  );
  return exitCode;
}

async function findHosts(
  request: InitRequest,
  context: PlanContext,
  person: Person | undefined,
): Promise<FoundHosts> {
  const survey: Parameters<typeof askHosts>[1] = async (hosts) => await surveyDraft(hosts, request, context);
  const { hosts } = request;
  const found = person === undefined ? { hosts, plan: await survey(hosts) } : await askHosts(person, survey);
  if (!found.plan.isComplete || context.signal.aborted)
    throw new BackupError({ kind: "interrupted", signal: String(context.signal.reason) });
  return found;
}

async function askStore(person: Person | undefined): Promise<string> {
  if (person === undefined) throw new Error("There is nobody to ask for the store");
  return await person.ask("Folder for the backups", "/srv/backups/libvirt");
}

/** @throws BackupError `interrupted` when the person does not want the files. */
async function confirm(
  { files }: InitRequest,
  { env }: InitDrafts,
  person: Person | undefined,
): Promise<void> {
  if (person === undefined) return;
  const names = `${files.inventory}${env === undefined ? "" : " and .env"}`;
  const answer = await askLetter(person, `Write ${names}? (y)es, (n)o`, { letters: ["y", "n"], usual: "y" });
  if (answer === "n") throw new BackupError({ kind: "interrupted", signal: "the answer" });
}

/** The inventory comes last: without it the command can be run again. */
async function write({ files }: InitRequest, { inventory, env }: InitDrafts): Promise<void> {
  const all = [
    // Secrets may come to stand there.
    ...(env === undefined ? [] : [{ path: files.envPath, text: env, mode: 0o600 }]),
    { path: files.inventoryPath, text: inventory, mode: 0o644 },
  ];
  try {
    await writeNewFiles(all);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code === "EEXIST") throw isThereAlready(`${files.inventory} or .env`);
    throw usage("init", `Cannot write ${files.inventory} and .env: ${(error as Error).message}`);
  }
}
