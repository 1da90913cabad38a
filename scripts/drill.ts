#!/usr/bin/env -S npx tsx
// Proves that backups boot.

import { drillCommand } from "../lib/cli/drill-command.ts";
import { runCommand } from "../lib/cli/run-command.ts";

await runCommand(drillCommand);
