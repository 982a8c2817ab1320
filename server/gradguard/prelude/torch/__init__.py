"""torch, where Python does more than call an operator. One import per line: only what is used is run."""
# ruff: noqa: I001

import _gradguard as gg

from torch.amp.autocast_mode import autocast
from torch.amp.grad_scaler import GradScaler
from torch.autograd.grad_mode import enable_grad
from torch.autograd.grad_mode import inference_mode
from torch.autograd.grad_mode import no_grad
from torch.autograd.grad_mode import set_grad_enabled
from torch.func import vmap
from torch.functional import broadcast_shapes
from torch.functional import broadcast_tensors
from torch.functional import meshgrid

__version__ = "2.13.0"


def is_inference_mode_enabled():
    return gg.inference_enabled()


def compile(model=None, **kwargs):
    # Compiled or not, a program has the same gradients and the same errors.
    return (lambda function: function) if model is None else model


def manual_seed(seed):
    return Generator()


def seed():
    return gg.unknown()


def initial_seed():
    return gg.unknown()


def get_rng_state():
    return gg.unknown()


def set_rng_state(new_state):
    pass


class Generator:
    def __init__(self, device=None):
        pass

    def manual_seed(self, seed):
        return self

    def seed(self):
        return gg.unknown()

    def initial_seed(self):
        return gg.unknown()

    def get_state(self):
        return gg.unknown()

    def set_state(self, state):
        pass


default_generator = Generator()


class device:
    def __init__(self, type="cpu", index=None):
        self.index = index
        self.type = type.type if isinstance(type, device) else type if gg.is_unknown(type) else str(type).split(":")[0]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def __str__(self):
        return self.type

    def __eq__(self, other):
        return self.type == other.type if isinstance(other, device) else self.type == other


def set_default_device(device):
    pass


def get_default_device():
    return device("cpu")


def set_default_dtype(d):
    pass


def set_default_tensor_type(t):
    pass


def get_default_dtype():
    return float32


def set_num_threads(count):
    pass


def set_num_interop_threads(count):
    pass


def get_num_threads():
    return gg.unknown()


def set_printoptions(*args, **kwargs):
    pass


def set_float32_matmul_precision(precision):
    pass


def use_deterministic_algorithms(mode, *, warn_only=False):
    pass


def set_anomaly_enabled(mode, check_nan=True):
    pass


def save(obj, f, *args, **kwargs):
    pass


def load(f, *args, **kwargs):
    return gg.unknown()


def is_storage(obj):
    return False


def is_floating_point(input):
    return input.is_floating_point()


def is_complex(input):
    return input.is_complex()


def get_autocast_dtype(device_type):
    return gg.unknown()


def is_autocast_enabled(device_type=None):
    return gg.unknown()


def typename(obj):
    return type(obj).__name__


def _assert(condition, message):
    pass


class finfo:
    def __init__(self, type=None):
        pass

    def __getattr__(self, name):
        return gg.unknown()


class iinfo(finfo):
    pass
