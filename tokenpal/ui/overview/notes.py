"""The sentences beside the chart: money of each kind, what is missing, what a provider took back, how today goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tokenpal.engine.overview import Around, Overview
from tokenpal.insight.exchange import converted_words
from tokenpal.insight.series import Measure
from tokenpal.insight.summary import money_parts
from tokenpal.model.report import Correction
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, times

NBSP = "\u00a0"
STALE = 3 * 3600  # seconds after which the age of the figures is said beside them


def note(view: Overview, now: int) -> str:
    """A line for each kind of money and for each thing to know."""
    chart, total = view.chart, view.report.total
    lines = [part.replace(" ", NBSP) for part in (*money_parts(total.money), numbers.unpriced(total.unpriced_requests))]
    lines += [converted_words(view.converted, view.currency), corrected(view.corrections, dict(view.names), view.report.query.zone)]
    if chart.left_out_of_hours:
        left = numbers.short(chart.left_out_of_hours)
        lines.append(tr("{tokens} tokens are known per UTC day only and are not in these hours.", tokens=left))
    if chart.overlapping:
        lines.append(tr("A session with several tags counts in each, so these bars do not add up."))
    if chart.total_unknown and chart.measure is Measure.REQUESTS:
        lines.append(tr("Some sources cannot count requests, so there are at least this many."))
    if chart.measure is Measure.BILLED and not chart.total:
        lines.append(tr("No account has billed anything in this range."))
    if view.last_read is not None and now - view.last_read > STALE:
        lines.append(tr("Read {age}.", age=times.age(now - view.last_read)))
    return "\n".join(line for line in lines if line)


def corrected(found: Sequence[Correction], names: dict[int, str], zone: str) -> str:
    """What a provider changed afterwards, the newest first, the others counted; "" for nothing. A fact, no blame."""
    if not found:
        return ""
    one = max(found, key=lambda each: (each.noted_at, each.day))
    noted = datetime.fromtimestamp(one.noted_at, ZoneInfo(zone)).date()
    where = {
        "on": times.day_range(noted, noted), "day": times.day_range(one.day, one.day),
        "account": tr("“{name}”", name=names[one.account]) if names.get(one.account) else tr("the provider"), "model": one.model or tr("a model without a name"),
    }  # fmt: skip
    before, after = one.before.total, one.after.total
    if before != after:
        said = tr(
            "On {on} {account} corrected {model} of {day}: {before} tokens became {after}.",
            before=numbers.exact(before), after=numbers.exact(after), **where,
        )  # fmt: skip
    elif one.money_before != one.money_after:
        was, now = (", ".join(money_parts(money)) or tr("no money") for money in (one.money_before, one.money_after))
        said = tr("On {on} {account} corrected {model} of {day}: {before} became {after}.", before=was, after=now, **where)
    else:
        said = tr("On {on} {account} put {tokens} tokens of {model} of {day} into other classes.", tokens=numbers.exact(after), **where)
    more = len(found) - 1
    return said if not more else f"{said} {trn('{n} more correction.', '{n} more corrections.', more, shown=numbers.digits(more))}"


def pace(around: Around) -> str:
    """Today beside the person's own usual range for this weekday. A range of their own, never a target."""
    if not around.today_tokens:
        return tr("Nothing yet today.")
    today = tr("{tokens} tokens", tokens=numbers.short(around.today_tokens))
    if around.usual is None:
        return tr("Today {today}", today=today)
    parts = {
        "today": today, "weekday": times.LONG_WEEKDAYS[around.today.weekday()],
        "low": numbers.short(around.usual.low), "high": numbers.short(around.usual.high),
    }  # fmt: skip
    match around.usual.place(around.today_tokens):
        case "below":  # the day is not over: nothing is behind anything
            return tr("Today {today} so far; your usual range for a whole {weekday} is {low} to {high}", **parts)
        case "within":
            return tr("Today {today}, inside your usual range for a {weekday} ({low} to {high})", **parts)
        case _:
            return tr("Today {today}, above your usual range for a {weekday} ({low} to {high})", **parts)
