"""The sentences of the command line."""

from __future__ import annotations

from typing import Final

COMMAND_LINE: Final[dict[str, str]] = {
    "cli.overwritten": "overwritten here",
    "cli.detached": "detached here",
    "cli.help": "help",
    "cli.summary": "{files}: {errors}, {warnings}, {infos}, {hints}",
    "cli.fixed": "applied {fixes} in {files}",
    "cli.would_fix": "would apply {fixes} in {files}",
    "cli.writes": "{writes} in {files}: {hazard} hazardous, {safe} safe, {unknown} unknown",
    "cli.files": "{count} files",
    "cli.files.one": "1 file",
    "cli.errors": "{count} errors",
    "cli.errors.one": "1 error",
    "cli.warnings": "{count} warnings",
    "cli.warnings.one": "1 warning",
    "cli.infos": "{count} remarks",
    "cli.infos.one": "1 remark",
    "cli.hints": "{count} hints",
    "cli.hints.one": "1 hint",
    "cli.fixes": "{count} fixes",
    "cli.fixes.one": "1 fix",
    "cli.in_place_writes": "{count} in-place writes",
    "cli.in_place_writes.one": "1 in-place write",
}
