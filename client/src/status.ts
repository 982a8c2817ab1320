/** The entry in the `{}` menu of Python editors: what the server is doing, and the way on where it is not running. */

import * as vscode from "vscode";
import { DOCUMENTS } from "./documents";

export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem(
    "gradguard.status",
    DOCUMENTS as vscode.DocumentSelector,
  );

  constructor() {
    this.item.name = "gradguard";
    this.stopped();
  }

  starting(): void {
    this.set(vscode.l10n.t("gradguard: starting"), vscode.LanguageStatusSeverity.Information, true);
    this.offerLogs();
  }

  /** `detail` names the version and the program that runs it. */
  running(detail: string): void {
    this.set(vscode.l10n.t("gradguard: running"), vscode.LanguageStatusSeverity.Information);
    this.item.detail = detail;
    this.offerLogs();
  }

  disabled(): void {
    this.set(vscode.l10n.t("gradguard: disabled"), vscode.LanguageStatusSeverity.Information);
    this.item.command = {
      command: "workbench.action.openSettings",
      arguments: ["gradguard.enable"],
      title: vscode.l10n.t("Open settings"),
    };
  }

  stopped(): void {
    this.set(vscode.l10n.t("gradguard: stopped"), vscode.LanguageStatusSeverity.Warning);
    this.item.command = { command: "gradguard.restart", title: vscode.l10n.t("Restart") };
  }

  failed(detail: string): void {
    this.set(vscode.l10n.t("gradguard: not running"), vscode.LanguageStatusSeverity.Error);
    this.item.detail = detail;
    this.item.command = { command: "gradguard.restart", title: vscode.l10n.t("Restart") };
  }

  dispose(): void {
    this.item.dispose();
  }

  private set(text: string, severity: vscode.LanguageStatusSeverity, busy = false): void {
    this.item.text = text;
    this.item.severity = severity;
    this.item.busy = busy;
    this.item.detail = "";
  }

  private offerLogs(): void {
    this.item.command = { command: "gradguard.showLogs", title: vscode.l10n.t("Show logs") };
  }
}
