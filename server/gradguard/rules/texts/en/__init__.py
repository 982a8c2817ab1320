"""All English texts."""

from __future__ import annotations

from typing import Final

from gradguard.rules.texts.en.cli import COMMAND_LINE
from gradguard.rules.texts.en.editor import EDITOR
from gradguard.rules.texts.en.fixes import TITLES
from gradguard.rules.texts.en.hovers import HOVERS
from gradguard.rules.texts.en.messages import MESSAGES
from gradguard.rules.texts.en.timeline import TIMELINE

TEXTS: Final[dict[str, str]] = COMMAND_LINE | MESSAGES | TITLES | HOVERS | EDITOR | TIMELINE
