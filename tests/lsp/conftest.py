"""One server for all tests of a module that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lsp.wire import Wire


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """A server that has been initialized, by a client that can do nothing special."""
    with Wire() as wire:
        wire.initialize()
        yield wire


@pytest.fixture
def fresh() -> Iterator[Wire]:
    """A server of the test's own, which has heard nothing yet."""
    with Wire() as wire:
        yield wire
