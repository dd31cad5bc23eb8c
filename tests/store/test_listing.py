"""Lists of any length: the index says the same as the list, rows come by id, many at once are one edit."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from tests.ui import huge
from tokenpal.engine import commands, listing
from tokenpal.insight.spreadsheet import safe
from tokenpal.model.errors import UsageError
from tokenpal.model.ranges import local_day
from tokenpal.model.report import NONE_KEYS, Dimension, Filter
from tokenpal.store import edits, sessions
from tokenpal.store.database import Store
from tokenpal.system.paths import inside

ZONE = "Europe/Berlin"
NOW = 1_795_262_400
NOT_LABELLED = NONE_KEYS[Dimension.LABEL]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    places = inside(tmp_path_factory.mktemp("listing"))
    huge.fill(places, now=NOW, sessions=400, requests=2)
    return places.database


@pytest.fixture
def store(filled: Path, tmp_path: Path):
    places = inside(tmp_path)
    places.make()
    shutil.copy(filled, places.database)
    with Store.open(places.database, now=lambda: NOW) as opened:
        yield opened


@pytest.mark.parametrize(
    ("filter_", "first", "until"),
    [
        (Filter(), None, None), (Filter(labels=("waste",)), None, None), (Filter(labels=(NOT_LABELLED, "waste")), None, None),
        (Filter(text="Rindfleisch"), None, None), (Filter(agents=("codex",), models=("gpt-5-mini",)), date(2026, 3, 1), date(2026, 9, 1)),
        (Filter(text="no such words at all"), None, None),
    ],
)  # fmt: skip
def test_the_index_is_the_list(store: Store, filter_: Filter, first: date | None, until: date | None) -> None:
    rows = sessions.sessions(store, filter_, first, until, ZONE, None)
    index = listing.session_index(store, filter_, first, until, ZONE)
    found = listing.session_page(store, index.ids)
    assert [found[id_] for id_ in index.ids] == rows
    assert list(index.started) == [row.started for row in rows]
    assert list(index.totals) == [row.measures.tokens.total for row in rows]
    from zoneinfo import ZoneInfo

    by_day: dict[date, int] = {}
    for row in rows:
        day = local_day(row.started, ZoneInfo(ZONE))
        by_day[day] = by_day.get(day, 0) + row.measures.tokens.total
    assert dict(zip(index.days, index.sums, strict=True)) == by_day
    assert list(index.days) == sorted(by_day, reverse=True)
    assert index.firsts[0] == 0
    assert index.firsts[-1] == len(index)
    for number, (low, high) in enumerate(pairwise(index.firsts)):
        assert all(index.day_of(place) == number for place in range(low, high))
    assert all(index.place_of(index.ids[place], index.started[place]) == place for place in range(len(index)))
    assert index.place_of(-1, NOW) == -1


def test_a_session_is_found_in_the_index(store: Store) -> None:
    rows = sessions.sessions(store, limit=None)
    assert listing.session_index(store, find=rows[123].id).found == 123
    assert listing.session_index(store, find="codex:nobody").found == -1
    assert listing.session_index(store, Filter(labels=("waste",)), find=next(row.id for row in rows if row.label != "waste")).found == -1


def test_many_are_one_edit_with_its_progress(store: Store) -> None:
    index = listing.session_index(store)
    before = [row.label for row in sessions.sessions(store, limit=None)]
    progress = listing.Progress()
    listing.label(store, index.ids, "waste", "loop", progress)
    assert (progress.done, progress.total) == (len(index), len(index))
    assert {(row.label, row.reason) for row in sessions.sessions(store, limit=None)} == {("waste", "loop")}
    assert listing.mix(store, index.ids).labels == {"waste": len(index)}
    assert edits.undo(store) == f"Label {len(index)} sessions waste"
    assert [row.label for row in sessions.sessions(store, limit=None)] == before


def test_a_stopped_edit_changes_nothing(store: Store) -> None:
    index = listing.session_index(store)
    before = [row.label for row in sessions.sessions(store, limit=None)]
    progress = listing.Progress()
    progress.stop = True
    with pytest.raises(UsageError, match="Stopped"):
        listing.label(store, index.ids, "waste", progress=progress)
    assert [row.label for row in sessions.sessions(store, limit=None)] == before


def test_tags_task_and_release_of_many(store: Store) -> None:
    some = listing.session_index(store).ids[:30]
    listing.tag(store, some, add=["spike", "two"])
    assert listing.mix(store, some).tags["two"] == 30
    listing.tag(store, some, remove=["two"])
    assert "two" not in listing.mix(store, some).tags
    task = commands.add_task(store, "A task of many")
    listing.assign(store, some, task.id)
    assert {row.task for row in listing.session_page(store, some).values()} == {"A task of many"}
    assert listing.mix(store, some).by_hand == 30
    listing.release(store, some)
    assert listing.mix(store, some).by_hand == 0
    assert listing.undo_back(store, 2) == 2
    assert listing.mix(store, some).by_hand < 30
    assert [undone for _, _, undone in listing.history(store)][:3] == [True, True, False]


def test_the_same_as_last_time_is_one_edit(store: Store) -> None:
    key = sessions.sessions(store, Filter(labels=(NOT_LABELLED,)), limit=1)[0].id
    task = commands.add_task(store, "As before")
    listing.same_as(store, key, "waste", "loop", task.id)
    row = sessions.session_row(store, key)
    assert row is not None
    assert (row.label, row.reason, row.task) == ("waste", "loop", "As before")
    commands.undo(store)
    row = sessions.session_row(store, key)
    assert row is not None
    assert row.label == ""
    assert row.task != "As before"


def test_the_export_says_what_is_listed_and_no_cell_is_a_formula(store: Store, tmp_path: Path) -> None:
    index = listing.session_index(store, Filter(labels=("waste",)))
    key = sessions.sessions(store, Filter(labels=("waste",)), limit=1)[0].id
    commands.note_session(store, key, '=HYPERLINK("https://example.org")')
    file = tmp_path / "out.csv"
    assert listing.export(store, index.ids, file) == len(index)
    with file.open(encoding="utf-8", newline="") as lines:
        table = list(csv.DictReader(lines))
    assert [row["id"] for row in table] == [row.id for row in sessions.sessions(store, Filter(labels=("waste",)), limit=None)]
    assert table[0]["note"].startswith("'=HYPERLINK")
    assert {row["label"] for row in table} == {"waste"}


@pytest.mark.parametrize(("cell", "shown"), [("=1+1", "'=1+1"), ("-5", "-5"), ("-5+cmd", "'-5+cmd"), ("@x", "'@x"), ("plain", "plain"), ("", "")])
def test_a_cell(cell: str, shown: str) -> None:
    assert safe(cell) == shown


def test_what_waits_and_what_there_is_to_choose(store: Store) -> None:
    ids = listing.waiting(store, 10_000)
    rows = sessions.sessions(store, Filter(labels=(NOT_LABELLED,)), limit=None)
    assert [listing.session_page(store, [id_])[id_].id for id_ in ids[:5]] == [row.id for row in rows if row.measures.tokens.total][:5]
    found = listing.choices(store)
    assert "codex" in found.agents
    assert "gpt-5-mini" in found.models
    assert "spike" in found.tags
    assert found.projects
    assert found.tasks
