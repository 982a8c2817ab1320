/** The picture of the tape for the function at the cursor, in a panel beside the editor. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { parseTimeline, ServerCommand } from "./protocol";
import type { Server } from "./server";
import { parseClick, timelinePage } from "./timelinePage";

export class TimelinePanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private source: vscode.Uri | undefined;

  async show(server: Server, editor: vscode.TextEditor): Promise<void> {
    const uri = editor.document.uri;
    const { line, character } = editor.selection.active;
    const answer = await server.execute(ServerCommand.timeline, { uri: uri.toString(), position: { line, character } });
    const timeline = parseTimeline(answer);
    if (timeline === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t("There is no autograd timeline at the cursor."));
      return;
    }
    this.source = uri;
    this.panel ??= this.open();
    this.panel.title = timeline.title || vscode.l10n.t("Autograd timeline");
    const nonce = randomBytes(16).toString("hex");
    this.panel.webview.html = timelinePage(timeline.svg, this.panel.title, vscode.env.language, nonce);
    this.panel.reveal(vscode.ViewColumn.Beside, true);
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private open(): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(
      "gradguard.timeline",
      vscode.l10n.t("Autograd timeline"),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [] },
    );
    panel.onDidDispose(() => {
      this.panel = undefined;
    });
    panel.webview.onDidReceiveMessage((message: unknown) => this.reveal(message));
    return panel;
  }

  private async reveal(message: unknown): Promise<void> {
    const place = parseClick(message);
    const uri = place?.uri ? vscode.Uri.parse(place.uri) : this.source;
    if (place === undefined || uri === undefined) {
      return;
    }
    const position = new vscode.Position(place.line, place.character);
    await vscode.window.showTextDocument(uri, {
      viewColumn: vscode.ViewColumn.One,
      selection: new vscode.Range(position, position),
    });
  }
}
