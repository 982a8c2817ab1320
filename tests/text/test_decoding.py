"""Source bytes are read as Python reads them."""

from __future__ import annotations

import pytest

from gradguard.text.decoding import decode


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        ("x = 'é'\r\n".encode(), "x = 'é'\r\n", "utf-8"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", "utf-8-sig"),
        (
            "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"),
            "# -*- coding: latin-1 -*-\nx = 'é'\n",
            "iso-8859-1",
        ),
        ("#!/usr/bin/python\n# vim: set fileencoding=gbk :\nx = '中'".encode("gbk"), None, "gbk"),
        (b"", "", "utf-8"),
    ],
)
def test_declared_encodings(data: bytes, text: str | None, encoding: str) -> None:
    decoded = decode(data)
    assert not decoded.problem
    assert decoded.encoding == encoding
    assert decoded.text.encode(encoding) == data
    assert text is None or decoded.text == text


@pytest.mark.parametrize(
    "data",
    [
        b"x = 1\ny = '\xff'\n",
        b"# coding: klingon\n",
        b"# coding: rot13\n",
        b"\xef\xbb\xbf# coding: latin-1\n",
        "x".encode("utf-16"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes) -> None:
    decoded = decode(data)
    assert decoded.text == ""
    assert decoded.problem


def test_the_problem_names_the_line() -> None:
    assert decode(b"x = 1\ny = '\xff'\n").problem == "line 2 is not utf-8"
