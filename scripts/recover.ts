#!/usr/bin/env -S npx tsx
// Puts right what dead backups left on hosts and in the store.

import { recoverCommand } from "../lib/cli/recover-command.ts";
import { runCommand } from "../lib/cli/run-command.ts";

await runCommand(recoverCommand);
