/** The page around a timeline's SVG: no outside resources, and one script, which reports clicks on marks. */

export interface ClickedPlace {
  readonly uri: string | undefined;
  readonly line: number;
  readonly character: number;
}

/** `nonce` is fresh for each page; */
export function timelinePage(svg: string, title: string, language: string, nonce: string): string {
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'nonce-${nonce}'">
<title>${escapeHtml(title)}</title>
<style>
  body { margin: 0; padding: 1rem; background: var(--vscode-editor-background); color: var(--vscode-editor-foreground); }
  svg { max-width: 100%; height: auto; }
  [data-line] { cursor: pointer; }
</style>
</head>
<body>
${svg}
<script nonce="${nonce}">
  const vscode = acquireVsCodeApi();
  document.addEventListener("click", (event) => {
    const mark = event.target instanceof Element ? event.target.closest("[data-line]") : null;
    if (mark) {
      event.preventDefault();
      vscode.postMessage({ ...mark.dataset });
    }
  });
</script>
</body>
</html>`;
}

/** What a click's message says: the data attributes of a mark, so all of them are text. */
export function parseClick(message: unknown): ClickedPlace | undefined {
  if (typeof message !== "object" || message === null) {
    return undefined;
  }
  const { line, character, uri } = message as Record<string, unknown>;
  const lineNumber = indexOf(line);
  const characterNumber = character === undefined ? 0 : indexOf(character);
  if (lineNumber === undefined || characterNumber === undefined) {
    return undefined;
  }
  return { uri: typeof uri === "string" ? uri : undefined, line: lineNumber, character: characterNumber };
}

function indexOf(text: unknown): number | undefined {
  return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : undefined;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
