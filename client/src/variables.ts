/** The variables that may stand in settings which name programs. VS Code itself resolves none of them. */

export interface VariableScope {
  readonly workspaceFolder: string | undefined;
  readonly userHome: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** `text` with `${workspaceFolder}`, `${userHome}`, `${cwd}` and `${env:NAME}` filled in; what has no value stays as it is. */
export function resolveVariables(text: string, scope: VariableScope): string {
  return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => lookUp(name, scope) ?? whole);
}

function lookUp(name: string, scope: VariableScope): string | undefined {
  if (name.startsWith("env:")) {
    return scope.env[name.slice("env:".length)];
  }
  switch (name) {
    case "workspaceFolder":
      return scope.workspaceFolder;
    case "userHome":
      return scope.userHome;
    case "cwd":
      return scope.cwd;
    default:
      return undefined;
  }
}
