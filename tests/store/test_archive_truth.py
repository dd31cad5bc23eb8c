"""What version 3 added travels in an archive, and archives of older versions still come in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.store.kit import NOW, RULES, api_account, contents, log_account, open_store, put, record
from tokenpal.model.errors import UsageError
from tokenpal.model.money import ExchangeRate, Money, MoneyKind
from tokenpal.model.report import Dimension, Query
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, Grain, LimitReading, Window
from tokenpal.store import archive, corrections, exchange, history
from tokenpal.store.database import Store
from tokenpal.store.report import report

DAY = 86_400
MIDNIGHT = NOW // DAY * DAY - DAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "one.db") as opened:
        api, log = api_account(opened), log_account(opened, "/opencode", "any", "opencode")
        put(opened, log, [record(f"{who}", session=f"opencode:{who}", at=MIDNIGHT + 60, tokens=Tokens(30), provider=who) for who in ("anthropic", "openai")])
        for now, count in ((NOW, 100), (NOW + 60, 70)):
            opened.now = lambda now=now: now  # type: ignore[misc]  # bound early
            told = record("d", session="anthropic:1:k", at=MIDNIGHT, tokens=Tokens(count), grain=Grain.DAY, endpoint="usage")
            put(opened, api, [Window("usage", MIDNIGHT, MIDNIGHT + DAY), told])
        put(opened, api, [LimitReading("week", percent, NOW - back, NOW + DAY) for percent, back in ((40.0, 0), (30.0, 7200), (20.5, 86_400))])
        put(opened, api, [Balance("credit", Money.of(MoneyKind.CREDITS, amount), NOW - back) for amount, back in ((5, 0), (9, 7200))])
        exchange.set_rate(opened, ExchangeRate("EUR", date(2025, 11, 20), Decimal("1.08")))
        yield opened


def merge(into: Store, lines: list[str]) -> None:
    archive.merge(into, lines, lambda _: RULES)


def test_everything_travels_and_twice_is_once(store: Store, tmp_path: Path) -> None:
    lines = list(archive.export(store))
    assert {json.loads(line)["is"] for line in lines} >= {"limit_history", "balance_history", "correction", "exchange_rate"}
    with open_store(tmp_path / "two.db") as other:
        other.now = store.now
        merge(other, lines)
        assert list(archive.export(other)) == lines
        merge(other, lines)
        assert list(archive.export(other)) == lines
        assert contents(other) == contents(store)
        assert corrections.corrections(other) == corrections.corrections(store) != []
        assert history.limit_history(other, 1, "week") == history.limit_history(store, 1, "week")
        assert [at for at, *_ in history.limit_history(other, 1, "week", NOW - 7200)] == [NOW - 7200, NOW]
        assert [left.amount for _, left in history.balance_history(other, 1, "credit")] == [9, 5]
        assert exchange.rates(other) == [ExchangeRate("EUR", date(2025, 11, 20), Decimal("1.08"))]
        by = {row.key: row.measures.tokens.total for row in report(other, Query("UTC", by=Dimension.PROVIDER)).rows}
        assert by == {"anthropic": 70, "openai": 30}, "30 of the log and the 40 that it does not cover"


def test_an_archive_of_version_2_comes_in(store: Store, tmp_path: Path) -> None:
    def older(line: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in line.items() if (line["is"], key) != ("usage", "provider")}

    lines = [json.loads(line) for line in archive.export(store)]
    old = [json.dumps(older(line)) for line in lines if line["is"] not in {"limit_history", "balance_history", "correction", "exchange_rate"}]
    with open_store(tmp_path / "two.db") as other:
        merge(other, old)
        total = report(other, Query("UTC")).total.tokens.total
        assert total == report(store, Query("UTC")).total.tokens.total + 30, "whose request it was is not said, so nothing of the report is covered"
        assert [at for at, *_ in history.limit_history(other, 1, "week")] == [NOW], "of readings it has the newest"


@pytest.mark.parametrize(
    "wrong",
    [
        {"is": "exchange_rate", "currency": "euro", "day": 20_000, "origin": "person", "usd": "1.08", "noted_at": NOW},
        {"is": "exchange_rate", "currency": "EUR", "day": 20_000, "origin": "person", "usd": "NaN", "noted_at": NOW},
        {"is": "limit_history", "account": 1, "name": "week", "points": [[NOW, "much", None]]},
        {"is": "balance_history", "account": 1, "name": "x", "points": [[NOW, "gold", "USD", 4]]},
        {"is": "correction", "account": 1, "endpoint": "usage", "day": 20_000, "model": "m", "provider": "", "noted_at": NOW, "before": [[1], []], "after": [[1] * 7, []]},
        {"is": "correction", "account": 9, "endpoint": "usage", "day": 20_000, "model": "m", "provider": "", "noted_at": NOW, "before": [[1] * 7, []], "after": [[1] * 7, []]},
    ],
)
def test_lines_that_make_no_sense_are_refused_whole(store: Store, tmp_path: Path, wrong: dict[str, Any]) -> None:
    with open_store(tmp_path / "two.db") as other:
        with pytest.raises(UsageError):
            merge(other, [*archive.export(store), json.dumps(wrong)])
        assert report(other, Query("UTC")).total.tokens.total == 0
        assert exchange.rates(other) == []
