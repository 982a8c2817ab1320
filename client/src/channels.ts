/** The output channels. None of them is ever revealed unless the user asks for it. */

import * as vscode from "vscode";

export interface Channels extends vscode.Disposable {
  /** What the extension does: which interpreter, which command line, which settings. */
  readonly log: vscode.LogOutputChannel;
  /** What the server writes on its standard error or sends as a log message. */
  readonly server: vscode.OutputChannel;
  /** The protocol's messages, if `gradguard.trace.server` asks for them. */
  readonly trace: vscode.OutputChannel;
}

export function createChannels(): Channels {
  const log = vscode.window.createOutputChannel("gradguard", { log: true });
  const server = vscode.window.createOutputChannel("gradguard Language Server", "log");
  const trace = new LazyChannel("gradguard Language Server Trace");
  return { log, server, trace, dispose: () => [log, server, trace].forEach((channel) => void channel.dispose()) };
}

/** A channel that does not appear in the list of channels before something is written to it. */
class LazyChannel implements vscode.OutputChannel {
  private created: vscode.OutputChannel | undefined;

  constructor(readonly name: string) {}

  private get channel(): vscode.OutputChannel {
    this.created ??= vscode.window.createOutputChannel(this.name);
    return this.created;
  }

  append(value: string): void {
    this.channel.append(value);
  }

  appendLine(value: string): void {
    this.channel.appendLine(value);
  }

  replace(value: string): void {
    this.channel.replace(value);
  }

  clear(): void {
    this.created?.clear();
  }

  show(...args: unknown[]): void {
    this.channel.show(args.at(-1) === true);
  }

  hide(): void {
    this.created?.hide();
  }

  dispose(): void {
    this.created?.dispose();
  }
}
