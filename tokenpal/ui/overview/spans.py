"""Which days the Overview shows, and which bars and measures make sense for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tokenpal.insight.numbers import digits
from tokenpal.insight.series import Measure
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Dimension
from tokenpal.translation import mark, tr, trn
from tokenpal.ui import times

RANGES = (
    ("1", mark("Today")), ("7", mark("7 d")), ("30", mark("30 d")), ("90", mark("90 d")), ("365", mark("12 mo")), ("custom", mark("Custom")),
)  # fmt: skip
MEASURES = (
    (Measure.TOKENS, mark("Tokens")), (Measure.REQUESTS, mark("Requests")), (Measure.LIST_PRICE, mark("List price")), (Measure.BILLED, mark("Billed")),
)  # fmt: skip
BY = {
    Dimension.TASK: mark("Task"), Dimension.TAG: mark("Tag"), Dimension.LABEL: mark("Label"), Dimension.PROJECT: mark("Project"),
    Dimension.BRANCH: mark("Branch"), Dimension.AGENT: mark("Agent"), Dimension.ACCOUNT: mark("Account"), Dimension.PROVIDER: mark("Provider"),
    Dimension.MODEL: mark("Model"), Dimension.CLASS: mark("Class"),
}  # fmt: skip
PER = {Bucket.HOUR: mark("Hour"), Bucket.DAY: mark("Day"), Bucket.WEEK: mark("Week"), Bucket.MONTH: mark("Month")}
PER_ONE = {Bucket.HOUR: mark("per hour"), Bucket.DAY: mark("per day"), Bucket.WEEK: mark("per week"), Bucket.MONTH: mark("per month")}
FINEST = (Bucket.HOUR, Bucket.DAY, Bucket.WEEK, Bucket.MONTH)
MOST_HOURS, MOST_DAYS = 14, 400  # days up to which a bar may be an hour, a day


def span(key: str, custom: tuple[date | None, date | None], today: date) -> tuple[date | None, date]:
    """The days [first, until) of a range; first None = from the first use."""
    if key == "custom":
        first, last = custom
        return first, (last or today) + timedelta(days=1)
    return today - timedelta(days=int(key) - 1), today + timedelta(days=1)


def in_words(first: date, last: date, today: date) -> str:
    """The days of a total, said after it: "today", "in 30 days", "on 18 Nov"."""
    days = (last - first).days + 1
    if days == 1:
        return tr("today") if first == today else tr("on {day}", day=times.short_day(first))
    if days in (365, 366) and last == today:
        return tr("in 12 months")
    return trn("in {n} day", "in {n} days", days, shown=digits(days))


def fitting(first: date | None, until: date, measure: Measure) -> tuple[Bucket, ...]:
    """Lengths of a bar that give between one and some hundred bars. What a provider bills is known by day, never by hour."""
    days = (until - first).days if first is not None else MOST_DAYS + 1
    fits = [Bucket.HOUR] if days <= MOST_HOURS and measure is not Measure.BILLED else []
    fits += [Bucket.DAY] if days <= MOST_DAYS and (days > 1 or not fits) else []
    fits += [Bucket.WEEK] if days >= 21 else []
    fits += [Bucket.MONTH] if days >= 60 else []
    return tuple(fits)


def usual(first: date | None, until: date, fits: tuple[Bucket, ...]) -> Bucket:
    """The length that reads best."""
    days = (until - first).days if first is not None else MOST_DAYS + 1
    wanted = Bucket.HOUR if days <= 2 else Bucket.DAY if days <= 120 else Bucket.WEEK if days <= MOST_DAYS else Bucket.MONTH
    return wanted if wanted in fits else fits[0]


def measures(by: Dimension) -> tuple[tuple[str, str], ...]:
    """What can be shown by this dimension: a token class has neither requests nor a price of its own."""
    known = MEASURES[:1] if by is Dimension.CLASS else MEASURES
    return tuple((measure.value, tr(words)) for measure, words in known)


def closer(first: date, until: date, bucket: Bucket, measure: Measure) -> Bucket:
    """How long a bar is after zooming to these days: the next shorter that fits them, else the shortest there is."""
    fits = fitting(first, until, measure)
    shorter = [known for known in fits if FINEST.index(known) < FINEST.index(bucket)]
    return shorter[-1] if shorter else bucket if bucket in fits else fits[0]


@dataclass(frozen=True, slots=True)
class Place:
    """A range and a length of bar that the person looked at: one step of the way back."""

    key: str  # of RANGES
    custom: tuple[date | None, date | None]  # first and last day of a custom range
    bucket: Bucket


def place_words(key: str, custom: tuple[date | None, date | None]) -> str:
    """How a range is called: `30 d`, `16 Nov – 18 Nov`, `All time`."""
    if key != "custom":
        return tr(dict(RANGES)[key])
    first, last = custom
    if first is None or last is None:
        return tr("All time")
    return times.short_day(first) if first == last else f"{times.short_day(first)} – {times.short_day(last)}"


class Trail:
    """The way back from zooming. Choosing a range by hand begins anew."""

    def __init__(self) -> None:
        self._places: list[Place] = []

    def __bool__(self) -> bool:
        return bool(self._places)

    @property
    def last(self) -> Place | None:
        """Where the way back leads next."""
        return self._places[-1] if self._places else None

    def leave(self, place: Place) -> None:
        """The person zooms in from here."""
        self._places.append(place)

    def back(self) -> Place | None:
        """One step back; None where there is none."""
        return self._places.pop() if self._places else None

    def forget(self) -> None:
        """Another range was chosen."""
        self._places.clear()
