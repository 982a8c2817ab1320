"""An operator's name in torch's tables and in a user's words."""

from __future__ import annotations


def public_name(operator: str) -> str:
    """`mul.Tensor` as a user knows it: `mul`.

    `aten::exp_`, `torch.nn.functional.gelu` and names that say for which arguments they hold, `matmul[other:rank=1]`, are
    shortened likewise.
    """
    return split_overload(operator)[0]


def split_overload(operator: str) -> tuple[str, str]:
    """The name and the overload: (`mul`, `Tensor`); the overload is "" where there is none."""
    name = operator.rpartition("::")[2].partition("[")[0]
    if name.startswith(("torch.", "Tensor.")):
        return name.rpartition(".")[2], ""
    base, _, overload = name.partition(".")
    return base, overload
