"""``tokenpal report``: usage by time or by one dimension; the JSON is a contract (product 7)."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, add_range, add_zone, parse_range, utc_time
from tokenpal.insight import spreadsheet
from tokenpal.insight.corrections import corrections_words
from tokenpal.insight.exchange import converted_words
from tokenpal.model.money import Converted
from tokenpal.model.ranges import Bucket, local_day
from tokenpal.model.report import Correction, Dimension, Filter, Measures, Query, Report
from tokenpal.model.tokens import CLASSES
from tokenpal.store import accounts, corrections, report as reports
from tokenpal.store.database import Store

TIMES: Final = tuple(bucket.value for bucket in Bucket)
GROUPS: Final = tuple(dimension.value for dimension in Dimension)
DAYS_SHOWN: Final = 30
FIELDS: Final = ("key", "requests", *CLASSES, "reasoning", "total", "unpriced_requests", "money")


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name,
        help=help_line,
        description="Tokens, requests and cost by time or by one dimension. All time for a grouping, the last 30 days for hour, day, week or month.",
        epilog=output.EXIT_CODES,
    )
    parser.add_argument("--by", choices=(*TIMES, *GROUPS), default="day", metavar="ROW", help=f"what a row is: {', '.join((*TIMES, *GROUPS))} (default: day)")
    add_range(parser)
    add_zone(parser)
    add_filters(parser)
    parser.add_argument("--in", dest="currency", metavar="CURRENCY", help="show the total in this currency too, by the rates that are known (tokenpal prices rates)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object")
    form.add_argument("--csv", action="store_true", help="comma-separated values with a header line")
    parser.set_defaults(run=run)


def add_filters(parser: argparse.ArgumentParser) -> None:
    for dimension in GROUPS[:-1]:
        parser.add_argument(
            f"--{dimension}", metavar="NAME", action="append", default=[], help=f"only this {dimension} (may be given several times)"
        )


def filter_of(options: argparse.Namespace, text: str = "") -> Filter:
    """The conditions of the command line."""
    return Filter(
        tasks=tuple(options.task),
        tags=tuple(options.tag),
        labels=tuple(options.label),
        projects=tuple(options.project),
        branches=tuple(options.branch),
        agents=tuple(options.agent),
        accounts=tuple(options.account),
        models=tuple(options.model),
        providers=tuple(options.provider),
        text=text,
    )


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    zone, now = profile.zone(options.tz), int(time.time())
    query = query_of(options, zone, now, profile.week_start)
    currency = profile.settings.get("general.currency") if options.currency is None else options.currency.strip().upper()
    with profile.store() as store:
        answer = reports.report(store, query)
        converted = _converted(store, answer, currency) if currency else None
        corrected = corrections.of_report(store, answer)
        names = {row.id: row.name for row in accounts.accounts(store, removed=True)} if corrected else {}
    if options.json:
        more: dict[str, Any] = {"converted": converted_json(converted, currency)} if converted else {}
        more |= {"corrections": [correction_json(one, names) for one in corrected]} if corrected else {}
        output.print_json({**as_json(answer, options.by), **more})
    elif options.csv:
        print_csv(answer)
    else:
        print_report(answer, options.by)
        output.say(*filter(None, (converted_words(converted, currency), corrections_words(corrected, names))))
    return None


def _converted(store: Store, answer: Report, currency: str) -> Converted | None:
    from tokenpal.engine import prices  # few have a currency: the report starts without what prices need

    return prices.shown_in(store, answer.total.money, currency, answer.until)


def converted_json(found: Converted, currency: str) -> dict[str, Any]:
    """The total in one currency with the rates that were used; what has none is apart."""
    return {
        "currency": currency,
        "money": output.money_json(found.money),
        "rates": [{"currency": one.currency, "usd": f"{one.usd:f}", "day": one.day.isoformat(), "origin": one.origin} for one in found.rates],
        "apart": output.money_json(found.apart),
    }


def correction_json(one: Correction, names: Mapping[int, str]) -> dict[str, Any]:
    """What a provider said otherwise later of a UTC day."""
    return {
        "account": names.get(one.account), "report": one.endpoint, "day": one.day.isoformat(), "model": one.model or None, "noted_at": utc_time(one.noted_at),
        "before": {**{name: getattr(one.before, name) for name in CLASSES}, "total": one.before.total, "money": output.money_json(one.money_before)},
        "after": {**{name: getattr(one.after, name) for name in CLASSES}, "total": one.after.total, "money": output.money_json(one.money_after)},
    }  # fmt: skip


def query_of(options: argparse.Namespace, zone: str, now: int, week_start: int) -> Query:
    """The question that the options ask."""
    first, until = parse_range(options, zone, now)
    bucket = Bucket(options.by) if options.by in TIMES else None
    if bucket and first is None:
        end = until or local_day(now, ZoneInfo(zone)) + timedelta(days=1)
        first = end - timedelta(days=DAYS_SHOWN)
    by = None if bucket else Dimension(options.by)
    return Query(zone, first, until, bucket, by, week_start, filter_of(options))


def as_json(answer: Report, by: str) -> dict[str, Any]:
    """The object that scripts read."""
    return {
        "by": by,
        "from": answer.first.isoformat(),
        "to": answer.until.isoformat(),
        "tz": answer.query.zone,
        "rows": [{"key": row.bucket or row.key, **figures(row.measures)} for row in answer.rows],
        "total": figures(answer.total),
    }


def figures(measures: Measures) -> dict[str, Any]:
    """The figures of one row in their order; ``requests`` is null when a source cannot count them."""
    tokens = measures.tokens
    return {
        "requests": measures.requests,
        **{name: getattr(tokens, name) for name in CLASSES},
        "reasoning": tokens.reasoning,
        "total": tokens.total,
        "unpriced_requests": measures.unpriced_requests,
        "money": output.money_json(measures.money),
    }


def print_csv(answer: Report) -> None:
    """One line per row; money has a column per kind and currency that occurs."""
    kinds = sorted({(one.kind.value, one.currency) for row in answer.rows for one in row.measures.money})
    lines: list[list[object]] = [[*FIELDS[:-1], *(f"{kind}_{currency}" for kind, currency in kinds)]]
    for row in answer.rows:
        amounts = {(one.kind.value, one.currency): f"{one.amount:f}" for one in row.measures.money}
        values = figures(row.measures)
        lines.append([row.bucket or row.key, *(values[name] for name in FIELDS[1:-1]), *(amounts.get(kind, "") for kind in kinds)])
    spreadsheet.write(sys.stdout, lines)


def print_report(answer: Report, by: str) -> None:
    """A table, with remarks on standard error."""
    if not answer.rows:
        print(nothing(answer.first, answer.until))
        return
    columns = [
        Column(by.capitalize(), flexible=by not in TIMES),
        Column("Requests", right=True, drop=2),
        Column("Fresh input", right=True, drop=3),
        Column("Cache read", right=True, drop=4),
        Column("Cache write", right=True, drop=5),
        Column("Output", right=True, drop=3),
        Column("Total", right=True),
        Column("Money", right=True, flexible=True, drop=1),
    ]
    print(f"{days(answer.first, answer.until)}, {answer.query.zone}")
    if by == "class":
        output.print_table(
            [Column("Class", flexible=True), Column("Total", right=True)],
            [(row.key, output.exact(row.measures.tokens.total)) for row in answer.rows],
            ("Total", output.exact(answer.total.tokens.total)),
        )
        return
    output.print_table(
        columns,
        [_cells(shown(row.bucket, by) or row.key, row.measures) for row in answer.rows],
        _cells("Total", answer.total),
    )
    if answer.total.unpriced_requests:
        verbs = ("has", "is") if answer.total.unpriced_requests == 1 else ("have", "are")
        output.say(f"{output.count(answer.total.unpriced_requests, 'request')} {verbs[0]} no known price and {verbs[1]} not in the cost.")
    if answer.left_out_of_hours:
        output.say(f"{output.exact(answer.left_out_of_hours)} tokens are known only per UTC day and are not in these hours.")
    if by == "tag":
        output.say("A session with several tags counts in each: these rows do not add up to the total.")


def days(first: date, until: date) -> str:
    """``2026-11-20 to 2026-11-21``, or the one day."""
    last = until - timedelta(days=1)
    return f"{first}" if first == last else f"{first} to {last}"


def nothing(first: date, until: date) -> str:
    """The sentence for an empty answer."""
    return f"Nothing on {first}." if until - first == timedelta(days=1) else f"Nothing from {days(first, until)}."


def shown(bucket: str, by: str) -> str:
    """``2026-11-21 13:00`` for an hour, the date for the rest."""
    return bucket[:16].replace("T", " ") if by == "hour" else bucket


def _cells(key: str, measures: Measures) -> list[str]:
    tokens = measures.tokens
    writes = tokens.cache_write_5m + tokens.cache_write_1h + tokens.cache_write_other
    unpriced = f"{output.exact(measures.unpriced_requests)} unpriced" if measures.unpriced_requests else ""
    money = ", ".join(part for part in (output.money_words(measures.money), unpriced) if part)
    numbers = (tokens.fresh_input, tokens.cache_read, writes, tokens.output, tokens.total)
    return [key, output.exact(measures.requests), *map(output.exact, numbers), money or "–"]
