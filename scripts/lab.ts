#!/usr/bin/env -S npx tsx
// A laboratory of real hypervisors on this machine, for trying things out and for the end-to-end tests.

import { Command, Option } from "commander";
import { labCommands } from "../test/lab/lab-commands.ts";
import { suites } from "../test/lab/lab-host.ts";
import { labOptions } from "../test/lab/lab-options.ts";
import { LabRefusal } from "../test/lab/lab-refusal.ts";
import { vmKindNames } from "../test/lab/vm-kinds.ts";

const program = new Command("lab").description(
  "Real hypervisors side by side on this machine. Needs root and apt.",
);
const id = new Option("--id <id>", "which lab; several can run side by side").default("default");
const vmsHelp = `only some of ${vmKindNames.join(",")}; with "/" between them, others for each hypervisor`;
const suiteHelp = `their generation of libvirt, one for all or one for each: ${suites.join(",")}`;

program
  .command("up")
  .description("bring a lab up, or what is missing of it")
  .addOption(id)
  .option("--hosts <number>", "how many hypervisors: hv1, hv2, …", labOptions.hosts, 2)
  .option("--suite <suites>", suiteHelp, labOptions.suites)
  .option("--vms <names>", vmsHelp, labOptions.vms)
  .option("--bastion", "put the hypervisors where only a jump host reaches them; ssh_config goes through it")
  .option(
    "--login <name>",
    "log in as this user, who has the sudo rules of docs/sudo.md, instead of root",
    labOptions.login,
  )
  .action(labCommands.up);
program
  .command("packages")
  .description("install what labs and tests need, and nothing else")
  .action(labCommands.packages);
program
  .command("down")
  .description("remove a lab and all that a crash has left of it")
  .addOption(id)
  .action(labCommands.down);
program.command("status").description("say what a lab has").addOption(id).action(labCommands.status);
program.command("shell <host>").description("enter a hypervisor").addOption(id).action(labCommands.shell);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof LabRefusal ? 2 : 1;
}
