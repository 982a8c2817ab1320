"""命令行的文字。"""

from __future__ import annotations

from typing import Final

COMMAND_LINE: Final[dict[str, str]] = {
    "cli.overwritten": "在此处被改写",
    "cli.detached": "在此切断",
    "cli.help": "建议",
    "cli.summary": "{files}：{errors}，{warnings}，{infos}，{hints}",
    "cli.fixed": "在 {files} 中应用了 {fixes}",
    "cli.would_fix": "将在 {files} 中应用 {fixes}",
    "cli.writes": "{files} 中有 {writes}：{hazard} 处有害，{safe} 处安全，{unknown} 处未知",
    "cli.files": "{count} 个文件",
    "cli.files.one": "1 个文件",
    "cli.errors": "{count} 个错误",
    "cli.errors.one": "1 个错误",
    "cli.warnings": "{count} 个警告",
    "cli.warnings.one": "1 个警告",
    "cli.infos": "{count} 条说明",
    "cli.infos.one": "1 条说明",
    "cli.hints": "{count} 条提示",
    "cli.hints.one": "1 条提示",
    "cli.fixes": "{count} 处修复",
    "cli.fixes.one": "1 处修复",
    "cli.in_place_writes": "{count} 处原地改写",
    "cli.in_place_writes.one": "1 处原地改写",
}
