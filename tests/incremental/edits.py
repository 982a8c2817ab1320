"""Random edits such as people and editors make, and some that only a hostile one would."""

from __future__ import annotations

import random

from gradguard.text.document import Change, Document, Encoding, content_of
from gradguard.text.places import Range

TYPED = (
    *("y", "x.", "(", ")", "[", "]", "{", "}", ":", ",", "=", "+=", " ", "    ", "\t", "\n", "\r\n", "\r", "#", "\\"),
    *("'", '"', '"""', "'''", "é", "中", "😀", "\ufeff", "\f", "\x1c", "\x85", "\u2028", "\0", "\ud83d", "\ude00"),
    *("def ", "class ", "@", "if x:", "else:", "return ", "import ", "lambda: ", "# gradguard: ignore"),
)
LINES = (
    "y += 1\n",
    "    y += 1\n",
    "        x.mul_(2)\n",
    "y = w.exp()\n",
    "y.sum().backward()\n",
    "with torch.no_grad():\n",
    "def f(a, b=1):\n    a *= b\n    return a\n",
    "for _ in range(2):\n    y = y.exp()\n",
    "# note\n",
    "\n",
    "import math\n",
    "from helper import *\n",
    "w = torch.ones(3, requires_grad=True)\n",
)
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


def position(choose: random.Random, document: Document) -> tuple[int, int]:
    """A place in the text, in code points."""
    line = choose.randrange(len(document.lines))
    return line, choose.randint(0, len(content_of(document.lines[line])))


def random_change(choose: random.Random, document: Document, clipboard: str) -> Change:
    """One edit: typing, deleting, pasting, moving lines, changing a word, or a place that does not exist."""
    line, column = position(choose, document)
    kind = choose.random()
    here = Range(line, column, line, column)
    if kind < 0.25:
        change = Change(here, choose.choice(TYPED))
    elif kind < 0.4:
        at = choose.randrange(len(document.lines))
        change = Change(Range(at, 0, at, 0), choose.choice(LINES))
    elif kind < 0.55:
        change = Change(Range(line, column, line, column + choose.randint(1, 3)), "")
    elif kind < 0.7:
        change = Change(Range(line, 0, line + choose.randint(1, 4), 0), "")
    elif kind < 0.8:
        change = Change(here, clipboard)
    elif kind < 0.85:
        change = Change(Range(line, 0, line + 1, 0), document.lines[line].replace("+=", "= 1 +").replace("_(", "("))
    elif kind < 0.9:
        change = Change(Range(line, 0, line, 0), choose.choice(["\n", "\n\n", "# x\n", "\f\n"]))
    elif kind < 0.93:
        change = Change(
            None,
            document.text.replace("\n", "\r\n") if choose.random() < 0.5 else document.text[: len(document.text) // 2],
        )
    elif kind < 0.96:
        change = Change(Range(line + 500, 0, line, column), choose.choice(TYPED))
    else:
        end, last = position(choose, document)
        change = Change(Range(line, column, end, last), "")
    return in_units(choose, document, change)


def in_units(choose: random.Random, document: Document, change: Change) -> Change:
    """The same change, as an editor counts that uses other units; now and then inside a character."""
    if change.range is None:
        return change
    encoding = choose.choice(ENCODINGS)
    start_line, start_column, end_line, end_column = document.encoded(change.range, encoding)
    nudge = int(choose.random() < 0.1)
    return Change(Range(start_line, start_column + nudge, end_line, end_column + nudge), change.text, encoding)
