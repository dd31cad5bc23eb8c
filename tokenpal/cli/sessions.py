"""``tokenpal sessions``: the journal as a list."""

from __future__ import annotations

import argparse
import time
from typing import Any
from zoneinfo import ZoneInfo

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, add_range, add_zone, local_time, parse_range, utc_time
from tokenpal.cli.report import add_filters, filter_of
from tokenpal.engine import queries
from tokenpal.model.report import SessionRow
from tokenpal.model.tokens import CLASSES

SHOWN = 50


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name, help=help_line, description="Sessions, newest first, with what you said of them.", epilog=output.EXIT_CODES
    )
    add_range(parser)
    add_zone(parser)
    add_filters(parser)
    parser.add_argument(
        "--search", metavar="WORDS", default="", help="only sessions whose note, task, project or check-in holds these words"
    )
    parser.add_argument("--to-label", action="store_true", help="only sessions without a label")
    parser.add_argument("--limit", metavar="N", type=_positive, help=f"at most so many (default: {SHOWN} in a table, all in JSON)")
    parser.add_argument("--json", action="store_true", help="a JSON array")
    parser.set_defaults(run=run)


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number < 1 << 62:
        raise ValueError
    return number


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    zone = profile.zone(options.tz)
    first, until = parse_range(options, zone, int(time.time()))
    if options.to_label:
        options.label = [queries.NO_LABEL]
    limit = options.limit or (None if options.json else SHOWN)
    with profile.store() as store:
        rows = queries.sessions(store, filter_of(options, options.search), first, until, zone, limit)
    if options.json:
        output.print_json([as_json(row) for row in rows])
    elif rows:
        print_sessions(rows, ZoneInfo(zone))
        if len(rows) == limit:
            output.say(f"The newest {limit}; more with --limit.")
    else:
        print("No session matches.")
    return None


def as_json(row: SessionRow) -> dict[str, Any]:
    """One session; what is not known or not said is null."""
    return {
        "id": row.id,
        "agent": row.agent,
        "account": row.account,
        "started": utc_time(row.started),
        "ended": utc_time(row.ended),
        "project": row.project or None,
        "branch": row.branch or None,
        "models": list(row.models),
        "requests": row.measures.requests,
        **{name: getattr(row.measures.tokens, name) for name in CLASSES},
        "task": row.task or None,
        "label": row.label or None,
        "reason": row.reason or None,
        "tags": list(row.tags),
        "note": row.note or None,
    }


def print_sessions(rows: list[SessionRow], zone: ZoneInfo) -> None:
    columns = [
        Column("Session", flexible=True),
        Column("Started"),
        Column("Agent", drop=4),
        Column("Project", flexible=True, drop=3),
        Column("Branch", flexible=True, drop=5),
        Column("Tokens", right=True, drop=1),
        Column("Label"),
        Column("Task", flexible=True, drop=2),
        Column("Note", flexible=True, drop=6),
    ]
    cells = [
        (
            row.id,
            local_time(row.started, zone),
            row.agent,
            row.project.rstrip("/\\").replace("\\", "/").rpartition("/")[2] or "–",
            row.branch or "–",
            output.short(row.measures.tokens.total),
            " · ".join(filter(None, (row.label or "–", row.reason))),
            row.task or "–",
            row.note,
        )
        for row in rows
    ]
    output.print_table(columns, cells)
