"""A week's page, its templates, looking back and handing on: on a real data file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.store.kit import log_account, put, record
from tokenpal.engine import commands, lookback, weekfile, weekpage
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn, Template
from tokenpal.model.ranges import iso_week
from tokenpal.store import checkins, edits, journal, maintenance
from tokenpal.store.database import Store

NOW = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "t.db", now=lambda: NOW) as store:
        maintenance.set_zone(store, "UTC")
        put(store, log_account(store), [record("a", at=NOW, session="claude-code:a"), record("b", at=NOW - 86_400, session="claude-code:b")])
        journal.annotate(store, ["claude-code:a"], label="delivered", note="# not a heading [x](y)", now=NOW)
        yield store


def test_sessions_stand_by_label_and_figures_say_where_they_come_from(store: Store) -> None:
    shown = weekpage.shown(store, "2026-W47", "UTC")
    assert [row.id for row in shown.rows] == ["claude-code:a", "claude-code:b"]
    assert shown.figures.origins == {"measured": shown.figures.tokens}
    text = weekfile.page(store, "2026-W47", "UTC")
    assert "measured from local logs" in text
    assert "as they are now" in text
    assert "\\# not a heading \\[x](y)" in text
    assert "# not a heading" not in weekfile.page(store, "2026-W47", "UTC", "text")


def test_an_insert_is_one_edit(store: Store) -> None:
    before = edits.newest(store)
    weekpage.insert(store, CheckIn("2026-W47", worked="note"), "worked", "claude-code:a")
    assert edits.newest(store) == before + 1
    assert [pin.session for pin in weekpage.words(store, "2026-W47").pins] == ["claude-code:a"]
    commands.undo(store)
    assert weekpage.words(store, "2026-W47") == weekpage.Words(CheckIn("2026-W47"))


def test_a_minute_of_writing_is_one_edit(store: Store) -> None:
    before = edits.newest(store)
    for words in ("a", "ab", "abc"):
        commands.save_checkin(store, CheckIn("2026-W47", tried=words))
    assert edits.newest(store) == before + 1
    commands.undo(store)
    assert checkins.checkin_of(store, "2026-W47") is None
    commands.redo(store)
    assert weekpage.words(store, "2026-W47").checkin.tried == "abc"


def test_a_template_never_writes_over_words(store: Store) -> None:
    commands.save_template(store, Template("Mine", "t", "w", "", "l"))
    commands.save_checkin(store, CheckIn("2026-W47", worked="kept"))
    assert weekpage.begin(store, "2026-W47", "mine") == ("tried", "learned")
    found = weekpage.words(store, "2026-W47").checkin
    assert (found.tried, found.worked, found.failed, found.learned) == ("t", "kept", "", "l")
    assert found.evidence
    assert weekpage.begin(store, "2026-W47", "Mine") == ()
    with pytest.raises(UsageError):
        weekpage.begin(store, "2026-W47", "Other")


def test_ten_years_are_looked_back_at_page_by_page(store: Store) -> None:
    every = [iso_week(date.fromordinal(date(2026, 11, 16).toordinal() - 7 * back)) for back in range(520)]
    for week in every:
        checkins.save_checkin(store, CheckIn(week, tried=f"word {week}"), now=NOW)
    for by in lookback.BY:
        seen, last = [], ""
        while True:
            page = lookback.look_back(store, by, last=last)
            assert page.periods
            seen += [one.checkin.week for period in page.periods for one in period.weeks]
            assert all(lookback.period_of(one.checkin.week, by) == period.first for period in page.periods for one in period.weeks)
            if not page.older:
                break
            last = page.older
        assert seen == every
    assert [one.checkin.week for one in lookback.look_back(store, "month", "2020-W11").periods[0].weeks] == ["2020-W11"]
    assert lookback.period_of("2026-W01", "quarter") == date(2026, 1, 1)
    assert lookback.weeks_of(store, "month", date(2026, 10, 1)) == ["2026-W40", "2026-W41", "2026-W42", "2026-W43", "2026-W44"]


def test_several_weeks_are_one_file(store: Store, tmp_path: Path) -> None:
    commands.save_checkin(store, CheckIn("2026-W47", tried="one"))
    commands.save_checkin(store, CheckIn("2026-W46", tried="two"))
    assert weekfile.save(store, str(tmp_path / "x.md"), ["2026-W47", "2026-W46"], "UTC", "November 2026") == 2
    text = (tmp_path / "x.md").read_text("utf-8")
    assert text.startswith("# November 2026\n")
    assert text.index("## Check-in 2026-W46") < text.index("## Check-in 2026-W47")
    assert "### Tried" in text
    weekfile.save(store, str(tmp_path / "x.txt"), ["2026-W47"], "UTC")
    assert "#" not in (tmp_path / "x.txt").read_text("utf-8")
    with pytest.raises(UsageError):
        weekfile.save(store, str(tmp_path / "none" / "x.md"), ["2026-W47"], "UTC")
