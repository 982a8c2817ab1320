"""workspace/executeCommand: what an editor's commands ask of the server."""

from __future__ import annotations

import asyncio
import logging
import platform
import sys
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from gradguard import __version__
from gradguard.lsp.settings import SECONDS_TO_ANSWER
from gradguard.rules.texts import texts_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradguard.lsp.session import Session
    from gradguard.project.report import Report
    from gradguard.text.places import Place

Json = dict[str, Any]
logger = logging.getLogger(__name__)


class Commands:
    """The commands by name; each takes at most one object and gives JSON."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.by_name: Final[Mapping[str, Callable[[Mapping[str, Any]], Awaitable[object]]]] = {
            "gradguard.analyseWorkspace": self._analyse_workspace,
            "gradguard.listWrites": self._list_writes,
            "gradguard.explainRule": self._explain_rule,
            "gradguard.statistics": self._statistics,
            "gradguard.timeline": self._timeline,
            "gradguard.serverInformation": self._server_information,
        }

    async def execute(self, params: types.ExecuteCommandParams) -> object:
        """workspace/executeCommand"""
        command = self.by_name.get(params.command)
        if command is None:
            raise JsonRpcInvalidParams(f"there is no command {params.command!r}")
        argument = params.arguments[0] if params.arguments else {}
        if not isinstance(argument, Mapping):
            raise JsonRpcInvalidParams(f"{params.command} takes an object")
        return await command(argument)

    async def _analyse_workspace(self, _: Mapping[str, Any]) -> Json:
        """Analyse every Python file, show what was found, and count it."""
        counts: Counter[str] = Counter()
        paths = await self._session.run(self._session.paths)
        progress = await _Progress.begin(self._session, len(paths))
        try:
            for number, path in enumerate(paths):
                if progress.cancelled:
                    break
                progress.report(number, path)
                report = await self._report(path)
                if report is None:
                    continue
                counts["files"] += 1
                counts.update(finding.severity for finding in report.findings)
                documents = await self._session.run(lambda report=report: self._session.diagnostics.of(report))  # type: ignore[misc]
                self._session.publisher.publish(path, documents)
        finally:
            progress.end()
        return {
            "files": counts["files"],
            "errors": counts["error"],
            "warnings": counts["warning"],
            "infos": counts["info"],
            "hints": counts["hint"],
        }

    async def _list_writes(self, argument: Mapping[str, Any]) -> list[Json]:
        """Every in-place write of the document `uri`, or of the workspace, with its verdict and the reason."""
        uri = argument.get("uri")
        if uri is None:
            paths = await self._session.run(self._session.paths)
        else:
            paths = [await self._session.run(lambda: self._session.documents.path(_text(argument, "uri")))]
        writes: list[Json] = []
        for path in paths:
            report = await self._report(path)
            if report is not None:
                writes += await self._session.run(lambda report=report: self._writes(report))  # type: ignore[misc]
        return writes

    def _writes(self, report: Report) -> list[Json]:
        from gradguard.explain.hover import say_why

        texts = texts_in(report.language)
        told = {finding.place: finding.message for finding in report.findings if finding.severity != "hint"}
        writes = []
        for write in sorted(report.writes, key=lambda each: each.site.place()):
            place = write.site.place()
            location = self._session.documents.location(place)
            writes.append(
                {
                    "uri": location.uri,
                    "range": _range(location.range),
                    "verdict": write.verdict,
                    "reason": told.get(place) or say_why(write, texts),
                    "operator": write.operator,
                    "target": write.target,
                }
            )
        return writes

    async def _explain_rule(self, argument: Mapping[str, Any]) -> str | None:
        """The page of the rule `code` in Markdown; null if there is no such rule."""
        from gradguard.explain.pages import page

        code = _text(argument, "code").upper()
        language = await self._session.run(lambda: self._session.workspace.language)
        return page(code, language)

    async def _statistics(self, _: Mapping[str, Any]) -> Json:
        """What the open documents hold and cost."""
        return await self._session.run(self._counted)

    def _counted(self) -> Json:
        workspace = self._session.workspace
        documents = []
        for path in workspace.open_paths:
            report = workspace.report(path)
            source = workspace.source(path)
            if report is None or source is None:
                continue
            verdicts = Counter(write.verdict for write in report.writes)
            documents.append(
                {
                    "path": path,
                    "version": report.version,
                    "lines": len(source.document.lines),
                    "milliseconds": round(self._session.durations.get(path, 0.0) * 1000, 2),
                    "findings": dict(Counter(finding.code for finding in report.findings)),
                    "writes": {verdict: verdicts[verdict] for verdict in ("hazard", "safe", "unknown")},
                }
            )
        return {"version": __version__, "documents": documents}

    async def _timeline(self, argument: Mapping[str, Any]) -> Json | None:
        """The picture of the tape for the function at `position` of the document `uri`; null if there is nothing to draw."""
        uri, position = _text(argument, "uri"), _position(argument)
        return await self._session.ask(uri, lambda report: self._drawn(report, uri, position))

    def _drawn(self, report: Report, uri: str, position: types.Position) -> Json | None:
        from gradguard.explain.drawing import drawn
        from gradguard.explain.timeline import timeline_at

        path, line, _ = self._session.documents.position(uri, position)
        source = self._session.workspace.source(path)
        if source is None:
            return None
        timeline = timeline_at(source, line, report.findings, report.writes, texts_in(report.language))
        return None if timeline is None else {"title": timeline.title, "svg": drawn(timeline, self._attributes)}

    def _attributes(self, place: Place) -> Json:
        """What a mark of the picture carries, so that a click on it leads to the source."""
        location = self._session.documents.location(place)
        start = location.range.start
        return {"uri": location.uri, "line": start.line, "character": start.character}

    async def _server_information(self, _: Mapping[str, Any]) -> Json:
        """What a report of a problem should say about the server."""
        workspace = self._session.workspace
        information: Json = await self._session.run(
            lambda: {
                "roots": list(workspace.roots),
                "open": list(workspace.open_paths),
                "language": workspace.language,
                "problems": [problem.message for problem in workspace.configuration_problems()],
            }
        )
        return {
            "version": __version__,
            "python": sys.version,
            "executable": sys.executable,
            "platform": platform.platform(),
            "positionEncoding": self._session.documents.encoding,
            **information,
        }

    async def _report(self, path: str) -> Report | None:
        try:
            return await self._session.run(lambda: self._session.workspace.report(path), path)
        except Exception as error:
            self._session.log(f"the analysis of {path} failed: {error!r}", types.MessageType.Error)
            return None


class _Progress:
    """Work-done progress, for clients that show it."""

    def __init__(self, session: Session, total: int, token: str | None) -> None:
        self._progress = session.server.work_done_progress
        self._total = total
        self._token = token

    @classmethod
    async def begin(cls, session: Session, total: int) -> _Progress:
        """Ask the client for a place to show it in."""
        if not session.capable("window", "work_done_progress"):
            return cls(session, total, None)
        token = str(uuid.uuid4())
        try:
            await asyncio.wait_for(session.server.work_done_progress.create_async(token), SECONDS_TO_ANSWER)
        except Exception as error:
            logger.warning("the client shows no progress: %r", error)
            return cls(session, total, None)
        title = texts_in(session.workspace.language).say("lsp.progress")
        begin = types.WorkDoneProgressBegin(title, cancellable=True, percentage=0)
        session.server.work_done_progress.begin(token, begin)
        return cls(session, total, token)

    @property
    def cancelled(self) -> bool:
        """Whether the user wants no more."""
        future = self._progress.tokens.get(self._token) if self._token is not None else None
        return future is not None and future.cancelled()

    def report(self, done: int, message: str) -> None:
        """`done` files are through."""
        if self._token is not None:
            percentage = 100 * done // max(self._total, 1)
            value = types.WorkDoneProgressReport(message=message, percentage=percentage, cancellable=True)
            self._progress.report(self._token, value)

    def end(self) -> None:
        """It is over."""
        if self._token is not None:
            self._progress.end(self._token, types.WorkDoneProgressEnd())
            self._progress.tokens.pop(self._token, None)


def _text(argument: Mapping[str, Any], key: str) -> str:
    value = argument.get(key)
    if not isinstance(value, str):
        raise JsonRpcInvalidParams(f"`{key}` must be a string")
    return value


def _position(argument: Mapping[str, Any]) -> types.Position:
    value = argument.get("position")
    if isinstance(value, Mapping):
        line, character = value.get("line"), value.get("character")
        if isinstance(line, int) and isinstance(character, int) and line >= 0 and character >= 0:
            return types.Position(line, character)
    raise JsonRpcInvalidParams("`position` must have a line and a character")


def _range(range: types.Range) -> Json:
    return {
        "start": {"line": range.start.line, "character": range.start.character},
        "end": {"line": range.end.line, "character": range.end.character},
    }
