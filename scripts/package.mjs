// Makes dist/gradguard.vsix: the built client, and the server with all its libraries for the present platform.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const python = process.env.PYTHON ?? (process.platform === "win32" ? "python" : "python3");
const musl = process.platform === "linux" && existsSync("/etc/alpine-release");
const target = `${musl ? "alpine" : process.platform}-${process.arch}`;
const run = (program, args) => execFileSync(program, args, { stdio: "inherit" });

run(process.execPath, ["scripts/build.mjs"]);
run(python, ["scripts/bundle_libs.py"]);
run(process.execPath, [
  "node_modules/@vscode/vsce/vsce",
  "package",
  "--no-dependencies",
  "--allow-missing-repository",
  "--no-rewrite-relative-links",
  // The search for secrets takes minutes over the libraries; it is for files that someone wrote into the repository.
  "--allow-package-all-secrets",
  "--allow-package-env-file",
  "--target",
  target,
  "--out",
  "dist/gradguard.vsix",
]);
