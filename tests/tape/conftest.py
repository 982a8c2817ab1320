"""One machine per test."""

from __future__ import annotations

import pytest

from tests.tape.machine import Machine


@pytest.fixture
def m() -> Machine:
    """A program about to be run on torch and on the tape."""
    return Machine()
