import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { askListed, listedScript } from "../../lib/shell/ask-listed.ts";
import type { ListedQuestion } from "../../lib/shell/ask-listed.ts";
import type { HostShell } from "../../lib/backup/ports.ts";
import { openLocalConnection } from "../../lib/shell/local-connection.ts";
import { failureOf } from "../ssh/connect-for-test.ts";

const { signal } = new AbortController();
const question: ListedQuestion = {
  once: [
    ["sh", "-c", "echo one; echo trouble >&2; exit 3"],
    ["printf", "%s", "it's $HOME\n\n"],
  ],
  list: ["printf", "a\n*\n$(id)\n"],
  each: (item) => [
    ["printf", "<%s>", item],
    ["sh", "-c", 'echo "$0" >&2; cat; exit 1', item],
  ],
  probe: ["true"],
  eachIfProbed: (item) => [["echo", item]],
};

async function ask(changes: Partial<ListedQuestion> = {}): ReturnType<typeof askListed> {
  const shell = await openLocalConnection({ name: "here" }, { environment: process.env, signal });
  return await askListed(shell, { ...question, ...changes }).finally(() => shell.close());
}

describe("askListed()", () => {
  it("tells how each command ended, byte for byte, those of each item apart", async () => {
    const { once, list, each } = await ask();
    assert.deepEqual(once, [
      { code: 3, stdout: "one\n", stderr: "trouble\n" },
      { code: 0, stdout: "it's $HOME\n\n", stderr: "" },
    ]);
    assert.deepEqual(list, { code: 0, stdout: "a\n*\n$(id)\n", stderr: "" });
    assert.deepEqual([...each.keys()], ["a", "*", "$(id)"]);
    assert.deepEqual(each.get("*"), [
      { code: 0, stdout: "<*>", stderr: "" },
      { code: 1, stdout: "", stderr: "*\n" },
      { code: 0, stdout: "*\n", stderr: "" },
    ]);
  });

  it("asks what needs a probe only where that succeeds", async () => {
    const { each } = await ask({ probe: ["false"] });
    assert.equal(each.get("a")?.length, 2);
  });

  it("asks about the given items instead, whatever they are called", async () => {
    const { each, list } = await ask({ items: ["b c", "it's"] });
    assert.deepEqual([...each.keys()], ["b c", "it's"]);
    assert.equal(each.get("it's")?.[0]?.stdout, "<it's>");
    assert.equal(list.stdout, "a\n*\n$(id)\n");
    assert.equal((await ask({ items: [] })).each.size, 0);
  });

  it("asks about nothing when the list cannot be had", async () => {
    const { each, list } = await ask({ list: ["sh", "-c", "echo a; echo no >&2; exit 5"] });
    assert.deepEqual(
      { size: each.size, list },
      { size: 0, list: { code: 5, stdout: "a\n", stderr: "no\n" } },
    );
  });

  it("takes no answer that is cut off for a whole one", async () => {
    const shell: HostShell = {
      name: "kvm1",
      run: () => assert.fail(),
      runScript: () => assert.fail(),
      runAll: async () => [{ code: 124, stdout: "", stderr: "" }],
    };
    assert.match((await failureOf(askListed(shell, question), "unexpected-answer")).detail, /no end within/);
  });
});

describe("listedScript()", () => {
  it("puts an item nowhere but in a word of its own", () => {
    assert.throws(
      () => listedScript({ ...question, each: (item) => [["echo", `--name=${item}`]] }, "marker"),
      TypeError,
    );
  });
});
