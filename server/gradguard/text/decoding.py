"""Python source as bytes: which encoding it declares (PEP 263), and what stands in the way of reading it."""

from __future__ import annotations

import io
import tokenize
from typing import NamedTuple


class Decoded(NamedTuple):
    """The text of a file, or the `problem` that keeps it from being read. A byte order mark is part of the encoding.

    `encoding` turns an edited text back into bytes.
    """

    text: str
    encoding: str
    problem: str = ""


def decode(data: bytes) -> Decoded:
    """Decode a Python file as Python would: by its byte order mark, its coding comment, or as UTF-8. Line ends stay."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        return _undecodable(data, error)
    except (SyntaxError, LookupError, ValueError) as error:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as cause:
            # `detect_encoding` looks at two lines, and does not say which byte it stumbled over.
            return _undecodable(data, cause)
        return Decoded("", "utf-8", str(error))


def _undecodable(data: bytes, error: UnicodeDecodeError) -> Decoded:
    line = data.count(b"\n", 0, error.start) + 1
    return Decoded("", "utf-8", f"line {line} is not {error.encoding}")
