"""磁带图中的文字，写在标记旁，宜短。"""

from __future__ import annotations

from typing import Final

TIMELINE: Final[dict[str, str]] = {
    "timeline.function": "`{name}` 的 autograd 时间线",
    "timeline.module": "模块的 autograd 时间线",
    "timeline.saved": "{operator} 保存",
    "timeline.written": "改写",
    "timeline.needed": "需要",
}
