import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChannelSlots } from "../../lib/shell/channel-slots.ts";

describe("ChannelSlots", () => {
  it("lets as many in as the limit allows, the others in the order they came", async () => {
    const slots = new ChannelSlots(2);
    const entered: number[] = [];
    const takers = [1, 2, 3, 4].map(async (number) => {
      await slots.take();
      entered.push(number);
    });
    await Promise.all(takers.slice(0, 2));
    assert.deepEqual(entered, [1, 2]);
    slots.release();
    await takers[2];
    assert.deepEqual(entered, [1, 2, 3]);
    slots.release();
    await takers[3];
    assert.deepEqual(entered, [1, 2, 3, 4]);
  });

  it("learns from refusals how few the host allows", async () => {
    const slots = new ChannelSlots(8);
    await Promise.all(Array.from({ length: 5 }, () => slots.take()));
    assert.equal(slots.learnRefusal(), true);
    slots.release();
    let hasEntered = false;
    const taker = slots.take().then(() => (hasEntered = true));
    await Promise.resolve();
    assert.equal(hasEntered, false);
    slots.release();
    await taker;
  });

  it("has nothing to wait for when the only channel is refused", async () => {
    const slots = new ChannelSlots(8);
    await slots.take();
    assert.equal(slots.learnRefusal(), false);
  });
});
