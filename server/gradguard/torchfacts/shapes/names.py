"""How an operator is called: from an ATen overload or a public name to the name under which its shape rule stands."""

from __future__ import annotations

from typing import Final

# Longest first. `torch.linalg.norm` is ATen's `linalg_norm`.
_PREFIXES: Final = (
    ("torch.nn.functional.", ""),
    ("torch._C._nn.", ""),
    ("torch.linalg.", "linalg_"),
    ("torch.special.", "special_"),
    ("torch.fft.", "fft_"),
    ("torch.functional.", ""),
    ("torch.Tensor.", ""),
    ("torch.", ""),
    ("Tensor.", ""),
)

# torch.nn.functional has functions that share their name with an unrelated method of Tensor.
_PUBLIC: Final = {"torch.nn.functional.unfold": "im2col", "torch.nn.functional.fold": "col2im"}

_OPERATORS: Final = {
    "matmul": "matmul", "truediv": "div", "floordiv": "floor_divide", "mod": "remainder", "invert": "bitwise_not",
    "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift", "div": "div", "add": "add", "sub": "sub", "mul": "mul", "pow": "pow",
}  # fmt: skip


def base_name(operator_name: str) -> tuple[str, bool]:
    """The rule's name and whether this is the in-place form.

    `mul.Tensor`, `torch.mul` and `Tensor.__rmul__` are all `mul`; `add_.Tensor`, `Tensor.add_` and `Tensor.__iadd__` are
    `add`, in place. The catalog's conditions on arguments (`dropout[training:False]`) do not matter here: the rules read the
    arguments themselves.
    """
    name = operator_name.partition("[")[0]
    if name in _PUBLIC:
        return _PUBLIC[name], False
    for prefix, replacement in _PREFIXES:
        if name.startswith(prefix):
            name = replacement + name[len(prefix) :]
            break
    name = name.partition(".")[0]
    if name.startswith("__") and name.endswith("__"):
        return _dunder(name[2:-2])
    if name.endswith("_") and not name.endswith("__"):
        return name[:-1], True
    return name, False


def _dunder(name: str) -> tuple[str, bool]:
    """`add`, `iadd` and `radd` of Python's operator methods; `invert` and `rshift` only look like such forms."""
    if name in _OPERATORS:
        return _OPERATORS[name], False
    if name[1:] in _OPERATORS:
        # Reflected division, subtraction and the like have rules of their own only where the order of operands matters.
        return ("rmatmul" if name == "rmatmul" else _OPERATORS[name[1:]]), name[0] == "i"
    return name, False
