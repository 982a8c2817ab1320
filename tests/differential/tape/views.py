"""Steps that make views and aliases, move tensors onto other memory, and change their flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from tests.differential.tape.sides import geometry_of

if TYPE_CHECKING:
    from tests.differential.tape.program import Program
    from tests.differential.tape.sides import Both


def view(program: Program) -> None:
    """A view of some tensor, by an operator that always makes one."""
    both = program.any()
    real = both.real
    choices: list[tuple[str, tuple[object, ...]]] = [("view", ([-1],)), ("unsqueeze", (0,)), ("t", ())]
    if not real.is_contiguous() or real.dim() > 2:
        choices = [("unsqueeze", (0,)), ("squeeze", ())]
    elif real.numel() >= 3:
        choices += [("as_strided", ([2, 2], [1, 1])), ("as_strided", ([2], [1]))]
    if real.dim():
        size = real.shape[0]
        choices += [
            ("slice", (0, max(1, size // 2))),
            ("slice", (max(1, size // 2), size)),
            ("select.int", (0, size - 1)),
            ("split.Tensor", (max(1, size // 2),)),
            ("unbind.int", (0,)),
            ("split_with_sizes", ([1, size - 1],)),
            ("expand", ([2, *real.shape],)),
            ("squeeze", ()),
            ("diagonal", ()) if real.dim() > 1 else ("slice", (0, 2)),
            ("transpose.int", (0, real.dim() - 1)),
            ("permute", (list(range(real.dim())),)),
            ("unfold", (0, min(2, size), 1)),
        ]
    name, arguments = program.random.choice(choices)
    if name == "slice":
        program.record(program.sides.slice(both, *arguments))  # type: ignore[arg-type]
        return
    program.operators.add(name)
    program.record(program.sides.op(name, both, *arguments))


def complex_view(program: Program) -> None:
    """Complex views of real tensors, and what can be done with them and back."""
    tensors = program.sides.tensors
    pairs = [b for b in tensors if b.real.dtype == torch.float32 and b.real.dim() and b.real.shape[-1] == 2]
    numbers = [b for b in tensors if b.real.dtype == torch.complex64 and b.real.numel()]
    names: list[tuple[str, list[Both], tuple[object, ...]]] = [
        ("view_as_complex", [b for b in pairs if b.real.is_contiguous() and not b.real.storage_offset()], ()),
        ("view_as_real", [b for b in numbers if not b.real.is_conj()], ()),
        ("_conj", numbers, ()),
        ("abs", numbers, ()),
        ("angle", numbers, ()),
        ("exp", numbers, ()),
        ("mul_.Tensor", numbers, (2.0,)),
        ("sgn_", numbers, ()),
    ]
    possible = [(name, found, arguments) for name, found, arguments in names if found]
    if possible:
        name, found, arguments = program.random.choice(possible)
        program.operators.add(name)
        program.record(program.sides.op(name, program.random.choice(found), *arguments))


def write_view(program: Program) -> None:
    """`x[0:1] = 3.`, `x[0] *= y`: a write through a view that nobody keeps."""
    both = program.any()
    if not both.real.dim():
        return
    made = program.sides.slice(both, 0, 1)
    program.record(made)
    if program.over or not made.results:
        return
    program.record(program.sides.op("fill_.Scalar", made.results[0], 3.0))


def alias(program: Program) -> None:
    """The same memory by another way than a view."""
    both, sides, tape = program.any(), program.sides, program.sides.tape
    name = program.random.choice(["detach", "detach", "data", "parameter", "shared", "numpy"])
    step = sides.step + 1
    if name == "detach":
        outcome = sides.call("detach()", both, lambda r: r.detach(), lambda m: tape.detach(m, step))
    elif name == "data":
        outcome = sides.call("data", both, lambda r: r.data, lambda m: tape.data(m, step))
    elif name == "parameter":
        outcome = sides.call("Parameter()", both, torch.nn.Parameter, lambda m: tape.parameter(step, m))
    elif name == "numpy" and not both.model.inference and not tape.inference_mode:
        outcome = sides.call(
            "detach().numpy()",
            both,
            lambda r: torch.from_numpy(r.detach().numpy()),
            lambda m: tape.from_numpy(tape.numpy(tape.detach(m, step), step), step),
        )
    elif name == "shared" and both.real.dim() and not tape.inference_mode:
        outcome = sides.op("unsafe_split.Tensor", both, 1)
    else:
        return
    program.record(outcome)


def flag(program: Program) -> None:
    """What changes a tensor without computing: flags, memory, counters."""
    both, other = program.any(), program.any()
    sides, tape, step = program.sides, program.sides.tape, program.sides.step + 1
    number = sides.tensors.index(other)
    name = program.random.choice(
        ["detach_", "requires_grad_", "freeze", "retain_grad", "set_", "set_data", "bump", "resize_", "enlarge"]
    )
    if name == "detach_":
        outcome = sides.call("detach_()", both, lambda r: r.detach_(), lambda m: tape.detach_(m, step))
    elif name == "requires_grad_":
        if tape.inference_mode:
            return  # an inference tensor that requires grad: some operators record it, some do not
        outcome = sides.call(
            "requires_grad_()", both, lambda r: r.requires_grad_(), lambda m: tape.requires_grad_(m, True, step)
        )
    elif name == "freeze":
        outcome = sides.call(
            "requires_grad_(False)",
            both,
            lambda r: r.requires_grad_(False),
            lambda m: tape.requires_grad_(m, False, step),
        )
    elif name == "retain_grad":
        outcome = sides.call("retain_grad()", both, lambda r: r.retain_grad(), lambda m: tape.retain_grad(m, step))
    elif name == "set_":
        outcome = sides.call(
            f"set_(t{number})", both, lambda r: r.set_(other.real), lambda m: tape.set_(m, other.model, step)
        )
    elif name == "set_data":
        if both.model.inference or other.model.inference:
            return  # the tensor changes its nature

        def assign(real: torch.Tensor) -> None:
            real.data = other.real

        outcome = sides.call(f"data = t{number}", both, assign, lambda m: tape.set_data(m, other.model, step))
    elif name == "bump":
        outcome = sides.call(
            "increment_version()", both, torch.autograd.graph.increment_version, lambda m: tape.bump(m, step)
        )
    elif name == "enlarge":
        if tape.inference_mode or both.model.inference:
            return
        shape = (4,) if tuple(both.real.shape) == (2, 2) else (2, 2)
        sized = geometry_of(torch.empty(shape))
        outcome = sides.call(
            f"resize_{shape}",
            both,
            lambda r: r.resize_(shape),
            lambda m: tape.resize_(m, step, sized, changes=m.geometry.shape != shape),
        )
    else:
        outcome = sides.call(
            "resize_()", both, lambda r: r.resize_(r.shape), lambda m: tape.resize_(m, step, m.geometry, changes=False)
        )
    program.record(outcome)
