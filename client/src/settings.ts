/** The settings that the client itself reads. */

import * as os from "node:os";
import * as vscode from "vscode";
import type { ImportStrategy } from "./launch";
import { resolveVariables, type VariableScope } from "./variables";

export interface ClientSettings {
  readonly enable: boolean;
  readonly interpreter: readonly string[];
  readonly importStrategy: ImportStrategy;
  readonly path: readonly string[];
}

const RESTART_ON: readonly (keyof ClientSettings)[] = ["enable", "interpreter", "importStrategy", "path"];

/** In a workspace that is not trusted VS Code gives the user's own values for those that name programs. */
export function readSettings(): ClientSettings {
  const settings = vscode.workspace.getConfiguration("gradguard");
  const scope: VariableScope = {
    workspaceFolder: firstFolder()?.fsPath,
    userHome: os.homedir(),
    cwd: process.cwd(),
    env: process.env,
  };
  const command = (key: "interpreter" | "path"): string[] =>
    settings.get<string[]>(key, []).map((part) => resolveVariables(part, scope));
  return {
    enable: settings.get("enable", true),
    interpreter: command("interpreter"),
    importStrategy: settings.get<ImportStrategy>("importStrategy", "useBundled"),
    path: command("path"),
  };
}

/** Whether the server has to be started anew; changes of all other settings reach it while it runs. */
export function needsRestart(event: vscode.ConfigurationChangeEvent): boolean {
  return RESTART_ON.some((key) => event.affectsConfiguration(`gradguard.${key}`));
}

export function firstFolder(): vscode.Uri | undefined {
  return vscode.workspace.workspaceFolders?.find((folder) => folder.uri.scheme === "file")?.uri;
}
