"""Code actions: the fixes of the findings at a place, and all safe ones of a file at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified

from gradguard.fixes.fix import Edit, Fix
from gradguard.lsp.diagnostics import plain_of, plain_of_unused, typed
from gradguard.lsp.documents import Documents
from gradguard.project.report import Report
from gradguard.rules.finding import Finding
from gradguard.rules.texts import texts_in
from gradguard.text.places import Place

FIX_ALL: Final = "source.fixAll.gradguard"
KINDS: Final = (types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite, FIX_ALL)


MOST_OFFERED: Final = 256
"""Actions whose edits are kept until the client asks for them."""


class Actions:
    """To be used on the engine's thread.

    `versioned`: the client takes edits with the version they are meant for. `disabled`: it shows actions that cannot be
    applied. `resolves`: it asks for an action's edits when the user has chosen it.
    """

    def __init__(self, documents: Documents, *, versioned: bool, disabled: bool, resolves: bool) -> None:
        self._documents = documents
        self._versioned = versioned
        self._disabled = disabled
        self._resolves = resolves
        self._offered: OrderedDict[int, tuple[int, tuple[Edit, ...]]] = OrderedDict()
        self._number = 0
        self._known: dict[tuple[object, ...], tuple[Fix, ...]] = {}
        self._generation = -1

    def at(self, place: Place, report: Report, only: Sequence[str] | None) -> list[types.CodeAction]:
        """What can be done about the findings that touch `place`."""
        actions: list[types.CodeAction] = []
        if _wanted(types.CodeActionKind.QuickFix, only) or _wanted(types.CodeActionKind.RefactorRewrite, only):
            for diagnostic, fixes in self._fixes(report, place):
                for fix in fixes:
                    if _wanted(fix.kind, only) and (fix.grade != "display_only" or self._disabled):
                        actions.append(self._action(fix, diagnostic, report.language))
        # Nobody who puts the cursor on a line asks for changes elsewhere: only on request.
        if only is not None and _wanted(FIX_ALL, only):
            actions.extend(self._fix_all(report))
        return actions

    def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """`action` with its edits. Raises JsonRpcContentModified if they no longer fit."""
        generation, edits = self._offered.get(action.data, (-1, ())) if isinstance(action.data, int) else (-1, ())
        if generation != self._documents.generation:
            raise JsonRpcContentModified("the text has changed since the action was offered")
        action.edit = self._edit(edits)
        return action

    def _fixes_of(self, finding: Finding) -> tuple[Fix, ...]:
        """The fixes of a finding; they are tried out once for each state of the texts."""
        if self._generation != self._documents.generation:
            self._generation = self._documents.generation
            self._known.clear()
        key = (finding.code, finding.place, finding.message)
        if key not in self._known:
            self._known[key] = self._documents.workspace.fixes(finding)
        return self._known[key]

    def _fixes(self, report: Report, place: Place) -> Iterator[tuple[types.Diagnostic, tuple[Fix, ...]]]:
        for finding in report.findings:
            if _touches(finding.place, place):
                diagnostic = typed(plain_of(finding, report.language, self._documents))
                yield diagnostic, self._fixes_of(finding)
        for unused in report.unused:
            if _touches(unused.place, place):
                yield typed(plain_of_unused(unused, self._documents)), (unused.fix,)

    def _action(self, fix: Fix, diagnostic: types.Diagnostic, language: str) -> types.CodeAction:
        action = types.CodeAction(
            title=fix.title,
            kind=fix.kind,
            diagnostics=[diagnostic],
            is_preferred=True if fix.preferred else None,
        )
        if fix.grade == "display_only":
            action.disabled = types.CodeActionDisabled(texts_in(language).say("lsp.by_hand"))
            return action
        return self._with_edits(action, fix.edits)

    def _with_edits(self, action: types.CodeAction, edits: tuple[Edit, ...]) -> types.CodeAction:
        """`action` with its edits, or with what brings them when the client asks."""
        if not self._resolves:
            action.edit = self._edit(edits)
            return action
        self._number += 1
        self._offered[self._number] = (self._documents.generation, edits)
        if len(self._offered) > MOST_OFFERED:
            self._offered.popitem(last=False)
        action.data = self._number
        return action

    def _fix_all(self, report: Report) -> Iterator[types.CodeAction]:
        edits: list[Edit] = []
        for finding in report.findings:
            if finding.severity != "hint":
                best = next((fix for fix in self._fixes_of(finding) if fix.preferred), None)
                if best is not None and best.grade == "safe" and _stays_in(best, report.path):
                    _add(edits, best)
        for unused in report.unused:
            _add(edits, unused.fix)
        if edits:
            title = texts_in(report.language).say("lsp.fix_all")
            yield self._with_edits(types.CodeAction(title=title, kind=FIX_ALL), tuple(edits))

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


def _stays_in(fix: Fix, path: str) -> bool:
    """Whether `fix` edits nothing but the file at `path`, as what is done on saving must."""
    return all(edit.place.path == path for edit in fix.edits)


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
