import assert from "node:assert/strict";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { buildCommandRunner } from "../../scripts/packaging/build-command-runner.ts";

it("runInSmallProcess() tells how commands end; of one whose starter has ended it says that nothing is known", async () => {
  // Read when the module is loaded.
  process.env["VIRTFOLD_TEST_RUNNER"] ??= await buildCommandRunner(
    fileURLToPath(new URL("../..", import.meta.url)),
  );
  const { runInSmallProcess } = await import("./small-process.ts");
  const said = await runInSmallProcess(["sh", "-c", "cat; echo ü >&2; exit 7"], { input: "in\n" });
  assert.deepEqual([said.code, said.stdout, said.stderr], [7, "in\n", "ü\n"]);
  assert.equal((await runInSmallProcess(["/no/such/program"])).code, 127);

  const starter = Number((await runInSmallProcess(["sh", "-c", tellStarter(process.pid)])).stdout);
  assert.ok(starter > 1, `a process of its own started it, not ${starter}`);
  const waiting = runInSmallProcess(["sleep", "3"]);
  process.kill(starter, "SIGKILL");
  await assert.rejects(waiting, /the process that starts them has ended/);
  assert.equal((await runInSmallProcess(["true"])).code, 0, "another process takes its place");
});

/** Prints which child of `ancestor` this is a descendant of; nothing where it is itself the child. */
function tellStarter(ancestor: number): string {
  return `
    process=$$
    while read -r _ _ _ parent _ <"/proc/$process/stat" && [ "$parent" -gt 1 ]; do
      if [ "$parent" -eq ${ancestor} ]; then
        [ "$process" -eq $$ ] || echo "$process"
        exit
      fi
      process=$parent
    done`;
}
