/** Programs that the client runs. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import type { CommandLine } from "./launch";

const PROBE_MILLISECONDS = 10_000;

/** On Windows these are scripts, which only a shell can run. */
function needsShell(program: string): boolean {
  return process.platform === "win32" && /\.(cmd|bat)$/i.test(program);
}

/** Runs `command` to its end and gives its standard output. */
export function output(command: readonly string[]): Promise<string> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const options = { timeout: PROBE_MILLISECONDS, windowsHide: true, shell: needsShell(program) };
    execFile(program, args, options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}

/** Starts the server; resolves once the process runs, rejects if it cannot be started. */
export function startProcess(line: CommandLine, cwd: string | undefined): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(line.command, line.args, { cwd, windowsHide: true, shell: needsShell(line.command) });
    child.once("error", reject);
    child.once("spawn", () => {
      // A running process can still report errors (a signal that cannot be sent); the connection tells what matters.
      child.removeListener("error", reject).on("error", () => undefined);
      resolve(child);
    });
  });
}
