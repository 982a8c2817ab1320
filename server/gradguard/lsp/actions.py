"""Code actions: the fixes of the findings at a place, and all safe ones of a file at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lsprotocol import types

from gradguard.fixes.fix import Edit, Fix
from gradguard.lsp.diagnostics import diagnostic_of, diagnostic_of_unused
from gradguard.lsp.documents import Documents
from gradguard.project.report import Report
from gradguard.text.places import Place

FIX_ALL: Final = "source.fixAll.gradguard"
KINDS: Final = (types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite, FIX_ALL)


class Actions:
    """To be used on the engine's thread. `versioned`: whether the client takes edits with the version they are meant for."""

    def __init__(self, documents: Documents, *, versioned: bool, disabled: bool) -> None:
        self._documents = documents
        self._versioned = versioned
        self._disabled = disabled

    def at(self, place: Place, report: Report, only: Sequence[str] | None) -> list[types.CodeAction]:
        """What can be done about the findings that touch `place`."""
        actions: list[types.CodeAction] = []
        if _wanted(types.CodeActionKind.QuickFix, only) or _wanted(types.CodeActionKind.RefactorRewrite, only):
            for diagnostic, fixes in self._fixes(report, place):
                for fix in fixes:
                    if _wanted(fix.kind, only) and (fix.grade != "display_only" or self._disabled):
                        actions.append(self._action(fix, diagnostic))
        # Nobody who puts the cursor on a line asks for changes elsewhere: only on request.
        if only is not None and _wanted(FIX_ALL, only):
            actions.extend(self._fix_all(report))
        return actions

    def _fixes(self, report: Report, place: Place) -> Iterator[tuple[types.Diagnostic, tuple[Fix, ...]]]:
        for finding in report.findings:
            if _touches(finding.place, place):
                diagnostic = diagnostic_of(finding, report.language, self._documents)
                yield diagnostic, self._documents.workspace.fixes(finding)
        for unused in report.unused:
            if _touches(unused.place, place):
                yield diagnostic_of_unused(unused, self._documents), (unused.fix,)

    def _action(self, fix: Fix, diagnostic: types.Diagnostic) -> types.CodeAction:
        shown_only = fix.grade == "display_only"
        return types.CodeAction(
            title=fix.title,
            kind=fix.kind,
            diagnostics=[diagnostic],
            is_preferred=True if fix.preferred else None,
            edit=None if shown_only else self._edit(fix.edits),
            disabled=types.CodeActionDisabled("to be done by hand") if shown_only else None,
        )

    def _fix_all(self, report: Report) -> Iterator[types.CodeAction]:
        edits: list[Edit] = []
        for finding in report.findings:
            if finding.severity != "hint":
                best = next((fix for fix in self._documents.workspace.fixes(finding) if fix.preferred), None)
                if best is not None and best.grade == "safe":
                    _add(edits, best)
        for unused in report.unused:
            _add(edits, unused.fix)
        if edits:
            yield types.CodeAction(title="gradguard: fix all", kind=FIX_ALL, edit=self._edit(edits))

    def _edit(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        by_uri: dict[str, list[types.TextEdit]] = {}
        for edit in edits:
            location = self._documents.location(edit.place)
            by_uri.setdefault(location.uri, []).append(types.TextEdit(location.range, edit.new_text))
        if not self._versioned:
            return types.WorkspaceEdit(changes=by_uri)
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(uri, self._documents.open_version(uri)), changes
                )
                for uri, changes in by_uri.items()
            ]
        )


def _add(edits: list[Edit], fix: Fix) -> None:
    """Add the edits of `fix`, all of them, unless one meets an edit that is there already."""
    new = [edit for edit in fix.edits if edit not in edits]
    if not any(_touches(edit.place, other.place) for edit in new for other in edits):
        edits.extend(new)


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether `kind` is one of `only`, or below one of them."""
    return only is None or any(kind == each or kind.startswith(f"{each}.") or each == "" for each in only)


def _touches(one: Place, other: Place) -> bool:
    first, second = one.range, other.range
    return (
        one.path == other.path
        and (first.start_line, first.start_column) <= (second.end_line, second.end_column)
        and (second.start_line, second.start_column) <= (first.end_line, first.end_column)
    )
