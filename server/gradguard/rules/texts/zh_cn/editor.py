"""编辑器中除诊断和悬停说明以外的文字。"""

from __future__ import annotations

from typing import Final

EDITOR: Final[dict[str, str]] = {
    "lsp.fix_all": "应用 gradguard 的所有安全修复",
    "lsp.by_hand": "需要手动修改",
    "lsp.progress": "正在查找原地改写",
    "lsp.version": "版本 {version}",
    "lsp.saved_by": "{operator} 保存了版本 {version}",
}
