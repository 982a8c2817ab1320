"""URIs of the client's documents, and the names under which the workspace knows them."""

from __future__ import annotations

import os

from pygls.uris import from_fs_path, to_fs_path


def path_of(uri: str) -> str:
    """The absolute file name that a `file:` URI means; any other URI is its own name."""
    try:
        path = to_fs_path(uri)
    except ValueError:
        return uri
    if path is None or not os.path.isabs(path) or "\0" in path:
        return uri
    return os.path.normpath(path)


def uri_of(path: str) -> str:
    """The URI of a file; a text that has none goes by its URI."""
    if not os.path.isabs(path):
        return path
    return from_fs_path(path) or path
