"""From a provider's payload to usage records: classes, units, tiers, sessions (provider-apis 4, 6 and 13)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.sources.accounts import NOON, reply
from tokenpal.model.money import MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, Grain, LimitReading, Origin, Problem, Quality, UsageRecord, Window
from tokenpal.sources import anthropic_api, litellm, openai_api, openrouter
from tokenpal.sources.buckets import Facts

DATA = Path(__file__).parent.parent / "data"
DAY = 1_795_132_800  # 2026-11-20 00:00 UTC
WINDOW = (DAY, DAY + 86_400)
Parsed = tuple[dict[tuple[str, str], UsageRecord], list[Any]]


def body(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def parse(source: ModuleType, endpoint: str, content: bytes | Mapping[str, Any], generation: str = "", window: Any = WINDOW) -> Parsed:
    """Records by (model, tier), and everything else. Models and tiers of the samples are unique unless rows are to be added."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    _, items = source.parse(None, reply(endpoint, data, window, facts=Facts(7, generation)))
    records = [item for item in items if isinstance(item, UsageRecord)]
    found = {(r.model, r.tier): r for r in records}
    assert len(found) == len(records)
    return found, [item for item in items if not isinstance(item, UsageRecord)]


def dollars(record: UsageRecord) -> Decimal:
    (money,) = record.money
    return money.amount


# ---------------------------------------------------------------------------------------------- OpenAI


def test_openai_input_includes_the_cache() -> None:
    found, rest = parse(openai_api, "usage/completions", body("openai/usage-completions"))
    batch = found["gpt-6-astra", "batch"]
    assert batch.tokens == Tokens(fresh_input=31000, cache_read=90000, cache_write_other=20000, output=8600)
    assert batch.tokens.total == 149600
    assert (batch.requests, batch.grain, batch.origin, batch.quality) == (42, Grain.DAY, Origin.REPORTED, Quality.AGGREGATE)
    assert batch.session == "openai:7:key_a:2026-11-20"
    assert batch.at == DAY
    assert rest == [Window("usage/completions", *WINDOW)]


def test_openai_old_rows_lack_the_cache_fields() -> None:
    found, _ = parse(openai_api, "usage/completions", body("openai/usage-completions"))
    old = found["gpt-5-old", "priority"]
    assert old.tokens == Tokens(fresh_input=200, cache_read=800, output=500)
    assert old.session == "openai:7:proj_a:2026-11-20"  # no key: the project


def test_openai_cache_writes_by_lifetime_when_the_sum_is_missing() -> None:
    found, _ = parse(openai_api, "usage/completions", body("openai/usage-completions"))
    assert found["gpt-6-astra", ""].tokens == Tokens(fresh_input=4000, cache_write_other=1000, output=10)


def test_openai_costs_are_dollars_per_day_model_and_key() -> None:
    found, rest = parse(openai_api, "costs", body("openai/costs"))
    model = found["gpt-6-astra", ""]
    assert dollars(model) == Decimal("0.0745")
    assert (model.tokens, model.requests, model.money[0].kind, model.money[0].currency) == (Tokens(), 0, MoneyKind.CASH, "USD")
    assert model.session == "openai:7:key_a:2026-11-20"
    other = found["", ""]
    assert (dollars(other), other.money[0].currency) == (Decimal("0.25"), "EUR")
    assert [p.count for p in rest if isinstance(p, Problem)] == [2]  # the two rows without an amount


def test_openai_costs_keep_every_digit() -> None:
    value = b"0.10000000000000000555"
    content = body("openai/costs").replace(b"0.0645", value)
    found, _ = parse(openai_api, "costs", content)
    assert dollars(found["gpt-6-astra", ""]) == Decimal("0.110000000000")  # exact to 10^-12


