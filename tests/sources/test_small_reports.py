"""Ollama Cloud, NanoGPT, Venice, Poe and Novita: what a poll adds up to, and what many polls over days add up to."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.provider_data import HOUR, groups, sum_of
from tests.provider_server import ProviderServer
from tests.sources.accounts import DAY, NOON, Book, asked, read, reply
from tokenpal.model.events import AccountState
from tokenpal.model.money import MoneyKind
from tokenpal.model.names import provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, LimitReading, Problem, Quality, UsageRecord
from tokenpal.sources import (
    deepinfra,
    kimi_code,
    llamacpp,
    minimax,
    moonshot,
    nanogpt,
    novita,
    ollama_cloud,
    opencode_go,
    poe,
    sglang,
    siliconflow,
    venice,
    vllm,
    zai,
)
from tokenpal.sources.buckets import Facts
from tokenpal.sources.numbers import Notes

DATA = Path(__file__).parent.parent / "data"
TODAY = NOON - NOON % DAY
WINDOW = (1_795_132_800, 1_795_132_800 + DAY)  # 2026-11-20


def parsed(source: Any, endpoint: str, content: Any, window: Any = WINDOW, generation: str = "") -> tuple[list[UsageRecord], list[Item]]:
    body = (DATA / source.INFO.id / f"{content}.json").read_bytes() if isinstance(content, str) else json.dumps(content).encode()
    _, items = source.parse(None, reply(endpoint, body, window, facts=Facts(7, generation, window)))
    return [one for one in items if isinstance(one, UsageRecord)], [one for one in items if not isinstance(one, UsageRecord)]


def amounts(record: UsageRecord) -> dict[tuple[MoneyKind, str], Decimal]:
    return {(one.kind, one.currency): one.amount for one in record.money}


def truth(server: ProviderServer, provider: str, start: int, end: int = NOON + 1) -> tuple[int, int, int, int, Decimal]:
    """Prompt, cached, output, requests, dollars."""
    use = server.truth(provider, start, end)
    return use.prompt, use.read, use.output, use.requests, Decimal(use.micros).scaleb(-6)


# ---------------------------------------------------------------------------------------------- Ollama Cloud


def ollama(book: Book, start: int = 0, end: int = 2**40) -> tuple[int, int, int, int, Decimal]:
    tokens = book.tokens(start, end)
    return tokens.prompt, tokens.cache_read, tokens.output, book.requests(start, end) or 0, book.money(start, end)


def test_ollama_cached_input_is_part_of_the_input() -> None:
    records, rest = parsed(ollama_cloud, "usage", "usage-24h", (1_795_132_800, 1_795_132_800 + 2 * DAY), "24h")
    assert [record.tokens for record in records] == [
        Tokens(fresh_input=24_000, output=3200), Tokens(fresh_input=24_000, cache_read=40_000, output=8000), Tokens(fresh_input=12_000, cache_read=6000, output=2400),
    ]  # fmt: skip
    assert [record.requests for record in records] == [4, 8, 3]
    assert amounts(records[0]) == {(MoneyKind.PLAN_VALUE, "USD"): Decimal("0.0052")}
    assert {record.grain for record in records} == {Grain.HOUR}
    assert not any(isinstance(item, Problem) for item in rest)


@pytest.mark.parametrize("form", ["list", "rows", "no", "refused"])
def test_ollama_by_the_hour_today_and_by_the_day_before(provider_server: ProviderServer, form: str) -> None:
    provider_server.world(now=NOON, days=60)
    provider_server.set(ollama_models=form)
    book = read(provider_server, ollama_cloud)
    assert (book.error, book.problems) == (None, [])
    assert ollama(book) == truth(provider_server, "ollama-cloud", TODAY - 30 * DAY)
    assert {record.grain for record in book.records if record.at >= TODAY} == {Grain.HOUR}
    assert {record.grain for record in book.records if record.at < TODAY} == {Grain.DAY}
    named = {record.model for record in book.records}
    assert named == ({"gpt-oss:120b", "qwen4-coder:480b"} if form in {"list", "rows"} else {""})
    before = len(provider_server.requests())
    read(provider_server, ollama_cloud, book=book, now=NOON + 300)
    assert len(provider_server.requests()) - before == 2  # ten a minute are allowed, over all machines


def test_ollama_models_that_do_not_add_up_are_not_believed() -> None:
    bucket = {"from": "2026-11-20T12:00:00Z", "request_count": 4, "usage_usd": 1, "input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 10}
    part = {"model": "m", "request_count": 3, "usage_usd": Decimal("0.25"), "input_tokens": 60, "cached_input_tokens": 40, "output_tokens": 10}
    part["usage_usd"] = 0.25
    records, _ = parsed(ollama_cloud, "usage", {"buckets": [{**bucket, "models": [part]}]}, generation="24h")
    assert {record.model: (record.tokens, record.requests, record.money[0].amount) for record in records} == {
        "m": (Tokens(fresh_input=20, cache_read=40, output=10), 3, Decimal("0.25")), "": (Tokens(fresh_input=40), 1, Decimal("0.75")),
    }  # fmt: skip
    records, _ = parsed(ollama_cloud, "usage", {"buckets": [{**bucket, "models": [part, part]}]}, generation="24h")
    assert [(record.model, record.tokens.total) for record in records] == [("", 110)]


@pytest.mark.parametrize("gaps", [(1, 1, 1, 1), (26, 3, 50, 2), (1, 24, 23, 25, 1), (400, 1), (12, 12, 12, 12, 12)])
def test_ollama_hours_and_days_never_overlap(provider_server: ProviderServer, gaps: tuple[int, ...]) -> None:
    """After each pause of so many hours the days in between come whole, and everything adds up."""
    now = NOON
    provider_server.world(now=now, days=60)
    first = (now // DAY - 30) * DAY
    book = read(provider_server, ollama_cloud)
    for hours in gaps:
        now += hours * HOUR + 7 * 60
        provider_server.world(now=now, days=60 + (now - NOON) // DAY)
        read(provider_server, ollama_cloud, book=book, now=now)
        assert (book.error, book.problems) == (None, [])
        assert ollama(book, first) == truth(provider_server, "ollama-cloud", first, now + 1)


def test_ollama_is_killed_between_days_and_hours(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=60)
    provider_server.rule("api/usage", status=500, skip=1)  # the hours are there, the days are not
    book = read(provider_server, ollama_cloud)
    assert book.error is not None
    assert book.records == []
    provider_server.reset()
    provider_server.world(now=NOON + 60, days=60)
    read(provider_server, ollama_cloud, book=book, now=NOON + 60)
    assert ollama(book) == truth(provider_server, "ollama-cloud", TODAY - 30 * DAY)


def test_ollama_a_revision_of_the_last_day_is_taken(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON)
    book = read(provider_server, ollama_cloud)
    provider_server.world(seed=2)
    read(provider_server, ollama_cloud, book=book)
    assert ollama(book, TODAY) == truth(provider_server, "ollama-cloud", TODAY)


def test_ollama_older_plans(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON)
    provider_server.set(ollama_plan="legacy")
    book = read(provider_server, ollama_cloud)
    assert (book.error, book.problems) == (None, [])
    assert ollama(book)[:3] == (0, 0, 0)
    assert book.requests() == provider_server.truth("ollama-cloud", TODAY - 30 * DAY, NOON + 1).requests
    assert {record.quality for record in book.records} == {Quality.LOWER_BOUND}  # tokens are left out, not zero
    assert {(one.name, one.used_percent, one.window_minutes) for one in book.readings} == {("5 hours", 25.0, 300), ("week", 60.0, 10_080)}
    provider_server.set(ollama_plan="older")
    book = read(provider_server, ollama_cloud)
    assert (book.error, book.problems, book.records) == (None, [], [])
    assert ("5 hours", 25.0, None) in {(one.name, one.used_percent, one.resets_at) for one in book.readings}


def test_ollama_credit_of_the_period_and_bought_credit() -> None:
    _, items = parsed(ollama_cloud, "balance", "balance", None)
    reading = next(one for one in items if isinstance(one, LimitReading))
    assert (reading.name, reading.used_percent, reading.resets_at, reading.window_minutes) == ("month", 27.5, 1_797_327_000, 43_200)
    assert reading.used is not None
    assert reading.limit is not None
    assert (reading.used.amount, reading.limit.amount, reading.limit.kind) == (Decimal("27.5"), 100, MoneyKind.PLAN_VALUE)
    assert [(one.name, one.left.amount) for one in items if not isinstance(one, LimitReading | Problem)] == [("bought credit", 25)]  # type: ignore[union-attr]  # balances


# ---------------------------------------------------------------------------------------------- NanoGPT


def test_nanogpt_takes_refunds_off_and_reasoning_is_part_of_the_output() -> None:
    (record,), rest = parsed(nanogpt, "usage", "usage")
    assert record.tokens == Tokens(fresh_input=1000, output=500, reasoning=200)
    assert amounts(record) == {(MoneyKind.CREDITS, "USD"): Decimal("0.4")}
    assert (record.requests, record.session, record.quality) == (10, "nanogpt:7:this-key:2026-11-20", Quality.INFERRED)
    assert not any(isinstance(item, Problem) for item in rest)


def test_nanogpt_adds_up_and_asks_for_incomplete_days_again(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=60)
    provider_server.set(nano_missing=["2026-11-05"])
    book = read(provider_server, nanogpt)
    hole = TODAY - 16 * DAY
    lost = provider_server.truth("nanogpt", hole, hole + DAY).total
    whole = provider_server.truth("nanogpt", TODAY - 29 * DAY, NOON + 1)
    assert lost
    assert book.tokens().total == whole.total - lost
    provider_server.world(now=NOON + DAY, days=61)
    provider_server.set(nano_missing=[])
    read(provider_server, nanogpt, book=book, now=NOON + DAY)
    use = provider_server.truth("nanogpt", TODAY - 29 * DAY, NOON + DAY + 1)
    assert (book.tokens().total, book.requests(), book.money()) == (use.total, use.requests, Decimal(use.micros).scaleb(-6))
    before = len(asked(provider_server, "/usage"))
    read(provider_server, nanogpt, book=book, now=NOON + DAY)
    assert len(asked(provider_server, "/usage")) == before + 1
    assert asked(provider_server, "/usage")[-1]["query"].startswith("from=2026-11-19&to=2026-11-22&")


def test_nanogpt_a_day_that_is_incomplete_is_a_lower_bound() -> None:
    report = json.loads((DATA / "nanogpt" / "usage.json").read_text())
    report["source"]["missingRollupDays"] = ["2026-11-20"]
    (record,), _ = parsed(nanogpt, "usage", report)
    assert record.quality is Quality.LOWER_BOUND


def test_nanogpt_without_a_balance_still_tells_its_use(provider_server: ProviderServer) -> None:
    provider_server.set(nano_balance=False)
    book = read(provider_server, nanogpt)
    assert (book.error, book.balances) == (None, [])
    assert book.records


# ---------------------------------------------------------------------------------------------- Venice


def test_venice_dollars_and_diem_are_paid_apart() -> None:
    records, rest = parsed(venice, "usage-analytics", "usage-analytics")
    found = {record.model: record for record in records}
    glm = found["GLM 6"]
    assert glm.tokens == Tokens(fresh_input=10_000, cache_read=5000, output=35_000)
    assert amounts(glm) == {(MoneyKind.CREDITS, "USD"): Decimal("0.4"), (MoneyKind.CREDITS, "DIEM"): Decimal("12.5")}
    assert (found["Flux 4"].tokens.total, found["Flux 4"].requests) == (0, None)  # three pictures are not three tokens
    assert not any(isinstance(item, Problem) for item in rest)


def test_venice_asks_day_by_day_and_adds_up(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=60)
    book = read(provider_server, venice)
    use = provider_server.truth("venice", TODAY - 29 * DAY, NOON + 1)
    assert (book.error, book.problems) == (None, [])
    assert (book.tokens().prompt, book.tokens().cache_read, book.tokens().output) == (use.prompt, use.read, use.output)
    assert book.money() == Decimal(use.micros).scaleb(-6)  # of both units, only to compare
    assert book.kinds() == {("credits", "USD"), ("credits", "DIEM")}
    assert len(asked(provider_server, "usage-analytics")) == 30


def test_venice_an_inference_key_is_refused_with_the_way_out(provider_server: ProviderServer) -> None:
    book = read(provider_server, venice, key="venice-made-up-inference")
    assert book.error is not None
    assert (book.error.state, "ADMIN" in book.error.next_step) == (AccountState.KEY_REFUSED, True)


# ---------------------------------------------------------------------------------------------- Poe


def test_poe_points_and_what_they_are_worth() -> None:
    (record,), rest = parsed(poe, "points history", "points-history", None)
    assert amounts(record) == {(MoneyKind.CREDITS, "points"): Decimal(42), (MoneyKind.PLAN_VALUE, "USD"): Decimal("0.0012")}
    assert (record.at, record.model, record.requests, record.tokens.total) == (1_795_132_800, "Claude-Sonnet-5", 1, 0)
    assert (record.session, record.endpoint) == ("poe:7:API:2026-11-20", "points history")
    assert rest == []


def points(server: ProviderServer, start: int, end: int) -> Decimal:
    """Of the hours that began in [start, end)."""
    return Decimal(sum(sum_of(server.world(), "poe", start, end, model, key).output for model, key in groups("poe")))


def test_poe_reads_all_pages_once_and_only_new_calls_later(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=60)
    provider_server.set(poe_page=37)
    book = read(provider_server, poe)
    assert (book.error, book.problems) == (None, [])
    start = NOON - 30 * DAY
    assert sum(amounts(one)[MoneyKind.CREDITS, "points"] for one in book.records) == points(provider_server, start, NOON)
    first = len(asked(provider_server, "points_history"))
    assert first > 5
    provider_server.world(now=NOON + 5 * HOUR, days=60)
    read(provider_server, poe, book=book, now=NOON + 5 * HOUR)
    assert len(asked(provider_server, "points_history")) == first + 1
    assert sum(amounts(one)[MoneyKind.CREDITS, "points"] for one in book.records) == points(provider_server, start, NOON + 5 * HOUR)


def test_poe_a_chain_that_broke_off_is_read_to_its_end_later(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=60)
    provider_server.set(poe_page=50)
    provider_server.rule("points_history", status=500, skip=2)
    book = read(provider_server, poe)
    assert book.error is not None
    assert len(book.records) == 100
    provider_server.reset()
    provider_server.world(now=NOON, days=60)
    read(provider_server, poe, book=book)
    assert sum(amounts(one)[MoneyKind.CREDITS, "points"] for one in book.records) == points(provider_server, NOON - 30 * DAY, NOON)


def test_poe_a_chain_in_circles_ends(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON)
    provider_server.set(poe_page=5)
    page = json.loads((DATA / "poe" / "points-history.json").read_text())
    provider_server.rule("points_history", raw=json.dumps(page))
    book = read(provider_server, poe)
    assert book.error is not None
    assert "pages without end" in book.error.sentence


# ---------------------------------------------------------------------------------------------- Novita


def test_novita_bills_are_ten_thousandths_too_and_units_are_no_tokens() -> None:
    (record,), rest = parsed(novita, "bills", "bill-list")
    assert amounts(record) == {(MoneyKind.CREDITS, "USD"): Decimal("0.1")}
    assert (record.tokens.total, record.requests, record.model) == (0, None, "deepseek/deepseek-v4")
    assert not any(isinstance(item, Problem) for item in rest)


def test_novita_bills_add_up(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=120)
    book = read(provider_server, novita)
    assert (book.error, book.problems) == (None, [])
    world = provider_server.world()
    expected = sum(
        sum_of(world, "novita", day, day + DAY, model, key).micros // 100
        for day in range(TODAY - 89 * DAY, TODAY + DAY, DAY)
        for model, key in groups("novita")
    )
    assert book.money() == Decimal(expected) / 10_000
    assert book.tokens().total == 0


def test_novita_without_bills_still_tells_its_balance(provider_server: ProviderServer) -> None:
    provider_server.rule("bill/list", status=403)
    book = read(provider_server, novita)
    assert (book.error, book.records) == (None, [])
    assert book.balances


# ---------------------------------------------------------------------------------------------- DeepInfra


def deepinfra_told(book: Book) -> tuple[int, int, int, Decimal]:
    tokens = book.tokens()
    return tokens.fresh_input, tokens.cache_read, tokens.output, book.money()


def deepinfra_truth(server: ProviderServer, start: int, now: int) -> tuple[int, int, int, Decimal]:
    """Of the hours that began in [start, now]."""
    use = server.truth("deepinfra", start, now + 1)
    return use.fresh, use.read, use.output, Decimal(use.micros).scaleb(-6)


@pytest.mark.parametrize("hours", [(1, 2, 30), (24 * 8, 24 * 3, 1), (24 * 12,), (24 * 25, 24 * 10)])
def test_deepinfra_months_grow_between_readings(provider_server: ProviderServer, hours: tuple[int, ...]) -> None:
    """From the first reading on, over the end of a month (and of two), each in cents of the right month."""
    now, first = NOON, NOON + HOUR  # the hour of NOON is in the baseline
    provider_server.world(now=now, days=60)
    book = read(provider_server, deepinfra)
    assert (book.records, book.error, book.problems) == ([], None, [])
    for step in hours:
        now += step * HOUR
        provider_server.world(now=now, days=60 + (now - NOON) // DAY)
        read(provider_server, deepinfra, book=book, now=now)
        assert book.error is None
        assert deepinfra_told(book) == deepinfra_truth(provider_server, first, now)
        read(provider_server, deepinfra, book=book, now=now)
        assert deepinfra_told(book) == deepinfra_truth(provider_server, first, now)
    turn = 1_796_083_200  # 2026-12-01
    if now > turn:
        late = sum(record.tokens.total for record in book.records if record.at >= turn)
        assert late == provider_server.truth("deepinfra", turn, now + 1).total


def test_deepinfra_a_sum_that_was_corrected_counts_again_above_what_it_had_reached(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=60)
    book = read(provider_server, deepinfra)
    for correction, hours in ((5_000, 0), (5_000, 3), (0, 6)):
        provider_server.set(deepinfra_correction=correction)
        provider_server.world(now=NOON + hours * HOUR)
        read(provider_server, deepinfra, book=book, now=NOON + hours * HOUR)
    assert deepinfra_told(book) == deepinfra_truth(provider_server, NOON + HOUR, NOON + 6 * HOUR)
    assert any("corrected" in problem.reason for problem in book.problems)


def test_deepinfra_cents_and_dollars(provider_server: ProviderServer) -> None:
    """Costs of 1234 are 12.34 dollars; a balance of -7.5 is 7.50 dollars of credit (provider-apis 13)."""
    found = deepinfra.sums({"months": [{"period": "2026.11", "items": [{"model": {"model_name": "m"}, "units": 7, "cost": 1234, "pricing_type": "x"}]}]}, Notes("", ""))
    assert found == {"2026.11": {("m", "x"): deepinfra.Sum(7, 12_340_000_000_000)}}
    book = read(provider_server, deepinfra)
    assert [str(one.left.amount) for one in book.balances] == ["7.5"]


def test_deepinfra_without_its_usage_still_tells_its_balance(provider_server: ProviderServer) -> None:
    provider_server.set(deepinfra_usage=False)
    book = read(provider_server, deepinfra)
    assert (book.error, len(book.balances)) == (None, 1)


# ---------------------------------------------------------------------------------------------- whose requests these are


@pytest.mark.parametrize(
    ("spelling", "source"),
    [
        ("ollama-cloud", ollama_cloud), ("nano-gpt", nanogpt), ("novita-ai", novita), ("venice", venice), ("Poe", poe), ("llama.cpp", llamacpp),
        ("zai-coding-plan", zai), ("zhipuai", zai), ("minimax-coding-plan", minimax), ("kimi-for-coding", kimi_code), ("moonshotai", moonshot),
        ("siliconflow-cn", siliconflow), ("deepinfra", deepinfra), ("opencode-go", opencode_go), ("vllm", vllm), ("sglang", sglang),
    ],
)  # fmt: skip
def test_logs_and_reports_call_the_provider_the_same(spelling: str, source: Any) -> None:
    """Or the same requests would count in both."""
    assert provider_id(spelling) == provider_id(source.INFO.provider) == source.INFO.provider
