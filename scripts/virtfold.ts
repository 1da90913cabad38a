#!/usr/bin/env -S npx tsx
// All commands under one name; what `npm run build` makes a program of.

import { runCommand } from "../lib/cli/run-command.ts";
import { virtfoldCommand } from "../lib/cli/virtfold-command.ts";

await runCommand(virtfoldCommand);