def test_openai_cached_tokens_beyond_the_input_are_said_and_nothing_is_negative() -> None:
    row = {"input_tokens": 100, "input_cached_tokens": 150, "output_tokens": 1, "num_model_requests": 1, "model": "m"}
    content = {"data": [{"start_time": DAY, "end_time": DAY + 3600, "results": [row]}]}
    found, rest = parse(openai_api, "usage/completions", content)
    assert found["m", ""].tokens == Tokens(fresh_input=100, cache_read=150, output=1)
    assert found["m", ""].grain is Grain.HOUR
    assert "cached tokens exceed the input; fresh input may be too high" in [p.reason for p in rest if isinstance(p, Problem)]


def test_openai_spend_limit_is_in_cents_and_costs_are_in_dollars() -> None:
    limit = b'{"object": "organization.spend_limit", "threshold_amount": 5000, "currency": "USD", "interval": "month"}'
    said = reply("spend_limit", limit, facts=body("openai/costs").replace(b'"eur"', b'"usd"'))
    _, items = openai_api.parse(None, said)
    (reading,) = [item for item in items if isinstance(item, LimitReading)]
    assert reading.limit is not None
    assert reading.used is not None
    assert (reading.limit.amount, reading.used.amount) == (50, Decimal("0.3245"))
    assert reading.used_percent == pytest.approx(0.649)
    assert reading.resets_at == 1_796_083_200  # 1 December


# ---------------------------------------------------------------------------------------------- Anthropic


def test_anthropic_classes_are_disjoint() -> None:
    found, _ = parse(anthropic_api, "usage", body("anthropic/analytics-usage"))
    row = found["claude-sonnet-5", ""]
    assert row.tokens == Tokens(fresh_input=15234, cache_read=204800, cache_write_5m=5200, cache_write_1h=1000, output=8911)
    assert (row.tokens.total, row.requests) == (235145, 87)
    assert row.session == "anthropic:7:apikey_a:2026-11-20"


def test_anthropic_tiers_requests_and_owners() -> None:
    found, rest = parse(anthropic_api, "usage", body("anthropic/analytics-usage"))
    assert found["claude-haiku-5", "batch"].requests is None
    assert found["claude-haiku-5", "batch"].session == "anthropic:7:wrkspc_a:2026-11-20"
    fast = found["claude-haiku-5", "fast"]
    assert (fast.at, fast.session) == (DAY, "anthropic:7:no-key:2026-11-20")  # another zone on the wire, the same instant
    assert [p.reason for p in rest if isinstance(p, Problem)] == ["tokens do not add up to the total; the parts were taken"]


@pytest.mark.parametrize("generation", ["", anthropic_api.LEGACY])
def test_anthropic_amounts_are_fractional_cents(generation: str) -> None:
    name = "anthropic/legacy-cost" if generation else "anthropic/analytics-cost"
    found, _ = parse(anthropic_api, "cost", body(name), generation)
    expected = Decimal("1.24") if generation else Decimal("1.2378912")
    assert dollars(found["claude-sonnet-5", ""]) == expected
    assert found["claude-sonnet-5", ""].money[0].kind is MoneyKind.CASH
    if not generation:
        assert dollars(found["", ""]) == Decimal("0.01")  # web search and the like belong to no model


def test_anthropic_older_report() -> None:
    found, rest = parse(anthropic_api, "usage", body("anthropic/legacy-messages"), anthropic_api.LEGACY)
    row = found["claude-sonnet-5", ""]
    assert row.tokens.total == 235145
    assert row.requests is None
    assert row.grain is Grain.HOUR
    assert [p.reason for p in rest if isinstance(p, Problem)] == ["a row cannot be read; it was left out"]


# ---------------------------------------------------------------------------------------------- OpenRouter


def test_openrouter_rows_of_one_model_are_added_and_byok_is_not() -> None:
    found, rest = parse(openrouter, "activity", body("openrouter/activity"), "activity")
    row = found["anthropic/claude-sonnet-5", ""]
    assert row.tokens == Tokens(fresh_input=60, output=145, reasoning=25)
    assert (row.requests, dollars(row), row.money[0].kind) == (6, Decimal("0.02"), MoneyKind.CREDITS)
    assert row.quality is Quality.INFERRED  # what was cached is not told
    assert row.session == "openrouter:7:all-keys:2026-11-20"
    odd = found["qwen/qwen4-coder", ""]
    assert (odd.tokens, odd.requests, dollars(odd)) == (Tokens(fresh_input=30, output=4, reasoning=4), 7, Decimal("0.1"))
    assert [p.reason for p in rest if isinstance(p, Problem)] == ["reasoning tokens exceed the output; they were counted as all of it"]


