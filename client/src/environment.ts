/**
 * The active Python environment, if an extension that knows it is installed.
 *
 * Neither extension is required, and neither has its types here: the few members that are used are described below.
 */

import * as vscode from "vscode";

interface EnvironmentsApi {
  getEnvironment(scope: vscode.Uri | undefined): Promise<{ execInfo?: { run?: Executable } } | undefined>;
  onDidChangeEnvironment?: vscode.Event<unknown>;
}

interface Executable {
  executable?: string;
  args?: string[];
}

interface PythonApi {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(path: { path: string }): Promise<{ executable?: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

export interface ActiveEnvironment {
  /** The command that runs the environment's Python; empty if there is none. */
  command(folder: vscode.Uri): Promise<string[]>;
  readonly onDidChange: vscode.Event<unknown> | undefined;
}

/** Looked up anew at each start, as extensions come and go. */
export async function activeEnvironment(log: vscode.LogOutputChannel): Promise<ActiveEnvironment | undefined> {
  // Its API is absent where the setting python.useEnvironmentsExtension is off.
  const environments = await exportsOf<EnvironmentsApi>("ms-python.vscode-python-envs", log);
  if (environments) {
    return {
      command: async (folder) => {
        const run = (await environments.getEnvironment(folder))?.execInfo?.run;
        return run?.executable ? [run.executable, ...(run.args ?? [])] : [];
      },
      onDidChange: environments.onDidChangeEnvironment,
    };
  }
  const python = (await exportsOf<PythonApi>("ms-python.python", log))?.environments;
  if (python) {
    return {
      command: async (folder) => {
        const resolved = await python.resolveEnvironment(python.getActiveEnvironmentPath(folder));
        return resolved?.executable?.uri ? [resolved.executable.uri.fsPath] : [];
      },
      onDidChange: python.onDidChangeActiveEnvironmentPath,
    };
  }
  return undefined;
}

async function exportsOf<T>(id: string, log: vscode.LogOutputChannel): Promise<T | undefined> {
  const extension = vscode.extensions.getExtension<T | undefined>(id);
  if (extension === undefined) {
    return undefined;
  }
  try {
    return (await extension.activate()) ?? undefined;
  } catch (error) {
    log.warn(`${id} cannot be activated: ${error}`);
    return undefined;
  }
}
