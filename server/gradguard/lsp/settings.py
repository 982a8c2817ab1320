"""The editor's settings, folders and files: what the client says, and what it is asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types

from gradguard.lsp.uris import path_of, uri_of

if TYPE_CHECKING:
    from gradguard.lsp.session import Session

logger = logging.getLogger(__name__)

SECTION: Final = "gradguard"
_WATCHED: Final = ("**/*.py", "**/pyproject.toml")
SECONDS_TO_ANSWER: Final = 30


class Settings:
    """Settings by the path of the folder that they are for; "" for all others."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_root: dict[str, Mapping[str, object]] = {}
        self._roots: list[str] = []

    def begin(self, options: object) -> None:
        """Take what came with `initialize`: clients that cannot be asked put their settings there."""
        if isinstance(options, Mapping):
            self._set("", options.get("settings", options))
        self._roots = list(self._session.workspace.roots)

    def of(self, uri: str) -> Mapping[str, object]:
        """The settings that hold for the document `uri`."""
        path = path_of(uri)
        holders = [root for root in self._by_root if root and path.startswith(root.rstrip("/\\") + "/")]
        return self._by_root.get(max(holders, key=len, default=""), {})

    async def initialized(self, _: types.InitializedParams) -> None:
        """initialized: ask for the settings, and to be told about files and settings."""
        await self._register()
        await self._pull()

    async def changed(self, params: types.DidChangeConfigurationParams) -> None:
        """workspace/didChangeConfiguration"""
        if self._session.capable("workspace", "configuration"):
            await self._pull()
        elif isinstance(params.settings, Mapping):
            self._set("", params.settings.get(SECTION, params.settings))

    def folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """workspace/didChangeWorkspaceFolders"""
        gone = {path_of(folder.uri) for folder in params.event.removed}
        added = [path_of(folder.uri) for folder in params.event.added]
        self._roots = [root for root in self._roots if root not in gone] + [
            root for root in added if root not in self._roots
        ]
        roots = tuple(self._roots)
        self._session.update(lambda: self._session.workspace.set_roots(roots))
        if self._session.capable("workspace", "configuration"):
            self._pulling = asyncio.ensure_future(self._pull())

    def files_changed(self, params: types.DidChangeWatchedFilesParams) -> None:
        """workspace/didChangeWatchedFiles"""
        paths = [path_of(change.uri) for change in params.changes]

        def note() -> None:
            for path in paths:
                self._session.workspace.changed_on_disk(path)

        self._session.update(note)

    async def _pull(self) -> None:
        if not self._session.capable("workspace", "configuration"):
            return
        roots = ["", *self._roots]
        items = [types.ConfigurationItem(uri_of(root) if root else None, SECTION) for root in roots]
        answers = await self._ask(types.WORKSPACE_CONFIGURATION, types.ConfigurationParams(items))
        if isinstance(answers, (list, tuple)):
            for root, answer in zip(roots, answers, strict=False):
                self._set(root, answer)

    async def _register(self) -> None:
        session = self._session
        registrations = []
        if session.capable("workspace", "did_change_watched_files", "dynamic_registration"):
            watchers = [types.FileSystemWatcher(glob) for glob in _WATCHED]
            options: object = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registrations.append((types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
        if session.capable("workspace", "did_change_configuration", "dynamic_registration"):
            options = types.DidChangeConfigurationRegistrationOptions(SECTION)
            registrations.append((types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
        if registrations:
            await self._ask(
                types.CLIENT_REGISTER_CAPABILITY,
                types.RegistrationParams(
                    [types.Registration(f"gradguard/{method}", method, options) for method, options in registrations]
                ),
            )

    async def _ask(self, method: str, params: object) -> Any:
        """The client's answer; None if it refuses or does not answer."""
        try:
            asked = self._session.server.protocol.send_request_async(method, params)
            return await asyncio.wait_for(asked, SECONDS_TO_ANSWER)
        except asyncio.TimeoutError:
            logger.warning("the client does not answer %s", method)
        except Exception as error:
            logger.warning("the client refuses %s: %s", method, error)
        return None

    def _set(self, root: str, settings: object) -> None:
        if not isinstance(settings, Mapping):
            settings = {}
        if self._by_root.get(root, {}) != settings:
            self._by_root[root] = settings
            self._session.update(lambda: self._session.workspace.set_settings(settings, root))
