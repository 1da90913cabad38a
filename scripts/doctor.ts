#!/usr/bin/env -S npx tsx
// Looks at hosts and store for what a backup needs, and changes nothing.

import { doctorCommand } from "../lib/cli/doctor-command.ts";
import { runCommand } from "../lib/cli/run-command.ts";

await runCommand(doctorCommand);
