"""All Simplified Chinese texts."""

from __future__ import annotations

from typing import Final

from gradguard.rules.texts.zh_cn.cli import COMMAND_LINE
from gradguard.rules.texts.zh_cn.editor import EDITOR
from gradguard.rules.texts.zh_cn.fixes import TITLES
from gradguard.rules.texts.zh_cn.hovers import HOVERS
from gradguard.rules.texts.zh_cn.messages import MESSAGES
from gradguard.rules.texts.zh_cn.timeline import TIMELINE

TEXTS: Final[dict[str, str]] = COMMAND_LINE | MESSAGES | TITLES | HOVERS | EDITOR | TIMELINE
