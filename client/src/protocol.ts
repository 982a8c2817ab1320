/**
 * The server's own commands (`workspace/executeCommand`) and the shapes of their answers.
 *
 * Every answer is checked before use: the server may be another version (`gradguard.path`, `fromEnvironment`).
 */

export const ServerCommand = {
  analyseWorkspace: "gradguard.analyseWorkspace",
  listWrites: "gradguard.listWrites",
  explainRule: "gradguard.explainRule",
  statistics: "gradguard.statistics",
  timeline: "gradguard.timeline",
} as const;

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Write {
  readonly uri: string;
  readonly range: { readonly start: Position; readonly end: Position };
  readonly verdict: string;
  readonly reason: string;
}

export interface Timeline {
  readonly title: string;
  readonly svg: string;
}

export interface Summary {
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
  readonly hints: number;
}

export class UnexpectedAnswer extends Error {
  constructor(command: string, answer: unknown) {
    super(`${command} answered ${JSON.stringify(answer)?.slice(0, 200)}`);
    this.name = "UnexpectedAnswer";
  }
}

export function parseWrites(answer: unknown): Write[] {
  if (!Array.isArray(answer)) {
    throw new UnexpectedAnswer(ServerCommand.listWrites, answer);
  }
  return answer.map((item: unknown) => {
    if (!isRecord(item) || typeof item.uri !== "string" || !isRange(item.range)) {
      throw new UnexpectedAnswer(ServerCommand.listWrites, item);
    }
    return { uri: item.uri, range: item.range, verdict: textOf(item.verdict), reason: textOf(item.reason) };
  });
}

/** `undefined` where there is nothing to draw. */
export function parseTimeline(answer: unknown): Timeline | undefined {
  if (answer === null || answer === undefined) {
    return undefined;
  }
  if (!isRecord(answer) || typeof answer.svg !== "string") {
    throw new UnexpectedAnswer(ServerCommand.timeline, answer);
  }
  return { title: textOf(answer.title), svg: answer.svg };
}

/** The page of a rule in Markdown; `undefined` where there is no such rule. */
export function parseExplanation(answer: unknown): string | undefined {
  if (answer === null || answer === undefined) {
    return undefined;
  }
  if (typeof answer !== "string") {
    throw new UnexpectedAnswer(ServerCommand.explainRule, answer);
  }
  return answer;
}

export function parseSummary(answer: unknown): Summary {
  if (!isRecord(answer)) {
    throw new UnexpectedAnswer(ServerCommand.analyseWorkspace, answer);
  }
  const count = (key: string): number => {
    const value = answer[key];
    if (typeof value !== "number") {
      throw new UnexpectedAnswer(ServerCommand.analyseWorkspace, answer);
    }
    return value;
  };
  return { files: count("files"), errors: count("errors"), warnings: count("warnings"), hints: count("hints") };
}

export function isPosition(value: unknown): value is Position {
  return isRecord(value) && isIndex(value.line) && isIndex(value.character);
}

function isRange(value: unknown): value is Write["range"] {
  return isRecord(value) && isPosition(value.start) && isPosition(value.end);
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
