// Runs the checks of checks/index.js inside VS Code's extension host, where no pixels and no selectors matter.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { openWorkbench, options, until } from "./session.mjs";

const option = options({ program: { type: "string" } });
const here = import.meta.dirname;
const checks = path.join(option.results, "checks.vsix");
const result = path.join(option.results, "result.json");
rmSync(result, { force: true });
const vsce = path.join(here, "../../../node_modules/@vscode/vsce/vsce");
const flags = ["--no-dependencies", "--skip-license", "--allow-missing-repository", "--out", path.resolve(checks)];
execFileSync(process.execPath, [vsce, "package", ...flags], { cwd: path.join(here, "checks"), stdio: "pipe" });

const environment = { GRADGUARD_RESULT: path.resolve(result), GRADGUARD_PROGRAM: option.program };
const article = readFileSync(path.join(here, "../../../examples/article.py"), "utf8");
const files = { "train.py": JSON.parse(option.program).text, "article.py": article };
const { close } = await openWorkbench(option, files, { checks: [checks], environment });
try {
  await until("the checks are over", () => existsSync(result), 180_000);
} finally {
  await close();
}
const { passed, failed } = JSON.parse(readFileSync(result, "utf8"));
for (const name of passed) {
  console.log(`ok: ${name}`);
}
if (failed) {
  console.error(failed);
  process.exit(1);
}
console.log("all checks passed");
