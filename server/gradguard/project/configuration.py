"""What a project asks of gradguard: `[tool.gradguard]` in the nearest pyproject.toml, and the editor's settings over it.

Both use the same names. A mistake in them is a `Problem` with its place, and the rest still counts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, cast

from gradguard.project.imports import MODELLED
from gradguard.rules.codes import RULE_NAMES
from gradguard.text.document import content_of, split_lines
from gradguard.text.places import Place, Range

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


class Problem(NamedTuple):
    """A mistake in a configuration; `place` is None if it came from the editor's settings."""

    message: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration in force for a file; `root` is the folder to which its patterns are relative.

    `select`, `ignore`: prefixes of codes. `severity`: code or prefix to severity. `exclude`, `per_file_ignores`: patterns
    as in .gitignore. `follow`: installed packages whose source is followed, by dotted name; all that is inside counts too.
    `hints`, `assumptions`: whether hints, and findings that rest on an assumption, are shown.
    `torch_version`: None means that of the environment.
    """

    root: str = ""
    select: tuple[str, ...] = ("GG",)
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    follow: tuple[str, ...] = ()
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

    def follows(self, module: str) -> bool:
        """Whether the installed module with this dotted name is to be read."""
        return any(module == package or module.startswith(f"{package}.") for package in self.follow)


def with_pyproject(base: Configuration, path: str, root: str, text: str) -> Configuration | None:
    """`base` with the table of a pyproject.toml over it; None if the file has no such table."""
    if "gradguard" not in text and "\\" not in text:  # an escape can stand for any letter
        return None
    # Most projects have no such table, and loading the parser would take longer than all else that is done with them.
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if not any(_SECTION.match(line) for line in split_lines(text)):
            return None
        at = _ERROR_LINE.search(str(error))
        # Without a position the error is at the end of the file.
        line = (int(at.group(1)) if at else len(text)) - 1
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


Complain = Callable[[str, object], None]
"""Takes what is wrong with a value, and the offending part of it if that is a string that can be looked for."""


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
        known = len(problems)

        def complain(message: str, part: object, key: str = key) -> None:
            problems.append(Problem(f"`{key}`: {message}", place(key, part)))

        usable = reader(value, complain)
        if usable is not None or len(problems) == known:
            values[key.replace("-", "_")] = usable
    return replace(base, **values, problems=tuple(problems))  # type: ignore[arg-type]


# A reader turns a raw value into a usable one and complains about the rest; None after a complaint: nothing was usable.


def _strings(value: object, complain: Complain) -> tuple[str, ...] | None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        complain("must be a list of strings", None)
        return None
    if not all(isinstance(each, str) for each in value):
        complain("must hold strings only", None)
    return tuple(each for each in value if isinstance(each, str))


def _packages(value: object, complain: Complain) -> tuple[str, ...] | None:
    strings = _strings(value, complain)
    return None if strings is None else tuple(name for name in strings if _is_package(name, complain))


def _is_package(name: str, complain: Complain) -> bool:
    if name.partition(".")[0] in MODELLED:
        complain(f"`{name}` is known without being followed", name)
    elif not all(part.isidentifier() for part in name.split(".")):
        complain(f"`{name}` is no name of a package, such as `timm`", name)
    else:
        return True
    return False


def _prefixes(value: object, complain: Complain) -> tuple[str, ...] | None:
    strings = _strings(value, complain)
    return None if strings is None else tuple(prefix for prefix in strings if _is_prefix(prefix, complain))


def _is_prefix(prefix: str, complain: Complain) -> bool:
    if prefix and any(code.startswith(prefix) for code in _CODES):
        return True
    complain(f"no rule has a code that begins with `{prefix}`", prefix)
    return False


def _severities(value: object, complain: Complain) -> tuple[tuple[str, Severity], ...] | None:
    if not isinstance(value, Mapping):
        complain("must be a table from rule code to severity", None)
        return None
    usable = []
    for code, severity in value.items():
        if severity not in SEVERITIES:
            complain(f"`{severity}` is no severity; {', '.join(SEVERITIES)} are", severity)
        elif _is_prefix(str(code), complain):
            usable.append((str(code), cast("Severity", severity)))
    return tuple(usable)


def _file_ignores(value: object, complain: Complain) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    if not isinstance(value, Mapping):
        complain("must be a table from file pattern to a list of codes", None)
        return None
    return tuple((str(pattern), _prefixes(codes, complain) or ()) for pattern, codes in value.items())


def _flag(value: object, complain: Complain) -> bool | None:
    if isinstance(value, bool):
        return value
    complain("must be true or false", value)
    return None


def _language(value: object, complain: Complain) -> str | None:
    if isinstance(value, str) and value.lower() in LANGUAGES:
        return value.lower()
    complain(f"must be one of {', '.join(LANGUAGES)}", value)
    return None


def _version(value: object, complain: Complain) -> str | None:
    if value in ("", "auto"):
        return None
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return value
    complain('must be a version such as "2.13"', value)
    return None


_READERS: dict[str, Callable[[object, Complain], object]] = {
    "select": _prefixes,
    "ignore": _prefixes,
    "severity": _severities,
    "exclude": _strings,
    "per-file-ignores": _file_ignores,
    "follow": _packages,
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
