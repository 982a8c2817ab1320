"""`torch.autocast`: operators that run in lower precision get copies of their operands, so the copies are what is saved.

The operators are those of torch 2.13's `ATen/autocast_mode.h` (`AT_FORALL_LOWER_PRECISION_FP`), which a test compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradguard.interpreter.torch.natives import DTYPES
from gradguard.interpreter.values import Value
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine
    from gradguard.torchfacts.operator import Operator

LOWERED: Final = frozenset(
    """
    _convolution conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d convolution prelu addmm
    addmv addr matmul einsum mm mv linalg_vecdot linear addbmm baddbmm bmm chain_matmul linalg_multi_dot
    _thnn_fused_lstm_cell _thnn_fused_gru_cell lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell
    _scaled_dot_product_flash_attention scaled_dot_product_attention
    """.split()
)
# What the models of torch's layers call in place of one of those.
_BEHIND: Final = frozenset(("mkldnn_rnn_layer", "_prelu_kernel", "_scaled_dot_product_flash_attention_for_cpu"))
_HALVES: Final = ("bfloat16", "float16")


def lowered(machine: Machine, operator: Operator, arguments: dict[str, Value]) -> dict[str, Value]:
    """The arguments that `operator` is really run with while autocast is on."""
    if operator.writes or _base(operator.name) not in LOWERED | _BEHIND:
        return arguments
    return {name: _cast(machine, value) for name, value in arguments.items()}


def _base(name: str) -> str:
    """`mm.out`, `matmul[other:rank=1]`, `torch.nn.functional.linear`: the name without its overload or its place."""
    name = name.partition("[")[0]
    return name.rpartition(".")[2] if name.startswith("torch.") else name.partition(".")[0]


def _cast(machine: Machine, value: Value) -> Value:
    if isinstance(value, (list, tuple)):
        return type(value)([_cast(machine, part) for part in value])
    if not isinstance(value, Tensor):
        return value
    geometry = value.geometry
    if geometry.floating is False or geometry.dtype in ("float64", *_HALVES):
        return value
    return machine.tensors.method(value, "to", [DTYPES["bfloat16"]], {})
