#!/usr/bin/env -S npx tsx
// Shows what is in the store.

import { listCommand } from "../lib/cli/list-command.ts";
import { runCommand } from "../lib/cli/run-command.ts";

await runCommand(listCommand);
