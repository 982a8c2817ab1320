"""The torch in force is found from the names of metadata folders alone."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gradguard.torchfacts.catalog import Catalog, known_versions
from gradguard.torchfacts.version import installed_version, nearest_version

if TYPE_CHECKING:
    from pathlib import Path


def test_the_metadata_folder_names_the_version(tmp_path: Path) -> None:
    (tmp_path / "torchvision-0.28.0.dist-info").mkdir()
    (tmp_path / "torch-2.9.1+cu128.dist-info").mkdir()
    assert installed_version([tmp_path / "missing", tmp_path]) == "2.9.1"


def test_no_torch_is_no_version(tmp_path: Path) -> None:
    (tmp_path / "torch_geometric-2.6.1.dist-info").mkdir()
    assert installed_version([tmp_path]) is None
    assert installed_version([]) is None


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [
        ("2.13.0", "2.13"),
        ("2.13.1+cpu", "2.13"),
        ("2.14.0", "2.14"),
        ("3.0.0", "2.14"),
        ("2.9.1", "2.9"),
        ("2.10.0", "2.9"),
        ("1.8.0", "2.9"),
        (None, "2.14"),
        ("nonsense", "2.14"),
    ],
)
def test_the_newest_facts_that_are_not_newer_serve(wanted: str | None, nearest: str) -> None:
    assert nearest_version(wanted, ["2.9", "2.14", "2.13"]) == nearest


def test_an_unknown_release_is_served_by_the_facts_there_are() -> None:
    assert Catalog.load("99.0").version == known_versions()[-1]
    assert Catalog.load("0.1").version == known_versions()[0]


def test_loading_the_facts_does_not_import_torch() -> None:
    program = (
        "import sys; from gradguard.torchfacts.catalog import Catalog; Catalog.load(); print('torch' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "False"
