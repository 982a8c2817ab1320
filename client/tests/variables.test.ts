import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveVariables } from "../src/variables";

const SCOPE = { workspaceFolder: "/code/net", userHome: "/home/me", cwd: "/now", env: { TOOLS: "/opt/tools" } };

test("known variables are filled in", () => {
  assert.equal(resolveVariables("${workspaceFolder}/.venv/bin/python", SCOPE), "/code/net/.venv/bin/python");
  assert.equal(resolveVariables("${userHome}:${cwd}:${env:TOOLS}", SCOPE), "/home/me:/now:/opt/tools");
});

test("what has no value stays as it is", () => {
  assert.equal(resolveVariables("${env:ABSENT}/${other}", SCOPE), "${env:ABSENT}/${other}");
  assert.equal(resolveVariables("${workspaceFolder}", { ...SCOPE, workspaceFolder: undefined }), "${workspaceFolder}");
});

test("a value is not read for variables again", () => {
  assert.equal(resolveVariables("${env:A}", { ...SCOPE, env: { A: "${cwd}" } }), "${cwd}");
});
