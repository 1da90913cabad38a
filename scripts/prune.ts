#!/usr/bin/env -S npx tsx
// Removes the backups that the retention policy does without.

import { pruneCommand } from "../lib/cli/prune-command.ts";
import { runCommand } from "../lib/cli/run-command.ts";

await runCommand(pruneCommand);
