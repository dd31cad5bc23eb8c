"""genai-prices as it is installed, against prices that the providers published; nothing here reads the network."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tokenpal.model.rates import Prices, Rate
from tokenpal.pricing.public import PublicPrices, _converted, _holds, references
from tokenpal.pricing.tiers import tier_name

PUBLIC = PublicPrices()
SUMMER = int(datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp())
AUTUMN = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp())
SONNET = Prices(3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000)


def ask(provider: str, model: str, tier: str = "", at: int = AUTUMN) -> Rate | None:
    return PUBLIC.rate(provider, model, at, tier, AUTUMN)


def prices(provider: str, model: str, tier: str = "", at: int = AUTUMN) -> Prices | None:
    rate = ask(provider, model, tier, at)
    return rate and rate.prices


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("anthropic", "claude-sonnet-4-5", SONNET),  # $3, $0.30, $3.75, $6, $15
        ("anthropic", "claude-opus-4-20250514", Prices(15_000_000, 1_500_000, 18_750_000, 30_000_000, 75_000_000)),
        ("anthropic", "claude-3-5-haiku-20241022", Prices(800_000, 80_000, 1_000_000, 1_600_000, 4_000_000)),
        ("openai", "gpt-4o", Prices(2_500_000, 1_250_000, None, None, 10_000_000)),
        ("openai", "gpt-5-codex", Prices(1_250_000, 125_000, None, None, 10_000_000)),
        ("google", "gemini-2.5-pro", Prices(1_250_000, 125_000, None, None, 10_000_000)),
    ],
)
def test_published_prices(provider: str, model: str, expected: Prices) -> None:
    assert prices(provider, model) == expected


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-sonnet-4-5-20250929"),
        ("anthropic", "Claude-Sonnet-4-5"),
        ("anthropic", "anthropic/claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5@20250929"),  # Vertex
        ("litellm", "anthropic/claude-sonnet-4-5"),
        ("litellm", "vertex_ai/claude-sonnet-4-5@20250929"),
        ("some-agent", "claude-sonnet-4-5-20250929"),
        ("", "claude-sonnet-4-5"),
        ("azure", "claude-sonnet-4-5"),
    ],
)
def test_one_model_in_many_spellings(provider: str, model: str) -> None:
    assert prices(provider, model) == SONNET


def test_a_region_of_bedrock_has_its_own_price() -> None:
    """Amazon adds ten per cent for regional endpoints, also when the log says the provider is Anthropic."""
    regional = prices("anthropic", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
    assert regional is not None
    assert regional.fresh_input == 3_300_000
    assert prices("bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0") == SONNET


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-never-9"),
        ("anthropic", "<synthetic>"),
        ("anthropic", ""),
        ("openai", "codex-auto-review"),
        ("", "my-own-finetune"),
        ("ollama", "gpt-4o"),
        ("opencode", "ollama/gpt-4o"),
        ("openrouter", "deepseek/deepseek-chat:nitro"),
    ],
)
def test_unknown_is_none(provider: str, model: str) -> None:
    assert ask(provider, model) is None


def test_long_context_comes_with_its_threshold() -> None:
    rate = ask("google", "gemini-2.5-pro")
    assert rate is not None
    assert [(step.above, step.prices) for step in rate.long_context] == [(200_000, Prices(2_500_000, 250_000, None, None, 15_000_000))]


def test_a_price_change_bounds_its_rate() -> None:
    """Opus 4.6 had a long-context price until 2026-03-13."""
    change = int(datetime(2026, 3, 13, tzinfo=UTC).timestamp())
    before, after = ask("anthropic", "claude-opus-4-6", at=change - 1), ask("anthropic", "claude-opus-4-6", at=change)
    assert before is not None
    assert after is not None
    assert (before.since, before.until, bool(before.long_context)) == (0, change, True)
    assert (after.since, after.until, after.long_context) == (change, None, ())


def test_batches_cost_half_before_and_after_the_table_noted_it() -> None:
    half = Prices(1_500_000, 150_000, 1_875_000, 3_000_000, 7_500_000)
    assert prices("anthropic", "claude-sonnet-4-5", "batch", AUTUMN) == half
    assert prices("anthropic", "claude-sonnet-4-5", "batch", SUMMER) == half
    assert prices("openai", "gpt-4o", "batch", SUMMER) == Prices(1_250_000, 625_000, None, None, 5_000_000)


def test_half_the_price_of_long_prompts_too() -> None:
    rate = ask("openai", "gpt-5.5", "batch", SUMMER)
    plain = ask("openai", "gpt-5.5", "", SUMMER)
    assert rate is not None
    assert plain is not None
    assert [2 * (step.prices.fresh_input or 0) for step in rate.long_context] == [step.prices.fresh_input for step in plain.long_context] != []


def test_fast_and_priority_as_stated_else_unpriced() -> None:
    assert prices("anthropic", "claude-opus-4-8", "fast") == Prices(10_000_000, 1_000_000, 12_500_000, 20_000_000, 50_000_000)
    assert prices("anthropic", "claude-opus-4-8-fast") == prices("anthropic", "claude-opus-4-8", "fast")
    assert prices("openai", "gpt-5.5", "priority") == prices("openai", "gpt-5.5", "fast") != prices("openai", "gpt-5.5")
    assert prices("openai", "gpt-5.5", "priority", SUMMER) is None  # nobody in the table says what it was
    assert prices("anthropic", "claude-sonnet-4-5", "priority") is None
    assert prices("anthropic", "claude-sonnet-4-5", "weekend") is None
    assert prices("azure", "claude-sonnet-4-5", "batch") is None  # Anthropic's tier, not Azure's


def test_a_name_that_ends_in_fast_by_itself() -> None:
    assert prices("x-ai", "grok-4-fast") is not None


def test_prices_by_the_clock_hold_for_their_hours() -> None:
    """DeepSeek's chat model is dearer by day: the rate says from when to when."""
    night = ask("deepseek", "deepseek-chat", at=AUTUMN - AUTUMN % 86_400 + 17 * 3600)
    day = ask("deepseek", "deepseek-chat", at=AUTUMN)
    assert night is not None
    assert day is not None
    assert (day.until or 0) - day.since == 16 * 3600
    assert (night.until or 0) - night.since == 8 * 3600
    assert day.until == night.since
    assert day.prices != night.prices


