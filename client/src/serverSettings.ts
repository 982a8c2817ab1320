/**
 * The settings that the server is given.
 *
 * Only what the user has set is sent: a default of the manifest must not override the project's own configuration file.
 */

/** The settings that the client keeps to itself. */
export const CLIENT_ONLY: ReadonlySet<string> = new Set(["enable", "interpreter", "importStrategy", "path", "trace"]);

/** What `WorkspaceConfiguration.inspect` says about one setting, as far as we look at it. */
export interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/** The names of the settings in the manifest's `properties` (`gradguard.trace.server`, …) that go to the server. */
export function serverKeys(properties: readonly string[]): string[] {
  return properties
    .map((name) => name.replace(/^gradguard\./, ""))
    .filter((key) => !CLIENT_ONLY.has(key.split(".")[0] ?? key));
}

/** The value that the user set for each key, from the narrowest scope that has one; keys without one are left out. */
export function settingsForServer(
  keys: readonly string[],
  inspect: (key: string) => Inspected | undefined,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const key of keys) {
    const found = inspect(key);
    const value = found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
    if (value !== undefined) {
      settings[key] = value;
    }
  }
  return settings;
}
