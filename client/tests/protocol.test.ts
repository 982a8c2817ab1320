import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExplanation, parseSummary, parseTimeline, parseWrites, UnexpectedAnswer } from "../src/protocol";

const RANGE = { start: { line: 3, character: 0 }, end: { line: 3, character: 6 } };

test("writes keep their place, verdict and reason", () => {
  const write = { uri: "file:///a.py", range: RANGE, verdict: "safe", reason: "nothing saved it", operator: "add_" };
  assert.deepEqual(parseWrites([write]), [
    { uri: "file:///a.py", range: RANGE, verdict: "safe", reason: "nothing saved it" },
  ]);
});

test("writes without a usable place are refused", () => {
  for (const bad of [null, {}, [{ uri: 1, range: RANGE }], [{ uri: "file:///a.py", range: { start: RANGE.start } }]]) {
    assert.throws(() => parseWrites(bad), UnexpectedAnswer);
  }
  const negative = { start: { line: -1, character: 0 }, end: RANGE.end };
  assert.throws(() => parseWrites([{ uri: "file:///a.py", range: negative }]), UnexpectedAnswer);
});

test("no timeline is not an error, a wrong one is", () => {
  assert.equal(parseTimeline(null), undefined);
  assert.deepEqual(parseTimeline({ title: "forward", svg: "<svg/>" }), { title: "forward", svg: "<svg/>" });
  assert.throws(() => parseTimeline({ title: "forward" }), UnexpectedAnswer);
});

test("an explanation is text or absent", () => {
  assert.equal(parseExplanation("# page"), "# page");
  assert.equal(parseExplanation(null), undefined);
  assert.throws(() => parseExplanation(["# page"]), UnexpectedAnswer);
});

test("a summary has all its counts", () => {
  const summary = { files: 2, errors: 1, warnings: 0, hints: 4 };
  assert.deepEqual(parseSummary(summary), summary);
  assert.throws(() => parseSummary({ files: 2 }), UnexpectedAnswer);
});