def test_models_that_are_not_sold_by_tokens() -> None:
    assert ask("groq", "whisper-large-v3") is None


def test_thresholds_that_differ_by_class() -> None:
    def stepped(base: str, *steps: tuple[int, str]) -> Any:
        return SimpleNamespace(base=Decimal(base), tiers=[SimpleNamespace(start=start, price=Decimal(price)) for start, price in steps])

    found = _converted(SimpleNamespace(input_mtok=stepped("1", (100, "2"), (300, "3")), output_mtok=stepped("5", (200, "6"))))  # type: ignore[arg-type]  # any shape with these names
    assert found is not None
    prices, tiers = found
    assert (prices.fresh_input, prices.output) == (1_000_000, 5_000_000)
    assert [(step.above, step.prices.fresh_input, step.prices.output) for step in tiers] == [
        (300, 3_000_000, 6_000_000), (200, 2_000_000, 6_000_000), (100, 2_000_000, 5_000_000),
    ]


def test_a_model_with_one_price_holds_for_ever() -> None:
    assert _holds(SimpleNamespace(prices=object(), price_variants=None), AUTUMN, "") == (0, None)  # type: ignore[arg-type]  # the two fields it reads


def test_the_seller_in_the_name_comes_first() -> None:
    assert next(references("anthropic", "us.anthropic.claude-x-v1:0")) == ("aws", "us.anthropic.claude-x-v1:0")
    assert next(references("anthropic", "claude-x@20260101")) == ("google", "claude-x@20260101")
    assert list(references("OpenRouter", "Anthropic/Claude-X"))[:2] == [("openrouter", "anthropic/claude-x"), ("openrouter", "claude-x")]


def test_where_the_package_is_missing_the_origin_still_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    assert PublicPrices().origin == "genai-prices"


def test_tier_words() -> None:
    assert [tier_name(word) for word in ("", "Standard", "default", "batch", "flex_discount", "priority_on_demand", " FAST ", "Odd")] == [
        "", "", "", "batch", "flex", "priority", "fast", "odd",
    ]
