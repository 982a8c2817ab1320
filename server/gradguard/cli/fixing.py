"""`gradguard check --fix`: applies fixes until none is left, and writes each changed file in one step or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff

from gradguard.cli.checking import name_of, workspace_for
from gradguard.cli.outcome import Json, counted
from gradguard.fixes.fix import Fix, applied
from gradguard.project.workspace import Workspace
from gradguard.rules.texts import texts_in
from gradguard.text.decoding import decode
from gradguard.text.document import split_lines

MOST_ROUNDS = 100
"""Fixes applied to one file; each is followed by a new analysis."""


def fix_files(
    files: Iterable[str], names: Sequence[tuple[str, str]], settings: Json, language: str, *, unsafe: bool, diff: bool
) -> tuple[list[str], bool]:
    """Fix `files` in place, or with `diff` print what would change. Returns what went wrong, and whether anything changes."""
    workspace = workspace_for(settings, language)
    problems: list[str] = []
    count = changed_files = 0
    for path in files:
        before = _bytes(path)
        decoded = decode(before) if before is not None else None
        if before is None or decoded is None or decoded.problem:
            continue  # the check itself reports it
        text, fixes = _fixed(workspace, path, decoded.text, unsafe=unsafe)
        if not fixes or text == decoded.text:
            continue
        count += fixes
        changed_files += 1
        if diff:
            name = name_of(path, names)
            sys.stdout.writelines(_difference(decoded.text, text, name))
            continue
        problem = _replace(path, before, text, decoded.encoding)
        if problem:
            problems.append(f"{name_of(path, names)}: {problem}")
        workspace.close(path)
    key = "cli.would_fix" if diff else "cli.fixed"
    texts = texts_in(language)
    said = texts.say(key, fixes=counted(texts, "fixes", count), files=counted(texts, "files", changed_files))
    print(said, file=sys.stderr)
    return problems, changed_files > 0


def is_suppression(fix: Fix) -> bool:
    """Whether a fix only silences the finding; no machine applies such a one."""
    return any("gradguard: ignore" in edit.new_text for edit in fix.edits)


def _fixed(workspace: Workspace, path: str, text: str, *, unsafe: bool) -> tuple[str, int]:
    """The text after all fixes that may be applied, and how many those were."""
    workspace.open(path, text)
    seen = {text}
    count = 0
    for _ in range(MOST_ROUNDS):
        for fix in _applicable(workspace, path, unsafe=unsafe):
            after = applied(text, fix.edits)
            if after not in seen:
                break
        else:
            return text, count
        seen.add(after)
        text = after
        count += 1
        workspace.open(path, text)
    return text, count


def _applicable(workspace: Workspace, path: str, *, unsafe: bool) -> Iterator[Fix]:
    """For each finding its best fix that the user allows, if all its edits are in this file."""
    report = workspace.report(path)
    if report is None:
        return
    for finding in report.findings:
        if finding.severity == "hint":
            continue
        fixes = [fix for fix in workspace.fixes(finding) if all(edit.place.path == path for edit in fix.edits)]
        safe = [fix for fix in fixes if fix.grade == "safe" and fix.preferred]
        allowed = (
            [fix for fix in fixes if fix.grade in ("safe", "unsafe") and not is_suppression(fix)] if unsafe else []
        )
        yield from (safe or allowed)[:1]
    for unused in report.unused:
        yield unused.fix


def _bytes(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _replace(path: str, before: bytes, text: str, encoding: str) -> str:
    """Put `text` into the file at `path`, if that still holds `before`. Returns what went wrong, "" if nothing did."""
    path = os.path.realpath(path)
    try:
        data = text.encode(encoding)
        descriptor, temporary = tempfile.mkstemp(prefix=".gradguard-", dir=os.path.dirname(path))
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(path, temporary)
            if _bytes(path) != before:
                return "changed while it was being fixed; not written"
            os.replace(temporary, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
    except (OSError, UnicodeEncodeError) as error:
        return f"not written: {error}"
    return ""


def _difference(before: str, after: str, name: str) -> Iterator[str]:
    for line in unified_diff(split_lines(before), split_lines(after), f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else line + "\n"
