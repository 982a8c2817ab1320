/** The server's life: found, started, restarted, stopped. */

import type { ChildProcess } from "node:child_process";
import * as vscode from "vscode";
import {
  CloseAction,
  DidChangeConfigurationNotification,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";
import type { Channels } from "./channels";
import { CrashLimit } from "./crashLimit";
import { DOCUMENTS } from "./documents";
import { activeEnvironment } from "./environment";
import { candidates, findInterpreter, formatVersion, MINIMUM_VERSION, type Search } from "./interpreter";
import { bundledServer, type CommandLine, looksLikePython, namedServer } from "./launch";
import { output, startProcess } from "./process";
import { RestartQueue } from "./restartQueue";
import { serverKeys, settingsForServer } from "./serverSettings";
import { type ClientSettings, firstFolder, readSettings } from "./settings";
import type { Status } from "./status";
import { TimeLimitExceeded, withinTime } from "./timeLimit";

/** A first start on a busy machine reads a few thousand files; what takes longer than this hangs. */
const START_MILLISECONDS = 30_000;

/** The server is not running, and the message says why in the user's language. */
class CannotStart extends Error {}

export interface ServerDescription {
  readonly commandLine: CommandLine | undefined;
  readonly pid: number | undefined;
  readonly version: string | undefined;
  readonly running: boolean;
}

export class Server implements vscode.Disposable {
  private readonly queue = new RestartQueue(() => this.startAnew());
  private client: LanguageClient | undefined;
  private commandLine: CommandLine | undefined;
  private process: ChildProcess | undefined;
  private environmentChanges: vscode.Disposable | undefined;

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly channels: Channels,
    private readonly status: Status,
  ) {}

  /** Starts the server, or starts it anew; never rejects. */
  restart(): Promise<void> {
    return this.queue.request();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      // The server had not started, or did not answer in time; the client ends the process in both cases.
      this.channels.log.debug(`stop: ${error}`);
    }
  }

  /** What a server command answers; rejects if the server is not running. */
  async execute(command: string, ...args: unknown[]): Promise<unknown> {
    if (this.client?.state !== State.Running) {
      throw new CannotStart(vscode.l10n.t("The gradguard server is not running."));
    }
    return await this.client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args });
  }

  /** What is known about the server, for reports. */
  description(): ServerDescription {
    return {
      commandLine: this.commandLine,
      pid: this.process?.pid,
      version: this.client?.initializeResult?.serverInfo?.version,
      running: this.client?.state === State.Running,
    };
  }

  dispose(): void {
    this.environmentChanges?.dispose();
  }

  private async startAnew(): Promise<void> {
    await this.stop();
    const settings = readSettings();
    if (!settings.enable) {
      this.status.disabled();
      return;
    }
    this.status.starting();
    try {
      this.commandLine = await this.findServer(settings);
      this.channels.log.info(`starting ${[this.commandLine.command, ...this.commandLine.args].join(" ")}`);
      this.client = await this.startClient(this.commandLine);
    } catch (error) {
      this.reportFailure(error);
    }
  }

  private reportFailure(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.channels.log.error(message);
    this.status.failed(message);
    const [showLogs, restart] = [vscode.l10n.t("Show logs"), vscode.l10n.t("Restart")];
    void vscode.window
      .showErrorMessage(vscode.l10n.t("gradguard cannot start: {0}", message), showLogs, restart)
      .then((chosen) => {
        if (chosen === showLogs) {
          this.channels.log.show();
        } else if (chosen === restart) {
          void this.restart();
        }
      });
  }

  private async findServer(settings: ClientSettings): Promise<CommandLine> {
    const program = settings.path[0];
    if (program !== undefined) {
      if (looksLikePython(program)) {
        throw new CannotStart(
          vscode.l10n.t("gradguard.path names a Python ({0}); that belongs into gradguard.interpreter.", program),
        );
      }
      return namedServer(settings.path);
    }
    const environment = settings.interpreter.length > 0 ? [] : await this.environmentCommand();
    const search = await findInterpreter(candidates(settings.interpreter, environment, process.platform), output);
    for (const { candidate, reason, detail } of search.refused) {
      this.channels.log.warn(`${candidate.command.join(" ")} (${candidate.origin}) is ${reason}: ${detail}`);
    }
    if (search.found === undefined) {
      throw new CannotStart(notFound(search, settings));
    }
    const start = this.extension.asAbsolutePath("bundled/start.py");
    return bundledServer(search.found, start, settings.importStrategy);
  }

  /** Empty where a workspace that is not trusted could choose the program. */
  private async environmentCommand(): Promise<string[]> {
    const folder = firstFolder();
    // Without a folder the extensions would look for all environments of the machine, which can take long.
    if (!vscode.workspace.isTrusted || folder === undefined) {
      return [];
    }
    const environment = await activeEnvironment(this.channels.log);
    const command = (await environment?.command(folder)) ?? [];
    this.environmentChanges?.dispose();
    this.environmentChanges = environment?.onDidChange?.(async () => {
      const now = await environment.command(folder);
      // Both extensions send the same change more than once.
      if (now.join("\0") !== command.join("\0")) {
        this.channels.log.info(`the active environment is now ${now.join(" ")}`);
        await this.restart();
      }
    });
    return command;
  }

  private async startClient(line: CommandLine): Promise<LanguageClient> {
    const crashes = new CrashLimit(4, 3 * 60_000);
    let givenUp = false;
    const spawn = async (): Promise<ChildProcess> => {
      const child = await startProcess(line, firstFolder()?.fsPath);
      child.once("exit", (code, signal) => this.channels.log.info(`the server's process ended (${signal ?? code})`));
      this.process = child;
      return child;
    };
    const options: LanguageClientOptions = {
      documentSelector: DOCUMENTS,
      outputChannel: this.channels.server,
      traceOutputChannel: this.channels.trace,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // A change of settings reaches the server as "something changed"; it then asks for what it needs, for each folder.
      synchronize: { configurationSection: "gradguard" },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed: () => {
          if (!givenUp && crashes.mayRestart()) {
            return { action: CloseAction.Restart, handled: true };
          }
          this.status.failed(vscode.l10n.t("The server ended unexpectedly."));
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        workspace: {
          configuration: (params) =>
            params.items.map((item) =>
              item.section === "gradguard" ? this.settingsFor(item.scopeUri ?? undefined) : null,
            ),
          didChangeConfiguration: () =>
            client.sendNotification(DidChangeConfigurationNotification.type, { settings: null }),
        },
      },
    };
    const client = new LanguageClient("gradguard", "gradguard", spawn, options);
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        const version = client.initializeResult?.serverInfo?.version ?? "?";
        this.channels.log.info(`gradguard ${version} runs`);
        this.status.running(`${version}, ${line.command}`);
      }
    });
    try {
      await withinTime(client.start(), START_MILLISECONDS);
    } catch (error) {
      givenUp = true;
      this.process?.kill();
      throw error instanceof TimeLimitExceeded
        ? new CannotStart(vscode.l10n.t("The server did not answer within {0} seconds.", START_MILLISECONDS / 1000))
        : error;
    }
    return client;
  }

  private settingsFor(scopeUri: string | undefined): Record<string, unknown> {
    const scope = scopeUri === undefined ? undefined : vscode.Uri.parse(scopeUri);
    const settings = vscode.workspace.getConfiguration("gradguard", scope);
    const { properties } = this.extension.extension.packageJSON.contributes.configuration;
    return settingsForServer(serverKeys(Object.keys(properties)), (key) => settings.inspect(key));
  }
}

function notFound(search: Search, settings: ClientSettings): string {
  const minimum = formatVersion(MINIMUM_VERSION);
  const [first] = search.refused;
  if (settings.interpreter.length > 0 && first !== undefined) {
    const name = settings.interpreter.join(" ");
    return first.reason === "too old"
      ? vscode.l10n.t("gradguard.interpreter is Python {0}; {1} or newer is needed ({2}).", first.detail, minimum, name)
      : vscode.l10n.t("gradguard.interpreter cannot be run: {0}", name);
  }
  return vscode.l10n.t("No Python {0} or newer was found. Install one, or name it in gradguard.interpreter.", minimum);
}
