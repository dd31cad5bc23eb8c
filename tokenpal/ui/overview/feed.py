"""Turns a chart of the core into what the chart widget and the legend take: words, tints, exact figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from tokenpal.engine import overview
from tokenpal.engine.overview import Overview
from tokenpal.insight import budgets as budget_words
from tokenpal.insight.marks import MarkKind, placed
from tokenpal.insight.series import Chart, Measure, Part, Series as CoreSeries
from tokenpal.model.budget import BudgetMeasure, BudgetScope
from tokenpal.model.ranges import Bucket as TimeBucket, iso_week_days
from tokenpal.model.report import Dimension, Filter, Query
from tokenpal.translation import mark, tr
from tokenpal.ui import numbers, times
from tokenpal.ui.charts.data import Band, Bucket, Level, Mark, Series, StackedSeries
from tokenpal.ui.paint import Tint
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.sessions.words import agent_name, last_part
from tokenpal.ui.widgets.legend import LegendItem

PICO = Decimal(10) ** -12
MANY_WEEKS = 26
NONE_WORDS = {
    Dimension.TASK: mark("No task"), Dimension.TAG: mark("No tag"), Dimension.LABEL: mark("Not labelled"), Dimension.PROJECT: mark("No project"),
    Dimension.BRANCH: mark("No branch"), Dimension.PROVIDER: mark("Unknown provider"), Dimension.MODEL: mark("Unknown model"),
    Dimension.AGENT: mark("Unknown"), Dimension.ACCOUNT: mark("Unknown"),
}  # fmt: skip
CLASS_WORDS = {
    "fresh_input": mark("Fresh input"), "cache_read": mark("Cache read"), "cache_write_5m": mark("Cache write 5 min"),
    "cache_write_1h": mark("Cache write 1 h"), "cache_write_other": mark("Cache write"), "output": mark("Output"),
}  # fmt: skip
RUNNING = {TimeBucket.HOUR: mark("Now"), TimeBucket.DAY: mark("Today"), TimeBucket.WEEK: mark("This week"), TimeBucket.MONTH: mark("This month")}
BARS = {TimeBucket.HOUR: mark("Hour"), TimeBucket.DAY: mark("Day"), TimeBucket.WEEK: mark("Week"), TimeBucket.MONTH: mark("Month")}
TITLES = {
    Measure.TOKENS: mark("Tokens by {what}"), Measure.REQUESTS: mark("Requests by {what}"),
    Measure.LIST_PRICE: mark("List price by {what}"), Measure.BILLED: mark("Billed by {what}"),
}  # fmt: skip
WHAT = {
    Dimension.TASK: mark("task"), Dimension.TAG: mark("tag"), Dimension.LABEL: mark("label"), Dimension.PROJECT: mark("project"),
    Dimension.BRANCH: mark("branch"), Dimension.AGENT: mark("agent"), Dimension.ACCOUNT: mark("account"), Dimension.PROVIDER: mark("provider"),
    Dimension.MODEL: mark("model"), Dimension.CLASS: mark("token class"), None: mark("time"),
}  # fmt: skip
ORIGINS = {"reported": mark("reported"), "measured": mark("measured"), "estimated": mark("estimated"), "unknown": mark("unknown")}
BUDGET_OF = {Measure.TOKENS: BudgetMeasure.TOKENS, Measure.LIST_PRICE: BudgetMeasure.LIST_PRICE, Measure.BILLED: BudgetMeasure.CASH}
BUDGET_LINES = {
    TimeBucket.DAY: mark("Your budget: {amount} a day"), TimeBucket.WEEK: mark("Your budget: {amount} a week"),
    TimeBucket.MONTH: mark("Your budget: {amount} a month"),
}  # fmt: skip


def name(series: CoreSeries, by: Dimension | None) -> str:
    """The words for a series."""
    if series.part is Part.NONE and by is not None:
        return tr(NONE_WORDS[by]) if by in NONE_WORDS else series.key
    if series.part is Part.ELSE:
        return tr("Everything else")
    if by is Dimension.LABEL:
        return LABEL_WORDS[next(known for known in LABELS if known == series.key)]
    if by is Dimension.CLASS:
        return tr(CLASS_WORDS[series.key]) if series.key in CLASS_WORDS else series.key
    if by is Dimension.AGENT:
        return agent_name(series.key)
    return last_part(series.key) if by is Dimension.PROJECT else series.key


def tint(series: CoreSeries, by: Dimension | None) -> Tint:
    """Colour and fill: label colours for labels, palette slots for everything else."""
    if series.part is Part.ELSE:
        return "else"
    if series.part is Part.NONE:
        return "unlabelled" if by is Dimension.LABEL else "none"
    if by is Dimension.LABEL:
        return next((known for known in LABELS if known == series.key), "else")
    return series.color + 1


def seen(chart: Chart) -> tuple[CoreSeries, ...]:
    """The series that have something in this range and measure: no column and no row of zeros."""
    return tuple(one for one in chart.series if one.total or any(one.unknown))


def exact(chart: Chart, value: float) -> str:
    """One figure, every digit."""
    if chart.measure in (Measure.LIST_PRICE, Measure.BILLED):
        return numbers.money(Decimal(int(value)) * PICO, chart.currency)
    return numbers.exact(int(value))


def short(chart: Chart, value: float) -> str:
    """One figure, three digits."""
    if chart.measure in (Measure.LIST_PRICE, Measure.BILLED):
        return numbers.money(Decimal(int(value)) * PICO, chart.currency)
    return numbers.short(int(value))


def buckets(chart: Chart, bucket: TimeBucket, today: date) -> tuple[Bucket, ...]:
    """Names of the slots; days are marked weekly, hours every six or at midnight, weeks every fourth or by month, months quarterly.

    Another year than this one is always said.
    """
    found: list[Bucket] = []
    month = 0
    days = len(chart.slots) > 49  # hours of several days: midnights are marked, with their date
    for place, slot in enumerate(chart.slots):
        if bucket is TimeBucket.HOUR:
            moment = datetime.fromisoformat(slot.key)
            word = times.short_day(moment.date()) if days and moment.hour == 0 else times.clock(moment)
            found.append(Bucket(tr("{day}, {time}", day=times.day(moment.date()), time=times.clock(moment)), word, moment.hour == 0 if days else moment.hour % 6 == 0))
            continue
        day = date.fromisoformat(slot.key)
        if bucket is TimeBucket.MONTH:
            found.append(Bucket(times.month(day), times.MONTHS[day.month - 1], day.month % 3 == 1 or len(chart.slots) <= 12))
        elif bucket is TimeBucket.WEEK:
            said = tr("{week}, from {day}", week=times.iso_week(day), day=_with_year(day, today))
            if len(chart.slots) > MANY_WEEKS:  # a year or so: the first week of each month says the month, January the year
                first, month = place > 0 and day.month != month, day.month
                found.append(Bucket(said, (str(day.year) if day.month == 1 else times.MONTHS[day.month - 1]) if first else times.short_day(day), first))
            else:
                found.append(Bucket(said, times.short_day(day), place % 4 == 0))
        else:
            found.append(Bucket(_with_year(day, today), times.short_day(day), (today - day).days % 7 == 5 or len(chart.slots) <= 8))
    return tuple(found)


def _with_year(day: date, today: date) -> str:
    return times.day(day) if day.year == today.year else f"{times.day(day)} {day.year}"


def running(chart: Chart, now: int) -> int:
    """The slot that runs now, -1 for none."""
    return next((place for place, slot in enumerate(chart.slots) if slot.start <= now < slot.end), -1)


def prepare(store: Any, query: Query, measure: Measure, currency: str, today: date) -> tuple[Overview, StackedSeries]:
    """The answer and what the chart shows of it. Runs where the store is: ten years of days are a lot of words to write."""
    view = overview.overview(store, query, measure, currency)
    return view, stacked(view, today, store.now())


def stacked(view: Overview, today: date, now: int) -> StackedSeries:
    """The whole chart for the widget."""
    chart, query = view.chart, view.report.query
    bucket = query.bucket or TimeBucket.DAY
    at = running(chart, now)
    series = tuple(
        Series(
            one.key, name(one, query.by), tint(one, query.by), tuple(map(float, one.values)),
            tuple(bool(h) or u for h, u in zip(one.hatched, one.unknown, strict=True)) if any(one.hatched) or any(one.unknown) else (),
        )
        for one in seen(chart)
    )  # fmt: skip
    day_only = [any(found) for found in zip(*(one.hatched for one in chart.series), strict=True)] if chart.series else []
    partly, plain = tr("Partly known per UTC day only · click to list sessions"), tr("Click to list sessions")
    return StackedSeries(
        title=title(view), buckets=buckets(chart, bucket, today), series=series, today=at, today_word=RUNNING[bucket],
        feet=tuple(partly if hatched else plain for hatched in day_only), bucket_word=BARS[bucket], overlapping=chart.overlapping,
        marks=marks(view, now), band=band(view, at, today), levels=levels(view),
        exact=partial(exact, chart), axis=partial(short, chart) if chart.currency else numbers.axis, short=partial(short, chart),
    )  # fmt: skip


def title(view: Overview) -> str:
    """What the chart is."""
    return tr(TITLES[view.chart.measure], what=tr(WHAT[view.report.query.by]))


def marks(view: Overview, now: int) -> tuple[Mark, ...]:
    """Notes and check-ins at their bars."""
    found = []
    for place, one in placed(view.chart.slots, view.marks):
        if one.kind is MarkKind.CHECKIN:
            week = times.iso_week(iso_week_days(one.ref)[0] + timedelta(days=3))
            found.append(Mark(place, "check-in", tr("Check-in {week}: {words}", week=week, words=one.words), one.ref))
        else:
            found.append(Mark(place, "note", one.words, one.ref))
    return tuple(found)


def band(view: Overview, at: int, today: date) -> Band | None:
    """The person's own usual range behind the bar that runs."""
    if view.usual is None or at < 0:
        return None
    low, high = numbers.exact(view.usual.low), numbers.exact(view.usual.high)
    if view.report.query.bucket is TimeBucket.WEEK:
        words = tr("Your usual range for a week: {low} to {high}", low=low, high=high)
    else:
        words = tr("Your usual range for a {weekday}: {low} to {high}", weekday=times.LONG_WEEKDAYS[today.weekday()], low=low, high=high)
    return Band(at, float(view.usual.low), float(view.usual.high), words)


