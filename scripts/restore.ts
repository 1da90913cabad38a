#!/usr/bin/env -S npx tsx
// Brings one VM back from its backup.

import { restoreCommand } from "../lib/cli/restore-command.ts";
import { runCommand } from "../lib/cli/run-command.ts";

await runCommand(restoreCommand);
