"""``tokenpal limits``: plan windows and prepaid balances, each with its age."""

from __future__ import annotations

import argparse
import time
from typing import Any
from zoneinfo import ZoneInfo

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, add_zone, local_time, utc_time
from tokenpal.engine import queries
from tokenpal.insight.numbers import money, money_line
from tokenpal.model.money import Money


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name, help=help_line, description="Plan windows and prepaid balances as they were last read.", epilog=output.EXIT_CODES
    )
    add_zone(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    zone = ZoneInfo(profile.zone(options.tz))
    with profile.store() as store:
        names = {row.id: row.name for row in queries.accounts(store)}
        windows, balances = queries.limits(store), queries.balances(store)
    now = int(time.time())
    if options.json:
        output.print_json(
            {
                "windows": [
                    {
                        "account": names.get(account),
                        "name": one.name,
                        "used_percent": one.used_percent,
                        "resets_at": None if one.resets_at is None else utc_time(one.resets_at),
                        "window_minutes": one.window_minutes,
                        "origin": one.origin.value,
                        "read_at": utc_time(one.at),
                        "used": _money(one.used),
                        "limit": _money(one.limit),
                    }
                    for account, one in windows
                ],
                "balances": [
                    {"account": names.get(account), "name": one.name, **(_money(one.left) or {}), "read_at": utc_time(one.at)}
                    for account, one in balances
                ],
            }
        )
        return None
    if not windows and not balances:
        print("No limit or balance is known. Agents that log their plan windows, and some provider accounts, tell them.")
        return None
    if windows:
        columns = [
            Column("Account", flexible=True),
            Column("Window", flexible=True),
            Column("Used", right=True),
            Column("Resets"),
            Column("Read", drop=2),
            Column("Origin", drop=1),
        ]
        rows = [
            (names.get(account, "–"), one.name, _used(one, now), _resets(one.resets_at, now, zone), age(now - one.at), one.origin.value)
            for account, one in windows
        ]
        output.print_table(columns, rows)
    if windows and balances:
        print()
    if balances:
        columns = [Column("Account", flexible=True), Column("Balance", flexible=True), Column("Left", right=True), Column("Read", drop=1)]
        left = [
            (names.get(account, "–"), one.name, money_line(one.left.amount, one.left.currency, "balance"), age(now - one.at))
            for account, one in balances
        ]
        output.print_table(columns, left)
    return None


def _money(value: Money | None) -> dict[str, str] | None:
    return None if value is None else {"kind": value.kind.value, "currency": value.currency, "amount": f"{value.amount:f}"}


def _used(one: Any, now: int) -> str:
    if one.resets_at is not None and one.resets_at <= now:
        return "reset since"  # what was read is about a window that is over
    amounts = (
        f" ({money(one.used.amount, one.used.currency)} of {money(one.limit.amount, one.limit.currency)})" if one.used and one.limit else ""
    )
    return f"{one.used_percent:.0f} %{amounts}"


def _resets(at: int | None, now: int, zone: ZoneInfo) -> str:
    if at is None:
        return "–"
    return f"in {duration(at - now)}" if 0 < at - now < 86_400 else local_time(at, zone)


def age(seconds: int) -> str:
    """``3 h 5 min ago``."""
    return "now" if seconds < 60 else f"{duration(seconds)} ago"


def duration(seconds: int) -> str:
    """``48 min``, ``1 h 12 min``, ``3 d 4 h`` (design 4)."""
    minutes = max(1, seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
