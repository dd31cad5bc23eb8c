"""``tokenpal export`` and ``tokenpal import``: everything as JSON lines, and merging it on another machine."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from tokenpal.cli import output
from tokenpal.cli.profile import Profile
from tokenpal.engine import keep
from tokenpal.store import archive


def add(commands: Any, name: str, help_line: str) -> None:
    if name == "export":
        parser = commands.add_parser(
            name,
            help=help_line,
            description="Write everything to a file of JSON lines. It holds folders, branches and notes in clear; keys are not in it.",
            epilog=output.EXIT_CODES,
        )
        parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="where to; - or nothing = standard output")
        parser.set_defaults(run=run_export)
        return
    parser = commands.add_parser(
        name,
        help=help_line,
        description="Merge a file made with tokenpal export: the same record is counted once, newer words win, older ones stay in the undo history.",
        epilog=output.EXIT_CODES,
    )
    parser.add_argument("file", metavar="FILE", help="- = standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run_import)


def run_export(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        if options.file == "-":
            for line in archive.export(store):
                print(line)
            return None
        lines = keep.export_to(store, options.file)
    print(f"{options.file}: {output.count(lines, 'line')}")
    return None


def run_import(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        merged = keep.import_lines(store, sys.stdin.buffer) if options.file == "-" else keep.import_from(store, options.file)
    if options.json:
        output.print_json({"lines": merged.lines, "records": merged.records, "journal": merged.journal, "unknown": merged.unknown})
    else:
        print(
            f"{output.count(merged.lines, 'line')} read: {output.count(merged.records, 'usage record')} new or changed, {output.count(merged.journal, 'entry', 'entries')} of yours new or newer."
        )
    if merged.unknown:
        output.say(f"{output.count(merged.unknown, 'line')} of kinds that this version does not know were left out.")
    return None
