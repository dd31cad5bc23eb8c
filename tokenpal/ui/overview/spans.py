"""Which days the Overview shows, and which bars and measures make sense for them. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from tokenpal.insight.series import Measure
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Dimension

RANGES = (("1", "Today"), ("7", "7 d"), ("30", "30 d"), ("90", "90 d"), ("365", "12 mo"), ("custom", "Custom"))
MEASURES = ((Measure.TOKENS, "Tokens"), (Measure.REQUESTS, "Requests"), (Measure.LIST_PRICE, "List price"), (Measure.BILLED, "Billed"))
MOST_HOURS, MOST_DAYS = 14, 400  # days up to which a bar may be an hour, a day


def span(key: str, custom: tuple[date | None, date | None], today: date) -> tuple[date | None, date]:
    """The days [first, until) of a range; first None = from the first use."""
    if key == "custom":
        first, last = custom
        return first, (last or today) + timedelta(days=1)
    return today - timedelta(days=int(key) - 1), today + timedelta(days=1)


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
    return tuple((measure.value, words) for measure, words in known)
