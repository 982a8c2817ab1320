"""The packages to read: fetched as wheels by pip, unpacked into a cache, never imported."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LIST = Path(__file__).with_name("packages.txt")


@dataclass(frozen=True)
class Package:
    """A pinned release and the folder of its wheel that is read."""

    name: str
    version: str
    folder: str

    def unpacked(self, cache: Path) -> Path:
        """The folder that holds the package's root, fetched and unpacked if it is not there yet."""
        root = cache / f"{self.name}-{self.version}"
        if not root.exists():
            wheel = self._wheel(cache)
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(root, [name for name in archive.namelist() if name.endswith(".py")])
        return root

    def _wheel(self, cache: Path) -> Path:
        pattern = f"{self.name}-{self.version}-*.whl"
        if not any(cache.glob(pattern)):
            arguments = ["download", "--no-deps", "--quiet", "--dest", str(cache), f"{self.name}=={self.version}"]
            subprocess.run([sys.executable, "-m", "pip", *arguments], check=True)
        return next(cache.glob(pattern))

    def files(self, cache: Path) -> Iterator[Path]:
        """The Python files to analyse, in order of path."""
        yield from sorted((self.unpacked(cache) / self.folder).rglob("*.py"))


def packages(names: list[str]) -> list[Package]:
    """The listed packages, or those of them that are named."""
    listed = []
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            pinned, folder = line.split()
            listed.append(Package(*pinned.split("=="), folder))
    return [package for package in listed if not names or package.name in names]


def default_cache() -> Path:
    """A folder outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "gradguard-real-code"
