"""Comments that silence findings: `# gradguard: ignore`, `# gradguard: ignore[GG101, GG2]`, `# gradguard: skip-file`.

An `ignore` covers the findings on its line, and those on the other lines of the statement it stands in (of a compound
statement: of its header). A code may be a prefix. An `ignore`, or a code in it, that silences nothing is reported.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gradguard.fixes.fix import Edit, Fix
from gradguard.project.configuration import UNUSED_SUPPRESSION, Configuration
from gradguard.rules.finding import Finding
from gradguard.rules.texts import Texts
from gradguard.text.chunks import Chunk
from gradguard.text.document import content_of
from gradguard.text.places import Place, Range
from gradguard.text.source import SourceFile

_COMMENT = re.compile(r"#\s*gradguard:\s*(?:(skip-file)\b|ignore\b(?:\s*\[([^\]]*)\])?)")
_CODE = re.compile(r"[^,\s]+")


class Suppression(NamedTuple):
    """One `ignore` comment. `codes`: the codes with their places, None for all. `first`, `last`: the lines it covers."""

    place: Place
    codes: tuple[tuple[str, Place], ...] | None
    first: int
    last: int

    def silences(self, finding: Finding) -> bool:
        """Whether it covers the line on which `finding` begins, and its code."""
        if not self.first <= finding.place.range.start_line <= self.last:
            return False
        return self.codes is None or any(finding.code.startswith(code) for code, _ in self.codes)


class UnusedSuppression(NamedTuple):
    """A comment, or a code in one, that silences nothing; `fix` takes it out."""

    place: Place
    message: str
    fix: Fix
    code: str = UNUSED_SUPPRESSION


class Suppressions(NamedTuple):
    """All suppressing comments of a file."""

    ignores: tuple[Suppression, ...] = ()
    skip_file: bool = False

    def apply(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings that remain."""
        if self.skip_file:
            return ()
        if not self.ignores:
            return tuple(findings)
        return tuple(found for found in findings if not any(each.silences(found) for each in self.ignores))

    def unused(
        self, source: SourceFile, findings: Sequence[Finding], configuration: Configuration, texts: Texts
    ) -> tuple[UnusedSuppression, ...]:
        """The comments that none of `findings` (those before `apply`) needs; codes switched off are not judged."""
        if self.skip_file or not configuration.enabled(UNUSED_SUPPRESSION):
            return ()
        unused: list[UnusedSuppression] = []
        for each in self.ignores:
            silenced = [finding.code for finding in findings if each.silences(finding)]
            if each.codes is None or not silenced:
                judged = each.codes is None or all(configuration.enabled(code) for code, _ in each.codes)
                if judged and not silenced:
                    title = texts.say("GG902.fix")
                    edit = Edit(_with_space_before(source, each.place), "")
                    fix = Fix(title, (edit,), "safe", preferred=True)
                    unused.append(UnusedSuppression(each.place, texts.say("GG902.message"), fix))
                continue
            kept = [
                code
                for code, _ in each.codes
                if not configuration.enabled(code) or any(found.startswith(code) for found in silenced)
            ]
            for code, place in each.codes:
                if code not in kept:
                    comment = source.document.text_in(each.place.range)
                    shorter = f"{comment[: comment.index('[')]}[{', '.join(kept)}]"
                    fix = Fix(
                        texts.say("GG902.fix.code", code=code), (Edit(each.place, shorter),), "safe", preferred=True
                    )
                    unused.append(UnusedSuppression(place, texts.say("GG902.message.code", code=code), fix))
        return tuple(unused)


def suppressions_in(source: SourceFile) -> Suppressions:
    """The suppressing comments of `source`; texts in strings that look like one do not count."""
    if not source.marked:
        return Suppressions()
    lines = source.document.lines
    ignores: list[Suppression] = []
    skip_file = False
    chunks = iter(source.chunks)
    chunk = next(chunks, None)
    for number in source.marked:
        while chunk is not None and chunk.end_line <= number:
            chunk = next(chunks, None)
        inside = chunk if chunk is not None and chunk.start_line <= number else None
        column = _comment_column(inside, number, lines[number])
        match = _COMMENT.search(lines[number], column) if column >= 0 else None
        if match is None:
            continue
        if match.group(1):
            skip_file = True
            continue
        place = Place(source.path, Range(number, match.start(), number, match.end()))
        first, last = _covered(inside, number)
        ignores.append(Suppression(place, _codes(source.path, number, match), first, last))
    return Suppressions(tuple(ignores), skip_file)


def _codes(path: str, line: int, match: re.Match[str]) -> tuple[tuple[str, Place], ...] | None:
    if match.group(2) is None:
        return None
    offset = match.start(2)
    return tuple(
        (code.group(), Place(path, Range(line, offset + code.start(), line, offset + code.end())))
        for code in _CODE.finditer(match.group(2))
    )


def _comment_column(chunk: Chunk | None, line: int, text: str) -> int:
    """Where the comment on `line` begins; -1 if what looks like one is part of a string."""
    if chunk is None:
        return text.index("#") if "#" in text else -1
    wanted = line - chunk.start_line + 1
    try:
        for token in tokenize.generate_tokens(io.StringIO(chunk.text, newline=None).readline):
            if token.type == tokenize.COMMENT and token.start[0] == wanted:
                return token.start[1]
            if token.start[0] > wanted:
                break
    except (tokenize.TokenError, SyntaxError, IndexError):
        # Half-typed: better to keep a comment's effect than to flash the findings it silences.
        return text.find("#")
    return -1


def _covered(chunk: Chunk | None, line: int) -> tuple[int, int]:
    """The first and last line that a comment on `line` speaks for."""
    if chunk is None:
        return line, line
    wanted = line - chunk.start_line + 1
    for first, last in _own_lines(chunk.tree):
        if first <= wanted <= last:
            return first - 1 + chunk.start_line, last - 1 + chunk.start_line
    return line, line


def _own_lines(statements: Iterable[ast.AST]) -> Iterator[tuple[int, int]]:
    """For each statement, inner ones too, the lines that are its own: all of a simple one, the header of a compound one."""
    pending = list(statements)
    while pending:
        node = pending.pop()
        inner = [
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case))
        ]
        pending.extend(inner)
        if isinstance(node, ast.stmt):
            last = node.end_lineno or node.lineno
            starts = [child.lineno for child in inner if isinstance(child, ast.stmt)]
            if inner:
                last = max(node.lineno, min(starts, default=node.lineno + 1) - 1)
            yield node.lineno, last


def _with_space_before(source: SourceFile, place: Place) -> Place:
    """The comment at `place` with the blanks before it; the whole line, with its end, if nothing else is on it."""
    line, column, _, end = place.range
    text = content_of(source.document.lines[line])
    start = len(text[:column].rstrip())
    if start == 0 and end == len(text) and line + 1 < len(source.document.lines):
        return Place(place.path, Range(line, 0, line + 1, 0))
    return Place(place.path, Range(line, start, line, end))
