"""Turns a chart of the core into what the chart widget and the legend take: words, tints, exact figures."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from tokenpal.engine.overview import Overview
from tokenpal.insight.series import Chart, Measure, Part, Series as CoreSeries
from tokenpal.model.ranges import Bucket as TimeBucket
from tokenpal.model.report import Dimension
from tokenpal.ui import numbers, times
from tokenpal.ui.charts.data import Bucket, Series, StackedSeries
from tokenpal.ui.paint import Tint
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.sessions.words import agent_name, last_part
from tokenpal.ui.widgets.legend import LegendItem

PICO = Decimal(10) ** -12
NONE_WORDS = {
    Dimension.TASK: "No task", Dimension.TAG: "No tag", Dimension.LABEL: "Not labelled", Dimension.PROJECT: "No project",
    Dimension.BRANCH: "No branch", Dimension.PROVIDER: "Unknown provider", Dimension.MODEL: "Unknown model", Dimension.AGENT: "Unknown", Dimension.ACCOUNT: "Unknown",
}  # fmt: skip
CLASS_WORDS = {
    "fresh_input": "Fresh input", "cache_read": "Cache read", "cache_write_5m": "Cache write 5 min", "cache_write_1h": "Cache write 1 h",
    "cache_write_other": "Cache write", "output": "Output",
}  # fmt: skip


def name(series: CoreSeries, by: Dimension | None) -> str:
    """The words for a series."""
    if series.part is Part.NONE and by is not None:
        return NONE_WORDS.get(by, series.key)
    if by is Dimension.LABEL:
        return LABEL_WORDS[next(known for known in LABELS if known == series.key)]
    if by is Dimension.CLASS:
        return CLASS_WORDS.get(series.key, series.key)
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
    """Names of the slots; days are marked weekly, hours every six or at midnight, months quarterly."""
    found = []
    days = len(chart.slots) > 49  # hours of several days: midnights are marked, with their date
    for place, slot in enumerate(chart.slots):
        if bucket is TimeBucket.HOUR:
            moment = datetime.fromisoformat(slot.key)
            word = times.short_day(moment.date()) if days and moment.hour == 0 else times.clock(moment)
            found.append(Bucket(f"{times.day(moment.date())}, {times.clock(moment)}", word, moment.hour == 0 if days else moment.hour % 6 == 0))
            continue
        day = date.fromisoformat(slot.key)
        if bucket is TimeBucket.MONTH:
            found.append(Bucket(times.month(day), times.MONTHS[day.month - 1], day.month % 3 == 1 or len(chart.slots) <= 12))
        elif bucket is TimeBucket.WEEK:
            found.append(Bucket(f"{times.iso_week(day)}, from {times.day(day)}", times.short_day(day), place % 4 == 0))
        else:
            found.append(Bucket(times.day(day), times.short_day(day), (today - day).days % 7 == 5 or len(chart.slots) <= 8))
    return tuple(found)


def running(chart: Chart, now: int) -> int:
    """The slot that runs now, -1 for none."""
    return next((place for place, slot in enumerate(chart.slots) if slot.start <= now < slot.end), -1)


def stacked(view: Overview, today: date, now: int) -> StackedSeries:
    """The whole chart for the widget."""
    chart, query = view.chart, view.report.query
    bucket = query.bucket or TimeBucket.DAY
    at = running(chart, now)
    word = {TimeBucket.HOUR: "Now", TimeBucket.DAY: "Today", TimeBucket.WEEK: "This week", TimeBucket.MONTH: "This month"}[bucket]
    series = tuple(
        Series(
            one.key, name(one, query.by), tint(one, query.by), tuple(float(v) for v in one.values),
            tuple(bool(h) or u for h, u in zip(one.hatched, one.unknown, strict=True)),
        )
        for one in chart.series
    )  # fmt: skip
    day_only = [sum(one.hatched[place] for one in chart.series) for place in range(len(chart.slots))]
    feet = tuple("Partly known per UTC day only · click to list sessions" if hatched else "Click to list sessions" for hatched in day_only)
    return StackedSeries(
        title=f"{chart.measure.value.capitalize()} by {query.by.value if query.by else 'time'}",
        buckets=buckets(chart, bucket, today), series=series, today=at, today_word=word, feet=feet,
        bucket_word=bucket.value.capitalize(), overlapping=chart.overlapping,
        exact=lambda v: exact(chart, v), axis=(lambda v: short(chart, v)) if chart.currency else numbers.axis,
        short=lambda v: short(chart, v),
    )  # fmt: skip


def origin(view: Overview) -> tuple[str, str]:
    """The word for the chip beside the total, the weakest of what is mixed, and the split for its hover."""
    chart = view.chart
    if chart.measure is Measure.LIST_PRICE:
        return "estimated", "Tokens times the public price of their model; what you pay may differ."
    if chart.measure is Measure.BILLED:
        return "reported", "What providers say they billed."
    if not view.origins:
        return "", ""
    whole = sum(tokens for _, tokens in view.origins)
    split = [f"{numbers.exact(tokens)} {kind.value}, {numbers.percent(tokens / whole)}" for kind, tokens in view.origins]
    word = "estimated" if view.report.total.estimated else numbers.total_weakest_origin(kind.value for kind, _ in view.origins)
    return word, "\n".join(split)


def legend(view: Overview) -> list[LegendItem]:
    """Rows of the legend, from the baseline up."""
    chart, by = view.chart, view.report.query.by
    return [LegendItem(one.key, name(one, by), tint(one, by), short(chart, one.total), exact(chart, one.total)) for one in chart.series]
