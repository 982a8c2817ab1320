"""How text looks in a terminal: tabs, wide characters, and characters that must not reach a terminal as they are."""

from __future__ import annotations

import unicodedata

TAB = 4


def shown(text: str) -> tuple[str, list[int]]:
    """`text` as it may be printed, and the display column at which each of its characters, and its end, stands."""
    columns: list[int] = []
    pieces: list[str] = []
    column = 0
    for character in text:
        columns.append(column)
        piece, width = _shown(character, column)
        pieces.append(piece)
        column += width
    columns.append(column)
    return "".join(pieces), columns


def _shown(character: str, column: int) -> tuple[str, int]:
    if " " <= character <= "~":
        return character, 1
    if character == "\t":
        width = TAB - column % TAB
        return " " * width, width
    if character < " " or character == "\x7f":
        return chr(0x2400 + ord(character) if character < " " else 0x2421), 1
    category = unicodedata.category(character)
    if category in ("Mn", "Me"):
        return character, 0
    if category[0] == "C" or category in ("Zl", "Zp"):
        return "\N{REPLACEMENT CHARACTER}", 1
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
