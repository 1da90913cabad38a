import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { askListed, listedScript } from "../../lib/shell/ask-listed.ts";
import type { ListedQuestion, OneProgram } from "../../lib/shell/ask-listed.ts";
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
  try {
    return await askListed(shell, { ...question, ...changes });
  } finally {
    await shell.close();
  }
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

describe("askListed() with one program for all of an item", () => {
  /** A program that runs one command after the other, as virsh does. */
  function together(changes: { readonly text?: string; readonly count?: number } = {}): OneProgram {
    return {
      command: (commands, separator) => {
        const words = commands.map((each) => each.join(" ")).join(`; echo ${separator}; `);
        return ["sh", "-c", 'eval "$1"', "sh", words + (changes.text ?? "")];
      },
      answers: (stdout, separator, count) => {
        const texts = stdout.split(`${separator}\n`);
        return texts.length === (changes.count ?? count) ? texts : undefined;
      },
    };
  }
  const asked: Partial<ListedQuestion> = {
    list: ["printf", "one\ntwo-2\n"],
    each: (item) => [
      ["echo", item],
      ["basename", "--", item],
    ],
    eachIfProbed: () => [["echo", "more"]],
  };
  const whole = (item: string) =>
    [item, item, "more"].map((line) => ({ code: 0, stdout: `${line}\n`, stderr: "" }));

  it("gives the answers of each command as if it had been run by itself", async () => {
    const alone = await ask(asked);
    const once = await ask({ ...asked, together: together() });
    assert.deepEqual(once, alone);
    assert.deepEqual(once.each.get("two-2"), whole("two-2"));
    const unprobed = await ask({ ...asked, together: together(), probe: ["false"] });
    assert.deepEqual(unprobed.each.get("one"), whole("one").slice(0, 2));
  });

  it("starts one program for each item, and no other", async () => {
    const program: OneProgram = {
      command: () => ["echo", "of {item}"],
      answers: (stdout) => [stdout],
    };
    const { each } = await ask({ ...asked, together: program });
    assert.deepEqual(each.get("one"), [{ code: 0, stdout: "of one\n", stderr: "" }]);
  });

  for (const [what, text] of [
    ["ends with another code than 0", "; false"],
    ["says a word on its standard error", "; ls --none; true"],
  ] as const) {
    it(`runs each command by itself when the program ${what}`, async () => {
      const { each } = await ask({ ...asked, together: together({ text }) });
      assert.deepEqual(each.get("one"), whole("one"));
    });
  }

  it("runs each command by itself when the program's answer cannot be taken apart", async () => {
    const { each } = await ask({ ...asked, together: together({ count: 17 }) });
    assert.deepEqual(each.get("one"), whole("one"));
  });

  it("never gives the program an item that is not a plain word", async () => {
    const items = ["a;b", "a b", "-a", "", "$(id)", "a'b", "é"];
    const program: OneProgram = { command: () => ["echo", "{item}"], answers: (stdout) => [stdout] };
    const { each } = await ask({ ...asked, items, together: program });
    for (const item of items) assert.deepEqual(each.get(item), whole(item));
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
