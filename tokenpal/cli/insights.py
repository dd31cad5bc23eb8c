"""``tokenpal insights``: what may be worth a look, each with its arithmetic. None of it is a grade."""

from __future__ import annotations

import argparse
import time
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, add_range, add_zone, parse_range, utc_time
from tokenpal.engine import insights
from tokenpal.insight.switch_words import CLASS_WORDS, TOKENS_DIFFER, cells, switch_sentence
from tokenpal.model.errors import UsageError
from tokenpal.model.insight import Insight
from tokenpal.model.ranges import local_day

DAYS: Final = 28


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name,
        help=help_line,
        description="What may be worth a look in the last four weeks, with the arithmetic behind each sentence.\n"
        "With --switch FROM TO: what the use of one model would have cost at the list price of another.",
        epilog=output.EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_range(parser)
    add_zone(parser)
    parser.add_argument("--switch", nargs=2, metavar=("FROM", "TO"), help="the same tokens of model FROM at the list price of model TO")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    zone, now = profile.zone(options.tz), int(time.time())
    first, until = parse_range(options, zone, now)
    until = until or local_day(now, ZoneInfo(zone)) + timedelta(days=1)
    first = first or until - timedelta(days=DAYS)
    if until <= first:
        raise UsageError("That range has no day in it.", "--until is the day after the last one: it must be later than --since.")
    with profile.store() as store:
        if options.switch:
            model, other = options.switch
            _print_switch(insights.model_switch(store, zone, first, until, model, other), as_json=options.json)
            return None
        found = insights.insights(store, zone, first, until)
    if options.json:
        output.print_json({"from": first.isoformat(), "to": until.isoformat(), "tz": zone, "insights": [_json(one) for one in found]})
    elif not found:
        print(f"Nothing unusual from {first} to {_last(until)}.")
    else:
        for number, one in enumerate(found):
            if number:
                print()
            _print(one)
    return None


def _last(until: date) -> date:
    return until - timedelta(days=1)


def _print(one: Insight) -> None:
    output.print_text(one.sentence)
    rows = [(step.label, step.figure, step.note) for step in one.arithmetic]
    output.print_table([Column(one.title, flexible=True), Column("Figure", right=True), Column("How", flexible=True)], rows)
    output.print_text(one.rule)


def _json(one: Insight) -> dict[str, Any]:
    return {
        "kind": one.kind.value, "key": one.key, "sentence": one.sentence, "rule": one.rule,
        "arithmetic": [{"label": step.label, "figure": step.figure, "note": step.note} for step in one.arithmetic],
        "sessions": list(one.sessions), "until": None if one.until is None else utc_time(one.until),
    }  # fmt: skip


def _print_switch(answer: insights.ModelSwitch, *, as_json: bool) -> None:
    if as_json:
        lines = answer.result.lines
        output.print_json(
            {
                "from_model": answer.model, "to_model": answer.other, "from": answer.first.isoformat(), "to": answer.until.isoformat(), "currency": "USD",
                "classes": [{"class": line.name, "tokens": line.tokens, "was": _usd(line.was), "price": _usd(line.price), "would": _usd(line.would)} for line in lines],
                "was": _usd(answer.result.was), "would": _usd(answer.result.would), "price_origin": answer.origin, "price_noted_at": utc_time(answer.noted_at),
            }
        )  # fmt: skip
        return
    output.print_text(switch_sentence(answer.model, answer.other, answer.result))
    titles = ("Tokens", "Count", answer.model, f"at {answer.other}", "Would cost")
    rows = [(CLASS_WORDS[line.name], *cells(line)) for line in answer.result.lines]
    output.print_table([Column(titles[0]), *(Column(title, right=True, flexible=number in {1, 2}) for number, title in enumerate(titles[1:]))], rows)
    output.print_text(TOKENS_DIFFER)


def _usd(pico: int | None) -> str | None:
    from tokenpal.model.money import Money, MoneyKind

    return None if pico is None else f"{Money(MoneyKind.LIST_PRICE, 'USD', pico).amount:f}"
