// Where a built program is, below the top: as deep as lib/cli, so that it finds schema/ where the TypeScript does.

/** What `npm pack` packs. */
export const installedProgram = "dist/program/virtfold.js";

/** What the end-to-end tests start (build-program.ts). */
export const swiftProgram = "dist/swift/virtfold.js";

/** What runs a laboratory's commands for them (build-command-runner.ts). */
export const commandRunner = "dist/runner/command-runner.cjs";
