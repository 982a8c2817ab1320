import assert from "node:assert/strict";
import { test } from "node:test";
import { RestartQueue } from "../src/restartQueue";

/** Starts that end when told to. */
class Starts {
  begun = 0;
  readonly end: (() => void)[] = [];
  readonly begin = (): Promise<void> => {
    this.begun += 1;
    return new Promise((resolve) => this.end.push(resolve));
  };
}

test("many requests during a start give one more start", async () => {
  const starts = new Starts();
  const queue = new RestartQueue(starts.begin);
  const first = queue.request();
  const others = [queue.request(), queue.request(), queue.request()];
  assert.equal(starts.begun, 1);
  starts.end[0]?.();
  await first;
  await new Promise(setImmediate);
  assert.equal(starts.begun, 2);
  starts.end[1]?.();
  await Promise.all(others);
  assert.equal(starts.begun, 2);
});

test("a request after the end of all others starts at once", async () => {
  const starts = new Starts();
  const queue = new RestartQueue(starts.begin);
  for (const number of [0, 1]) {
    const request = queue.request();
    assert.equal(starts.begun, number + 1);
    starts.end[number]?.();
    await request;
  }
});

test("a request that waited is over only after a start that began later", async () => {
  const starts = new Starts();
  const queue = new RestartQueue(starts.begin);
  void queue.request();
  let over = false;
  const second = queue.request().then(() => {
    over = true;
  });
  starts.end[0]?.();
  await new Promise(setImmediate);
  assert.equal(over, false);
  starts.end[1]?.();
  await second;
  assert.equal(over, true);
});
