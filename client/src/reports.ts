/** Texts that are shown as read-only documents: the page of a rule, the statistics, the debug information. */

import * as vscode from "vscode";
import { parseExplanation, ServerCommand } from "./protocol";
import type { Server } from "./server";

const SCHEME = "gradguard";

export class Reports implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? "";
  }

  /** Asks for a rule's code, offering that of the finding at the cursor, and shows the rule's page. */
  async showRule(server: Server, given: unknown): Promise<void> {
    const code = typeof given === "string" ? given : await askForCode();
    if (code === undefined) {
      return;
    }
    const page = parseExplanation(await server.execute(ServerCommand.explainRule, { code }));
    if (page === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t("There is no rule {0}.", code));
      return;
    }
    await vscode.commands.executeCommand("markdown.showPreview", this.put(`${code}.md`, page));
  }

  async showStatistics(server: Server): Promise<void> {
    const statistics = await server.execute(ServerCommand.statistics);
    await this.showText("statistics.json", JSON.stringify(statistics, null, 2));
  }

  async showText(name: string, text: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.put(name, text));
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  private put(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
    this.texts.set(uri.path, text);
    this.changed.fire(uri);
    return uri;
  }
}

function askForCode(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    prompt: vscode.l10n.t("Code of the rule, for example GG101"),
    value: codeAtCursor() ?? "GG101",
  });
}

function codeAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const found = editor
    ? vscode.languages
        .getDiagnostics(editor.document.uri)
        .find((item) => item.source === "gradguard" && item.range.contains(editor.selection.active))
    : undefined;
  const code = typeof found?.code === "object" ? found.code.value : found?.code;
  return code === undefined ? undefined : String(code);
}
