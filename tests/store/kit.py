"""What the ledger's tests share: stores, pure rules, random items, and a ledger's contents without its internal numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from tokenpal.model.journal import Attribution
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.rates import Priced, Prices, Rate
from tokenpal.model.session import Segment, Via
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Grain, Item, Origin, Superseded, UsageRecord, stable_key
from tokenpal.store import accounts, ledger
from tokenpal.store.database import Store
from tokenpal.store.rollups import MEASURES

NOW = 1_763_726_400  # 2025-11-21 12:00 UTC
CHEAP = Rate("anthropic", "cheap", Prices(fresh_input=3, cache_read=1, output=15), "test", 0)
DEAR = Rate("anthropic", "dear", Prices(fresh_input=30, cache_read=10, output=150), "test", 0)


@cache
def fresh_file() -> bytes:
    """A new data file's bytes: making one waits for the disk, and random tests need hundreds."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.db"
        Store.open(path).close()
        return path.read_bytes()


def open_store(path: Path, zone: str = "UTC") -> Store:
    if not path.exists():
        path.write_bytes(fresh_file())
    store = Store.open(path, now=lambda: NOW)
    store.execute("PRAGMA synchronous = OFF")  # no test here is about power cuts
    if zone != "UTC":
        from tokenpal.store.maintenance import set_zone

        set_zone(store, zone)
    return store


def log_account(store: Store, root: str = "/home/me/.claude", provider: str = "anthropic", source: str = "claude-code") -> int:
    return accounts.ensure_log_account(store, source, root, f"{source} {root}", provider)


def api_account(store: Store, name: str = "work", provider: str = "anthropic", counts: str = "remainder", source: str = "anthropic") -> int:
    return accounts.add_account(store, source, name, provider, counts=counts)


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """Of copies the one with the most output counts; main threads go before sub-agents."""
    return {max(family, key=lambda each: (not each.sub_agent, each.tokens.output, each.key)).key}


def price(provider: str, model: str, at: int, tier: str, grain: Grain, tokens: Tokens) -> Priced | None:
    rate = {"cheap": CHEAP, "dear": DEAR}.get(model)
    if rate is None:
        return None
    each = rate.prices
    pico = tokens.fresh_input * (each.fresh_input or 0) + tokens.cache_read * (each.cache_read or 0) + tokens.output * (each.output or 0)
    return Priced(pico * (2 if tier == "priority" else 1), rate)


def attribute(known: Attribution, segment: Segment) -> tuple[int | None, Via]:
    """Hand, then the timer that runs at the cut, then a rule by model, then nothing."""
    if segment.session in known.hand:
        return known.hand[segment.session], Via.HAND
    for timer in known.timers:
        if timer.start <= segment.start and (timer.end is None or segment.start < timer.end):
            return timer.task, Via.TIMER
    for rule in known.rules:
        if rule.pattern in segment.models:
            return rule.task, Via.RULE
    return None, Via.NONE


RULES = ledger.Rules(settle=settle, price=price, place=lambda folder: folder.removesuffix("/sub"), attribute=attribute)


def put(store: Store, account: int, items: Sequence[Item], rules: ledger.Rules = RULES) -> ledger.Applied:
    return ledger.apply(store, ledger.Batch(account, items), rules)


def record(key: str = "m1", variant: str = "", **changes: Any) -> UsageRecord:
    values: dict[str, Any] = {"session": "claude-code:s1", "at": NOW, "model": "cheap", "tokens": Tokens(10, 20, 0, 0, 0, 5)}
    return UsageRecord(key=stable_key(key, variant), **(values | changes))


