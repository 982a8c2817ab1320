import assert from "node:assert/strict";
import { test } from "node:test";
import { TimeLimitExceeded, withinTime } from "../src/timeLimit";

test("work that ends in time gives its result", async () => {
  assert.equal(await withinTime(Promise.resolve("done"), 60_000), "done");
});

test("work that fails in time gives its own error", async () => {
  await assert.rejects(withinTime(Promise.reject(new Error("mine")), 60_000), /mine/);
});

test("work that never ends is given up", async () => {
  await assert.rejects(withinTime(new Promise(() => undefined), 1), TimeLimitExceeded);
});
