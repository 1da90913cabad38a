// The questions of `virtfold init`: which hosts. Each is asked for its VMs at once, so that what keeps it from answering can be
// put right in another window.

import { draftHost, type DraftHost } from "../config/draft-host.ts";
import type { FleetPlan } from "../model/fleet-plan.ts";
import { quoted } from "../report/wording.ts";
import { askLetter, type Person } from "./ask-lines.ts";
import { describeDraftProblem } from "./init-request.ts";

/** Hosts for an inventory, and what a backup of their VMs would do. */
export interface FoundHosts {
  readonly hosts: readonly DraftHost[];
  readonly plan: FleetPlan;
}

type Survey = (hosts: readonly DraftHost[]) => Promise<FleetPlan>;

/** Asks for hosts until there are no more. @throws BackupError `interrupted`. */
export async function askHosts(person: Person, survey: Survey): Promise<FoundHosts> {
  const found: FoundHosts[] = [];
  person.tell("Name the hosts that run the VMs as ssh knows them: HOST or user@address:port.");
  for (;;) {
    const answer = await person.ask(found.length === 0 ? "Host" : "Another host (none: Enter)");
    if (answer === "" && found.length > 0) return together(found);
    if (answer === "") person.tell("An inventory needs a host; Ctrl-C leaves without writing anything.");
    for (const text of answer.split(/\s+/).filter((word) => word !== "")) {
      const host = draftHost(text, together(found).hosts);
      if (host === undefined) person.tell(`${quoted(text)} is there already.`);
      else if ("kind" in host) person.tell(`${describeDraftProblem(host)}.`);
      else found.push(...(await addHost(host, person, survey)));
    }
  }
}

/** Asks a host, as often as the person wants it. Gives nothing for one that is to be left out. */
async function addHost(host: DraftHost, person: Person, survey: Survey): Promise<readonly FoundHosts[]> {
  let entry = host.entry;
  for (;;) {
    const one = { name: host.name, entry };
    const plan = await survey([one]);
    const failure = plan.failedHosts[0]?.reason;
    if (failure === undefined && plan.isComplete) return [{ hosts: [one], plan }];
    const mayNeedRoot = failure?.kind === "libvirt-unreachable" && entry.sudo === undefined;
    const choice = await askLetter(
      person,
      mayNeedRoot
        ? "Become root there with (s)udo, (t)ry again, (k)eep it as it is, (l)eave it out"
        : "Put that right and (t)ry again, (k)eep it as it is, (l)eave it out",
      { letters: mayNeedRoot ? ["s", "t", "k", "l"] : ["t", "k", "l"], usual: mayNeedRoot ? "s" : "t" },
    );
    if (choice === "k") return [{ hosts: [one], plan }];
    if (choice === "l") return [];
    if (choice === "s") entry = { ...entry, sudo: true };
  }
}

function together(found: readonly FoundHosts[]): FoundHosts {
  return {
    hosts: found.flatMap(({ hosts }) => hosts),
    plan: {
      store: undefined,
      vms: found.flatMap(({ plan }) => plan.vms),
      failedHosts: found.flatMap(({ plan }) => plan.failedHosts),
      isComplete: found.every(({ plan }) => plan.isComplete),
    },
  };
}
