"""The subcommands of `gradguard` and their arguments. Each imports what it needs when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from gradguard import __version__


def run(words: Sequence[str]) -> int:
    """Do what the words after `gradguard` say and return the exit status. Raises SystemExit if they say nothing that is known."""
    options = _parser().parse_args(words)
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradguard", description="Find in-place writes that break PyTorch's backward pass."
    )
    parser.add_argument("--version", action="version", version=f"gradguard {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    check = commands.add_parser(
        "check",
        help="check files and folders",
        description="Check Python files and folders. Exit status: 0 no errors or warnings, 1 some, 2 could not check.",
    )
    check.add_argument("paths", nargs="+", metavar="PATH", help="a Python file, or a folder to look through")
    check.add_argument("--output-format", choices=("text", "json", "github"), default="text", help="default: text")
    check.add_argument(
        "--select", action="append", metavar="CODES", help="rules to use, as codes or prefixes: GG1,GG301"
    )
    check.add_argument("--ignore", action="append", metavar="CODES", help="rules to leave out, likewise")
    check.add_argument("--no-hints", action="store_true", help="leave out remarks about safe writes")
    check.add_argument("--fix", action="store_true", help="apply safe fixes")
    check.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix or --diff: also fixes that change memory, timing or meaning",
    )
    check.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    check.add_argument("--list-writes", action="store_true", help="list every in-place write with its verdict instead")
    check.add_argument("--language", choices=("en", "zh-cn"), help="of the messages; default: the environment's")
    check.add_argument("--jobs", type=_positive, metavar="N", help="processes; default: by files and processors")
    check.add_argument("--verbose", action="store_true", help="say what an analysis had to leave out")
    check.set_defaults(run=_check)

    server = commands.add_parser("server", help="speak the Language Server Protocol")
    channel = server.add_mutually_exclusive_group()
    channel.add_argument("--stdio", action="store_true", help="on standard input and output (the default)")
    channel.add_argument("--tcp", type=_address, metavar="HOST:PORT", help="listen for one client")
    server.set_defaults(run=_server)

    explain = commands.add_parser("explain", help="print the page of a rule")
    explain.add_argument("code", metavar="CODE", help="such as GG101")
    explain.add_argument("--language", choices=("en", "zh-cn"), help="default: the environment's")
    explain.set_defaults(run=_explain)

    timeline = commands.add_parser("timeline", help="draw what is saved, written and needed in a function")
    timeline.add_argument(
        "place", metavar="FILE:LINE", type=_place, help="a line in the function, or outside all functions"
    )
    timeline.add_argument("-o", "--output", default="-", metavar="SVG", help="default: standard output")
    timeline.add_argument("--language", choices=("en", "zh-cn"), help="default: the environment's")
    timeline.set_defaults(run=_timeline)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _place(text: str) -> tuple[str, int]:
    """File and line (1-based)."""
    name, _, number = text.rpartition(":")
    if not name or not number.isdecimal() or int(number) < 1:
        raise argparse.ArgumentTypeError("must be FILE:LINE")
    return name, int(number)


def _address(text: str) -> tuple[str, int]:
    host, separator, port = text.rpartition(":")
    if not separator or not host:
        raise argparse.ArgumentTypeError("must be HOST:PORT")
    try:
        number = int(port)
    except ValueError:
        number = -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"`{port}` is no port")
    return host.strip("[]"), number


def _check(options: argparse.Namespace) -> int:
    from gradguard.cli.check import run

    return run(options)


def _server(options: argparse.Namespace) -> int:
    from gradguard.lsp.start import start

    return start(options.tcp)


def _timeline(options: argparse.Namespace) -> int:
    from gradguard.cli.timeline import run

    return run(options)


def _explain(options: argparse.Namespace) -> int:
    from gradguard.explain.pages import page
    from gradguard.rules.codes import RULE_NAMES
    from gradguard.rules.texts import language_of

    language = options.language or language_of(os.environ.get("LC_ALL") or os.environ.get("LANG") or "")
    text = page(options.code.upper(), language)
    if text is None:
        print(f"gradguard: `{options.code}` is no rule; there are {', '.join(RULE_NAMES)}", file=sys.stderr)
        return 2
    print(text.rstrip("\n"))
    return 0
