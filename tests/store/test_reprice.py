"""Today's prices for records that have others: shown first, then made, taken back and made again (product 2.3, agent-logs 2.7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.kit import NOW, api_account, contents, log_account, open_store, price, put, record, rollups
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.rates import Priced, Prices, Rate, Repricing, Why
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain
from tokenpal.store import edits, maintenance, repricing
from tokenpal.store.database import Store
from tokenpal.store.reprice import TITLE, reprice

EVER = (0, 2**62)
DAY = NOW // 86_400 * 86_400
MONTH = 31 * 86_400
NEW = {
    "cheap": Rate("anthropic", "cheap", Prices(fresh_input=6, cache_read=1, output=15), "list 2", NOW),
    "strange": Rate("anthropic", "strange", Prices(fresh_input=1), "person", NOW),
}


def newer(provider: str, model: str, at: int, tier: str, grain: Grain, tokens: Tokens) -> Priced | None:
    """Cheap input is twice as dear, dear has no price any more, strange has one."""
    rate = NEW.get(model)
    if rate is None:
        return None
    each = rate.prices
    return Priced(tokens.fresh_input * (each.fresh_input or 0) + tokens.cache_read * (each.cache_read or 0) + tokens.output * (each.output or 0), rate)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tokenpal.db") as opened:
        log, api = log_account(opened), api_account(opened)
        put(opened, log, [record(model, at=DAY + 60, model=model, tokens=Tokens(10)) for model in ("cheap", "dear", "strange")])
        put(opened, log, [record("old", at=DAY - MONTH, tokens=Tokens(100)), record("said", at=DAY, money=(Money.of(MoneyKind.LIST_PRICE, 5),))])
        put(opened, api, [record("d", session="anthropic:2:k", at=DAY, grain=Grain.DAY, endpoint="usage", tokens=Tokens(50), requests=4)])
        yield opened


def test_what_would_change_is_shown_by_month_and_model_and_nothing_is_written(store: Store) -> None:
    before = contents(store), store.execute("SELECT COUNT(*) FROM rate").fetchone()
    assert repricing.preview(store, newer, "person", EVER) == [
        Repricing("2025-10", "cheap", Why.PUBLIC, 1, 300, 600, 0, 0),
        Repricing("2025-11", "cheap", Why.PUBLIC, 2, 30 + 30 * 3, 60 + 30 * 6, 0, 0),  # of the report only what no log covers
        Repricing("2025-11", "dear", Why.GONE, 1, 300, 0, 0, 1),
        Repricing("2025-11", "strange", Why.OWN, 1, 0, 10, 1, 0),
    ]
    assert [each.month for each in repricing.preview(store, newer, "person", (0, DAY - 1))] == ["2025-10"]
    assert repricing.preview(store, price, "person", EVER) == []
    assert (contents(store), store.execute("SELECT COUNT(*) FROM rate").fetchone()) == before


def test_it_is_made_taken_back_and_made_again(store: Store) -> None:
    before = contents(store)
    assert reprice(store, newer, EVER) == 5
    after = contents(store)
    assert after != before
    assert repricing.preview(store, newer, "person", EVER) == []
    assert edits.undo(store) == TITLE
    assert contents(store) == before
    kept = rollups(store)
    maintenance.rebuild(store)
    assert rollups(store) == kept
    edits.redo(store)
    assert contents(store) == after
    assert reprice(store, newer, EVER) == 0, "nothing to do is no edit"
    assert [title for _, title, _ in edits.history(store)] == [TITLE]
    assert store.execute("SELECT list_pico, rate FROM usage WHERE requests = 1 AND list_pico = ?", (5 * 10**12,)).fetchone() == (5 * 10**12, None)


def test_only_the_span_that_was_asked_for(store: Store) -> None:
    assert reprice(store, newer, (DAY - MONTH, DAY)) == 1
    assert [each.model for each in repricing.preview(store, newer, "person", EVER)] == ["cheap", "dear", "strange"]


def test_records_that_changed_since_stay_and_what_is_covered_follows(store: Store) -> None:
    reprice(store, newer, EVER)
    put(store, 1, [record("cheap", at=DAY + 60, tokens=Tokens(40, output=9))])  # the log says more: another part of the report is covered
    edits.undo(store)
    assert store.execute("SELECT list_pico FROM usage WHERE fresh_input = 40").fetchone() == (40 * 3 + 9 * 15,)
    whole, rest = store.execute("SELECT u.list_pico, c.list_pico FROM usage u JOIN covered c ON c.usage = u.id").fetchone()
    assert (whole, rest) == (150, 0)
    kept = rollups(store)
    maintenance.rebuild(store)
    assert rollups(store) == kept


def test_the_way_back_is_kept_as_long_as_the_edit(store: Store) -> None:
    reprice(store, newer, EVER)
    store.execute("DELETE FROM edit")
    reprice(store, price, EVER)
    assert store.execute("SELECT DISTINCT reprice FROM repriced").fetchall() == [(2,)]
