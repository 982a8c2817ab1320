/** What a report of a problem should contain. Nothing of it leaves the machine by itself. */

import * as vscode from "vscode";
import type { Server } from "./server";
import { readSettings } from "./settings";

export function debugInformation(extension: vscode.ExtensionContext, server: Server): object {
  return {
    extension: extension.extension.packageJSON.version,
    server: server.description(),
    vscode: vscode.version,
    language: vscode.env.language,
    platform: `${process.platform} ${process.arch}`,
    remote: vscode.env.remoteName,
    trusted: vscode.workspace.isTrusted,
    folders: vscode.workspace.workspaceFolders?.map((folder) => folder.uri.toString()) ?? [],
    settings: readSettings(),
    pythonDocuments: vscode.workspace.textDocuments
      .filter((document) => document.languageId === "python")
      .map((document) => ({ uri: document.uri.toString(), version: document.version, lines: document.lineCount })),
  };
}
