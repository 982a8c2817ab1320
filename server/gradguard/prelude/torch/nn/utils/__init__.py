"""torch.nn.utils."""
# ruff: noqa: I001

from torch.nn.utils.clip_grad import clip_grad_norm
from torch.nn.utils.clip_grad import clip_grad_norm_
from torch.nn.utils.clip_grad import clip_grad_value_
from torch.nn.utils.clip_grad import clip_grads_with_norm_
from torch.nn.utils.clip_grad import get_total_norm
from torch.nn.utils.convert_parameters import parameters_to_vector
from torch.nn.utils.convert_parameters import vector_to_parameters
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.nn.utils.fusion import fuse_linear_bn_eval
from torch.nn.utils.spectral_norm import remove_spectral_norm
from torch.nn.utils.spectral_norm import spectral_norm
from torch.nn.utils.weight_norm import remove_weight_norm
from torch.nn.utils.weight_norm import weight_norm


def skip_init(module_cls, *args, **kwargs):
    return module_cls(*args, **kwargs)


def convert_conv2d_weight_memory_format(module, memory_format):
    return module


def convert_conv3d_weight_memory_format(module, memory_format):
    return module
