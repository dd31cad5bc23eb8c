"""``tokenpal share preview``: the report of a week, byte for byte. Nothing is sent."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from tokenpal.cli import output
from tokenpal.cli.profile import Profile
from tokenpal.engine.sharing import share_preview


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name, help=help_line, description="What a team would get. Nothing is sent: there is no team.", epilog=output.EXIT_CODES
    )
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    preview = parts.add_parser(
        "preview", help="the report of a week", description="The report that would be sealed and sent: canonical JSON and nothing else."
    )
    preview.add_argument("--week", metavar="W", default="", help="an ISO week in UTC, such as 2026-W47 (default: the one that ended last)")
    preview.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        preview = share_preview(store, options.week)
    output.say(preview.banner)
    sys.stderr.flush()
    sys.stdout.flush()
    sys.stdout.buffer.write(preview.text.encode())
    if sys.stdout.isatty():
        print()
    return None
