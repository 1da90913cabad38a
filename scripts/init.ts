#!/usr/bin/env -S npx tsx
// Makes an inventory and settings from hosts that are named, or asked for.

import { initCommand } from "../lib/cli/init-command.ts";
import { runCommand } from "../lib/cli/run-command.ts";

await runCommand(initCommand);
