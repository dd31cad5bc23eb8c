"""The sample data: the same each time, complete enough to show everything, and nothing real in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tokenpal.engine import demo, queries
from tokenpal.model.report import Dimension, Query
from tokenpal.settings import Settings
from tokenpal.store import accounts, checkins, readings, report
from tokenpal.store.database import Store
from tokenpal.system.paths import inside

NOW = 1_795_000_000  # 2026-11-18 in Europe


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("demo") / "t.db", now=lambda: NOW) as made:
        demo.fill_store(made, NOW, "Europe/Berlin")
        yield made


def dump(path: Path) -> list[tuple[object, ...]]:
    with Store.open(path) as made:
        rows = made.execute(
            "SELECT key, at, output, list_pico FROM usage u JOIN (SELECT id AS i, family AS key FROM usage) ON i = u.id ORDER BY 1"
        )
        return [*rows.fetchall(), *made.execute("SELECT session, label, reason, note FROM annotation ORDER BY 1").fetchall()]


def test_the_same_seed_gives_the_same_data(tmp_path: Path) -> None:
    for name in "ab":
        demo.fill(inside(tmp_path / name), now=NOW, zone="Europe/Berlin")
    one, other = dump(tmp_path / "a" / "tokenpal.db"), dump(tmp_path / "b" / "tokenpal.db")
    assert len(one) > 3000
    assert one == other
    demo.fill(inside(tmp_path / "c"), now=NOW, zone="Europe/Berlin", seed=1)
    assert dump(tmp_path / "c" / "tokenpal.db") != one
    settings = Settings.load(inside(tmp_path / "a").settings)
    assert settings.get("advanced.network") is False, "sample data must not ask a provider"


def test_it_shows_everything_there_is(store: Store) -> None:
    by_task = report.report(store, Query("Europe/Berlin", by=Dimension.TASK))
    assert {row.key for row in by_task.rows} == {name for name, _, _, _ in demo.TASKS} | {"unassigned"}
    by_label = {row.key: row.measures.tokens.total for row in report.report(store, Query("Europe/Berlin", by=Dimension.LABEL)).rows}
    assert set(by_label) == {"delivered", "exploration", "waste", "not labelled"}
    assert 0.01 < by_label["waste"] / sum(by_label.values()) < 0.25
    assert {row.key for row in report.report(store, Query("Europe/Berlin", by=Dimension.AGENT)).rows} >= {
        "claude-code",
        "codex",
    }
    assert {money.kind.value for money in by_task.total.money} == {"cash", "list_price"}
    assert by_task.total.utc_day_tokens > 0
    assert 0 < by_task.total.unpriced_requests < 200
    assert len(checkins.checkins(store)) == 6
    assert {row.state for row in accounts.accounts(store)} == {"ok", "key refused"}
    assert [reading.used_percent for _, reading in readings.limits(store)] != []
    assert readings.balances(store)
    assert {row[0] for row in store.execute("SELECT DISTINCT via FROM segment")} >= {
        "hand",
        "split",
        "rule",
        "project default",
        "unassigned",
    }
    assert store.execute("SELECT COUNT(*) FROM session_tag").fetchone()[0] > 0
    assert store.execute("SELECT COUNT(*) FROM session WHERE parent != ''").fetchone()[0] > 0
    assert queries.accounts(store)


def test_nothing_lies_in_the_future_and_today_is_not_empty(store: Store) -> None:
    first, last = store.execute("SELECT MIN(at), MAX(at) FROM usage").fetchone()
    assert NOW - 9 * 7 * 86_400 < first < NOW - 7 * 7 * 86_400
    assert NOW - 3600 < last <= NOW


@pytest.mark.parametrize("now", [1_772_323_200, 1_793_491_500, 1_796_000_000, 1_798_761_600])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Pacific/Auckland"])
def test_it_can_be_made_on_any_day_and_anywhere(tmp_path: Path, now: int, zone: str) -> None:
    with Store.open(tmp_path / "t.db", now=lambda: now) as made:
        demo.fill_store(made, now, zone)
        assert made.execute("SELECT COUNT(*) FROM session").fetchone()[0] > 120
