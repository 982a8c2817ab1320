// A real VS Code workbench (code-server) in a real Chromium, with a fresh profile and gradguard installed from its package.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const SETTINGS = {
  "chat.disableAIFeatures": true,
  "editor.hover.delay": 100,
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

// No language pack can be fetched, so the Chinese workbench is a stub: it makes the editor's language Chinese, and with it the
// texts of extensions, while the workbench's own texts stay English.
const STUB_PACK = { version: "1.0.0", contents: { "vs/workbench/browser/workbench": {} } };

/** The options that every script here takes. */
export function options(extra = {}) {
  return parseArgs({
    options: {
      entry: { type: "string" },
      node: { type: "string" },
      chromium: { type: "string" },
      vsix: { type: "string" },
      python: { type: "string" },
      results: { type: "string" },
      locale: { type: "string" },
      server: { type: "string" },
      ...extra,
    },
  }).values;
}

/**
 * Opens a workbench on a new folder with the given files (name to text).
 * `checks` is an extension of the tests (a .vsix) to install beside ours; `environment` is added to the server's.
 * Gives the page, the folder and `close`.
 */
export async function openWorkbench(option, files, { checks = [], environment = {} } = {}) {
  const root = mkdtempSync(path.join(tmpdir(), "gradguard-vscode-"));
  const [user, extensions, workspace, home] = ["user", "extensions", "workspace", "home"].map((name) => {
    const folder = path.join(root, name);
    mkdirSync(folder);
    return folder;
  });
  const settings = { ...SETTINGS, "gradguard.interpreter": [option.python] };
  if (option.server) {
    settings["gradguard.path"] = [option.server];
  }
  mkdirSync(path.join(user, "User"));
  writeFileSync(path.join(user, "User", "settings.json"), JSON.stringify(settings));
  writeFileSync(path.join(root, "config.yaml"), "auth: none\ncert: false\n");
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(workspace, name), text);
  }
  if (option.locale) {
    stubLanguagePack(user, option.locale);
  }

  const env = { ...process.env, ...environment, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
  env.EXTENSIONS_GALLERY = JSON.stringify({ serviceUrl: "" }); // the marketplace is not asked
  for (const name of Object.keys(env).filter((key) => key.startsWith("VSCODE_"))) {
    delete env[name];
  }
  const common = ["--config", path.join(root, "config.yaml"), "--user-data-dir", user, "--extensions-dir", extensions];
  const installs = [option.vsix, ...checks].flatMap((file) => ["--install-extension", path.resolve(file)]);
  execFileSync(option.node, [option.entry, ...common, ...installs], { env, stdio: "pipe", timeout: 180_000 });

  const port = await freePort();
  const address = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`];
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
  const language = option.locale ? ["--locale", option.locale] : [];
  const start = [option.entry, ...common, ...address, ...quiet, "--disable-workspace-trust", ...language, workspace];
  // A process group of its own, so that the processes it forks end with it.
  const server = spawn(option.node, start, { env, detached: true, stdio: "ignore" });
  let browser;
  const close = async () => {
    await browser?.close();
    await endGroup(server);
    rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    await until("code-server answers", async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    const flags = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"];
    browser = await chromium.launch({ executablePath: option.chromium, args: flags });
    const context = await browser.newContext({ viewport: { width: 1100, height: 700 }, deviceScaleFactor: 1 });
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`);
    await page.locator(".monaco-workbench").waitFor({ timeout: 90_000 });
    return { page, workspace, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits until `test` gives something true; errors count as not yet. */
export async function until(what, test, milliseconds = 60_000) {
  let last;
  for (const end = Date.now() + milliseconds; Date.now() < end; ) {
    try {
      const value = await test();
      if (value) {
        return value;
      }
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never: ${what}${last ? ` (${last.message})` : ""}`);
}

function stubLanguagePack(user, locale) {
  const pack = path.join(user, "pack.json");
  writeFileSync(pack, JSON.stringify(STUB_PACK));
  const entry = {
    hash: "stub",
    label: locale,
    extensions: [{ extensionIdentifier: { id: "tests.language-pack" }, version: "0.0.1" }],
    translations: { vscode: pack },
  };
  writeFileSync(path.join(user, "languagepacks.json"), JSON.stringify({ [locale]: entry }));
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function endGroup(child) {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // The group has ended.
    }
  };
  signal("SIGTERM");
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5000))]);
  signal("SIGKILL");
}
