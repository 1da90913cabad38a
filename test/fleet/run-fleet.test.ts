import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runFleet, startFleet } from "../../lib/fleet/run-fleet.ts";

/** Work that is under way until the test lets it end. */
function heldWork() {
  const underWay = new Map<string, { readonly end: () => void; readonly fail: (error: Error) => void }>();
  const begun: string[] = [];
  const work = ({ name }: { readonly name: string }): Promise<void> => {
    begun.push(name);
    return new Promise((resolve, reject) => underWay.set(name, { end: resolve, fail: reject }));
  };
  return { begun, underWay, work };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const items = ["a1", "a2", "b1", "c1"].map((name) => ({ host: name[0]!, name }));

describe("runFleet()", () => {
  it("runs a host's items in their order, and another host's in place of one that waits for its host", async () => {
    const { begun, underWay, work } = heldWork();
    const running = runFleet(items, { fleet: 2, perHost: 1 }, work);
    await turn();
    assert.deepEqual(begun, ["a1", "b1"]);
    underWay.get("b1")!.end();
    await turn();
    assert.deepEqual(begun, ["a1", "b1", "c1"]);
    underWay.get("a1")!.end();
    await turn();
    assert.deepEqual(begun, ["a1", "b1", "c1", "a2"]);
    underWay.get("a2")!.end();
    underWay.get("c1")!.end();
    await running;
  });

  it("brings hosts to their end before it begins others", async () => {
    const { begun, underWay, work } = heldWork();
    const hosts = Array.from({ length: 100 }, (_, index) => `host${index}`);
    const all = hosts.flatMap((host) => [1, 2, 3].map((number) => ({ host, name: `${host} ${number}` })));
    const running = runFleet(all, { fleet: 4, perHost: 1 }, work);
    for (let done = 0; done < all.length; done += 1) {
      await turn();
      const open = new Set(begun.map((name) => name.split(" ")[0]));
      const ended = [...open].filter((host) => begun.includes(`${host} 3`) && !underWay.has(`${host} 3`));
      assert.ok(open.size - ended.length <= 4);
      const [name, { end }] = [...underWay][0]!;
      underWay.delete(name);
      end();
    }
    await running;
    assert.equal(begun.length, 300);
  });

  it("holds no slot for a busy host when another host gets free", async () => {
    const { begun, underWay, work } = heldWork();
    const some = ["a1", "a2", "b1", "b2", "b3"].map((name) => ({ host: name[0]!, name }));
    const running = runFleet(some, { fleet: 3, perHost: 1 }, work);
    for (const name of ["b1", "b2", "b3", "a1", "a2"]) {
      await turn();
      assert.ok(begun.includes(name), `${name} waits`);
      underWay.get(name)!.end();
    }
    await running;
  });

  it("asks for the limit of each host", async () => {
    const { begun, work } = heldWork();
    void runFleet(items, { fleet: 9, perHost: (host) => (host === "a" ? 2 : 1) }, work);
    await turn();
    assert.deepEqual(begun, ["a1", "a2", "b1", "c1"]);
  });

  it("lets all others end before it throws what the first one threw", async () => {
    const { begun, underWay, work } = heldWork();
    const ends: unknown[] = [];
    const running = runFleet(items, { fleet: 2, perHost: 1 }, work).catch(
      (error: unknown) => void ends.push(error),
    );
    await turn();
    underWay.get("a1")!.fail(new Error("first"));
    await turn();
    assert.deepEqual(begun, ["a1", "b1", "a2"]);
    underWay.get("b1")!.end();
    await turn();
    underWay.get("a2")!.fail(new Error("second"));
    await turn();
    assert.deepEqual(ends, []);
    underWay.get("c1")!.end();
    await running;
    assert.deepEqual(ends.map(String), ["Error: first"]);
  });
});

describe("startFleet()", () => {
  type Named = { readonly host: string; readonly name: string };
  const byName = (one: Named, other: Named): number => one.name.localeCompare(other.name);
  const named = (...names: readonly string[]) => names.map((name) => ({ host: name.slice(1), name }));

  it("begins what it is given at once, and takes in more while that is under way", async () => {
    const { begun, underWay, work } = heldWork();
    const fleet = startFleet<Named>({ fleet: 3, perHost: 1 }, work, byName);
    fleet.add(named("2a", "1a"));
    await turn();
    assert.deepEqual(begun, ["1a"]);
    fleet.add(named("1b"));
    await turn();
    assert.deepEqual(begun, ["1a", "1b"]);
    underWay.get("1a")!.end();
    await turn();
    assert.deepEqual(begun, ["1a", "1b", "2a"]);
    for (const { end } of underWay.values()) end();
    await fleet.end();
  });

  it("gives a slot that becomes free to the first of those that wait, whenever they came", async () => {
    const { begun, underWay, work } = heldWork();
    const fleet = startFleet<Named>({ fleet: 1, perHost: 1 }, work, byName);
    fleet.add(named("5a"));
    await turn();
    fleet.add(named("4b"));
    fleet.add(named("3c", "1c"));
    fleet.add(named("2d"));
    for (const name of ["5a", "1c", "2d", "3c", "4b"]) {
      await turn();
      assert.equal(begun.at(-1), name);
      underWay.get(name)!.end();
    }
    await fleet.end();
  });

  it("tells of what was thrown at its end, not before", async () => {
    const fleet = startFleet<Named>(
      { fleet: 1, perHost: 1 },
      () => Promise.reject(new Error("early")),
      byName,
    );
    fleet.add(named("1a"));
    await turn();
    await assert.rejects(fleet.end(), /early/);
  });
});
