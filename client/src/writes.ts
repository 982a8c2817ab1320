/** The in-place writes of a file or of the workspace, as a peek list to step through. */

import * as vscode from "vscode";
import { parseWrites, ServerCommand, type Write } from "./protocol";
import type { Server } from "./server";

export async function showWrites(server: Server, log: vscode.LogOutputChannel, uri: vscode.Uri | undefined) {
  const writes = parseWrites(await server.execute(ServerCommand.listWrites, uri ? { uri: uri.toString() } : {}));
  if (writes.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No in-place writes found."));
    return;
  }
  for (const write of writes) {
    log.info(`${write.uri}:${write.range.start.line + 1} ${write.verdict}: ${write.reason}`);
  }
  const editor = vscode.window.activeTextEditor;
  const locations = writes.map(locationOf);
  const first = locations[0] as vscode.Location;
  await vscode.commands.executeCommand(
    "editor.action.peekLocations",
    editor?.document.uri ?? first.uri,
    editor?.selection.active ?? first.range.start,
    locations,
    "peek",
  );
}

function locationOf(write: Write): vscode.Location {
  const { start, end } = write.range;
  return new vscode.Location(
    vscode.Uri.parse(write.uri),
    new vscode.Range(start.line, start.character, end.line, end.character),
  );
}
