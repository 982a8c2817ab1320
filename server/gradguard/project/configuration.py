"""What a project asks of gradguard: `[tool.gradguard]` in the nearest pyproject.toml, and the editor's settings over it.

Both use the same names. A mistake in them is a `Problem` with its place, and the rest still counts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from gradguard.rules.codes import RULE_NAMES
from gradguard.text.document import content_of, split_lines
from gradguard.text.places import Place, Range

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Severity = Literal["error", "warning", "info", "hint"]

SEVERITIES = ("error", "warning", "info", "hint")
LANGUAGES = ("auto", "en", "zh-cn")
UNUSED_SUPPRESSION = "GG902"

_CODES = (*RULE_NAMES, UNUSED_SUPPRESSION)
_SECTION = re.compile(r"\s*\[\s*tool\s*\.\s*gradguard\b")
_ANY_SECTION = re.compile(r"\s*\[")
_ERROR_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?\w*")


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a configuration; `place` is None if it came from the editor's settings."""

    message: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration in force for a file; `root` is the folder to which its patterns are relative.

    `select`, `ignore`: prefixes of codes. `severity`: code or prefix to severity. `exclude`, `per_file_ignores`: patterns
    as in .gitignore. `hints`, `assumptions`: whether hints, and findings that rest on an assumption, are shown.
    `torch_version`: None means that of the environment.
    """

    root: str = ""
    select: tuple[str, ...] = ("GG",)
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    hints: bool = True
    assumptions: bool = True
    language: str = "auto"
    torch_version: str | None = None
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    def enabled(self, code: str) -> bool:
        """Whether the rule is on: the longest matching prefix decides, `ignore` wins over an equal `select`."""
        return _longest(code, self.select) > _longest(code, self.ignore)

    def severity_of(self, code: str, severity: Severity) -> Severity:
        """The severity in force for a finding of `code` that has `severity` by itself."""
        matching = [entry for entry in self.severity if code.startswith(entry[0])]
        return max(matching, key=lambda entry: len(entry[0]))[1] if matching else severity


def with_pyproject(base: Configuration, path: str, root: str, text: str) -> Configuration | None:
    """`base` with the table of a pyproject.toml over it; None if the file has no such table."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if not any(_SECTION.match(line) for line in split_lines(text)):
            return None
        at = _ERROR_LINE.search(str(error))
        line = min(int(at.group(1)), text.count("\n") + 1) - 1 if at else 0
        message = _ERROR_LINE.sub("", str(error)).strip()
        problem = Problem(f"pyproject.toml cannot be read: {message}", _whole_line(path, text, line))
        return replace(base, root=root, problems=(*base.problems, problem))
    tool = document.get("tool")
    table = tool.get("gradguard") if isinstance(tool, dict) else None
    if table is None:
        return None
    base = replace(base, root=root)
    if not isinstance(table, dict):
        place = _place_in(path, text, "gradguard", None)
        return replace(base, problems=(*base.problems, Problem("`tool.gradguard` must be a table", place)))
    return _merged(base, table, lambda key, value: _place_in(path, text, key, value))


def with_settings(base: Configuration, settings: Mapping[str, object]) -> Configuration:
    """`base` with the editor's settings over it; settings that are None, or not the analysis' business, do not count."""
    table = {_CAMEL.sub("-", name).lower().replace("_", "-"): value for name, value in settings.items()}
    known = {name: value for name, value in table.items() if name in _READERS and value is not None}
    return _merged(base, known, lambda _key, _value: None)


class _Bad(Exception):
    """A value that cannot be used: the message, and the offending part of it."""

    def __init__(self, message: str, part: object = None) -> None:
        super().__init__(message)
        self.part = part


