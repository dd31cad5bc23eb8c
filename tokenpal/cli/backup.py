"""``tokenpal backup``: a complete copy of the data file, made while it is in use; the list of them; the way back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, local_time, utc_time
from tokenpal.engine import keep
from tokenpal.model.errors import UsageError


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name,
        help=help_line,
        description="Copy the data file. It holds everything but keys, which stay in the credential store.",
        epilog=output.EXIT_CODES,
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help="where to (default: the folder backups of the profile)")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--list", action="store_true", help="the backups of this profile")
    way.add_argument("--restore", metavar="FILE", help="put a backup in the place of the data, which is kept beside the backups")
    parser.add_argument("--json", action="store_true", help="with --list: a JSON array")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    if options.file and (options.list or options.restore):
        raise UsageError("A file to write and another wish do not go together.", "See: tokenpal backup --help")
    if options.json and not options.list:
        raise UsageError("--json goes with --list.", "See: tokenpal backup --help")
    if options.list:
        list_backups(profile, options.json)
    elif options.restore:
        restore(profile, options.restore)
    else:
        with profile.store() as store:
            print(keep.back_up(store, profile.paths.backups, Path(options.file).expanduser().absolute() if options.file else None))
    return None


def list_backups(profile: Profile, as_json: bool) -> None:
    found = keep.backups(profile.paths.backups)
    if as_json:
        output.print_json([{"file": str(one.path), "made": utc_time(one.made), "bytes": one.size} for one in found])
    elif found:
        zone = ZoneInfo(profile.zone())
        columns = [Column("Made"), Column("Bytes", right=True, drop=1), Column("File", flexible=True)]
        output.print_table(columns, [(local_time(one.made, zone), output.exact(one.size), str(one.path)) for one in found])
    else:
        print("No backup yet. Make one with: tokenpal backup")


def restore(profile: Profile, file: str) -> None:
    """A file, or the name of one in the backups folder."""
    source = Path(file).expanduser().absolute()
    if not source.exists() and Path(file).name == file:
        source = profile.paths.backups / file
    if not source.is_file():
        raise UsageError(f"There is no backup {source}.", "List them with: tokenpal backup --list")
    profile.paths.make()
    kept = keep.restore(profile.paths, source)
    print(f"Restored {source}.")
    if kept is not None:
        print(f"What was there before is kept in {kept}.")
