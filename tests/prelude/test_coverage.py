"""Which public names of torch neither the prelude nor the catalog nor the interpreter knows."""

from __future__ import annotations

import inspect
import types
from importlib import import_module

import pytest

from gradguard.interpreter.scopes import index_of, is_prelude_package, prelude_source
from gradguard.interpreter.torch.natives import torch_natives
from gradguard.torchfacts.catalog import Catalog

# Left unknown on purpose: a call of one is a call of something out of view.
UNKNOWN = {
    "torch.nn": "LinearCrossEntropyLoss LinearCrossEntropyOptions UninitializedBuffer factory_kwargs",
    "torch.nn.functional": "ScalingType SwizzleType assert_int_or_pair",
    "torch.nn.init": "",
    "torch.nn.utils": "fuse_conv_bn_weights fuse_linear_bn_weights",
    "torch.optim": "swap_in_optimizer_params_and_state",
    "torch.optim.lr_scheduler": "",
    "torch.distributions": """
        CatTransform ContinuousBernoulli CorrCholeskyTransform CumulativeDistributionTransform FisherSnedecor
        GeneralizedPareto HalfCauchy InverseGamma Kumaraswamy LKJCholesky LogisticNormal LowRankMultivariateNormal
        LowerCholeskyTransform Multinomial NegativeBinomial Pareto PositiveDefiniteTransform ReshapeTransform
        StackTransform StickBreakingTransform VonMises Weibull Wishart
    """,
    "torch.autograd": "NestedIOFunction enforce_grad_layout_policy",
    "torch.utils.data": """
        DFIterDataPipe DataChunk IterDataPipe MapDataPipe argument_validation default_convert functional_datapipe
        guaranteed_datapipes_determinism non_deterministic runtime_validation runtime_validation_disabled
    """,
    "torch.utils.checkpoint": """
        CheckpointError CheckpointFunction CheckpointPolicy DefaultDeviceType GraphExecGroup
        SelectiveCheckpointContext check_backward_validity create_selective_checkpoint_contexts detach_variable
        get_device_states set_device_states
    """,
}


@pytest.mark.parametrize("module", UNKNOWN)
def test_public_names_are_known(module: str) -> None:
    missing = {name for name in _public(module) if not _known(module, name)}
    assert missing == set(UNKNOWN[module].split())


def _public(module: str) -> set[str]:
    """Functions and classes that the module offers and that are defined in it or below it."""
    found = set()
    for name, value in vars(import_module(module)).items():
        function = isinstance(value, types.FunctionType | types.BuiltinFunctionType)
        if not name.startswith("_") and (function or inspect.isclass(value)):
            if (getattr(value, "__module__", None) or module).startswith(module):
                found.add(name)
    return found


def _known(module: str, name: str) -> bool:
    dotted = f"{module}.{name}"
    source = prelude_source(module)
    if source is not None and name in index_of(source[0]):
        return True
    if prelude_source(dotted) is not None or is_prelude_package(dotted):
        return True
    return dotted in torch_natives() or bool(Catalog.load().candidates(dotted))
