#!/usr/bin/env -S npx tsx
// Reads stored backups again, and says which are damaged.

import { runCommand } from "../lib/cli/run-command.ts";
import { verifyCommand } from "../lib/cli/verify-command.ts";

await runCommand(verifyCommand);
