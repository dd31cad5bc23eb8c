"""``tokenpal prices``: the person's own prices, which model another name is priced as, and exchange rates."""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, parse_day
from tokenpal.engine import prices, queries
from tokenpal.insight.exchange import ORIGINS, rate_words
from tokenpal.model.errors import UsageError
from tokenpal.model.ranges import day_start
from tokenpal.model.rates import Rate

CLASSES: Final = {  # option -> class of tokens
    "input": "fresh_input",
    "output": "output",
    "cache-read": "cache_read",
    "cache-write-5m": "cache_write_5m",
    "cache-write-1h": "cache_write_1h",
}


def add(commands: Any, name: str, help_line: str) -> None:
    line = "Your own prices: for models that the public price list does not know. What was priced keeps its price."
    parser = commands.add_parser(name, help=help_line, description=line, epilog=output.EXIT_CODES)
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    listing = parts.add_parser("list", help="your own prices")
    listing.add_argument("--json", action="store_true", help="a JSON array")
    listing.set_defaults(run=list_prices)
    new = parts.add_parser("set", help="give a model a price, in US dollars for a million tokens")
    new.add_argument("model", metavar="MODEL", help="as reports name it")
    for option in CLASSES:
        new.add_argument(f"--{option}", metavar="USD", help=f"a million tokens of {option.replace('-', ' ')}")
    new.add_argument("--since", metavar="D", help="from this day on: 2026-11-01, yesterday or 30d (default: always)")
    new.set_defaults(run=set_price)
    gone = parts.add_parser("remove", help="take your prices of a model back; its records have the public price again, or none")
    gone.add_argument("model", metavar="MODEL")
    gone.set_defaults(run=remove_prices)
    rate = parts.add_parser("rate", help="say what a currency was worth on a day: for showing money in one currency")
    rate.add_argument("currency", metavar="CURRENCY", help="three letters, such as EUR")
    rate.add_argument("usd", metavar="USD", nargs="?", help="US dollars for one unit, such as 1.08")
    rate.add_argument("--day", metavar="D", help="2026-11-01, yesterday or 30d (default: today; with --remove: every day)")
    rate.add_argument("--remove", action="store_true", help="forget the rate instead")
    rate.set_defaults(run=exchange_rate)
    every = parts.add_parser("rates", help="the exchange rates that are known")
    every.add_argument("--json", action="store_true", help="a JSON array")
    every.set_defaults(run=list_rates)
    same = parts.add_parser("alias", help="price a model as another one")
    same.add_argument("model", metavar="MODEL", help='as reports name it; "" = use whose log names no model')
    same.add_argument("other", metavar="OTHER", help='a model with a price; "" takes it back')
    same.set_defaults(run=alias)


def set_price(options: argparse.Namespace) -> int | None:
    given = {class_: value for option, class_ in CLASSES.items() if (value := getattr(options, option.replace("-", "_"))) is not None}
    if not given:
        raise UsageError("A price needs an amount.", "Such as: tokenpal prices set MODEL --input 3 --output 15")
    profile = Profile()
    zone = profile.zone()
    day = parse_day(options.since, zone, int(time.time()))
    with profile.store() as store:
        changed = prices.set_price_override(store, options.model, given, since=day_start(day, ZoneInfo(zone)) if day else 0)
    print(f"{options.model}: {output.count(changed, 'usage record')} without a price got one.")
    return None


def remove_prices(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        changed = prices.remove_price_override(store, options.model)
    print(f"{options.model}: your price is gone; {output.count(changed, 'usage record')} changed.")
    return None


def alias(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        changed = prices.alias_model(store, options.model, options.other)
    words = f"is priced as {options.other}" if options.other.strip() else "is priced by its own name"
    print(f"{options.model or 'no model'} {words}; {output.count(changed, 'usage record')} changed.")
    return None


def exchange_rate(options: argparse.Namespace) -> int | None:
    profile = Profile()
    day = parse_day(options.day, profile.zone(), int(time.time()))
    if bool(options.remove) == bool(options.usd):
        raise UsageError("A rate needs what one unit is worth in US dollars.", "Such as: tokenpal prices rate EUR 1.08")
    with profile.store() as store:
        if options.remove:
            gone = prices.remove_exchange_rate(store, options.currency, day)
            print(f"{output.count(gone, 'rate')} forgotten.")
            return None
        rate = prices.set_exchange_rate(store, options.currency, options.usd, day)
    print(f"{rate_words(rate)}.")
    if not profile.settings.get("general.currency"):
        output.say("Use it with tokenpal report --in CURRENCY, or choose a currency under Settings, General, Show money in.")
    return None


def list_rates(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        found = prices.exchange_rates(store)
    if options.json:
        output.print_json([{"currency": r.currency, "day": r.day.isoformat(), "usd": f"{r.usd:f}", "origin": r.origin} for r in found])
    elif found:
        columns = [Column("Day"), Column("Currency"), Column("US dollars for one", right=True), Column("Who says so", flexible=True)]
        output.print_table(columns, [(r.day.isoformat(), r.currency, f"{r.usd:f}", ORIGINS.get(r.origin, r.origin)) for r in found])
    else:
        print("No exchange rate yet. Give one with: tokenpal prices rate EUR 1.08")
    return None


def list_prices(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        found = queries.own_prices(store)
    if options.json:
        output.print_json([_as_json(rate) for rate in found])
    elif found:
        columns = [Column("Model", flexible=True), *(Column(option, right=True) for option in CLASSES), Column("Since")]
        output.print_table(
            columns, [(rate.model, *(_usd(rate, class_) or "–" for class_ in CLASSES.values()), _day(rate) or "always") for rate in found]
        )
        output.say("US dollars for a million tokens.")
    else:
        print("No price of your own. Add one with: tokenpal prices set MODEL --input USD --output USD")
    return None


def _as_json(rate: Rate) -> dict[str, Any]:
    return {
        "model": rate.model,
        "provider": rate.provider or None,
        "usd_per_million": {o: _usd(rate, c) for o, c in CLASSES.items()},
        "since": _day(rate),
    }


def _usd(rate: Rate, class_: str) -> str | None:
    """Picodollars a token are millionths of a dollar for a million."""
    pico = getattr(rate.prices, class_)
    if pico is None:
        return None
    whole, rest = divmod(pico, 1_000_000)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _day(rate: Rate) -> str | None:
    return datetime.fromtimestamp(rate.since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if rate.since else None
