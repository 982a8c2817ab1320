"""Runs one program in this process, as often as asked: files in a folder of their own, a fresh `__main__` each time."""

from __future__ import annotations

import ast
import contextlib
import random
import sys
import tempfile
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import torch

from tests.oracle.reports import Program, Raised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Namespace = dict[str, Any]


class Execution:
    """A program laid out in `folder`, ready to run."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self._texts = {**program.files, **dict(program.callers)}
        for name, text in self._texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run(
        self, change: Callable[[ast.Module], None] | None = None, **given: object
    ) -> tuple[Namespace, Raised | None]:
        """Run it from the start; `change` may edit the main file's tree, `given` are extra names for it.

        Returns the main module's names as the program left them, and what it raised.
        """
        self._forget_modules()
        torch.manual_seed(0)
        random.seed(0)
        numpy.random.seed(0)
        module = types.ModuleType("__main__")
        module.__file__ = str(self.folder / self.program.main)
        module.__dict__.update(given)
        sys.modules["__main__"] = module
        sys.argv = [module.__file__]
        try:
            for name in (self.program.main, *(name for name, _ in self.program.callers)):
                path = str(self.folder / name)
                tree = ast.parse(self._texts[name], path)
                if change is not None and name == self.program.main:
                    change(tree)
                exec(compile(tree, path, "exec"), module.__dict__)
        except SystemExit as leaving:
            if leaving.code:
                return module.__dict__, self._raised(leaving)
        except BaseException as error:  # Whatever it is, it is what the program did.
            return module.__dict__, self._raised(error)
        return module.__dict__, None

    def name_of(self, path: str) -> str | None:
        """The program's own name of the file at `path`; None for a file that is not the program's."""
        prefix = f"{self.folder}/"
        return path[len(prefix) :] if path.startswith(prefix) else None

    def _raised(self, error: BaseException) -> Raised:
        frames = []
        trace = error.__traceback__
        while trace is not None:
            name = self.name_of(trace.tb_frame.f_code.co_filename)
            if name is not None:
                frames.append((name, trace.tb_lineno))
            trace = trace.tb_next
        if not frames and isinstance(error, SyntaxError):
            frames.append((self.name_of(error.filename or "") or self.program.main, error.lineno or 1))
        file, line = frames[-1] if frames else ("", 0)
        return Raised(type(error).__name__, str(error), file, line, tuple(frames))

    def _forget_modules(self) -> None:
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and name != "__main__" and self.name_of(file) is not None:
                del sys.modules[name]


@contextlib.contextmanager
def laid_out(program: Program) -> Iterator[Execution]:
    """The program's files in a temporary folder, which is the first place to import from."""
    with tempfile.TemporaryDirectory() as folder:
        real = Path(folder).resolve()
        sys.path.insert(0, str(real))
        yield Execution(program, real)
