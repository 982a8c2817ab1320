import assert from "node:assert/strict";
import { test } from "node:test";
import { CrashLimit } from "../src/crashLimit";

test("the crash after the last allowed restart is final", () => {
  const limit = new CrashLimit(2, 1000, () => 0);
  assert.deepEqual([limit.mayRestart(), limit.mayRestart(), limit.mayRestart()], [true, true, false]);
});

test("old crashes are forgotten", () => {
  let time = 0;
  const limit = new CrashLimit(1, 1000, () => time);
  assert.equal(limit.mayRestart(), true);
  time = 1001;
  assert.equal(limit.mayRestart(), true);
  time = 1500;
  assert.equal(limit.mayRestart(), false);
});
