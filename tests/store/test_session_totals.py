"""A session's total is priced like a bucket: how long each prompt was, nobody knows (agent-logs 2.7, pricing.cost)."""

from __future__ import annotations

from pathlib import Path

from tokenpal.engine.prices import pricer_for
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Quality, UsageRecord, stable_key
from tokenpal.store import accounts, ledger, maintenance
from tokenpal.store.database import Store
from tokenpal.store.rows import priced_as

AT = 1_767_261_600
LONG = Tokens(fresh_input=900_000, output=50_000)


def record(name: str, quality: Quality, tokens: Tokens = LONG) -> UsageRecord:
    return UsageRecord(stable_key(name), f"hermes:{name}", AT, "gemini-2.5-pro", tokens, quality=quality, provider="google")


def prices(store: Store) -> dict[str, int]:
    rows = store.execute("SELECT s.key, u.list_pico FROM usage u JOIN segment g ON g.id = u.segment JOIN session s ON s.id = g.session")
    return dict(rows.fetchall())


def test_long_context_prices_are_for_requests(tmp_path: Path) -> None:
    with Store.open(tmp_path / "t.db") as store:
        account = accounts.ensure_log_account(store, "hermes", "/x", "Hermes", "any")
        rules = ledger.Rules(price=pricer_for(store))
        ledger.apply(store, ledger.Batch(account, [record("one", Quality.EXACT), record("all", Quality.AGGREGATE)]), rules)
        found = prices(store)
        assert found["hermes:one"] > found["hermes:all"] > 0
        earlier = [UsageRecord(stable_key("all"), "hermes:all", AT - 60, "gemini-2.5-pro", LONG, quality=Quality.AGGREGATE, provider="google")]
        ledger.apply(store, ledger.Batch(account, earlier), rules)
        assert prices(store) == found, "an earlier copy"
        maintenance.reprice(store, pricer_for(store))
        assert prices(store) == found, "priced again"


def test_buckets_stay_what_they_are() -> None:
    assert priced_as("day", "aggregate") is Grain.DAY
    assert priced_as("request", "exact") is Grain.REQUEST
    assert priced_as("request", "aggregate") is Grain.MINUTE
