"""Tensors that pass through much of Python between the operator that saves them and the statement that writes them.

The passages are in `passages.md`, which says what their words stand for.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code

DOCUMENT = Path(__file__).resolve().parents[1] / "passages.md"

MADE = (
    "{x}.exp()",
    "torch.sigmoid({x})",
    "{x} * {x}",
    "{x}.tanh()",
    "{x} * 2",
    "{x} + 1",
    "{x}.pow(2)",
    "F.softmax({x}, -1)",
    "{x}.clone()",
    "{x} @ {x}.t() @ {x}",
    "F.softplus({x})",
    "{x}.sin()",
)
WRITES = (
    "t += 1",
    "t.mul_(0.5)",
    "t[0] = 0.0",
    "t[:, 1] *= 2",
    "t.zero_()",
    "t.clamp_(-1, 1)",
    "t[t > 0.5] = 0.5",
    "t.add_(torch.ones(2, 3))",
    "t.detach().mul_(2)",
    "torch.relu_(t)",
)
NO_WRITES = ("t = t * 2", "t = t + 1", "t = t.clone()", "pass", "pass")


@dataclass(frozen=True)
class Passage:
    """What stands at the top of the program, and the statements that take a tensor through it."""

    definitions: str
    statements: str


def _passages(document: str) -> list[Passage]:
    found = []
    for section in document.split("\n## ")[1:]:
        *above, statements = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        found.append(Passage("".join(above), statements))
    return found


PASSAGES = _passages(DOCUMENT.read_text())


class _Filling(ast.NodeTransformer):
    """Puts something in the place of each of the passages' words."""

    def __init__(self, rng: random.Random, names: dict[str, str]) -> None:
        self._rng = rng
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "MADE"):
            return node
        text = self._rng.choice(MADE).format(x=f"({ast.unparse(node.args[0])})")
        return ast.parse(text, mode="eval").body

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        if not (isinstance(node.value, ast.Name) and node.value.id == "WRITE"):
            return self.generic_visit(node)
        if self._rng.random() < 0.3:
            return ast.parse(self._rng.choice(NO_WRITES)).body
        text = self._rng.choice(WRITES)
        return ast.parse(f"with torch.no_grad():\n    {text}" if self._rng.random() < 0.12 else text).body


def write(rng: random.Random, code: Code) -> None:
    names = ["w"]
    body = []
    for number in range(1, rng.randint(2, 5)):
        passage = rng.choice(PASSAGES)
        words = {"SOURCE": rng.choice(names[-2:]), "RESULT": f"r{number}"}
        for text, into in ((passage.definitions, code), (passage.statements, body.append)):
            tree = ast.parse(text.replace("_N", str(number)))
            filled = ast.unparse(ast.fix_missing_locations(_Filling(rng, words).visit(tree)))
            for line in filled.splitlines():
                into(line)
        names.append(words["RESULT"])
        if rng.random() < 0.15:
            body.append(rng.choice(("{r}.sum().backward(retain_graph=True)", "{r} = {r} * w")).format(r=names[-1]))
    terms = [f"{name}.{rng.choice(('sum()', 'pow(2).mean()'))}" for name in names[1:]]
    body = [
        f"w = {rng.choice(('torch.randn(2, 3, requires_grad=True)', 'nn.Parameter(torch.rand(2, 3))'))}",
        *body,
        f"loss = {' + '.join(terms)}",
        "loss.backward()",
    ]
    if rng.random() < 0.4:
        with code.block("def main():"):
            code(*body)
        code("", "", "main()")
    else:
        code(*body)
