"""What all tests share: literate documents, and the switch that leaves slow tests out."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no mistake of the code under test.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

pytest_plugins = ["tests.literate.plugin"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("GRADGUARD_SKIP_SLOW"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="GRADGUARD_SKIP_SLOW is set"))
