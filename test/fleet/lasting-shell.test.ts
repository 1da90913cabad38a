import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandResult } from "../../lib/backup/ports.ts";
import { openLastingShell, type Link } from "../../lib/fleet/lasting-shell.ts";
import { BackupError } from "../../lib/model/failure.ts";
import { reasonOf } from "../store/reason-of.ts";

const result: CommandResult = { code: 0, stdout: "", stderr: "" };

/** A shell whose first links break under the first command that each is given. */
async function shellOver(breaking: number) {
  const asked: string[] = [];
  const closed: number[] = [];
  let links = 0;
  const open = async (): Promise<Link> => {
    const number = ++links;
    let isLost = false;
    const answer = async <T>(what: string, value: T): Promise<T> => {
      asked.push(`${what} ${number}`);
      if (number > breaking) return value;
      isLost = true;
      throw new BackupError({ kind: "connection-lost", host: "kvm1", detail: "reset" });
    };
    return {
      name: "kvm1",
      get isLost() {
        return isLost;
      },
      run: () => answer("run", result),
      runAll: () => answer("runAll", [result]),
      runScript: () => answer("runScript", result),
      close: async () => {
        isLost = true;
        closed.push(number);
      },
    };
  };
  return { shell: await openLastingShell("kvm1", open), asked, closed };
}

describe("openLastingShell()", () => {
  it("asks once more over a new link what only reads", async () => {
    const { shell, asked } = await shellOver(1);
    assert.deepEqual(await shell.runAll([["true"]]), [result]);
    assert.deepEqual(asked, ["runAll 1", "runAll 2"]);
  });

  it("asks no third time", async () => {
    const { shell, asked } = await shellOver(2);
    assert.equal((await reasonOf(shell.runAll([["true"]]))).kind, "connection-lost");
    assert.deepEqual(asked, ["runAll 1", "runAll 2"]);
  });

  it("never runs again what may have run, but opens a new link for the next command", async () => {
    const { shell, asked } = await shellOver(1);
    assert.equal((await reasonOf(shell.run(["true"]))).kind, "connection-lost");
    assert.deepEqual(await shell.run(["true"]), result);
    assert.deepEqual(asked, ["run 1", "run 2"]);
  });

  it("rests without a link, and opens one for the next command", async () => {
    const { shell, asked, closed } = await shellOver(0);
    await shell.rest();
    assert.deepEqual(closed, [1]);
    assert.deepEqual(await shell.run(["true"]), result);
    assert.deepEqual(asked, ["run 2"]);
  });

  it("opens no link once it is closed", async () => {
    const { shell, asked } = await shellOver(9);
    await shell.close();
    assert.equal((await reasonOf(shell.runAll([["true"]]))).kind, "connection-lost");
    assert.deepEqual(asked, ["runAll 1"]);
  });
});
