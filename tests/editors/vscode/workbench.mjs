// What a user sees in VS Code: squiggle while typing, hover, light bulb, quick fix, lists, timeline. One step after the other,
// in one workbench. With --images FOLDER it keeps the pictures that the README shows.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { openWorkbench, options } from "./session.mjs";

const option = options({ program: { type: "string" }, images: { type: "string" } });
const program = JSON.parse(option.program);
const chinese = option.locale === "zh-cn";
const lines = program.text.split("\n");
const write = lines[program.line];

const { page, close } = await openWorkbench(option, { "train.py": program.text });
let failure;
try {
  await runSteps();
} catch (error) {
  failure = error;
  await keepEvidence().catch(() => undefined);
} finally {
  await close();
}
if (failure) {
  console.error(failure);
  process.exit(1);
}
console.log("all steps passed");

async function runSteps() {
  await step("open the file", async () => {
    await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "train.py" }).dblclick();
    await line(write).waitFor();
  });
  if (option.images) {
    // For the pictures: the program alone, in a small window.
    await page.keyboard.press("Control+KeyB");
    await page.setViewportSize({ width: 900, height: 480 });
  }
  await step("the write has a squiggle, and it is the only one", async () => {
    await squiggle().first().waitFor({ state: "attached", timeout: 90_000 });
    await expectSquiggleUnder(write);
  });
  await picture("squiggle");
  await step("hover", async () => {
    await line(write).locator("span span").first().hover();
    await page.locator(".monaco-hover", { hasText: program.code }).first().waitFor();
    await page.locator(".monaco-hover", { hasText: program.hover }).first().waitFor();
    if (chinese) {
      await page
        .locator(".monaco-hover", { hasText: /[\u4e00-\u9fff]/ })
        .first()
        .waitFor();
    }
  });
  await picture("hover");
  await step("the problems panel names the rule", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Shift+KeyM");
    await page.locator(".markers-panel .monaco-list-row", { hasText: program.code }).first().waitFor();
    await page.keyboard.press("Control+Shift+KeyM");
    await page.locator(".markers-panel").waitFor({ state: "hidden" });
  });
  await step("light bulb", async () => {
    await line(write).click();
    await page.locator("[class*='codicon-light-bulb'], [class*='codicon-gutter-lightbulb']").first().waitFor();
  });
  await step("the menu of fixes begins with the preferred one", async () => {
    await page.keyboard.press("Control+Period");
    await page.locator(".action-widget .monaco-list-row.focused", { hasText: program.fixed }).waitFor();
  });
  await picture("quick-fix");
  await step("the fix changes the buffer, and the squiggle goes", async () => {
    await page.keyboard.press("Enter");
    await line(program.fixed).waitFor();
    await squiggle().first().waitFor({ state: "detached" });
  });
  await step("the squiggle comes and goes while typing, without saving", async () => {
    await page.keyboard.press("Control+KeyZ");
    await squiggle().first().waitFor({ state: "attached" });
    await page.keyboard.press("Control+End");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Home");
    await page.keyboard.type("# ");
    await squiggle().first().waitFor({ state: "detached" });
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    await squiggle().first().waitFor({ state: "attached" });
    await expectSquiggleUnder(write);
  });
  await step("the in-place writes as a peek list", async () => {
    await runCommand(chinese ? "列出此文件中的原地写操作" : "List in-place writes of this file");
    await page.locator(".peekview-widget .referenceMatch, .peekview-widget .monaco-list-row").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".peekview-widget").waitFor({ state: "detached" });
  });
  await step("the timeline leads back to the source", async () => {
    await line(write).click();
    await runCommand(chinese ? "显示 autograd 时间线" : "Show autograd timeline");
    const frame = page.frameLocator("iframe.webview").first().frameLocator("#active-frame");
    await frame.locator("svg [data-line]").first().waitFor();
    await picture("timeline");
    await frame.locator("svg [data-line]").first().click();
    await page.locator(".editor-group-container.active .tab.active", { hasText: "train.py" }).waitFor();
  });
}

/** The workbench as it stands, then with either log; this code-server writes no log files. */
async function keepEvidence() {
  const screenshot = (name) => page.screenshot({ path: path.join(option.results, `${name}.png`) });
  await screenshot("failure");
  for (const [name, title] of [
    ["log", chinese ? "显示日志" : "Show logs"],
    ["server-log", chinese ? "显示服务器日志" : "Show server logs"],
  ]) {
    await page.keyboard.press("Escape");
    await runCommand(title);
    await page.waitForTimeout(1000);
    await screenshot(`failure-${name}`);
  }
}

async function step(name, body) {
  try {
    await body();
    console.log(`ok: ${name}`);
  } catch (error) {
    throw new Error(`failed: ${name}`, { cause: error });
  }
}

/** A line of the editor by its whole text, in which the editor writes other spaces. */
function line(text) {
  const pattern = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "\\s");
  return page.locator(".editor-instance .view-line", { hasText: new RegExp(`^${pattern}$`) });
}

function squiggle() {
  return page.locator(".editor-instance .squiggly-error");
}

async function expectSquiggleUnder(text) {
  const [marks, row] = [await squiggle().all(), await line(text).boundingBox()];
  const boxes = await Promise.all(marks.map((mark) => mark.boundingBox()));
  const elsewhere = boxes.filter((box) => !box || box.y < row.y - 1 || box.y + box.height > row.y + row.height + 1);
  if (boxes.length !== 1 || elsewhere.length > 0) {
    throw new Error(`squiggles at ${JSON.stringify(boxes)}, the write at ${JSON.stringify(row)}`);
  }
}

async function runCommand(title) {
  await page.keyboard.press("F1");
  const box = page.locator(".quick-input-widget input").first();
  await box.fill(`>${title}`);
  await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: title }).waitFor();
  await page.keyboard.press("Enter");
  await box.waitFor({ state: "hidden" });
}

async function picture(name) {
  if (option.images) {
    mkdirSync(option.images, { recursive: true });
    await page.screenshot({ path: path.join(option.images, `${name}.png`) });
  }
}
