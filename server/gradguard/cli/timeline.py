"""`gradguard timeline FILE:LINE`: the picture of the tape as an SVG file."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gradguard.explain.drawing import drawn
from gradguard.explain.timeline import timeline_at
from gradguard.project.workspace import Workspace
from gradguard.rules.texts import language_of, texts_in

if TYPE_CHECKING:
    from gradguard.text.places import Place


def run(options: argparse.Namespace) -> int:
    """Draw the function at `options.place` into `options.output` ("-": standard output); 2 if there is nothing to draw."""
    name, line = options.place
    path = os.path.abspath(name)
    language = options.language or language_of(os.environ.get("LC_ALL") or os.environ.get("LANG") or "")
    workspace = Workspace((os.getcwd(),), language=language)
    source, report = workspace.source(path), workspace.report(path)
    if source is None or report is None:
        print(f"gradguard: {name}: {workspace.problem(path) or 'cannot be read'}", file=sys.stderr)
        return 2
    timeline = timeline_at(source, line - 1, report.findings, report.writes, texts_in(report.language))
    if timeline is None:
        print(f"gradguard: nothing is written in place around {name}:{line}", file=sys.stderr)
        return 2
    svg = drawn(timeline, _attributes)
    if options.output == "-":
        print(svg)
        return 0
    try:
        Path(options.output).write_text(svg + "\n", encoding="utf-8")
    except OSError as error:
        print(f"gradguard: {options.output}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _attributes(place: Place) -> dict[str, object]:
    return {"uri": Path(place.path).as_uri(), "line": place.range.start_line, "character": place.range.start_column}
