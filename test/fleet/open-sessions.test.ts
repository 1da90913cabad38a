import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OpenSessions, restedAbove, type ClosableSession } from "../../lib/fleet/open-sessions.ts";

function session(name: string, told: string[]): ClosableSession {
  return {
    rest: async () => void told.push(`${name} rests`),
    close: async () => void told.push(`${name} closed`),
  };
}

describe("OpenSessions", () => {
  it("closes a session after its host's last turn, once, and one without turns at once", async () => {
    const told: string[] = [];
    const sessions = new OpenSessions();
    const [busy, idle, cut] = ["busy", "idle", "cut"].map((name) => session(name, told)) as [
      ClosableSession,
      ClosableSession,
      ClosableSession,
    ];
    for (const one of [busy, idle, cut]) sessions.add(one);
    await sessions.expect(busy, 2);
    await sessions.expect(idle, 0);
    assert.deepEqual(told, ["idle closed"]);
    await sessions.endTurn(busy);
    assert.deepEqual(told, ["idle closed"]);
    await sessions.endTurn(busy);
    assert.deepEqual(told, ["idle closed", "busy closed"]);
    await sessions.closeAll();
    assert.deepEqual(told, ["idle closed", "busy closed", "cut closed"]);
  });

  it("keeps a bounded number of hosts connected while they wait, however many there are", async () => {
    const told: string[] = [];
    const sessions = new OpenSessions();
    for (let index = 1; index <= 1000; index += 1) {
      const one = session(`host${index}`, told);
      sessions.add(one);
      await sessions.expect(one, 5);
    }
    assert.equal(told.length, 1000 - restedAbove);
    assert.equal(told[0], `host${restedAbove + 1} rests`);
  });
});
