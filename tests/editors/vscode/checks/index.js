// Checks that run in the extension host beside gradguard, by VS Code's own API; what comes out is left as JSON.
const assert = require("node:assert/strict");
const fs = require("node:fs");
const vscode = require("vscode");

const program = JSON.parse(process.env.GRADGUARD_PROGRAM);
const passed = [];

exports.activate = async () => {
  let failed;
  try {
    await run();
  } catch (error) {
    failed = `after ${JSON.stringify(passed)}\n${error.stack}`;
  }
  const file = process.env.GRADGUARD_RESULT;
  fs.writeFileSync(`${file}.part`, JSON.stringify({ passed, failed }));
  fs.renameSync(`${file}.part`, file);
};

async function run() {
  const folder = vscode.workspace.workspaceFolders[0].uri;
  const uri = vscode.Uri.joinPath(folder, "train.py");
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document);

  await check("the finding is at the write", async () => {
    const finding = await until("a finding", () => findings(uri)[0]);
    assert.equal(codeOf(finding), program.code);
    assert.equal(finding.severity, vscode.DiagnosticSeverity.Error);
    assert.deepEqual(plain(finding.range), [program.line, program.start, program.line, program.end]);
    assert.equal(findings(uri).length, 1);
  });
  await check("it names the other two places", () => {
    const related = findings(uri)[0].relatedInformation.map((item) => item.location.range.start.line);
    assert.deepEqual(related, [program.line - 1, program.line + 1]);
  });
  await check("hover says why", async () => {
    const position = new vscode.Position(program.line, program.start);
    const hovers = await vscode.commands.executeCommand("vscode.executeHoverProvider", uri, position);
    const text = hovers.flatMap((hover) => hover.contents.map((content) => content.value ?? content)).join("\n");
    assert.match(text, new RegExp(program.hover));
    assert.match(text, new RegExp(program.code));
  });
  await check("the preferred fix cures it", async () => {
    const [finding] = findings(uri);
    const actions = await quickFixes(uri, finding.range);
    const preferred = actions.filter((action) => action.isPreferred);
    assert.equal(preferred.length, 1, JSON.stringify(actions.map((action) => action.title)));
    assert.ok(await vscode.workspace.applyEdit(preferred[0].edit));
    assert.equal(document.lineAt(program.line).text, program.fixed);
    await until("no finding", () => findings(uri).length === 0);
  });
  await check("undo brings it back", async () => {
    await vscode.commands.executeCommand("undo");
    await until("a finding", () => findings(uri).length === 1);
  });
  await check("an edit above moves it", async () => {
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "# 🔥\n"));
    await until("a finding one line down", () => findings(uri)[0]?.range.start.line === program.line + 1);
  });
  await check("a setting reaches the server while it runs", async () => {
    const settings = vscode.workspace.getConfiguration("gradguard");
    await settings.update("ignore", [program.code], vscode.ConfigurationTarget.Workspace);
    await until("no finding", () => findings(uri).length === 0);
    await settings.update("ignore", undefined, vscode.ConfigurationTarget.Workspace);
    await until("a finding", () => findings(uri).length === 1);
  });
  await check("a restart brings the findings back", async () => {
    await vscode.commands.executeCommand("gradguard.restart");
    await until("a finding", () => findings(uri).length === 1);
  });
  await check("gradguard can be switched off and on", async () => {
    const settings = vscode.workspace.getConfiguration("gradguard");
    await settings.update("enable", false, vscode.ConfigurationTarget.Workspace);
    await until("no finding", () => findings(uri).length === 0);
    await settings.update("enable", undefined, vscode.ConfigurationTarget.Workspace);
    await until("a finding", () => findings(uri).length === 1);
  });
  await check("the debug information names the server", async () => {
    const { server } = await debugInformation();
    assert.equal(server.running, true);
    assert.ok(server.version);
    assert.ok(server.pid);
    await until("the document", () => documentText("debug-information.json")?.includes(`"pid": ${server.pid}`));
  });
  await check("a server that was killed comes back", async () => {
    const { server: killed } = await debugInformation();
    process.kill(killed.pid, "SIGKILL");
    const back = await until("another process", async () => {
      const { server } = await debugInformation();
      return server.running && server.pid !== killed.pid && server;
    });
    assert.deepEqual(back.commandLine, killed.commandLine);
    await vscode.window.showTextDocument(document);
    await until("a finding", () => findings(uri).length === 1);
  });
  await check("a program that is not there is an error, and its removal brings the server back", async () => {
    const settings = vscode.workspace.getConfiguration("gradguard");
    await settings.update("path", ["/not/there"], vscode.ConfigurationTarget.Workspace);
    await until("no server", async () => !(await debugInformation()).server.running);
    await settings.update("path", undefined, vscode.ConfigurationTarget.Workspace);
    await until("the server", async () => (await debugInformation()).server.running);
    await until("a finding", () => findings(uri).length === 1);
  });
  await check("the page of a rule is there", async () => {
    await vscode.commands.executeCommand("gradguard.showRule", program.code);
    assert.match(await until("the page", () => documentText(`${program.code}.md`)), new RegExp(program.code));
  });
  await check("the statistics are there", async () => {
    await vscode.commands.executeCommand("gradguard.showStatistics");
    assert.equal(typeof JSON.parse(await until("the document", () => documentText("statistics.json"))), "object");
  });
  await check("the article's safe write has a hint, remedies, and a severity that a team can raise", async () => {
    const article = vscode.Uri.joinPath(folder, "article.py");
    const text = await vscode.workspace.openTextDocument(article);
    await vscode.window.showTextDocument(text);
    const hint = await until("a hint", () => vscode.languages.getDiagnostics(article).find(isSafe));
    assert.equal(hint.severity, vscode.DiagnosticSeverity.Hint);
    assert.equal(text.getText(hint.range), "y += 1");
    assert.deepEqual(findings(article), []);
    const actions = await quickFixes(article, hint.range);
    for (const remedy of ["y = y + 1", "y_modified = y + 1", "with torch.no_grad():"]) {
      const offered = actions.filter((action) => textAfter(action, text).includes(`\n${remedy}`));
      assert.equal(offered.length, 1, `${remedy} among ${JSON.stringify(actions.map((action) => action.title))}`);
    }
    const settings = vscode.workspace.getConfiguration("gradguard");
    await settings.update("severity", { GG901: "warning" }, vscode.ConfigurationTarget.Workspace);
    await until("a warning", () => findings(article).some(isSafe));
    await settings.update("severity", undefined, vscode.ConfigurationTarget.Workspace);
    await until("a hint", () => findings(article).length === 0);
  });
  await check("a notebook is one program", async () => {
    const lines = program.text.trimEnd().split("\n");
    const cells = [lines.slice(0, program.line), lines.slice(program.line)].map((part) => cell(part.join("\n")));
    const notebook = await vscode.workspace.openNotebookDocument("jupyter-notebook", new vscode.NotebookData(cells));
    const uris = notebook.getCells().map((one) => one.document.uri);
    const finding = await until("a finding in the second cell", () => findings(uris[1])[0]);
    assert.equal(codeOf(finding), program.code);
    assert.equal(finding.range.start.line, 0);
    assert.equal(findings(uris[1]).length, 1);
    assert.equal(findings(uris[0]).length, 0);
  });
}

