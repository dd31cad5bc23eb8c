"""``tokenpal backup``: a complete copy of the data file, made while it is in use."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from tokenpal.cli import output
from tokenpal.cli.profile import Profile
from tokenpal.model.errors import UsageError
from tokenpal.store.backup import backup


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name,
        help=help_line,
        description="Copy the data file. It holds everything but keys, which stay in the credential store.",
        epilog=output.EXIT_CODES,
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help="where to (default: the folder backups of the profile)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    default = profile.paths.backups / time.strftime("tokenpal-%Y%m%d-%H%M%S.db")
    target = Path(options.file).expanduser().absolute() if options.file else default
    if target.is_dir():
        target /= default.name
    if target.exists():
        raise UsageError(f"{target} is there already.", "Give another name.")
    with profile.store() as store:
        backup(store, target)
    print(target)
    return None
