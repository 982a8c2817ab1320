"""What torch and gradguard say about one program."""

from __future__ import annotations

import warnings

from gradguard.analysis.files import analyse_file
from gradguard.interpreter.program import NoFiles
from gradguard.tape.hazards import ForbiddenViewWritten, SavedVersionMoved
from gradguard.text.source import SourceFile

_OVERWRITTEN = ("modified by an inplace operation", "is a view and its base or another view of its base")


def torch_message(program: str) -> str | None:
    """What a failing version check of torch's says; any other exception is a mistake in the program and is passed on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(program, "main.py", "exec"), {"__name__": "__main__"})
        except RuntimeError as error:
            if not any(text in str(error) for text in _OVERWRITTEN):
                raise
            return str(error)
    return None


def torch_raises(program: str) -> bool:
    """Whether a version check of torch's fails."""
    return torch_message(program) is not None


def gradguard_message(program: str) -> str | None:
    """The same from gradguard, which must not rest on an assumption."""
    for found in analyse_file(SourceFile("main.py", program, 0), NoFiles()).found:
        if isinstance(found.hazard, SavedVersionMoved | ForbiddenViewWritten) and not found.assumptions:
            return found.hazard.message
    return None


def gradguard_reports(program: str) -> bool:
    """Whether gradguard finds a failing version check, without any assumption."""
    return gradguard_message(program) is not None
