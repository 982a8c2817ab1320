"""The answers to requests about documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from gradguard.lsp.actions import Actions
from gradguard.lsp.diagnostics import Diagnosed, Said
from gradguard.lsp.encoded import Encoded, array_of, encoded, object_of
from gradguard.lsp.inlay import inlay_hints
from gradguard.rules.texts import texts_in
from gradguard.text.places import Place

if TYPE_CHECKING:
    from gradguard.lsp.session import Session
    from gradguard.lsp.settings import Settings
    from gradguard.project.report import Report


class Requests:
    """Each method is the handler of the request that its docstring names."""

    _actions: Actions

    def __init__(self, session: Session, settings: Settings) -> None:
        self._session = session
        self._settings = settings

    def begin(self) -> None:
        """The client's capabilities are known."""
        session = self._session
        resolved = getattr(
            getattr(getattr(session.capabilities, "text_document", None), "code_action", None), "resolve_support", None
        )
        self._actions = Actions(
            session.documents,
            versioned=session.capable("workspace", "workspace_edit", "document_changes"),
            disabled=session.capable("text_document", "code_action", "disabled_support"),
            resolves="edit" in getattr(resolved, "properties", ())
            and session.capable("text_document", "code_action", "data_support"),
        )

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """textDocument/hover"""
        return await self._session.ask(params.text_document.uri, lambda report: self._hover(params, report))

    def _hover(self, params: types.HoverParams, report: Report) -> types.Hover | None:
        from gradguard.explain.hover import hover_at

        documents = self._session.documents
        path, line, column = documents.position(params.text_document.uri, params.position)
        hover = hover_at(path, line, column, report.findings, report.writes, texts_in(report.language))
        if hover is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, hover.markdown)
        return types.Hover(content, documents.location(hover.place).range)

    async def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        """textDocument/codeAction"""
        uri, only = params.text_document.uri, params.context.only
        names = None if only is None else [str(getattr(kind, "value", kind)) for kind in only]
        return await self._session.ask(
            uri, lambda report: self._actions.at(self._session.documents.place(uri, params.range), report, names)
        )

    async def resolve_code_action(self, action: types.CodeAction) -> types.CodeAction:
        """codeAction/resolve"""
        return await self._session.run(lambda: self._actions.resolved(action))

    async def highlights(self, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
        """textDocument/documentHighlight"""
        return await self._session.ask(params.text_document.uri, lambda report: list(self._highlights(params, report)))

    def _highlights(self, params: types.DocumentHighlightParams, report: Report) -> Iterator[types.DocumentHighlight]:
        """From any place of a finding's story to all of them in this document."""
        documents = self._session.documents
        uri = params.text_document.uri
        at = documents.position(uri, params.position)
        seen: set[Place] = set()
        for finding in report.findings:
            places = [finding.place, *(related.place for related in finding.related)]
            if not any(_holds(place, *at) for place in places):
                continue
            for place in places:
                location = documents.location(place)
                if place not in seen and location.uri == uri:
                    seen.add(place)
                    write = place == finding.place
                    kind = types.DocumentHighlightKind.Write if write else types.DocumentHighlightKind.Read
                    yield types.DocumentHighlight(location.range, kind)

    async def inlay_hints(self, params: types.InlayHintParams) -> list[types.InlayHint] | None:
        """textDocument/inlayHint"""
        uri = params.text_document.uri
        if self._settings.of(uri).get("inlayHints") is not True:
            return None
        documents = self._session.documents
        return await self._session.ask(
            uri, lambda report: inlay_hints(report, documents.place(uri, params.range), documents)
        )

    async def diagnostics(self, params: types.DocumentDiagnosticParams) -> Encoded:
        """textDocument/diagnostic"""
        uri = params.text_document.uri
        self._session.publisher.pulls(uri)
        documents = await self._session.ask(uri, self._session.diagnostics.of)
        document = next((each for each in documents or () if each.uri == uri), Diagnosed(uri, 0, Said()))
        self._session.publisher.answered(uri, document.said.result)
        return object_of(_report(document, params.previous_result_id))

    async def workspace_diagnostics(self, params: types.WorkspaceDiagnosticParams) -> Encoded:
        """workspace/diagnostic"""
        known = {each.uri: each.value for each in params.previous_result_ids}
        items: list[Encoded] = []
        seen: set[str] = set()
        for path in await self._session.run(self._session.paths):
            for document in await self._session.run(lambda path=path: self._diagnosed(path), path):  # type: ignore[misc]
                uri = document.uri
                seen.add(uri)
                self._session.publisher.pulls(uri)
                self._session.publisher.answered(uri, document.said.result)
                report = _report(document, known.get(uri))
                items.append(object_of({"uri": uri, "version": encoded(document.version or None), **report}))
        for uri in known:
            if uri not in seen:  # What the client still shows of files that have vanished.
                report = _report(Diagnosed(uri, 0, Said()), None)
                items.append(object_of({"uri": uri, "version": encoded(None), **report}))
        return object_of({"items": array_of(items)})

    def _diagnosed(self, path: str) -> Sequence[Diagnosed]:
        report = self._session.workspace.report(path)
        return () if report is None else self._session.diagnostics.of(report)


def _report(document: Diagnosed, previous: str | None) -> dict[str, object]:
    """The members that a report on one document has, for a client that has the result `previous`."""
    result = document.said.result
    if previous == result:
        return {"kind": "unchanged", "resultId": result}
    return {"kind": "full", "resultId": result, "items": document.said.array}


def _holds(place: Place, path: str, line: int, column: int) -> bool:
    start_line, start_column, end_line, end_column = place.range
    return place.path == path and (start_line, start_column) <= (line, column) <= (end_line, end_column)
