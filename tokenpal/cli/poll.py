"""``tokenpal poll``: ask the provider accounts, once; a running app is asked to do it."""

from __future__ import annotations

import argparse
import time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, parse_day
from tokenpal.cli.scan import ask_running_app
from tokenpal.engine import queries, unofficial
from tokenpal.engine.poll import PollReport, poll_here
from tokenpal.engine.shared import make_rulebook
from tokenpal.engine.zone import keep_in
from tokenpal.model.errors import UsageError
from tokenpal.model.events import AccountState
from tokenpal.model.ranges import day_start
from tokenpal.system import logs
from tokenpal.system.lock import FolderLock


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name, help=help_line, description="Ask the provider accounts for their reports, once.", epilog=output.EXIT_CODES
    )
    parser.add_argument(
        "--account", metavar="N", action="append", default=[], help="only this account, by name or number (may be given several times)"
    )
    parser.add_argument("--since", metavar="D", help="read at least back to this day: 2026-11-01, yesterday or 30d")
    parser.add_argument("--json", action="store_true", help="a JSON array")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    from pathlib import Path

    from tokenpal.system.secrets import Secrets

    profile = Profile()
    zone = profile.zone()
    day = parse_day(options.since, zone, int(time.time()))
    since = day_start(day, ZoneInfo(zone)) if day else None
    with profile.store() as store:
        wanted = [queries.find_account(store, name) for name in options.account] or [
            row for row in queries.accounts(store) if row.kind == "api" and not unofficial.stopped(row)
        ]
        if agents := [row.name for row in wanted if row.kind != "api"]:
            raise UsageError(f"{agents[0]} is an agent on this machine.", "Read its logs with: tokenpal scan")
        if not wanted:
            print("[]" if options.json else "No provider account yet. Add one with: tokenpal accounts add PROVIDER")
            return None
        if not profile.settings.get("advanced.network"):
            raise UsageError("Providers are not asked: the setting advanced.network is off.", "Turn it on under Settings, Advanced.")
        logs.start(profile.paths.logs)
        lock = FolderLock(profile.paths.lock)
        if lock.take():
            try:
                keep_in(store, zone)
                book = make_rulebook(store, Path.home(), lambda: int(time.time()))
                reports = poll_here(store, wanted, Secrets(), book, since=since)
            finally:
                lock.release()
        else:
            request = {"do": "poll", "accounts": [row.id for row in wanted], "since": since}
            reports = msgspec.convert(ask_running_app(profile, request)["reports"], list[PollReport])
    if options.json:
        output.print_json([as_json(report) for report in reports])
    else:
        columns = [
            Column("Account", flexible=True),
            Column("State"),
            Column("Records", right=True),
            Column("Days", right=True, drop=1),
            Column("Left out", right=True, drop=2),
        ]
        output.print_table(
            columns,
            [
                (one.name, one.state.value, output.exact(one.records), output.exact(len(one.changed_days)), output.exact(one.problems))
                for one in reports
            ],
        )
    for one in reports:
        if one.sentence:
            output.say(f"{one.name}: {one.sentence}", *([f"  {one.next_step}"] if one.next_step else []))
    return output.OK if all(one.state is AccountState.OK for one in reports) else output.PROBLEM


def as_json(report: PollReport) -> dict[str, Any]:
    """What was read of one account."""
    return {
        "account": report.name,
        "state": report.state.value,
        "records": report.records,
        "windows": report.windows,
        "changed_days": sorted(day.isoformat() for day in report.changed_days),
        "problems": report.problems,
        "sentence": report.sentence or None,
        "next_step": report.next_step or None,
    }
