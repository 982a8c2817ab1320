// Builds the extension into dist/extension.js; with --tests, the client's unit tests into out/tests/.
import { rmSync } from "node:fs";
import esbuild from "esbuild";

const common = { bundle: true, platform: "node", target: "node20", format: "cjs", logLevel: "warning" };

if (process.argv.includes("--tests")) {
  rmSync("out", { recursive: true, force: true });
  await esbuild.build({ ...common, entryPoints: ["client/tests/*.test.ts"], outdir: "out/tests", sourcemap: "inline" });
} else {
  await esbuild.build({
    ...common,
    entryPoints: ["client/src/extension.ts"],
    outfile: "dist/extension.js",
    external: ["vscode"],
    minify: true,
  });
}
