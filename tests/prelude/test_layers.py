"""Every layer of the prelude against torch: what it saves, what it writes, and whether its result is its input."""

from __future__ import annotations

import pytest
import torch

from tests.prelude import programs
from tests.prelude.judges import gradguard_message, gradguard_reports, torch_message, torch_raises
from tests.prelude.layers import LAYERS, Layer


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: f"{layer.make} {layer.inputs[0]}")
def test_layer_behaves_as_in_torch(layer: Layer) -> None:
    disagreements = []
    for program in _questions(layer):
        expected, found = torch_message(program), gradguard_message(program)
        if expected != found:
            disagreements.append(f"torch: {expected}\ngradguard: {found}\n{program}")
    assert not disagreements, "\n\n".join(disagreements)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: f"{layer.make} {layer.inputs[0]}")
def test_results_have_torch_s_shape_and_dtype(layer: Layer) -> None:
    for slot, result in _results(layer).items():
        program = programs.shaped(layer, slot, tuple(result.shape), str(result.dtype))
        assert torch_raises(program), program
        assert gradguard_reports(program), program


def _questions(layer: Layer) -> list[str]:
    state, results, has_graph = _slots(layer)
    inputs = [f"x{index}" for index in range(len(layer.inputs))]
    questions = [programs.written(layer, slot) for slot in (*inputs, *state)]
    questions.append(programs.aliased(layer))
    for inputs_need_grad in (True, False):
        if inputs_need_grad or has_graph:
            questions += [programs.saved(layer, slot, inputs_need_grad) for slot in (*inputs, *state, *results)]
    return questions


def _slots(layer: Layer) -> tuple[list[str], list[str], bool]:
    """The expressions of its parameters and buffers, and of its results; whether it has a graph if no input needs one."""
    module = _run(layer)["layer"]
    assert isinstance(module, torch.nn.Module)
    named = [*module.named_parameters(), *module.named_buffers()]
    results = _results(layer)
    return [_expression(name) for name, _ in named], list(results), any(r.requires_grad for r in results.values())


def _results(layer: Layer) -> dict[str, torch.Tensor]:
    results = _run(layer)["results"]
    assert isinstance(results, list)
    return {f"results[{index}]": result for index, result in enumerate(results)}


def _run(layer: Layer) -> dict[str, object]:
    """The names of a program that makes the layer and calls it once."""
    names: dict[str, object] = {}
    program = programs.HEADER.format(make=layer.make)
    program += "\n".join(f"x{index} = {made}" for index, made in enumerate(layer.inputs))
    exec(f"{program}\nresults = tensors({layer.expression})\n", names)
    return names


def _expression(name: str) -> str:
    """`blocks.0.weight` as Python writes it."""
    parts = [f"[{part}]" if part.isdigit() else f".{part}" for part in name.split(".")]
    return "layer" + "".join(parts)
