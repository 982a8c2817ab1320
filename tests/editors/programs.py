"""The programs that are opened in every editor, and what is expected of them: here once, for all editors."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Expected:
    """A program with one hazard, and the line that a quick fix makes of it."""

    text: str
    code: str
    line: int
    """0-based line of the write."""
    start: int
    end: int
    """Columns of the write: the whole statement."""
    hover: str
    """Part of the hover on the write."""
    fixed: str
    """The line after the preferred quick fix."""
    backward: str
    """The line without which nothing is wrong."""


SAVED = Expected(
    text=(
        "import torch\n"
        "\n"
        "x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\n"
        "y = x.exp()\n"
        "y += 1\n"
        "y.sum().backward()\n"
    ),
    code="GG101",
    line=4,
    start=0,
    end=6,
    hover="exp",
    fixed="y = y + 1",
    backward="y.sum().backward()",
)


def as_json(expected: Expected) -> str:
    """For the scripts that run inside an editor."""
    return json.dumps(asdict(expected))
