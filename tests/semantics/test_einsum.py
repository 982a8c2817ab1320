"""What `torch.einsum` keeps of its operands, equation by equation, with torch as the judge."""

from __future__ import annotations

from itertools import chain, combinations
from pathlib import Path

import pytest
import torch

from gradguard.project.workspace import Workspace

EQUATIONS = {
    "ij,jk->ik": [(2, 3), (3, 4)],
    "nhd,nhm->nhdm": [(2, 3, 4), (2, 3, 5)],
    "nhd,nhd->nh": [(2, 3, 4), (2, 3, 4)],
    "nhd,nhdm,nh->nhm": [(2, 3, 4), (2, 3, 4, 5), (2, 3)],
    "nc,ck->nk": [(4, 3), (3, 5)],
    "bhid,bhjd->bhij": [(2, 2, 3, 4), (2, 2, 5, 4)],
    "bnqd,bmqd->bnqm": [(2, 3, 4, 5), (2, 6, 4, 5)],
    "i,j->ij": [(3,), (4,)],
    "ij->ji": [(2, 3)],
    "bij,bjk": [(2, 3, 4), (2, 4, 5)],
    "ncvl,vw->ncwl": [(2, 3, 4, 5), (4, 4)],
    "bd,bsd->bs": [(2, 4), (2, 3, 4)],
    "ik,kj,jl->il": [(2, 3), (3, 4), (4, 5)],
}


def programs(equation: str, shapes: list[tuple[int, ...]]) -> list[str]:
    """One program for each operand that is written and each choice of operands that need a gradient."""
    count = range(len(shapes))
    made = []
    for written in count:
        for need in chain.from_iterable(combinations(count, size) for size in range(1, len(shapes) + 1)):
            lines = ["import torch"]
            for index, shape in enumerate(shapes):
                grown = " * 1" if index in need else ""
                lines.append(f"x{index} = torch.rand({shape}, requires_grad={index in need}){grown}")
            operands = ", ".join(f"x{index}" for index in count)
            lines += [f"result = torch.einsum({equation!r}, {operands})", f"x{written} += 1", "result.sum().backward()"]
            made.append("\n".join(lines) + "\n")
    return made


def torch_raises(program: str) -> bool:
    try:
        exec(program, {"torch": torch})  # the program is made here
    except RuntimeError as error:
        assert "modified by an inplace operation" in str(error)
        return True
    return False


@pytest.mark.parametrize("equation", EQUATIONS)
def test_operands_are_kept_as_torch_keeps_them(equation: str, tmp_path: Path) -> None:
    for number, program in enumerate(programs(equation, EQUATIONS[equation])):
        workspace = Workspace([str(tmp_path)])
        path = str(tmp_path / f"program{number}.py")
        workspace.open(path, program)
        report = workspace.report(path)
        assert report is not None
        assert any(finding.code == "GG101" for finding in report.findings) == torch_raises(program), program
