"""The weekly clock: Monday 00:00 UTC, reports to Wednesday, answers to Sunday (sharing-protocol 5.5)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from tokenpal.share.protocol.epochs import WEEK_SECONDS, answer_window, distance, due, epoch_of, monday, report_window, shifted, start


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())


INSTANTS = st.integers(at(1971, 1, 1), at(2198, 12, 31))


@pytest.mark.parametrize(
    ("now", "epoch"),
    [
        (at(2026, 11, 16), "2026-W47"),
        (at(2026, 11, 15, 23, 59, 59), "2026-W46"),
        (at(2026, 11, 22, 23, 59, 59), "2026-W47"),
        (at(2027, 1, 3, 12), "2026-W53"),  # a Sunday of the new year in the old one's last week
        (at(2024, 12, 30), "2025-W01"),  # a Monday of the old year in the new one's first
    ],
)
def test_known_weeks(now: int, epoch: str) -> None:
    assert epoch_of(now) == epoch


def test_one_week_of_the_mailbox() -> None:
    """W47 ends on Monday 23 November 2026."""
    reports, answers = report_window("2026-W47"), answer_window("2026-W47")
    assert (reports.start, reports.end) == (at(2026, 11, 23), at(2026, 11, 26))
    assert (answers.start, answers.end) == (at(2026, 11, 26), at(2026, 11, 30))
    assert due(at(2026, 11, 23)) == due(at(2026, 11, 29, 23, 59, 59)) == "2026-W47"
    assert due(at(2026, 11, 22, 23, 59, 59)) == "2026-W46"


@given(INSTANTS)
def test_windows_follow_each_other_without_gap(now: int) -> None:
    epoch = epoch_of(now)
    assert start(epoch) <= now < start(epoch) + WEEK_SECONDS
    assert report_window(epoch).start == start(epoch) + WEEK_SECONDS
    assert report_window(epoch).end == answer_window(epoch).start
    assert answer_window(epoch).end == report_window(shifted(epoch, 1)).start
    assert shifted(due(now), 1) == epoch
    late = due(now)
    assert report_window(late).start <= now < answer_window(late).end, "what is due can always be done"
    assert len(epoch) == 8, "an envelope's size depends on it"


@given(INSTANTS, st.integers(-300, 300))
def test_weeks_are_counted_through_years_of_53(now: int, weeks: int) -> None:
    epoch = epoch_of(now)
    if not 1971 <= monday(epoch).year + weeks // 52 <= 2197:
        return
    other = shifted(epoch, weeks)
    assert distance(epoch, other) == weeks
    assert distance(other, epoch) == -weeks
    assert shifted(other, -weeks) == epoch
    assert (other > epoch) == (weeks > 0), "the text sorts like time"


def test_a_year_of_53_weeks() -> None:
    assert [shifted("2026-W52", ahead) for ahead in range(3)] == ["2026-W52", "2026-W53", "2027-W01"]
    assert monday("2026-W53") == date(2026, 12, 28)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-47", "2026-W", "2026-W00", "2026-W54", "2025-W53", "2026-W7", "2026-W047", "2026-w47", " 2026-W47", "2026-W47\n",
     "２０２６-W47", "2026-W4７", "02026-W47", "1969-W01", "2200-W01", "9999-W52", "-2026-W47", "2026-W-1", "x" * 100_000, None, 202647, ["2026-W47"]],
)  # fmt: skip
def test_what_is_no_epoch(text: object) -> None:
    with pytest.raises(ValueError):
        monday(text)
