import assert from "node:assert/strict";
import { test } from "node:test";
import { parseClick, timelinePage } from "../src/timelinePage";

test("the page admits its own script and nothing else", () => {
  const page = timelinePage("<svg></svg>", "forward", "en", "n0");
  assert.match(page, /default-src 'none'/);
  assert.match(page, /script-src 'nonce-n0'/);
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.match(page, /<script nonce="n0">/);
});

test("a title cannot open a tag", () => {
  const page = timelinePage("<svg></svg>", '<script>"&', "en", "n0");
  assert.match(page, /<title>&lt;script&gt;&quot;&amp;<\/title>/);
});

test("a click names a line, and a character and file where the mark has them", () => {
  assert.deepEqual(parseClick({ line: "3" }), { uri: undefined, line: 3, character: 0 });
  assert.deepEqual(parseClick({ line: "3", character: "4", uri: "file:///b.py" }), {
    uri: "file:///b.py",
    line: 3,
    character: 4,
  });
});

test("anything else is not a click", () => {
  for (const message of [null, "3", {}, { line: 3 }, { line: "-1" }, { line: "1", character: "x" }]) {
    assert.equal(parseClick(message), undefined);
  }
});
