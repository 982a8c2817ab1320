"""`gradguard check`: which files, in how many processes, and how the results are shown.

Exit status: 0 no errors or warnings, 1 errors or warnings, 2 something could not be checked, or wrong usage.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import chain

from gradguard.cli.checking import Task, checked, workspace_for
from gradguard.cli.outcome import GRAVITY, Entry, Json, Outcome, counted, merged
from gradguard.rules.texts import Texts, language_of, texts_in

ALONE = 24
"""So many files are not worth a second process."""

CLEAN, FINDINGS, FAILURE = 0, 1, 2


def run(options: Namespace) -> int:
    """Check what the command line asks for, print, and return the exit status."""
    settings = _settings(options)
    language = options.language or language_of(os.environ.get("LC_ALL") or os.environ.get("LANG") or "")
    files, names, problems = _targets(options.paths, settings)
    _complain_about_settings(files, settings)
    if options.fix or options.diff:
        from gradguard.cli.fixing import fix_files

        fixed, changed = fix_files(files, names, settings, language, unsafe=options.unsafe_fixes, diff=options.diff)
        problems += fixed
        if options.diff:
            return FAILURE if problems else FINDINGS if changed else CLEAN
    task = Task(
        (),
        names,
        settings,
        language,
        colour=_in_colour(options.output_format),
        with_text=options.output_format == "text",
        with_fixes=options.output_format == "json" and not options.list_writes,
        with_writes=options.list_writes,
    )
    outcomes = _outcomes(task, files, options.jobs)
    problems += [f"{outcome.path}: {outcome.problem}" for outcome in outcomes if outcome.problem]
    entries = merged(outcomes)
    texts = texts_in(language)
    if options.list_writes:
        _print_writes(outcomes, options.output_format, texts)
    elif options.output_format == "json":
        print(json.dumps([entry.json for entry in entries], indent=2, ensure_ascii=False))
    elif options.output_format == "github":
        _print_annotations(entries)
    else:
        _print_text(entries, len(files), texts)
    if options.verbose:
        for outcome in outcomes:
            for note in outcome.notes:
                print(f"{outcome.path}: {note}", file=sys.stderr)
    for problem in problems:
        print(f"gradguard: {problem}", file=sys.stderr)
    if problems:
        return FAILURE
    if options.list_writes:
        return CLEAN
    return FINDINGS if any(entry.severity in ("error", "warning") for entry in entries) else CLEAN


def _targets(paths: Iterable[str], settings: Json) -> tuple[list[str], tuple[tuple[str, str], ...], list[str]]:
    """The files to check, the names by which the user gave them, and what is wrong with the arguments."""
    workspace = workspace_for(settings, "en")
    files: dict[str, None] = {}
    names: list[tuple[str, str]] = []
    problems = []
    for given in paths:
        path = os.path.abspath(given)
        if os.path.isdir(path):
            found = list(workspace.python_files(path))
            if not found:
                problems.append(f"{given}: no Python files in this folder")
            files.update(dict.fromkeys(found))
        elif path.endswith(".ipynb"):
            problems.append(f"{given}: notebooks are checked in editors only")
            continue
        elif os.path.lexists(path):
            files[path] = None
        else:
            problems.append(f"{given}: no such file or folder")
            continue
        names.append((path, given))
    return list(files), tuple(sorted(names, key=lambda name: -len(name[0]))), problems


def _settings(options: Namespace) -> Json:
    """The command line's settings, which go over those of pyproject.toml."""
    settings: Json = {}
    for name in ("select", "ignore"):
        values = getattr(options, name)
        if values is not None:
            settings[name] = [code.strip() for value in values for code in value.split(",") if code.strip()]
    if options.no_hints:
        settings["hints"] = False
    if options.language:
        settings["language"] = options.language
    return settings


def _complain_about_settings(files: list[str], settings: Json) -> None:
    workspace = workspace_for(settings, "en")
    for folder in dict.fromkeys(os.path.dirname(path) for path in files):
        workspace.configuration(folder)
    for problem in workspace.configuration_problems():
        place = problem.place
        where = f"{place.path}:{place.range.start_line + 1}:{place.range.start_column + 1}: " if place else ""
        print(f"gradguard: {where}{problem.message}", file=sys.stderr)


def _outcomes(task: Task, files: list[str], jobs: int | None) -> list[Outcome]:
    """The outcomes in order of `files`, from as many processes as are worth it."""
    processes = min(jobs or os.cpu_count() or 1, 1 + len(files) // ALONE)
    if processes <= 1:
        return checked(_part(task, files))
    size = max(1, len(files) // (processes * 4))
    parts = [_part(task, files[at : at + size]) for at in range(0, len(files), size)]
    with ProcessPoolExecutor(processes) as pool:
        return list(chain.from_iterable(pool.map(checked, parts)))


def _part(task: Task, files: list[str]) -> Task:
    from dataclasses import replace

    return replace(task, files=tuple(files))


def _in_colour(output_format: str) -> bool:
    if os.environ.get("NO_COLOR") or output_format != "text":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def _print_text(entries: list[Entry], files: int, texts: Texts) -> None:
    for at, entry in enumerate(entries):
        if at and ("\n" in entry.text or "\n" in entries[at - 1].text):
            print()
        print(entry.text)
    count = Counter(entry.severity for entry in entries)
    if entries:
        print()
    counts = {f"{severity}s": counted(texts, f"{severity}s", count[severity]) for severity in GRAVITY}
    print(texts.say("cli.summary", files=counted(texts, "files", files), **counts))


def _print_writes(outcomes: list[Outcome], output_format: str, texts: Texts) -> None:
    writes = [write for outcome in outcomes for write in outcome.writes]
    if output_format == "json":
        print(json.dumps(writes, indent=2, ensure_ascii=False))
        return
    for write in writes:
        reason = "" if write["verdict"] == "hazard" else f" ({write['reason'].replace('_', ' ')})"
        print(
            f"{write['path']}:{write['line']}:{write['column']}: {write['verdict']}: "
            f"{write['operator']} writes {write['target'] or 'a tensor'}{reason}"
        )
    count = Counter(write["verdict"] for write in writes)
    print(
        texts.say(
            "cli.writes",
            writes=counted(texts, "in_place_writes", len(writes)),
            files=counted(texts, "files", sum(bool(outcome.writes) for outcome in outcomes)),
            hazard=count["hazard"],
            safe=count["safe"],
            unknown=count["unknown"],
        )
    )


def _print_annotations(entries: list[Entry]) -> None:
    """GitHub's workflow commands, which show findings in a pull request."""
    kinds = {"error": "error", "warning": "warning", "info": "notice", "hint": "notice"}
    for entry in entries:
        at = entry.json
        properties = {
            "file": at["path"],
            "line": at["line"],
            "col": at["column"],
            "endLine": at["end_line"],
            "endColumn": at["end_column"],
            "title": at["code"],
        }
        named = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in properties.items())
        print(f"::{kinds[entry.severity]} {named}::{_escaped(at['message'])}")


def _escaped(text: str, further: str = "") -> str:
    for character in "%\r\n" + further:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
