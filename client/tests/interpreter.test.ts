import assert from "node:assert/strict";
import { test } from "node:test";
import { type Candidate, candidates, findInterpreter, parseVersion, type Run } from "../src/interpreter";

/** Programs by name: the version they print, or an error where they cannot be run. */
function machine(programs: Record<string, string>): Run {
  return async (command) => {
    const printed = programs[command[0] ?? ""];
    if (printed === undefined) {
      throw new Error(`spawn ${command[0]} ENOENT`);
    }
    return printed;
  };
}

function onPath(...programs: string[]): Candidate[] {
  return programs.map((program) => ({ command: [program], origin: "path" }));
}

test("the user's interpreter is the only candidate", () => {
  assert.deepEqual(candidates(["/opt/py", "-X", "utf8"], ["/env/bin/python"], "linux"), [
    { command: ["/opt/py", "-X", "utf8"], origin: "setting" },
  ]);
});

test("the active environment comes before the path", () => {
  const commands = candidates([], ["/env/bin/python"], "linux").map((candidate) => candidate.command.join(" "));
  assert.deepEqual(commands, ["/env/bin/python", "python3", "python"]);
});

test("Windows asks the launcher first", () => {
  const commands = candidates([], [], "win32").map((candidate) => candidate.command.join(" "));
  assert.deepEqual(commands, ["py -3", "python", "python3"]);
});

test("the first that is new enough wins, and the refused ones say why", async () => {
  const run = machine({ python3: "3.9\n", python: "3.12\n" });
  const { found, refused } = await findInterpreter(onPath("absent", "python3", "python"), run);
  assert.deepEqual(found?.command, ["python"]);
  assert.deepEqual(found?.version, { major: 3, minor: 12 });
  assert.deepEqual(
    refused.map(({ candidate, reason }) => [candidate.command[0], reason]),
    [
      ["absent", "unusable"],
      ["python3", "too old"],
    ],
  );
});

test("3.10 is new enough, 3.9 and 2.7 are not, and 4.0 is", async () => {
  for (const [version, accepted] of [
    ["3.10", true],
    ["3.9", false],
    ["2.7", false],
    ["4.0", true],
  ] as const) {
    const { found } = await findInterpreter(onPath("python"), machine({ python: version }));
    assert.equal(found !== undefined, accepted, version);
  }
});

test("a program that succeeds without a version is unusable", async () => {
  const { found, refused } = await findInterpreter(onPath("python3"), machine({ python3: "" }));
  assert.equal(found, undefined);
  assert.equal(refused[0]?.reason, "unusable");
});

test("the version is asked for in isolated mode", async () => {
  let asked: readonly string[] = [];
  await findInterpreter([{ command: ["py", "-3"], origin: "path" }], async (command) => {
    asked = command;
    return "3.11";
  });
  assert.deepEqual(asked.slice(0, 3), ["py", "-3", "-I"]);
});

test("a version is two numbers and nothing else", () => {
  assert.deepEqual(parseVersion("3.11\r\n"), { major: 3, minor: 11 });
  assert.equal(parseVersion("Python 3.11"), undefined);
});
