#!/usr/bin/env -S npx tsx
// Backs up VMs: survey, plan, back up, report.

import { backupCommand } from "../lib/cli/backup-command.ts";
import { runCommand } from "../lib/cli/run-command.ts";

await runCommand(backupCommand);
