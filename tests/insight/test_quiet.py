"""Quiet hours, over midnight too."""

from __future__ import annotations

from datetime import datetime

import pytest

from tokenpal.insight.quiet import is_quiet


def at(clock: str, day: int = 20) -> datetime:
    """20 November 2026 is a Friday."""
    return datetime.fromisoformat(f"2026-11-{day}T{clock}")


@pytest.mark.parametrize(
    ("clock", "since", "until", "quiet"),
    [
        ("19:59", "20:00", "08:00", False), ("20:00", "20:00", "08:00", True), ("23:59", "20:00", "08:00", True), ("00:00", "20:00", "08:00", True),
        ("07:59:59", "20:00", "08:00", True), ("08:00", "20:00", "08:00", False), ("12:30", "12:00", "13:00", True), ("13:00", "12:00", "13:00", False),
        ("11:59", "12:00", "13:00", False), ("12:00", "12:00", "12:00", False), ("00:00", "00:00", "06:00", True),
    ],
)  # fmt: skip
def test_hours(clock: str, since: str, until: str, quiet: bool) -> None:
    assert is_quiet(at(clock), hours=True, since=since, until=until, weekends=False) is quiet
    assert not is_quiet(at(clock), hours=False, since=since, until=until, weekends=False)


def test_weekends() -> None:
    found = [is_quiet(at("12:00", day), hours=False, since="20:00", until="08:00", weekends=True) for day in (20, 21, 22, 23)]
    assert found == [False, True, True, False]
    assert not is_quiet(at("12:00", 21), hours=True, since="20:00", until="08:00", weekends=False)
