"""The code that attrs generates whenever lsprotocol is imported, kept from one start of the server to the next.

lsprotocol declares hundreds of classes with attrs, which writes their methods as text and compiles it: half of the time that the import
takes. Python keeps the compiled code of modules, but not of such texts. They are kept here as Python keeps its own, in the same folder, for
one version of Python, and found by what they were compiled from, so that they cannot be out of date.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import marshal
import os
import sys
import tempfile
from collections.abc import Iterator
from types import CodeType
from typing import Any

_DIGEST = 16


@contextlib.contextmanager
def kept_for(module: str) -> Iterator[None]:
    """Within it, what attrs compiles is looked up in the file beside the compiled code of `module`; what is new is added at the end.

    Whatever keeps the file from being read or written, everything is compiled as ever.
    """
    import attr._make

    path = _path(module)
    if path is None or hasattr(attr._make, "compile"):
        yield
        return
    known = _read(path)
    used: dict[bytes, CodeType] = {}

    def look_up(source: str, filename: str, mode: str, *options: Any, **named: Any) -> Any:
        if options or named or mode != "exec":
            return compile(source, filename, mode, *options, **named)
        key = hashlib.blake2b(f"{filename}\0{source}".encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
        code = used[key] = known.get(key) or compile(source, filename, mode)
        return code

    attr._make.compile = look_up  # type: ignore[attr-defined]  # in its module the name means this, and not the built-in function
    try:
        yield
    finally:
        del attr._make.compile  # type: ignore[attr-defined]
    if used.keys() != known.keys() and not sys.dont_write_bytecode:
        _write(path, used)


def _path(module: str) -> str | None:
    try:
        spec = importlib.util.find_spec(module)
        cached = None if spec is None or spec.origin is None else importlib.util.cache_from_source(spec.origin)
    except (ImportError, NotImplementedError, ValueError):
        return None
    return None if cached is None else f"{os.path.splitext(cached)[0]}.attrs"


def _read(path: str) -> dict[bytes, CodeType]:
    """What was kept; nothing if the file is not there, of another Python, or damaged."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return {}
    magic = importlib.util.MAGIC_NUMBER
    digest, body = data[len(magic) : len(magic) + _DIGEST], data[len(magic) + _DIGEST :]
    if not data.startswith(magic) or hashlib.blake2b(body, digest_size=_DIGEST).digest() != digest:
        return {}
    kept: dict[bytes, CodeType] = marshal.loads(body)
    return kept


def _write(path: str, codes: dict[bytes, CodeType]) -> None:
    """Whole or not at all, as several servers may start at once."""
    body = marshal.dumps(codes)
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
        try:
            with open(handle, "wb") as file:
                os.chmod(temporary, 0o644)  # as readable as compiled modules are
                file.write(importlib.util.MAGIC_NUMBER + hashlib.blake2b(body, digest_size=_DIGEST).digest() + body)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
