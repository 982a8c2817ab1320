"""Files rewritten in one step: all that belong together, or none, and none that has changed since it was read."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradguard.text.decoding import decode


@dataclass
class FileText:
    """A text file: the bytes that were read, how they were decoded, the text then and the text to write."""

    path: str
    before: bytes
    encoding: str
    old: str
    new: str

    @property
    def after(self) -> bytes:
        """The new text as bytes. Raises UnicodeEncodeError."""
        return self.new.encode(self.encoding)


def read(path: str) -> FileText | None:
    """The file at `path`; None if it is no text or cannot be read."""
    before = _bytes(path)
    decoded = None if before is None else decode(before)
    if before is None or decoded is None or decoded.problem:
        return None
    return FileText(path, before, decoded.encoding, decoded.text, decoded.text)


def write_together(files: Sequence[FileText]) -> str:
    """Write the new texts of `files`, all of them or none. Returns what went wrong, "" if nothing did."""
    replaced: list[FileText] = []
    try:
        with contextlib.ExitStack() as stack:
            staged = [stack.enter_context(_staged(file.path, file.after)) for file in files]
            if any(_bytes(file.path) != file.before for file in files):
                return "changed while it was being fixed; not written"
            for file, temporary in zip(files, staged, strict=True):
                os.replace(temporary, os.path.realpath(file.path))
                replaced.append(file)
    except (OSError, UnicodeEncodeError) as error:
        for file in replaced:
            with _staged(file.path, file.before) as temporary:
                os.replace(temporary, os.path.realpath(file.path))
        return f"not written: {error}"
    return ""


@contextlib.contextmanager
def _staged(path: str, data: bytes) -> Iterator[str]:
    """A temporary file beside that at `path`, where links lead, with `data` and the same permissions.

    Raises OSError, also where the file may not be written: it could be replaced even so.
    """
    path = os.path.realpath(path)
    if not os.stat(path).st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
        raise PermissionError(f"{os.path.basename(path)} is read-only")
    descriptor, temporary = tempfile.mkstemp(prefix=".gradguard-", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, temporary)
        yield temporary
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _bytes(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
