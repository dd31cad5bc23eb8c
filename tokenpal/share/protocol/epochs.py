"""The weekly clock, in UTC (protocol.md 3): a week ends on Monday 00:00, reports are taken until Thursday 00:00, answers until Monday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from tokenpal.model.ranges import DAY_SECONDS, TimeRange, iso_week, iso_week_days

REPORT_DAYS: Final = 3
WEEK_SECONDS: Final = 7 * DAY_SECONDS


def monday(epoch: str) -> date:
    """First day of the epoch. Raises ValueError for what is no ISO week in its one spelling."""
    first, _ = iso_week_days(str(epoch))  # off the wire anything may come
    if iso_week(first) != epoch:
        raise ValueError("not an ISO week")
    return first


def epoch_of(now: int) -> str:
    """The epoch an instant lies in."""
    return iso_week(datetime.fromtimestamp(now, UTC).date())


def shifted(epoch: str, weeks: int) -> str:
    """The epoch so many weeks later; earlier when negative."""
    return iso_week(monday(epoch) + timedelta(weeks=weeks))


def distance(earlier: str, later: str) -> int:
    """Weeks from one to the other, negative when ``later`` is earlier."""
    return (monday(later) - monday(earlier)).days // 7


def start(epoch: str) -> int:
    """Epoch seconds of its Monday 00:00 UTC."""
    first = monday(epoch)
    return int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())


def report_window(epoch: str) -> TimeRange:
    """When its reports are taken: Monday to Wednesday after it."""
    end = start(epoch) + WEEK_SECONDS
    return TimeRange(end, end + REPORT_DAYS * DAY_SECONDS)


def answer_window(epoch: str) -> TimeRange:
    """When its manifest stands and answers are taken: Thursday to Sunday after it."""
    end = start(epoch) + WEEK_SECONDS
    return TimeRange(end + REPORT_DAYS * DAY_SECONDS, end + WEEK_SECONDS)


def due(now: int) -> str:
    """The epoch whose report or answer is due now: the one that ended last."""
    return epoch_of(now - WEEK_SECONDS)