def test_openrouter_one_row_of_the_reference() -> None:
    """50 prompt, 125 completion of which 25 reasoning: 175 in total, 0.015 dollars (provider-apis 13)."""
    rows = json.loads(body("openrouter/activity"))["data"][:1]
    found, _ = parse(openrouter, "activity", {"data": rows}, "activity")
    row = found["anthropic/claude-sonnet-5", ""]
    assert (row.tokens.total, row.tokens.reasoning, dollars(row)) == (175, 25, Decimal("0.015"))


def test_openrouter_analytics_have_text_counts_and_two_names_for_time() -> None:
    content = body("openrouter/analytics")
    _, items = openrouter.parse(None, reply("activity", content, WINDOW, facts=Facts(7, "hour", WINDOW)))
    one, two = [item for item in items if isinstance(item, UsageRecord)]
    assert (one.at, one.grain, one.tokens) == (DAY + 13 * 3600, Grain.HOUR, Tokens(fresh_input=64000, output=8000, reasoning=100))
    assert (one.requests, dollars(one), one.session) == (1500, Decimal("1.25"), "openrouter:7:laptop:2026-11-20")
    assert (two.at, two.session, dollars(two)) == (DAY + 14 * 3600, "openrouter:7:a_b:2026-11-20", Decimal("0.75"))


def test_openrouter_ordinary_key() -> None:
    today = (NOON - 43_200, NOON + 43_200)
    found, rest = parse(openrouter, "key", body("openrouter/key"), window=today)
    (record,) = found.values()
    assert (record.at, record.grain, record.requests, dollars(record)) == (today[0], Grain.DAY, None, Decimal("1.25"))
    assert record.quality is Quality.LOWER_BOUND
    (limit,) = [item for item in rest if isinstance(item, LimitReading)]
    assert (limit.used_percent, limit.resets_at, limit.window_minutes) == (25.5, 1_795_392_000, 10080)  # Monday 23 November


@pytest.mark.parametrize(
    ("reset", "at"), [("daily", 1_795_305_600), ("weekly", 1_795_392_000), ("monthly", 1_796_083_200), (None, None), ("yearly", None)]
)
def test_openrouter_limits_reset_in_utc(reset: str | None, at: int | None) -> None:
    data = json.loads(body("openrouter/key"))["data"] | {"limit_reset": reset}
    _, rest = parse(openrouter, "key", {"data": data}, window=None)
    (limit,) = [item for item in rest if isinstance(item, LimitReading)]
    assert limit.resets_at == at


def test_openrouter_no_limit_is_no_reading() -> None:
    data = json.loads(body("openrouter/key"))["data"] | {"limit": None, "limit_remaining": None}
    _, rest = parse(openrouter, "key", {"data": data}, window=None)
    assert rest == []


def test_openrouter_balance_is_bought_minus_used_and_may_be_owed() -> None:
    for bought, used, left in ((100.5, 25.75, "74.75"), (5, 7.5, "-2.5")):
        _, rest = parse(openrouter, "credits", {"data": {"total_credits": bought, "total_usage": used}}, window=None)
        (balance,) = rest
        assert isinstance(balance, Balance)
        assert (balance.left.amount, balance.left.kind) == (Decimal(left), MoneyKind.CREDITS)


# ---------------------------------------------------------------------------------------------- LiteLLM


