/** The command line that starts the server. */

import * as path from "node:path";
import type { Interpreter } from "./interpreter";

export type ImportStrategy = "useBundled" | "fromEnvironment";

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** The server that is carried in the extension (`start` is its start script), run by `interpreter`. */
export function bundledServer(interpreter: Interpreter, start: string, strategy: ImportStrategy): CommandLine {
  const [command = "", ...before] = interpreter.command;
  // Isolated mode: neither PYTHONPATH, nor the user's site, nor the current folder can put their modules before ours.
  return { command, args: [...before, "-I", start, "--import-strategy", strategy, "server"] };
}

/** The `gradguard` program that the user named. */
export function namedServer(program: readonly string[]): CommandLine {
  const [command = "", ...args] = program;
  return { command, args: [...args, "server"] };
}

/** Whether `program` looks like a Python, which belongs into `gradguard.interpreter` and not into `gradguard.path`. */
export function looksLikePython(program: string): boolean {
  return (
    /^(python|pypy)[\d.]*(\.exe)?$/i.test(path.basename(program.replaceAll("\\", "/"))) || /^py(\.exe)?$/i.test(program)
  );
}
