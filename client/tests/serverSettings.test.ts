import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Inspected, serverKeys, settingsForServer } from "../src/serverSettings";

const PROPERTIES = Object.keys(
  JSON.parse(readFileSync("package.json", "utf8")).contributes.configuration.properties as Record<string, unknown>,
);

test("settings that name programs stay in the client", () => {
  const keys = serverKeys(PROPERTIES);
  for (const key of ["interpreter", "path", "importStrategy", "enable", "trace.server"]) {
    assert.ok(!keys.includes(key), key);
  }
});

test("every setting of the analysis goes to the server", () => {
  assert.deepEqual(serverKeys(PROPERTIES).sort(), [
    "assumptions",
    "exclude",
    "follow",
    "hints",
    "ignore",
    "inlayHints",
    "language",
    "perFileIgnores",
    "select",
    "severity",
    "torchVersion",
  ]);
});

test("what the user has not set is left out, so that the project's file decides", () => {
  const inspected: Record<string, Inspected & { defaultValue: unknown }> = {
    select: { defaultValue: [] },
    hints: { defaultValue: true, globalValue: false },
  };
  assert.deepEqual(
    settingsForServer(["select", "hints"], (key) => inspected[key]),
    { hints: false },
  );
});

test("the narrowest scope wins, also with a false or empty value", () => {
  const inspected: Record<string, Inspected> = {
    hints: { globalValue: true, workspaceValue: true, workspaceFolderValue: false },
    select: { globalValue: ["GG1"], workspaceValue: [] },
  };
  assert.deepEqual(
    settingsForServer(["hints", "select"], (key) => inspected[key]),
    { hints: false, select: [] },
  );
});