def test_litellm_prompt_includes_reads_and_writes() -> None:
    found, _ = parse(litellm, "daily activity", body("litellm/daily-activity"))
    row = found["claude-sonnet-5", ""]
    assert row.tokens == Tokens(fresh_input=20000, cache_read=90000, cache_write_other=10000, output=8000)
    assert (row.tokens.total, row.requests) == (128000, 42)
    assert (dollars(row), row.money[0].kind) == (Decimal("0.4213"), MoneyKind.LIST_PRICE)
    assert row.session == "litellm:7:88dc28d0f030c55e:2026-11-20"


def test_litellm_the_same_date_on_two_pages_is_one_day() -> None:
    def page(spend: float) -> bytes:
        metrics = {"spend": spend, "prompt_tokens": 100, "completion_tokens": 10, "api_requests": 1}
        return json.dumps({"results": [{"date": "2026-11-20", "metrics": metrics, "breakdown": {"models": {"m": {"metrics": metrics}}}}]}).encode()

    state, items = litellm.parse(None, reply("daily activity", page(0.1), WINDOW, page=1, final=False, facts=Facts(7)))
    assert items == []
    _, items = litellm.parse(state, reply("daily activity", page(0.2), WINDOW, page=2, facts=Facts(7)))
    window, record = items
    assert isinstance(window, Window)
    assert isinstance(record, UsageRecord)
    assert (dollars(record), record.tokens.total, record.requests) == (Decimal("0.3"), 220, 2)


def test_litellm_keys_that_do_not_add_up_are_not_believed() -> None:
    """Lists of keys may be cut short: then the model's own figures count."""
    metrics = {"spend": 1, "prompt_tokens": 100, "completion_tokens": 10, "api_requests": 5}
    part = {"metrics": {"spend": 0.5, "prompt_tokens": 50, "completion_tokens": 5, "api_requests": 2}}
    entry = {"metrics": metrics, "api_key_breakdown": {"aaaa": part, "bbbb": part}}
    found, _ = parse(litellm, "daily activity", {"results": [{"date": "2026-11-20", "metrics": metrics, "breakdown": {"models": {"m": entry}}}]})
    assert (found["m", ""].requests, found["m", ""].session) == (5, "litellm:7:all-keys:2026-11-20")
    whole = {"metrics": {"spend": 1, "prompt_tokens": 100, "completion_tokens": 10, "api_requests": 4}, "api_key_breakdown": {"aaaa": part, "bbbb": part}}
    _, items = litellm.parse(None, reply("daily activity", json.dumps({"results": [{"date": "2026-11-20", "breakdown": {"models": {"m": whole}}}]}).encode(), WINDOW, facts=Facts(7)))
    assert sorted(r.session for r in items if isinstance(r, UsageRecord)) == ["litellm:7:aaaa:2026-11-20", "litellm:7:bbbb:2026-11-20"]


def test_litellm_a_day_without_models_still_counts() -> None:
    metrics = {"spend": 0, "prompt_tokens": 100, "completion_tokens": 10, "api_requests": 5}
    found, _ = parse(litellm, "daily activity", {"results": [{"date": "2026-11-20", "metrics": metrics}]})
    assert found["", ""].tokens.total == 110
    assert found["", ""].money == ()  # a model the proxy has no price for is no free model


@pytest.mark.parametrize(
    ("duration", "minutes"), [("30d", 43200), ("24h", 1440), ("15m", 15), ("30s", 1), ("1w", 10080), ("1mo", 43200), ("", None), ("soon", None)]
)
def test_litellm_budgets(duration: str, minutes: int | None) -> None:
    info = {"max_budget": 20, "spend": 5.5, "budget_duration": duration, "budget_reset_at": "2026-12-01T00:00:00+00:00", "user_id": "me"}
    for endpoint, content in (("user budget", info), ("user budget", {"user_id": "me", "user_info": info}), ("key budget", {"key": "x", "info": info})):
        _, rest = parse(litellm, endpoint, content, window=None)
        (reading,) = rest
        assert isinstance(reading, LimitReading)
        assert (reading.name, reading.used_percent, reading.window_minutes, reading.resets_at) == (endpoint, 27.5, minutes, 1_796_083_200)


# ---------------------------------------------------------------------------------------------- all of them

