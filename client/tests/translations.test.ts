import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const read = (file: string): string => readFileSync(file, "utf8");
const keysOf = (file: string): string[] => Object.keys(JSON.parse(read(file)) as Record<string, string>).sort();

test("every text of the manifest is there in English and Chinese, and none is left over", () => {
  const manifest = read("package.json");
  const used = [...new Set([...manifest.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1] as string))].sort();
  assert.deepEqual(keysOf("package.nls.json"), used);
  assert.deepEqual(keysOf("package.nls.zh-cn.json"), used);
});

test("every text of the client is there in Chinese, and none is left over", () => {
  const source = readdirSync("client/src").map((file) => read(`client/src/${file}`));
  const texts = source.flatMap((text) => [...text.matchAll(/l10n\.t\(\s*"((?:[^"\\]|\\.)*)"/g)]);
  const used = [...new Set(texts.map((match) => JSON.parse(`"${match[1]}"`) as string))].sort();
  assert.deepEqual(keysOf("l10n/bundle.l10n.zh-cn.json"), used);
});

test("a translation has the same places for values as its original", () => {
  const places = (text: string): string[] => (text.match(/\{\d\}/g) ?? []).sort();
  const bundle = JSON.parse(read("l10n/bundle.l10n.zh-cn.json")) as Record<string, string>;
  for (const [original, translated] of Object.entries(bundle)) {
    assert.deepEqual(places(translated), places(original), original);
  }
});
