"""Real torch values as the facts' functions see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from tools.facts.values import resolve, value_kind

from gradguard.torchfacts.binding import Bound, bind

if TYPE_CHECKING:
    from gradguard.torchfacts.catalog import Catalog


def bound(catalog: Catalog, name: str, *args: object, **kwargs: object) -> Bound:
    """The call bound as torch would, which must be possible."""
    found = bind(catalog.candidates(name), args, kwargs, value_kind)
    assert found is not None, f"{name} takes no {args} {kwargs}"
    return found


def call(name: str, *args: object, **kwargs: object) -> torch.Tensor:
    """The first result of the real call."""
    function = resolve(name)
    assert function is not None
    result = function(*args, **kwargs)
    return result[0] if isinstance(result, (tuple, list)) else result