SAMPLES = [
    (openai_api, "usage/completions", "openai/usage-completions", ""),
    (openai_api, "costs", "openai/costs", ""),
    (anthropic_api, "usage", "anthropic/analytics-usage", ""),
    (anthropic_api, "usage", "anthropic/legacy-messages", "legacy"),
    (anthropic_api, "cost", "anthropic/analytics-cost", ""),
    (anthropic_api, "cost", "anthropic/legacy-cost", "legacy"),
    (openrouter, "activity", "openrouter/activity", "activity"),
    (openrouter, "activity", "openrouter/analytics", "hour"),
    (litellm, "daily activity", "litellm/daily-activity", ""),
]
SAMPLE_IDS = [name for _, _, name, _ in SAMPLES]


@pytest.mark.parametrize(("source", "endpoint", "name", "generation"), SAMPLES, ids=SAMPLE_IDS)
def test_keys_are_stable_and_of_the_account(source: Any, endpoint: str, name: str, generation: str) -> None:
    def keys(account: int) -> list[bytes]:
        _, items = source.parse(None, reply(endpoint, body(name), WINDOW, facts=Facts(account, generation, WINDOW)))
        return [item.key for item in items if isinstance(item, UsageRecord)]

    assert keys(7) == keys(7)
    assert len(set(keys(7))) == len(keys(7)) > 0
    assert not set(keys(7)) & set(keys(8))


@pytest.mark.parametrize(("source", "endpoint", "name", "generation"), SAMPLES, ids=SAMPLE_IDS)
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b'{"data": 5, "results": "x"}', b'{"data": {"data": null}}', b"<html>"])
def test_an_answer_that_is_no_report_changes_nothing(source: Any, endpoint: str, name: str, generation: str, content: bytes) -> None:
    _, items = source.parse(None, reply(endpoint, content, WINDOW, facts=Facts(7, generation, WINDOW)))
    assert items
    assert all(isinstance(item, Problem) for item in items)


@pytest.mark.parametrize(("source", "endpoint", "name", "generation"), SAMPLES, ids=SAMPLE_IDS)
def test_one_broken_page_keeps_the_whole_window(source: Any, endpoint: str, name: str, generation: str) -> None:
    facts = Facts(7, generation, WINDOW)
    state, _ = source.parse(None, reply(endpoint, body(name), WINDOW, page=1, final=False, facts=facts))
    state, _ = source.parse(state, reply(endpoint, b"{}", WINDOW, page=2, final=False, facts=facts))
    state, items = source.parse(state, reply(endpoint, body(name), WINDOW, page=3, facts=facts))
    assert not any(isinstance(item, UsageRecord | Window) for item in items)
    _, items = source.parse(state, reply(endpoint, body(name), WINDOW, facts=facts))
    assert any(isinstance(item, UsageRecord) for item in items)


@pytest.mark.parametrize(("source", "endpoint", "name", "generation"), SAMPLES, ids=SAMPLE_IDS)
def test_rows_outside_of_what_was_asked_for_are_left_out(source: Any, endpoint: str, name: str, generation: str) -> None:
    later = (WINDOW[1], WINDOW[1] + 86_400)
    _, items = source.parse(None, reply(endpoint, body(name), later, facts=Facts(7, generation)))
    assert not any(isinstance(item, UsageRecord) for item in items)
    assert any(isinstance(item, Window) for item in items)
    assert any("outside" in item.reason for item in items if isinstance(item, Problem))


@pytest.mark.parametrize("source", [openai_api, anthropic_api, openrouter, litellm], ids=lambda s: s.INFO.id)
def test_what_people_read_before_they_make_a_key(source: Any) -> None:
    info = source.INFO
    for said in (info.key, info.tells, info.silent):
        assert said[0].isupper()
        assert said.endswith(".")
        assert 40 < len(said) < 400
    assert info.docs.startswith("https://")
    assert info.needs_base_url or (info.key_page.startswith("https://") and info.base_url.startswith("https://"))
    assert info.poll_seconds >= 60
