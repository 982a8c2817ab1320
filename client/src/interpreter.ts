/**
 * Which Python runs the server.
 *
 * The server never imports the user's packages, so any Python that is new enough serves. A program named by the user is
 * used or refused, never replaced; the others are tried in turn.
 */

export const MINIMUM_VERSION: Version = { major: 3, minor: 10 };

export interface Version {
  readonly major: number;
  readonly minor: number;
}

export type Origin = "setting" | "environment" | "path";

export interface Candidate {
  /** The program and the arguments that come before any of ours (`py -3`). */
  readonly command: readonly string[];
  readonly origin: Origin;
}

export interface Interpreter extends Candidate {
  readonly version: Version;
}

export interface Refusal {
  readonly candidate: Candidate;
  readonly reason: "unusable" | "too old";
  readonly detail: string;
}

export type Search =
  | { readonly found: Interpreter; readonly refused: readonly Refusal[] }
  | { readonly found: undefined; readonly refused: readonly Refusal[] };

/** Runs a command and gives what it prints on its standard output; rejects if it cannot be run or fails. */
export type Run = (command: readonly string[]) => Promise<string>;

const PRINT_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])";

/** The candidates in the order in which they are tried. `setting` and `environment` are commands, empty if there is none. */
export function candidates(
  setting: readonly string[],
  environment: readonly string[],
  platform: NodeJS.Platform,
): Candidate[] {
  if (setting.length > 0) {
    return [{ command: setting, origin: "setting" }];
  }
  const onPath = platform === "win32" ? [["py", "-3"], ["python"], ["python3"]] : [["python3"], ["python"]];
  const all: Candidate[] = onPath.map((command) => ({ command, origin: "path" }));
  if (environment.length > 0) {
    all.unshift({ command: environment, origin: "environment" });
  }
  return all;
}

/** The first candidate that runs and is new enough, and why those before it were refused. */
export async function findInterpreter(among: readonly Candidate[], run: Run): Promise<Search> {
  const refused: Refusal[] = [];
  for (const candidate of among) {
    let printed: string;
    try {
      printed = await run([...candidate.command, "-I", "-c", PRINT_VERSION]);
    } catch (error) {
      refused.push({ candidate, reason: "unusable", detail: error instanceof Error ? error.message : String(error) });
      continue;
    }
    const version = parseVersion(printed);
    if (version === undefined) {
      // The Windows stub that offers the store answers with success and without a version.
      refused.push({ candidate, reason: "unusable", detail: `printed ${JSON.stringify(printed.slice(0, 80))}` });
    } else if (!isNewEnough(version)) {
      refused.push({ candidate, reason: "too old", detail: formatVersion(version) });
    } else {
      return { found: { ...candidate, version }, refused };
    }
  }
  return { found: undefined, refused };
}

export function parseVersion(text: string): Version | undefined {
  const match = /^(\d+)\.(\d+)\s*$/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}

export function formatVersion(version: Version): string {
  return `${version.major}.${version.minor}`;
}

function isNewEnough(version: Version): boolean {
  return (
    version.major > MINIMUM_VERSION.major ||
    (version.major === MINIMUM_VERSION.major && version.minor >= MINIMUM_VERSION.minor)
  );
}
