#!/usr/bin/env -S npx tsx
// Shows what a backup would do, and changes nothing.

import { planCommand } from "../lib/cli/plan-command.ts";
import { runCommand } from "../lib/cli/run-command.ts";

await runCommand(planCommand);