counts = st.integers(0, 50)
tokens = st.builds(Tokens, counts, counts, counts, counts, counts, st.integers(5, 60), st.integers(0, 5))
moments = st.one_of(st.integers(NOW - 3 * 86_400, NOW), st.sampled_from([NOW, NOW - 900, NOW - 86_400, NOW // 86_400 * 86_400]))
log_records = st.builds(
    lambda key, variant, **rest: UsageRecord(key=stable_key(key, variant), **rest),
    key=st.sampled_from(["m1", "m2", "m3", "m4", "m5", "m6"]),
    variant=st.sampled_from(["", "r1", "r2"]),
    session=st.sampled_from(["claude-code:a", "claude-code:b", "claude-code:c"]),
    at=moments,
    model=st.sampled_from(["cheap", "dear", "strange", ""]),
    tokens=tokens,
    requests=st.sampled_from([1, 1, None]),
    folder=st.sampled_from(["", "/p", "/p/sub", "/q"]),
    branch=st.sampled_from(["", "main", "feature/PAY-1"]),
    sub_agent=st.booleans(),
    tier=st.sampled_from(["", "priority"]),
    precedence=st.integers(0, 1),
    home=st.integers(0, 2),
    provider=st.sampled_from(["", "", "", "anthropic", "aws"]),
    origin=st.sampled_from([Origin.MEASURED, Origin.ESTIMATED]),
)
superseded = st.builds(lambda key, variant: Superseded(stable_key(key, variant)), st.sampled_from(["m1", "m2", "m9"]), st.sampled_from(["", "r1"]))
log_items = st.lists(st.one_of(log_records, log_records, log_records, superseded), max_size=25)

dollars = st.integers(1, 9).map(lambda amount: Money.of(MoneyKind.CASH, amount))
report_records = st.builds(
    lambda number, endpoint, **rest: UsageRecord(key=stable_key(f"report {endpoint} {number} {rest['at']}"), endpoint=endpoint, **rest),
    number=st.integers(0, 2),
    endpoint=st.sampled_from(["usage", "costs"]),
    session=st.sampled_from(["anthropic:9:k1:2025-11-20", "anthropic:9:k2:2025-11-21"]),
    at=st.integers(-2, 0).map(lambda day: NOW // 86_400 * 86_400 + day * 86_400),
    model=st.sampled_from(["cheap", "dear-20250101", "dear", ""]),
    tokens=st.builds(Tokens, *[st.integers(0, 400)] * 6),
    requests=st.sampled_from([3, 7, None]),
    grain=st.sampled_from([Grain.DAY, Grain.HOUR]),
    money=st.one_of(st.just(()), st.tuples(dollars)),
    origin=st.just(Origin.REPORTED),
)


def chunks(items: Sequence[Item], cuts: Sequence[int]) -> list[Sequence[Item]]:
    edges = sorted({0, len(items), *(cut % (len(items) + 1) for cut in cuts)})
    return [items[low:high] for low, high in pairwise(edges)]


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """The ledger in words: what must not depend on order, chunks or how often something was applied."""
    segment = "x.key, IFNULL(p.path, ''), g.branch, g.cut"
    joined = "JOIN segment g ON g.id = t.segment JOIN session x ON x.id = g.session LEFT JOIN project p ON p.id = g.project JOIN model m ON m.id = t.model"
    sums = ", ".join(f"t.{name}" for name in MEASURES)
    queries = {
        "usage": f"SELECT t.family, t.variant, {segment}, t.at, m.name, m.provider, t.counted, t.requests, t.fresh_input, t.cache_read, t.cache_write_5m,"
        " t.cache_write_1h, t.cache_write_other, t.output, t.reasoning, t.list_pico, t.precedence, t.home, k.grain, k.tier, k.sub_agent,"
        f" k.origin, c.fresh_input, c.output, c.requests, c.list_pico FROM usage t {joined} JOIN trait k ON k.id = t.trait"
        " LEFT JOIN covered c ON c.usage = t.id",
        "segments": "SELECT x.key, IFNULL(p.path, ''), g.branch, g.cut, g.first_at, g.last_at, g.task, g.via FROM segment g"
        " JOIN session x ON x.id = g.session LEFT JOIN project p ON p.id = g.project WHERE g.first_at > 0",
        "sessions": "SELECT key, first_at, last_at, total, list_pico FROM session WHERE first_at > 0",
        "money": f"SELECT t.slot, t.utc, {segment}, m.name, t.kind, t.currency, t.pico, t.records FROM money t {joined}",
        "amounts": "SELECT u.family, u.variant, a.kind, a.currency, a.pico FROM amount a JOIN usage u ON u.id = a.usage",
        "by_segment": f"SELECT {segment}, m.name, {sums}, t.utc_day FROM by_segment t {joined}",
    }
    for table, axis in (("by_day", "day"), ("by_hour", "slot"), ("by_utc_day", "day")):
        queries[table] = f"SELECT t.{axis}, {segment}, m.name, {sums} FROM {table} t {joined}"
    return {name: sorted(map(tuple, store.execute(sql)), key=repr) for name, sql in queries.items()}


def rollups(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every byte that rebuilding must reproduce."""
    tables = ["by_segment", "by_day", "by_hour", "by_utc_day", "money", "session", "segment"]
    return {table: sorted(map(tuple, store.execute(f"SELECT * FROM {table}")), key=repr) for table in tables}


def raw_total(store: Store) -> int:
    """Tokens that count, straight from the records."""
    return int(
        store.execute(
            "SELECT IFNULL(SUM(u.fresh_input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.cache_write_other + u.output), 0)"
            " - IFNULL(SUM(c.fresh_input + c.cache_read + c.cache_write_5m + c.cache_write_1h + c.cache_write_other + c.output), 0)"
            " FROM usage u LEFT JOIN covered c ON c.usage = u.id WHERE u.counted = 1"
        ).fetchone()[0]
    )
