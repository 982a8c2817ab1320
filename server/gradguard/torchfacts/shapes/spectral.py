"""Fourier transforms (torch.fft and stft) and torch.signal's windows."""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.layout import unlaid
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    dimensions,
    flag,
    integer,
    integers,
    optional_integer,
    shape_of,
    subject,
    wrap,
)


def _halved(length: int | None) -> int | None:
    return None if length is None else length // 2 + 1


def _doubled(length: int | None) -> int | None:
    return None if length is None else 2 * (length - 1)


def _one(kind: str) -> Rule:
    """A transform along one dimension: complex to complex, `real` input (half the spectrum), or `half` (real output)."""

    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        shape = shape_of(own)
        if not shape:
            raise Inconsistent
        place = wrap(integer(arguments, "dim", -1), len(shape))
        length = optional_integer(arguments, "n")
        return (_transformed(own, (place,), (length,), kind),)

    return rule


def _several(kind: str, default: tuple[int, ...] | None) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        shape = shape_of(own)
        wanted = arguments.get("s")
        dim = arguments.get("dim", default)
        if dim is None:
            count = len(shape) if wanted is None else len(integers(wanted))
            places = tuple(range(len(shape) - count, len(shape)))
        else:
            places = dimensions(dim, len(shape))
        if not places:
            raise Undetermined
        lengths = (None,) * len(places) if wanted is None else integers(wanted)
        if len(lengths) != len(places):
            raise Inconsistent
        return (_transformed(own, places, tuple([None if length == -1 else length for length in lengths]), kind),)

    return rule


def _transformed(own: Geometry, places: tuple[int, ...], lengths: tuple[int | None, ...], kind: str) -> Geometry:
    shape = list(shape_of(own))
    for place, length in zip(places, lengths, strict=True):
        if length is not None:
            shape[place] = length
    last = places[-1]
    if kind == "real":
        shape[last] = _halved(shape[last])
    elif kind == "half" and lengths[-1] is None:
        shape[last] = _doubled(shape[last])
    dtype = dtypes.real_of(dtypes.complex_of(own.dtype)) if kind == "half" else dtypes.complex_of(own.dtype)
    return unlaid(tuple(shape), dtype)


def _frequencies(half: bool) -> Rule:
    def rule(arguments: Arguments) -> Results:
        count: int | None = integer(arguments, "n")
        return (unlaid((_halved(count) if half else count,), dtypes.dtype_argument(arguments, dtypes.DEFAULT)),)

    return rule


def _shifted(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (unlaid(own.shape, own.dtype),)


def _stft(arguments: Arguments) -> Results:
    own = subject(arguments)
    *batch, length = shape_of(own)
    size = integer(arguments, "n_fft")
    hop = optional_integer(arguments, "hop_length") or size // 4
    centre = flag(arguments, "center", default=True)
    if hop < 1:
        raise Inconsistent
    if own.dtype is None or dtypes.is_complex(own.dtype) or arguments.get("return_complex") is not True:
        raise Undetermined
    onesided = arguments.get("onesided") is None or flag(arguments, "onesided")
    half = size // 2 + 1 if onesided else size
    padded = None if length is None else length + (size // 2 * 2 if centre else 0)
    frames = None if padded is None else (padded - size) // hop + 1
    return (unlaid((*batch, half, frames), dtypes.complex_of(own.dtype)),)


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("fft_fft", "fft_ifft"), _one("full")),
    **dict.fromkeys(("fft_rfft", "fft_ihfft"), _one("real")),
    **dict.fromkeys(("fft_irfft", "fft_hfft"), _one("half")),
    **dict.fromkeys(("fft_fft2", "fft_ifft2"), _several("full", (-2, -1))),
    **dict.fromkeys(("fft_rfft2", "fft_ihfft2"), _several("real", (-2, -1))),
    **dict.fromkeys(("fft_irfft2", "fft_hfft2"), _several("half", (-2, -1))),
    **dict.fromkeys(("fft_fftn", "fft_ifftn"), _several("full", None)),
    **dict.fromkeys(("fft_rfftn", "fft_ihfftn"), _several("real", None)),
    **dict.fromkeys(("fft_irfftn", "fft_hfftn"), _several("half", None)),
    **dict.fromkeys(("fft_fftshift", "fft_ifftshift"), _shifted),
    "fft_fftfreq": _frequencies(half=False),
    "fft_rfftfreq": _frequencies(half=True),
    "stft": _stft,
}
