/** The extension's entry: it puts the parts together and registers the commands. */

import * as vscode from "vscode";
import { createChannels } from "./channels";
import { debugInformation } from "./debugInformation";
import { parseSummary, ServerCommand } from "./protocol";
import { Reports } from "./reports";
import { Server } from "./server";
import { needsRestart } from "./settings";
import { Status } from "./status";
import { TimelinePanel } from "./timeline";
import { showWrites } from "./writes";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const channels = createChannels();
  const status = new Status();
  const running = new Server(context, channels, status);
  const reports = new Reports();
  const timeline = new TimelinePanel();
  server = running;

  const command = (name: string, run: (argument: unknown) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`gradguard.${name}`, async (argument: unknown) => {
      try {
        return await run(argument);
      } catch (error) {
        channels.log.error(`${name}: ${error}`);
        void vscode.window.showErrorMessage(`gradguard: ${error instanceof Error ? error.message : error}`);
        return undefined;
      }
    });

  context.subscriptions.push(
    channels,
    status,
    running,
    reports,
    timeline,
    command("restart", () => running.restart()),
    command("showLogs", () => channels.log.show()),
    command("showServerLogs", () => channels.server.show()),
    command("debugInformation", async () => {
      const information = debugInformation(context, running);
      await reports.showText("debug-information.json", JSON.stringify(information, null, 2));
      return information;
    }),
    command("checkWorkspace", () => checkWorkspace(running)),
    command("showWritesInFile", () => withEditor((editor) => showWrites(running, channels.log, editor.document.uri))),
    command("showWritesInWorkspace", () => showWrites(running, channels.log, undefined)),
    command("showRule", (code) => reports.showRule(running, code)),
    command("showStatistics", () => reports.showStatistics(running)),
    command("showTimeline", () => withEditor((editor) => timeline.show(running, editor))),
    vscode.workspace.onDidChangeConfiguration((event) => needsRestart(event) && running.restart()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.restart()),
  );
  channels.log.info(`gradguard ${context.extension.packageJSON.version}, VS Code ${vscode.version}`);
  // Not awaited: an activation that waits for the server would hold up the editor.
  setImmediate(() => void running.restart());
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

async function checkWorkspace(running: Server): Promise<void> {
  const { files, errors, warnings, hints } = parseSummary(await running.execute(ServerCommand.analyseWorkspace));
  void vscode.window.showInformationMessage(
    vscode.l10n.t("{0} files analysed: {1} errors, {2} warnings, {3} hints.", files, errors, warnings, hints),
  );
}

async function withEditor(act: (editor: vscode.TextEditor) => Promise<void>): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId === "python") {
    await act(editor);
  } else {
    void vscode.window.showInformationMessage(vscode.l10n.t("Open a Python file first."));
  }
}
