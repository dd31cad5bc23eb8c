"""``tokenpal label``, ``undo`` and ``redo``: say what a session was, and take it back."""

from __future__ import annotations

import argparse
from typing import Any

from msgspec import UNSET

from tokenpal.cli import output
from tokenpal.cli.profile import Profile
from tokenpal.engine import commands as edits, queries
from tokenpal.model.session import Label, WasteReason


def add(commands: Any, name: str, help_line: str) -> None:
    if name != "label":
        parser = commands.add_parser(
            name,
            help=help_line,
            description=f"{help_line.capitalize()}. The newest 200 edits are kept, whoever made them.",
            epilog=output.EXIT_CODES,
        )
        parser.set_defaults(run=undo if name == "undo" else redo)
        return
    parser = commands.add_parser(
        name, help=help_line, description="Say what a session was. Nothing else labels a session.", epilog=output.EXIT_CODES
    )
    parser.add_argument("session", metavar="SESSION", help="its id, the beginning of it, or: last")
    parser.add_argument("label", choices=(*Label, "none"), metavar="exploration|delivered|waste|none")
    parser.add_argument("--reason", choices=tuple(WasteReason), metavar="R", help=f"why it was waste: {', '.join(WasteReason)}")
    parser.add_argument("--note", metavar="TEXT", help="a note; empty text removes it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        session = queries.find_session(store, options.session)
        edits.label_sessions(
            store,
            [session],
            None if options.label == "none" else options.label,
            UNSET if options.reason is None else options.reason,
            UNSET if options.note is None else options.note,
        )
        row = queries.session(store, session)
    words = [options.label if options.label != "none" else "no label", *([f"({row.reason})"] if row and row.reason else [])]
    print(f"{session}: {' '.join(words)}")
    return None


def undo(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        title = edits.undo(store)
    print(f"Taken back: {title}" if title else "Nothing to take back.")
    return None


def redo(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        title = edits.redo(store)
    print(f"Done again: {title}" if title else "Nothing to do again.")
    return None
