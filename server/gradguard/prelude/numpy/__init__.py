"""numpy: arrays whose memory torch may share; their values are nobody's business here."""

import _gradguard as gg
import torch

pi = 3.141592653589793
e = 2.718281828459045
inf = float("inf")
nan = float("nan")
newaxis = None
ndarray = type(gg.new_array((1,)))

float16 = torch.float16
float32 = torch.float32
float64 = torch.float64
float_ = torch.float64
double = torch.float64
single = torch.float32
int8 = torch.int8
int16 = torch.int16
int32 = torch.int32
int64 = torch.int64
int_ = torch.int64
uint8 = torch.uint8
bool_ = torch.bool
complex64 = torch.complex64
complex128 = torch.complex128


# New memory


def _made(shape, dtype):
    return gg.new_array(shape, None if dtype is float else dtype)


def zeros(shape, dtype=None, order="C"):
    return _made(shape, dtype)


def ones(shape, dtype=None, order="C"):
    return _made(shape, dtype)


def empty(shape, dtype=None, order="C"):
    return _made(shape, dtype)


def full(shape, fill_value, dtype=None, order="C"):
    return _made(shape, dtype)


def zeros_like(a, dtype=None):
    return _like(a, dtype)


def ones_like(a, dtype=None):
    return _like(a, dtype)


def empty_like(a, dtype=None):
    return _like(a, dtype)


def full_like(a, fill_value, dtype=None):
    return _like(a, dtype)


def _like(a, dtype=None):
    if not gg.is_tensor(a):
        return gg.new_array(None, dtype)
    return gg.new_array(a.shape, a.dtype if dtype is None else dtype)


def eye(N, M=None, k=0, dtype=None):
    return _made((N, N if M is None else M), dtype)


def identity(n, dtype=None):
    return _made((n, n), dtype)


def arange(*args, dtype=None):
    shape = (args[0],) if len(args) == 1 and isinstance(args[0], int) else (gg.unknown(),)
    return _made(shape, int64 if dtype is None and isinstance(args[0], int) else dtype)


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    return _made((num,), dtype)


def array(object, dtype=None, *, copy=True, **options):
    if gg.is_tensor(object):
        return _like(object, dtype)
    if isinstance(object, (list, tuple, int, float)):
        made = torch.tensor(object)
        return gg.new_array(made.shape, dtype or (float64 if made.is_floating_point() else made.dtype))
    return gg.new_array(None, dtype)


def asarray(a, dtype=None, *args, **options):
    # A tensor's memory is shared.
    if gg.is_tensor(a):
        return a if isinstance(a, ndarray) else gg.numpy_of(a)
    return array(a, dtype)


def ascontiguousarray(a, dtype=None):
    return asarray(a, dtype)


def asanyarray(a, dtype=None):
    return asarray(a, dtype)


def copy(a):
    return _like(a)


def concatenate(arrays, axis=0, out=None, dtype=None):
    return gg.new_array(None, dtype)


def stack(arrays, axis=0, out=None, dtype=None):
    return gg.new_array(None, dtype)


def vstack(tup, dtype=None):
    return gg.new_array(None, dtype)


def hstack(tup, dtype=None):
    return gg.new_array(None, dtype)


def tile(A, reps):
    return gg.new_array(None)


def repeat(a, repeats, axis=None):
    return gg.new_array(None)


def where(condition, x=None, y=None):
    return gg.unknown() if x is None else gg.new_array(None)


def dot(a, b, out=None):
    return gg.unknown()


def matmul(a, b):
    return gg.unknown()


# Elementwise: new memory, or `out`


def _unary(x, out=None):
    if out is not None:
        gg.write_past_counter(out, "numpy", "out=")
        return out
    return _like(x) if gg.is_tensor(x) else gg.unknown()


def _binary(x1, x2, out=None):
    if out is not None:
        gg.write_past_counter(out, "numpy", "out=")
        return out
    return gg.new_array(None) if gg.is_tensor(x1) or gg.is_tensor(x2) else gg.unknown()


abs = _unary
absolute = _unary
exp = _unary
log = _unary
log2 = _unary
log10 = _unary
log1p = _unary
expm1 = _unary
sqrt = _unary
square = _unary
sin = _unary
cos = _unary
tan = _unary
tanh = _unary
arctan = _unary
arcsin = _unary
arccos = _unary
sign = _unary
floor = _unary
ceil = _unary
rint = _unary
negative = _unary
reciprocal = _unary
sinh = _unary
cosh = _unary
isnan = _unary
isinf = _unary
isfinite = _unary
deg2rad = _unary
rad2deg = _unary
add = _binary
subtract = _binary
multiply = _binary
divide = _binary
true_divide = _binary
floor_divide = _binary
power = _binary
maximum = _binary
minimum = _binary
mod = _binary
remainder = _binary
arctan2 = _binary
hypot = _binary
fmod = _binary
greater = _binary
less = _binary
equal = _binary
logical_and = _binary
logical_or = _binary


def clip(a, a_min=None, a_max=None, out=None):
    return _unary(a, out)


# Reductions and questions


def _asked(*args, **kwargs):
    return gg.unknown()


sum = _asked
mean = _asked
std = _asked
var = _asked
median = _asked
prod = _asked
min = _asked
max = _asked
amin = _asked
amax = _asked
argmin = _asked
argmax = _asked
argsort = _asked
sort = _asked
cumsum = _asked
percentile = _asked
quantile = _asked
allclose = _asked
isclose = _asked
array_equal = _asked
any = _asked
all = _asked
unique = _asked
nonzero = _asked
argwhere = _asked
histogram = _asked
bincount = _asked
interp = _asked
polyfit = _asked
polyval = _asked
corrcoef = _asked
average = _asked
diff = _asked
count_nonzero = _asked
ndim = _asked
size = _asked
shape = _asked
load = _asked
loadtxt = _asked
save = _asked
savez = _asked
meshgrid = _asked


# Views


def reshape(a, shape, order="C"):
    return a.reshape(shape)


def ravel(a, order="C"):
    return a.reshape(-1)


def squeeze(a, axis=None):
    return a.squeeze() if axis is None else a.squeeze(axis)


def expand_dims(a, axis):
    return a.unsqueeze(axis) if isinstance(axis, int) else gg.unknown()


def transpose(a, axes=None):
    return gg.unknown() if axes is None else a.permute(axes)


def swapaxes(a, axis1, axis2):
    return a.transpose(axis1, axis2)


# Writes


def copyto(dst, src, casting="same_kind", where=True):
    gg.write_past_counter(dst, "numpy", "copyto")


def put(a, ind, v, mode="raise"):
    gg.write_past_counter(a, "numpy", "put")


def fill_diagonal(a, val, wrap=False):
    gg.write_past_counter(a, "numpy", "fill_diagonal")


def seterr(**kwargs):
    pass


def set_printoptions(*args, **kwargs):
    pass
