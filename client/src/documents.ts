/** Where gradguard speaks: Python files, unsaved Python texts, and the cells of notebooks. */

import type { DocumentSelector } from "vscode-languageclient/node";

export const DOCUMENTS: DocumentSelector = [
  { scheme: "file", language: "python" },
  { scheme: "untitled", language: "python" },
  { scheme: "vscode-notebook", language: "python" },
  { scheme: "vscode-notebook-cell", language: "python" },
];
