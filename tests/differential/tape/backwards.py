"""Steps that run backward, and what programs do with gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from tests.differential.tape.program import Program
    from tests.differential.tape.sides import Both


def scalar(program: Program) -> Both | None:
    """Something to start backward from; mostly the sum of a tensor that requires grad."""
    both = program.any()
    for _ in range(5):
        if both.model.requires_grad:
            break
        both = program.any()
    if both.real.dim() and program.random.random() < 0.9:
        outcome = program.sides.op("sum", both)
        program.record(outcome)
        if program.over or not outcome.results:
            return None
        both = outcome.results[0]
    return both


def backward(program: Program) -> None:
    """`root.backward(…)`, for all leaves or for one tensor."""
    if program.random.random() < 0.8:
        program.set_modes(True, False)
    root = scalar(program)
    if root is None:
        return
    sides = program.sides
    keep = program.random.random() < 0.4
    tape, step = sides.tape, sides.step + 1
    inputs = [program.any()] if program.random.random() < 0.15 else None
    text = f"backward(retain_graph={keep}{'' if inputs is None else f', inputs=[t{sides.tensors.index(inputs[0])}]'})"

    def real(tensor: torch.Tensor) -> None:
        tensor.backward(retain_graph=keep, inputs=None if inputs is None else [b.real for b in inputs])

    def model(tensor: object) -> None:
        chosen = None if inputs is None else [b.model for b in inputs]
        tape.backward(tensor, step, retain_graph=keep, inputs=chosen)  # type: ignore[arg-type]

    program.record(sides.call(text, root, real, model))


def weighted_backward(program: Program) -> None:
    """`torch.autograd.backward(roots, gradients)`: several roots, each with the gradient that the program gives it."""
    program.set_modes(True, False)
    sides = program.sides
    roots = [program.any() for _ in range(program.random.randint(1, 2))]
    # Nobody else holds them: by way of views such a gradient may become the `.grad` of a leaf itself.
    weights = [torch.rand(root.real.shape) for root in roots]
    keep = program.random.random() < 0.4
    tape, step = sides.tape, sides.step + 1
    names = ", ".join(f"t{sides.tensors.index(root)}" for root in roots)

    def real(_: torch.Tensor) -> None:
        torch.autograd.backward([r.real for r in roots], weights, retain_graph=keep)

    def model(_: object) -> None:
        tape.backward([r.model for r in roots], step, gradients=[tape.tensor(step) for _ in weights], retain_graph=keep)

    program.record(sides.call(f"backward([{names}], […], retain_graph={keep})", roots[0], real, model))


def grad(program: Program) -> None:
    """`torch.autograd.grad`, with respect to one or two tensors."""
    program.set_modes(True, False)
    root = scalar(program)
    if root is None:
        return
    sides = program.sides
    tape, step = sides.tape, sides.step + 1
    keep, unused = program.random.random() < 0.4, program.random.random() < 0.7
    inputs = [program.any() for _ in range(program.random.randint(1, 2))]
    names = ", ".join(f"t{sides.tensors.index(b)}" for b in inputs)
    found: list[list[bool]] = []

    def real(tensor: torch.Tensor) -> None:
        gradients = torch.autograd.grad(tensor, [b.real for b in inputs], retain_graph=keep, allow_unused=unused)
        found.append([g is not None for g in gradients])

    def model(tensor: object) -> None:
        gradients = tape.grad(
            tensor,  # type: ignore[arg-type]
            [b.model for b in inputs],
            step,
            retain_graph=keep,
            allow_unused=unused,
        )
        found.append([g is not None for g in gradients])

    outcome = sides.call(f"grad([{names}], retain_graph={keep}, allow_unused={unused})", root, real, model)
    if outcome.error is None and outcome.disagreement is None and len(found) == 2 and found[0] != found[1]:
        outcome.disagreement = f"reached: torch {found[0]}, tape {found[1]}"
    program.record(outcome)


def gradient(program: Program) -> None:
    """`.grad` of some leaf becomes a tensor of the program, is set to zero, or is let go."""
    found = [
        b for b in program.sides.tensors if b.model.wants_grad and b.real.grad is not None and b.model.grad is not None
    ]
    if not found:
        return
    leaf = program.random.choice(found)
    tensors = program.sides.tensors
    number = tensors.index(leaf)
    draw = program.random.random()
    if draw < 0.2:
        leaf.real.grad = leaf.model.grad = None
        program.lines.append(f"    t{number}.grad = None")
        return
    both = program.sides.adopt(leaf.real.grad, leaf.model.grad)  # type: ignore[arg-type]
    program.lines.append(f"    t{tensors.index(both)} = t{number}.grad")
    if draw < 0.4:
        program.record(program.sides.op("zero_", both))


def update(program: Program) -> None:
    """What optimizers do: leaves are written under no_grad, one by one or all at once."""
    leaves = [b for b in program.sides.tensors if b.model.wants_grad and not b.model.inference]
    program.set_modes(False, False)
    chosen = program.random.sample(leaves, min(len(leaves), 2))
    if chosen and program.random.random() < 0.3:
        program.record(program.sides.op("_foreach_mul_.Scalar", chosen, 0.9))
        return
    for both in chosen:
        program.record(program.sides.op("mul_.Tensor", both, 0.9))
        if program.over:
            return


def hook(program: Program) -> None:
    """A hook on a tensor or on a leaf's accumulated gradient; that the two sides call it equally often is compared.

    The hook of a leaf may write it, as an optimizer that steps during backward does.
    """
    both, sides = program.any(), program.sides
    tape, step = sides.tape, sides.step + 1
    if not both.model.requires_grad or both.model.inference or tape.inference_mode:
        return
    calls = [0, 0]

    def count(side: int) -> None:
        calls[side] += 1

    if not both.model.wants_grad or program.random.random() < 0.5:

        def register(real: torch.Tensor) -> None:
            real.grad_fn  # noqa: B018 (torch crashes where it first has to make a view's history anew)
            real.register_hook(lambda _: count(0))

        outcome = sides.call(
            "register_hook()",
            both,
            register,
            lambda m: tape.register_hook(m, lambda _: count(1), step),
        )
    else:
        writes = program.random.random() < 0.5
        sides.hooks_write = sides.hooks_write or writes

        def real_hook(leaf: torch.Tensor) -> None:
            count(0)
            if writes:
                with torch.no_grad():
                    leaf.mul_(0.9)

        def model_hook(leaf: object) -> None:
            count(1)
            if writes:
                tape.write(leaf, sides.step, operator="mul_")  # type: ignore[arg-type]

        outcome = sides.call(
            f"register_post_accumulate_grad_hook(writes={writes})",
            both,
            lambda r: (r.register_post_accumulate_grad_hook(real_hook), None)[1],
            lambda m: tape.register_post_hook(m, model_hook),
        )
    if outcome.error is None and outcome.hazard is None:
        program.hooks.append(calls)
    program.record(outcome)
