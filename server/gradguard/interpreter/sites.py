"""Where in the user's program an event of the tape happened.

A `Site` is the origin that the interpreter hands to the tape. It is kept relative to the chunk (top-level statement) it stands in, so
that moving the chunk moves the site without analysing again.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gradguard.text.chunks import Chunk
    from gradguard.text.places import Place

WriteKind = Literal[
    "augmented",  # y += 1
    "method",  # y.add_(1)
    "setitem",  # y[0] = 1
    "function",  # torch.relu_(y), torch.add(x, 1, out=y)
    "inplace_flag",  # nn.ReLU(inplace=True), F.relu(x, inplace=True)
    "optimizer",  # opt.step()
    "module",  # a layer that writes its own buffers or weight: BatchNorm, Embedding(max_norm=…), load_state_dict
    "assignment",  # p.data = q
    "assumed",  # nothing in the program: the backward that an entry without a caller is assumed to get
    "other",
]

MODULES = frozenset({"torch", "nn", "F", "functional", "init", "np"})
"""Names that stand for torch's modules by universal habit."""


@dataclass(slots=True, eq=False)
class Site:
    """One expression or statement of the user's program, as one execution reached it.

    `node`: the expression, in `chunk`. `calls`: the call expressions it was reached through, outermost first. `loops`: for each
    enclosing loop of the running program, outermost first, (identity of this execution of the loop, round from 0); a loop of the
    library has None. `label`: the name of the written thing where the expression does not show it (`critic[2].weight`).
    `function`: the name of the user's function it stands in.
    """

    chunk: Chunk
    node: ast.AST
    kind: WriteKind | None = None
    label: str = ""
    calls: tuple[Site, ...] = ()
    loops: tuple[tuple[object, int], ...] = ()
    function: str = ""
    no_grad: bool = field(default=False)

    @property
    def node_range(self) -> tuple[int, int, int, int]:
        """(line, column, end line, end column) relative to the chunk; 0-based, columns in code points."""
        return self.chunk.range_of(self.node)

    @property
    def target(self) -> str:
        """The written expression in the user's words, "" if there is none."""
        return self.label or written_expression(self.node)

    def place(self) -> Place:
        """Where it stands now, in the file as last laid out."""
        return self.chunk.place_of(self.node_range)


def written_expression(node: ast.AST) -> str:
    """What `node` writes, as source text: the target of an assignment, the receiver of a method, an argument of a function."""
    if isinstance(node, ast.AugAssign):
        return ast.unparse(node.target)
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        return ast.unparse(target.value if isinstance(target, ast.Subscript) else target)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr.endswith("_") and not _is_module(node.func.value):
            return ast.unparse(node.func.value)
        out = next((k.value for k in node.keywords if k.arg == "out"), None)
        if out is not None:
            return ast.unparse(out)
        if node.args:
            return ast.unparse(node.args[0])
    return ""


def _is_module(node: ast.expr) -> bool:
    """Whether an expression reads like one of torch's modules: `torch`, `F`, `nn.init`, `torch.nn.functional`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in MODULES
