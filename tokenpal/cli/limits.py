"""``tokenpal limits``: plan windows and prepaid balances with their age, pace and how long they last; and the person's budgets."""

from __future__ import annotations

import argparse
import time
from typing import Any
from zoneinfo import ZoneInfo

from tokenpal.cli import budget, output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, add_zone, utc_time
from tokenpal.engine import handed, limits
from tokenpal.insight import budgets
from tokenpal.insight.burn import Burn
from tokenpal.insight.limit_words import NOTHING, balance_words, limit_words
from tokenpal.insight.limits import BalanceView, LimitView, Standing
from tokenpal.insight.numbers import join
from tokenpal.model.budget import Standing as BudgetStanding
from tokenpal.model.money import Money

WIDE = 170  # columns that the whole table takes


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name,
        help=help_line,
        description="Plan windows and prepaid balances as they were last read, how fast they are used, how long they last at that pace,"
        " and where your budgets stand.",
        epilog=output.EXIT_CODES,
    )
    add_zone(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    name = profile.zone(options.tz)
    with profile.store() as store:
        handed.take(store, profile.paths.data)
        found = limits.standing(store, name, limits.how(profile.settings))
        own = budget.standings(store, profile, name)
    now, zone = int(time.time()), ZoneInfo(name)
    if options.json:
        output.print_json(
            {
                "windows": [_window(one, now, zone) for one in found.windows],
                "budgets": [budget.as_json(one) for one in own],
                "balances": [_balance(one, now, zone) for one in found.balances],
            }
        )
        return None
    if not found.windows and not found.balances and not own:
        print(NOTHING)
        return None
    width = output.terminal_width()
    if width is not None and width < WIDE:
        _print_lines(found, own, now, zone, width)
        return None
    if found.windows:
        _print_windows(found.windows, now, zone)
    if found.windows and own:
        print()
    if own:
        budget.print_table(own)
    if (found.windows or own) and found.balances:
        print()
    if found.balances:
        _print_balances(found.balances, now, zone)
    return None


def _print_lines(found: Standing, own: list[BudgetStanding], now: int, zone: ZoneInfo, width: int) -> None:
    """A name and what is said of it below: where a table would have to leave out what matters."""
    import textwrap

    said = [(words.name, words.line) for words in (limit_words(one, now, zone) for one in found.windows)]
    said += [(one.name, join((budgets.words(one), "reached" if one.over else "", budgets.kind(one.budget)))) for one in own]
    said += [(words.name, words.line) for words in (balance_words(one, now, zone) for one in found.balances)]
    for name, all_words in said:
        print(output.shorten(name, width))
        for line in textwrap.wrap(all_words, max(20, width - 1), initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False):
            print(line)


def _print_windows(views: tuple[LimitView, ...], now: int, zone: ZoneInfo) -> None:
    columns = [
        Column("Window", flexible=True),
        Column("Used"),
        Column("Resets", drop=1),
        Column("Pace", drop=3),
        Column("Outlook"),
        Column("Even pace", drop=4, flexible=True),
        Column("Origin", drop=2),
    ]
    rows = []
    for view in views:
        said = limit_words(view, now, zone)
        rows.append((said.name, said.head, said.reset.removeprefix("resets ") or "–", said.pace or "–", said.outlook or "–", said.even or "–", said.source))
    output.print_table(columns, rows)


def _print_balances(views: tuple[BalanceView, ...], now: int, zone: ZoneInfo) -> None:
    columns = [
        Column("Balance", flexible=True),
        Column("Left"),
        Column("Pace", drop=3),
        Column("Outlook"),
        Column("Top-up", drop=2, flexible=True),
        Column("Read", drop=1),
    ]
    rows = []
    for view in views:
        said = balance_words(view, now, zone)
        left = join((said.left, "low" if said.low else ""))
        rows.append((said.name, left, said.pace or "–", said.outlook or "–", said.topped_up or "–", said.source.removeprefix("read ")))
    output.print_table(columns, rows)


def _window(view: LimitView, now: int, zone: ZoneInfo) -> dict[str, Any]:
    one, said = view.state.reading, limit_words(view, now, zone)
    return {
        "account": view.account,
        "name": one.name,
        "used_percent": one.used_percent,
        "reset_since": view.state.void,
        "near": said.near,
        "resets_at": None if one.resets_at is None else utc_time(one.resets_at),
        "window_minutes": one.window_minutes,
        "origin": one.origin.value,
        "unofficial": view.unofficial,
        "read_at": utc_time(one.at),
        "used": _money(one.used),
        "limit": _money(one.limit),
        "burn": _burn(view.burn),
        "even_percent": None if view.pace is None else round(view.pace.even, 1),
        "words": said.line,
    }


def _burn(burn: Burn) -> dict[str, Any]:
    """Per cent of the window an hour, and when it is used up at that rate; each with its range."""

    def at(when: int | None) -> str | None:
        return None if when is None else _time(when)

    known = burn.per_hour is not None
    return {
        "outlook": burn.outlook.value,
        "per_hour": round(burn.per_hour, 3) if burn.per_hour is not None else None,
        "per_hour_low": round(burn.low, 3) if known else None,
        "per_hour_high": round(burn.high, 3) if known else None,
        "runs_out_at": at(burn.run_out),
        "earliest": at(burn.earliest),
        "latest": at(burn.latest),
        "readings": burn.readings,
    }


def _balance(view: BalanceView, now: int, zone: ZoneInfo) -> dict[str, Any]:
    one, burn, said = view.balance, view.burn, balance_words(view, now, zone)
    topped = burn.topped_up
    return {
        "account": view.account,
        "name": one.name,
        **(_money(one.left) or {}),
        "read_at": utc_time(one.at),
        "low": burn.low_balance,
        "outlook": burn.outlook.value,
        "per_day": None if burn.per_day is None else f"{burn.per_day:f}",
        "runs_out_at": None if burn.run_out is None else _time(burn.run_out),
        "earliest": None if burn.earliest is None else _time(burn.earliest),
        "latest": None if burn.latest is None else _time(burn.latest),
        "topped_up": None if topped is None else {"at": utc_time(topped[0]), "amount": f"{topped[1].amount:f}"},
        "words": said.line,
    }


def _time(at: int) -> str:
    """Far beyond any calendar it stays at the end of it."""
    return utc_time(min(at, 250_000_000_000))


def _money(value: Money | None) -> dict[str, str] | None:
    return None if value is None else {"kind": value.kind.value, "currency": value.currency, "amount": f"{value.amount:f}"}
