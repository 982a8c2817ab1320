"""sys."""

import _gradguard as gg

version_info = (3, 11, 0)
maxsize = 9223372036854775807


def exit(status=None):
    raise SystemExit(status)