def levels(view: Overview) -> tuple[Level, ...]:
    """Budgets of everything that are as long as a bar and of what the bars measure."""
    query, chart = view.report.query, view.chart
    if query.bucket not in BUDGET_LINES or query.filter != Filter() or chart.measure not in BUDGET_OF:
        return ()
    found = []
    for one in view.budgets:
        same = one.measure is BUDGET_OF[chart.measure] and one.period.value == query.bucket.value and one.scope is BudgetScope.ALL
        if same and one.currency in ("", chart.currency):
            found.append(Level(float(one.amount), tr(BUDGET_LINES[query.bucket], amount=budget_words.amount(one, one.amount))))
    return tuple(found)


def origin(view: Overview) -> tuple[str, str]:
    """The word for the chip beside the total, the weakest of what is mixed, and the split for its hover."""
    chart = view.chart
    if chart.measure is Measure.LIST_PRICE:
        return tr("estimated"), tr("Tokens times the public price of their model; what you pay may differ.")
    if chart.measure is Measure.BILLED:
        return tr("reported"), tr("What providers say they billed.")
    if not view.origins:
        return "", ""
    whole = sum(tokens for _, tokens in view.origins)
    split = [
        tr("{figure} {origin}, {share}", figure=numbers.exact(tokens), origin=tr(ORIGINS[kind.value]), share=numbers.percent(tokens / whole))
        for kind, tokens in view.origins
    ]
    word = "estimated" if view.report.total.estimated else numbers.total_weakest_origin(kind.value for kind, _ in view.origins)
    return tr(ORIGINS[word]), "\n".join(split)


def legend(view: Overview) -> list[LegendItem]:
    """Rows of the legend, from the baseline up."""
    chart, by = view.chart, view.report.query.by
    return [LegendItem(one.key, name(one, by), tint(one, by), short(chart, one.total), exact(chart, one.total)) for one in seen(chart)]
