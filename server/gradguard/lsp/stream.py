"""Reading messages from a stream of bytes: header lines, an empty line, a body of the length that the header gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO

LONGEST_BODY = 1 << 30
"""Bytes; a longer message is a mistake in its header."""

_LENGTH = re.compile(rb"content-length\s*:\s*(\d{1,12})\s*\Z", re.IGNORECASE)


def read_messages(stream: BinaryIO, receive: Callable[[bytes], None], refuse: Callable[[str], None]) -> None:
    """Hand each body to `receive` until the stream ends. `refuse` is told about headers that make no sense.

    After such a header the reader looks for the next `Content-Length`, so that one bad message costs no more than itself.
    """
    while True:
        length: int | None = None
        begun = False
        while line := stream.readline(1 << 16):
            text = line.strip()
            if not text:
                if begun:
                    break
                continue
            begun = True
            found = _LENGTH.search(text)
            if found:
                length = int(found.group(1))
            elif b":" not in text:
                refuse(f"no header line: {text[:80]!r}")
                begun = length is not None
        else:
            return
        if length is None:
            refuse("a header without Content-Length")
            continue
        if not 0 < length <= LONGEST_BODY:
            refuse(f"a message of {length} bytes")
            continue
        body = stream.read(length)
        if len(body) < length:
            return
        receive(body)
