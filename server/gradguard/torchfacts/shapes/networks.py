"""Layers that are neither products nor convolutions: softmax, norms, embeddings, attention, recurrent networks."""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.elementwise import plain_or_open
from gradguard.torchfacts.shapes.layout import fresh, fresh_beside, unlaid
from gradguard.torchfacts.shapes.linear_algebra import agree
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    as_sizes,
    flag,
    integer,
    optional_integer,
    optional_tensor,
    shape_of,
    subject,
    tensor,
    tensors,
    wrap,
)


def _softmax(arguments: Arguments) -> Results:
    own = subject(arguments)
    dtype = dtypes.dtype_argument(arguments, own.dtype)
    if flag(arguments, "half_to_float"):
        dtype = "float32"
    return (fresh(own.shape, dtype),)


def _same(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (fresh_beside((own,), own.shape, own.dtype),)


def _contiguous(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (fresh(own.shape, own.dtype),)


def _in_steps(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (plain_or_open(own, own.dtype),)


def _response_norm(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (plain_or_open(own, dtypes.floating_of(own.dtype)),)


def _three(statistics_shape: str) -> Rule:
    """A native norm: result, mean and reciprocal standard deviation."""

    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        result = fresh_beside((own,), own.shape, own.dtype)
        statistics: Shape | None = None
        if own.shape is not None:
            if statistics_shape == "rows":
                count = len(as_sizes(arguments.get("normalized_shape")))
                statistics = own.shape[: len(own.shape) - count] + (1,) * count
            elif statistics_shape == "groups":
                statistics = (own.shape[0], integer(arguments, "group"))
            else:
                statistics = (own.shape[1],) if flag(arguments, "training", default=True) else (0,)
        return result, fresh(statistics, own.dtype), fresh(statistics, own.dtype)

    return rule


def _embedding(arguments: Arguments) -> Results:
    weight = tensor(arguments, "weight")
    indices = tensor(arguments, "indices", "input")
    if indices.shape is None:
        return (Geometry(None, None, None, weight.dtype),)
    return (fresh((*indices.shape, shape_of(weight)[1]), weight.dtype),)


def _embedding_bag(arguments: Arguments) -> Results:
    weight = tensor(arguments, "weight")
    indices = tensor(arguments, "input", "indices")
    offsets = optional_tensor(arguments, "offsets")
    width = shape_of(weight)[1]
    if "indices" in arguments:
        raise Undetermined
    if len(shape_of(indices)) == 2:
        bags = shape_of(indices)[0]
    elif offsets is None:
        raise Inconsistent
    else:
        bags = shape_of(offsets)[0]
        if bags is not None and flag(arguments, "include_last_offset"):
            bags -= 1
    return (fresh((bags, width), weight.dtype),)


def _one_hot(arguments: Arguments) -> Results:
    own = subject(arguments)
    classes = optional_integer(arguments, "num_classes") if "num_classes" in arguments else -1
    return (fresh((*shape_of(own), None if classes == -1 else classes), "int64"),)


def _glu(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    if not shape:
        raise Inconsistent
    dim = wrap(integer(arguments, "dim", -1), len(shape))
    length = shape[dim]
    if length is not None and length % 2:
        raise Inconsistent
    half = None if length is None else length // 2
    return (fresh_beside((own,), shape[:dim] + (half,) + shape[dim + 1 :], own.dtype),)


def _attention(arguments: Arguments) -> Results:
    query, key, value = tensor(arguments, "query"), tensor(arguments, "key"), tensor(arguments, "value")
    one, two, three = shape_of(query), shape_of(key), shape_of(value)
    if min(len(one), len(two), len(three)) < 2:
        raise Inconsistent
    agree(one[-1], two[-1])
    agree(two[-2], three[-2])
    if flag(arguments, "enable_gqa"):
        batch: Shape | None = one[:-2]
    else:
        batch = broadcast([one[:-2], two[:-2], three[:-2]])
    if batch is None:
        raise Undetermined
    # The fused kernels lay the result out as they please.
    return (unlaid((*batch, one[-2], three[-1]), query.dtype),)


def _flash_attention(arguments: Arguments) -> Results:
    """The CPU's fused kernel: the result, and the log of each query's sum of weights."""
    (result,) = _attention(arguments)
    query = tensor(arguments, "query")
    # With sizes of one the kernel lays its result out in more than one way.
    laid = 1 not in (shape_of(query) or ())
    first = fresh_beside((query,), result.shape, query.dtype) if laid else unlaid(result.shape, query.dtype)
    return first, unlaid(shape_of(query)[:-1], query.dtype)


def _multi_head_attention(arguments: Arguments) -> Results:
    query, key = tensor(arguments, "query"), tensor(arguments, "key")
    shape, source = shape_of(query), shape_of(key)[0]
    if source is not None:
        source += (arguments.get("bias_k") is not None) + flag(arguments, "add_zero_attn")
    result = unlaid(shape, query.dtype)
    if not flag(arguments, "need_weights", default=True):
        return (result,)
    per_head = not flag(arguments, "average_attn_weights", default=True)
    heads: Shape = (integer(arguments, "num_heads"),) if per_head else ()
    batch: Shape = (shape[1],) if len(shape) == 3 else ()
    return result, unlaid((*batch, *heads, shape[0], source), query.dtype)


def _recurrent(cells: int) -> Rule:
    """`lstm`, `gru`, `rnn_tanh`: the sequence of outputs and the last hidden states (`cells` of them)."""

    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        states = arguments.get("hx")
        first = states[0] if isinstance(states, (tuple, list)) and states else states
        if not isinstance(first, Geometry):
            raise Undetermined
        layers = integer(arguments, "num_layers")
        directions = 2 if flag(arguments, "bidirectional") else 1
        width = shape_of(first)[-1]
        if cells == 2 and isinstance(states, (tuple, list)) and len(states) > 1:
            last = states[1]
            cell = shape_of(last) if isinstance(last, Geometry) else None
        else:
            cell = shape_of(first)
        if "batch_sizes" in arguments:
            raise Undetermined
        shape = shape_of(own)
        if len(shape) not in (2, 3) or len(shape) != len(shape_of(first)):
            raise Inconsistent
        agree(shape_of(first)[0], layers * directions)
        result = unlaid((*shape[:-1], None if width is None else directions * width), own.dtype)
        hidden = unlaid(shape_of(first), own.dtype)
        return (result, hidden) if cells == 1 else (result, hidden, unlaid(cell, own.dtype))

    return rule


def _cell(states: int) -> Rule:
    def rule(arguments: Arguments) -> Results:
        hidden = arguments.get("hx")
        if isinstance(hidden, (tuple, list)):
            return tuple([unlaid(item.shape, item.dtype) for item in hidden if isinstance(item, Geometry)])
        if not isinstance(hidden, Geometry):
            raise Undetermined
        return (unlaid(hidden.shape, hidden.dtype),) * states

    return rule


def _pairwise(first: str, second: str) -> Rule:
    """`cdist`: every row of one against every row of the other."""

    def rule(arguments: Arguments) -> Results:
        one, two = tensor(arguments, first, "x1"), tensor(arguments, second, "x2")
        left, right = shape_of(one), shape_of(two)
        if len(left) < 2 or len(right) < 2:
            raise Inconsistent
        agree(left[-1], right[-1])
        batch = broadcast([left[:-2], right[:-2]])
        if batch is None:
            raise Undetermined
        return (fresh((*batch, left[-2], right[-2]), one.dtype),)

    return rule


def _pdist(arguments: Arguments) -> Results:
    own = subject(arguments)
    count = shape_of(own)[0]
    return (fresh((None if count is None else count * (count - 1) // 2,), own.dtype),)


def _cosine_similarity(arguments: Arguments) -> Results:
    one, two = tensor(arguments, "x1"), tensor(arguments, "x2")
    common = broadcast([one.shape, two.shape])
    if common is None:
        raise Undetermined
    dim = wrap(integer(arguments, "dim", 1), len(common))
    return (fresh(common[:dim] + common[dim + 1 :], one.dtype),)


def _pairwise_distance(arguments: Arguments) -> Results:
    one, two = tensor(arguments, "x1"), tensor(arguments, "x2")
    common = broadcast([one.shape, two.shape])
    if not common:
        raise Undetermined
    kept: Shape = (1,) if flag(arguments, "keepdim") else ()
    return (unlaid((*common[:-1], *kept), dtypes.real_of(dtypes.floating_of(one.dtype))),)


def _gumbel(arguments: Arguments) -> Results:
    own = tensor(arguments, "logits", "input")
    return (unlaid(own.shape, own.dtype),)


def _weight_norm(arguments: Arguments) -> Results:
    v = tensor(arguments, "v")
    return (fresh_beside((v,), v.shape, v.dtype),)


def _weight_norm_kernel(arguments: Arguments) -> Results:
    v, g = tensor(arguments, "v"), tensor(arguments, "g")
    return fresh_beside((v,), v.shape, v.dtype), unlaid(g.shape, g.dtype)


def _bag_kernel(arguments: Arguments) -> Results:
    """The bags, and three tensors of bookkeeping."""
    weight, offsets = tensor(arguments, "weight"), tensor(arguments, "offsets")
    bags = shape_of(offsets)[0]
    if bags is not None and flag(arguments, "include_last_offset"):
        bags -= 1
    rest = unlaid(None, "int64")
    return fresh((bags, shape_of(weight)[1]), weight.dtype), rest, rest, rest


def _recurrent_kernel(arguments: Arguments) -> Results:
    """One layer in one direction: all outputs, the last two states, and its workspace."""
    own = tensor(arguments, "input")
    hidden, cell = tensor(arguments, "hx_"), tensor(arguments, "cx_")
    shape: Shape = (*shape_of(own)[:-1], integer(arguments, "hidden_size"))
    workspace = unlaid(None, "uint8")
    return unlaid(shape, own.dtype), unlaid(hidden.shape, own.dtype), unlaid(cell.shape, own.dtype), workspace


def _trilinear(arguments: Arguments) -> Results:
    """The kernel of `bilinear`, whose caller gives the result its shape."""
    return (unlaid(None, tensor(arguments, "i1").dtype),)


def _packed(arguments: Arguments) -> Results:
    """A list of sequences of one width, padded to the longest."""
    sequences = tensors(arguments, "sequences")
    lengths = [shape_of(item)[0] for item in sequences]
    known = [length for length in lengths if length is not None]
    longest = max(known) if len(known) == len(lengths) and known else None
    batch_first = flag(arguments, "batch_first")
    front: Shape = (len(sequences), longest) if batch_first else (longest, len(sequences))
    return (unlaid((*front, *shape_of(sequences[0])[1:]), sequences[0].dtype),)


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(
        "softmax log_softmax softmin _softmax _log_softmax special_softmax special_log_softmax _safe_softmax".split(),
        _softmax,
    ),
    **dict.fromkeys(("layer_norm", "instance_norm"), _contiguous),
    **dict.fromkeys("group_norm batch_norm channel_shuffle native_channel_shuffle".split(), _same),
    **dict.fromkeys(("rms_norm", "normalize"), _in_steps),
    "local_response_norm": _response_norm,
    **dict.fromkeys(("native_layer_norm", "_fused_layer_norm"), _three("rows")),
    **dict.fromkeys(("native_batch_norm", "_native_batch_norm_legit"), _three("channels")),
    "native_group_norm": _three("groups"),
    "embedding": _embedding,
    "embedding_bag": _embedding_bag,
    "one_hot": _one_hot,
    "glu": _glu,
    "scaled_dot_product_attention": _attention,
    "multi_head_attention_forward": _multi_head_attention,
    "lstm": _recurrent(2),
    "gru": _recurrent(1),
    "rnn_tanh": _recurrent(1),
    "rnn_relu": _recurrent(1),
    "lstm_cell": _cell(2),
    "gru_cell": _cell(1),
    "rnn_tanh_cell": _cell(1),
    "rnn_relu_cell": _cell(1),
    "cdist": _pairwise("x1", "x2"),
    "pdist": _pdist,
    "pairwise_distance": _pairwise_distance,
    "cosine_similarity": _cosine_similarity,
    "gumbel_softmax": _gumbel,
    "_weight_norm": _weight_norm,
    "_weight_norm_interface": _weight_norm_kernel,
    "_trilinear": _trilinear,
    "_embedding_bag": _bag_kernel,
    "_scaled_dot_product_flash_attention_for_cpu": _flash_attention,
    "mkldnn_rnn_layer": _recurrent_kernel,
    "pad_sequence": _packed,
}