def _merged(
    base: Configuration, table: Mapping[str, object], place: Callable[[str, object], Place | None]
) -> Configuration:
    values: dict[str, object] = {}
    problems = list(base.problems)
    for key, value in table.items():
        reader = _READERS.get(key)
        if reader is None:
            problems.append(Problem(f"unknown setting `{key}`", place(key, None)))
            continue
        try:
            values[key.replace("-", "_")] = reader(value)
        except _Bad as bad:
            problems.append(Problem(f"`{key}`: {bad}", place(key, bad.part)))
    return replace(base, **values, problems=tuple(problems))  # type: ignore[arg-type]


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(each, str) for each in value):
        raise _Bad("must be a list of strings")
    return tuple(value)


def _prefixes(value: object) -> tuple[str, ...]:
    for prefix in _strings(value):
        _check_prefix(prefix)
    return _strings(value)


def _check_prefix(prefix: str) -> None:
    if not prefix or not any(code.startswith(prefix) for code in _CODES):
        raise _Bad(f"no rule has a code beginning with `{prefix}`", prefix)


def _severities(value: object) -> tuple[tuple[str, Severity], ...]:
    if not isinstance(value, Mapping):
        raise _Bad("must be a table from rule code to severity")
    for code, severity in value.items():
        _check_prefix(str(code))
        if severity not in SEVERITIES:
            raise _Bad(f"`{severity}` is no severity; {', '.join(SEVERITIES)} are", severity)
    return tuple((str(code), cast("Severity", severity)) for code, severity in value.items())


def _file_ignores(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, Mapping):
        raise _Bad("must be a table from file pattern to a list of codes")
    return tuple((str(pattern), _prefixes(codes)) for pattern, codes in value.items())


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Bad("must be true or false", value)
    return value


def _language(value: object) -> str:
    if not isinstance(value, str) or value.lower() not in LANGUAGES:
        raise _Bad(f"must be one of {', '.join(LANGUAGES)}", value)
    return value.lower()


def _version(value: object) -> str | None:
    if isinstance(value, str) and value in ("", "auto"):
        return None
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise _Bad('must be a version such as "2.13"', value)
    return value


_READERS: dict[str, Callable[[object], object]] = {
    "select": _prefixes,
    "ignore": _prefixes,
    "severity": _severities,
    "exclude": _strings,
    "per-file-ignores": _file_ignores,
    "hints": _flag,
    "assumptions": _flag,
    "language": _language,
    "torch-version": _version,
}


def _longest(code: str, prefixes: Sequence[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)


def _place_in(path: str, text: str, key: str, value: object) -> Place:
    """Where a pyproject.toml mentions `value` (as a string) under `key`; else the key, else the table's head."""
    lines = [content_of(line) for line in split_lines(text)]
    head = 0
    inside = False
    for number, line in enumerate(lines):
        if _ANY_SECTION.match(line) and "=" not in line.partition("#")[0]:
            inside = bool(_SECTION.match(line))
            if inside:
                head = head or number
                if re.search(rf"\.\s*[\"']?{re.escape(key)}[\"']?\s*\]", line):
                    return _found(path, lines, number, value) or _whole_line(path, text, number)
        elif inside and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]", line):
            named = _found(path, lines, number, value)
            if named is not None:
                return named
            at = line.index(key)
            return Place(path, Range(number, at, number, at + len(key)))
    return _whole_line(path, text, head)


def _found(path: str, lines: Sequence[str], start: int, value: object) -> Place | None:
    """The first mention of the string `value`, in quotes, from line `start` on."""
    if not isinstance(value, str) or not value:
        return None
    for number in range(start, len(lines)):
        match = re.search(rf"(?<=[\"']){re.escape(value)}(?=[\"'])|\b{re.escape(value)}\b(?=\s*=)", lines[number])
        if match:
            return Place(path, Range(number, match.start(), number, match.end()))
    return None


def _whole_line(path: str, text: str, line: int) -> Place:
    lines = [content_of(each) for each in split_lines(text)]
    line = min(line, len(lines) - 1)
    return Place(path, Range(line, 0, line, len(lines[line])))