function debugInformation() {
  return vscode.commands.executeCommand("gradguard.debugInformation");
}

async function check(name, body) {
  await body();
  passed.push(name);
}

/** Errors and warnings of gradguard; hints are not what is checked here. */
function findings(uri) {
  const wanted = [vscode.DiagnosticSeverity.Error, vscode.DiagnosticSeverity.Warning];
  return vscode.languages
    .getDiagnostics(uri)
    .filter((item) => item.source === "gradguard" && wanted.includes(item.severity));
}

function isSafe(diagnostic) {
  return diagnostic.source === "gradguard" && codeOf(diagnostic) === "GG901";
}

/** The quick fixes for a range, with their edits. */
function quickFixes(uri, range) {
  return vscode.commands.executeCommand("vscode.executeCodeActionProvider", uri, range, "quickfix", 20);
}

/** What the document would hold after an action. */
function textAfter(action, document) {
  const edits = action.edit.get(document.uri).sort((one, other) => other.range.start.compareTo(one.range.start));
  return edits.reduce((text, { range, newText }) => {
    const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    return text.slice(0, start) + newText + text.slice(end);
  }, document.getText());
}

function codeOf(diagnostic) {
  return typeof diagnostic.code === "object" ? diagnostic.code.value : diagnostic.code;
}

function plain(range) {
  return [range.start.line, range.start.character, range.end.line, range.end.character];
}

function cell(text) {
  return new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, "python");
}

function documentText(name) {
  return vscode.workspace.textDocuments
    .find((one) => one.uri.scheme === "gradguard" && one.uri.path === `/${name}`)
    ?.getText();
}

async function until(what, get, milliseconds = 60_000) {
  for (const end = Date.now() + milliseconds; Date.now() < end; ) {
    const value = await get();
    if (value) {
      return value;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}
