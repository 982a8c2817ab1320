import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interpreter } from "../src/interpreter";
import { bundledServer, looksLikePython, namedServer } from "../src/launch";

const LAUNCHER: Interpreter = { command: ["py", "-3"], origin: "path", version: { major: 3, minor: 12 } };

test("the bundled server runs isolated, behind the interpreter's own arguments", () => {
  assert.deepEqual(bundledServer(LAUNCHER, "/ext/bundled/start.py", "useBundled"), {
    command: "py",
    args: ["-3", "-I", "/ext/bundled/start.py", "--import-strategy", "useBundled", "server"],
  });
});

test("a named program is asked for its server", () => {
  assert.deepEqual(namedServer(["uvx", "gradguard"]), { command: "uvx", args: ["gradguard", "server"] });
});

test("a Python is told from a program of its own", () => {
  for (const python of ["python", "/usr/bin/python3", "python3.12", "C:\\Py\\python.exe", "py", "pypy3"]) {
    assert.ok(looksLikePython(python), python);
  }
  for (const other of ["gradguard", "/home/me/python/gradguard", "pylint", "python-wrapper"]) {
    assert.ok(!looksLikePython(other), other);
  }
});
