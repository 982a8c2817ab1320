"""Torch's own error texts (2.13), word for word; `tests/tape` compares each with what torch raises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradguard.tape.tensor import CUSTOM_FUNCTION, INFERENCE, MULTI_OUTPUT, NO_GRAD

if TYPE_CHECKING:
    from gradguard.torchfacts.geometry import Geometry

LEAF = "a leaf Variable that requires grad is being used in an in-place operation."
VIEW_OF_LEAF = "a view of a leaf Variable that requires grad is being used in an in-place operation."
DIRTY_LEAF = "a leaf Variable that requires grad has been used in an in-place operation."
OVERLAP = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
    "Please clone() the tensor before performing the operation."
)
PARTIAL_OVERLAP = (
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. "
    "Please clone() the tensor before performing the operation."
)
INFERENCE_WRITTEN = (
    "Inplace update to inference tensor outside InferenceMode is not allowed."
    "You can make a clone to get a normal tensor before doing inplace update."
    "See https://github.com/pytorch/rfcs/pull/17 for more details."
)
INFERENCE_SAVED = (
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked "
    "by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use "
    "`torch.no_grad()` instead of `torch.inference_mode()`."
)
INFERENCE_REQUIRES_GRAD = "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
TWICE = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). "
    "Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True "
    "if you need to backward through the graph a second time or if you need to access saved tensors after calling backward."
)
DETACHED_IN_PLACE = (
    "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_()."
    "This is not supported, please use out-of-place `.detach()` instead"
)
DETACH_OF_VIEW = (
    "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and "
    "gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these "
    "gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
)
RESIZE = "cannot resize variables that require grad"
NUMPY = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
REQUIRES_GRAD_OF_NON_LEAF = "you can only change requires_grad flags of leaf variables."
REQUIRES_GRAD_FALSE_OF_NON_LEAF = (
    REQUIRES_GRAD_OF_NON_LEAF
    + " If you want to use a computed variable in a subgraph that doesn't require differentiation "
    "use var_no_grad = var.detach()."
)
REQUIRES_GRAD_OF_INTEGERS = "only Tensors of floating point dtype can require gradients"
RETAIN_GRAD = "can't retain_grad on Tensor that has requires_grad=False"
NON_SCALAR = "grad can be implicitly created only for scalar outputs"
DIRTY_NOT_RETURNED = (
    "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace "
    "must all be outputs of the Function."
)
DOES_NOT_REQUIRE_GRAD = "One of the differentiated Tensors does not require grad"

HINT = (
    "Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
    "torch.autograd.set_detect_anomaly(True, check_nan=False)."
)
HINT_UNDER_ANOMALY = (
    "Hint: the backtrace further above shows the operation that failed to compute its gradient. The variable in question was "
    "changed in there or anywhere later. Good luck!"
)

_TYPES = {
    "float32": "torch.FloatTensor",
    "float64": "torch.DoubleTensor",
    "float16": "torch.HalfTensor",
    "bfloat16": "CPUBFloat16Type",
    "complex64": "CPUComplexFloatType",
    "complex128": "CPUComplexDoubleType",
    "bool": "CPUBoolType",
    "int8": "torch.CharTensor",
    "uint8": "torch.ByteTensor",
    "int16": "torch.ShortTensor",
    "int32": "torch.IntTensor",
    "int64": "torch.LongTensor",
}
_WRITTEN_BY_HAND = {
    "CopySlices",
    "CopyBackwards",
    "NotImplemented",
}  # C++ classes: torch prints them with their namespace.
_BACKWARD = re.compile(r"Backward0?(?=\d*$)")


def short_name(node_name: str) -> str:
    """A grad_fn's name as messages print it: `ExpBackward0` is `Exp`, `PowBackward1` is `Pow1`."""
    if node_name in _WRITTEN_BY_HAND:
        return "torch::autograd::" + node_name
    return _BACKWARD.sub("", node_name)


def tensor_text(geometry: Geometry) -> str:
    """A tensor as messages print it: `[torch.FloatTensor [2, 3]]`, with `?` for what is not known."""
    kind = _TYPES.get(geometry.dtype or "", "?")
    if geometry.shape is None:
        return f"[{kind} [?]]"
    return f"[{kind} [{', '.join('?' if size is None else str(size) for size in geometry.shape)}]]"


def saved_version_moved(
    geometry: Geometry, output: int, producer: str | None, version: int, expected: int, anomaly: bool
) -> str:
    """`producer`: the grad_fn's name, None if there is none."""
    named = f", which is output {output} of {short_name(producer)}," if producer is not None else ""
    return (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"{tensor_text(geometry)}{named} is at version {version}; expected version {expected} instead. "
        + (HINT_UNDER_ANOMALY if anomaly else HINT)
    )


def forbidden_view(meta: int, producer: str | None, output: int, indirect: bool) -> str:
    """`meta`: how the view was created; `producer`: its stored grad_fn's name; `indirect`: its base or a sibling was written."""
    verb = "its base or another view of its base has been modified inplace" if indirect else "is being modified inplace"
    if meta in (NO_GRAD, INFERENCE) or producer is None:
        mode = "inference mode" if meta == INFERENCE else "no_grad mode"
        where = "in normal mode" if meta == INFERENCE else "with grad mode enabled"
        who = (
            "A view was"
            if producer is None
            else f"Output {output} of {short_name(producer)} is a view of a view which was"
        )
        text = f"{who} created in {mode} and {verb} {where}."
    else:
        text = f"Output {output} of {short_name(producer)} is a view and {verb}."
    if meta == MULTI_OUTPUT:
        return text + (
            " This view is the output of a function that returns multiple views. Such functions do not allow the output views "
            "to be modified inplace. You should replace the inplace operation by an out-of-place one."
        )
    if meta == CUSTOM_FUNCTION:
        return text + (
            " This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to "
            "handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect "
            "gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function."
        )
    block = "inference_mode" if meta == INFERENCE else "no_grad"
    return text + (
        " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the "
        f"view and the inplace either both inside the {block} block (if you don't want the inplace to be tracked) or both "
        "outside (if you want the inplace to be tracked)."
    )


def out_argument(function: str) -> str:
    """`function`: torch's bare name of it (`add`)."""
    return (
        f"{function}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments "
        "requires grad."
    )


def not_implemented(operator: str) -> str:
    """`operator`: its name without the overload, with `aten::` where torch has no derivative of its own for it."""
    return f"derivative for {operator} is not implemented"


def no_graph(index: int) -> str:
    return f"element {index} of tensors does not require grad and does not have a grad_fn"


def unused_input(index: int) -> str:
    return (
        f"The differentiated Tensor at index {index} appears to not have been used in the graph. "
        "Set allow_unused=True if this is the desired behavior."
    )
