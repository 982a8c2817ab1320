"""The server ends when the process that started it has ended, even if its pipes stay open."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

SECONDS: Final = 2.0
"""Between two looks."""


def watch_parent(process: int, gone: Callable[[], object]) -> None:
    """Call `gone`, on a thread of its own, when there is no such process any more."""

    def watch() -> None:
        while _alive(process):
            time.sleep(SECONDS)
        gone()

    if process > 0:
        threading.Thread(target=watch, name="watchdog", daemon=True).start()


def _alive(process: int) -> bool:
    if sys.platform == "win32":
        return _alive_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _alive_on_windows(process: int) -> bool:
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    synchronize, timeout = 0x00100000, 0x102
    handle = kernel.OpenProcess(synchronize, False, process)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == timeout)
    finally:
        kernel.CloseHandle(handle)
