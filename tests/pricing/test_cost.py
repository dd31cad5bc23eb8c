"""Costs worked by hand from prices that providers publish; everything in whole picodollars."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tokenpal.model.rates import Prices, Rate, Tier
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain
from tokenpal.pricing.cost import cost, per_token, priceable

DOLLAR = 10**12


def rate(model: str = "some-model", prices: Prices | None = None, long_context: tuple[Tier, ...] = ()) -> Rate:
    return Rate("p", model, prices or Prices(fresh_input=3_000_000, output=15_000_000), "test", 0, long_context=long_context)


def test_sonnet_by_hand() -> None:
    """$3 in, $0.30 read, $3.75 and $6 written, $15 out, per million."""
    sonnet = rate("claude-sonnet-4-5", Prices(3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000))
    tokens = Tokens(fresh_input=1_000_000, cache_read=10_000_000, cache_write_5m=400_000, cache_write_1h=100_000, cache_write_other=4, output=200_000)
    # 3.00 + 3.00 + 1.50 + 0.60 + 0.000015 + 3.00
    assert cost(sonnet, tokens, Grain.REQUEST) == 11_100_015 * 10**6


def test_long_context_looks_at_the_whole_prompt_of_one_request() -> None:
    """Gemini 2.5 Pro: $1.25 / $10 up to 200,000 prompt tokens, $2.50 / $15 above, for the whole request."""
    gemini = rate("gemini-2.5-pro", Prices(1_250_000, 125_000, None, None, 10_000_000), (Tier(200_000, Prices(2_500_000, 250_000, None, None, 15_000_000)),))
    at_edge = Tokens(fresh_input=50_000, cache_read=150_000, output=1_000)
    over = Tokens(fresh_input=50_001, cache_read=150_000, output=1_000)
    assert cost(gemini, at_edge) == 50_000 * 1_250_000 + 150_000 * 125_000 + 1_000 * 10_000_000
    assert cost(gemini, over) == 50_001 * 2_500_000 + 150_000 * 250_000 + 1_000 * 15_000_000


@pytest.mark.parametrize("grain", [Grain.MINUTE, Grain.HOUR, Grain.DAY])
def test_buckets_use_the_base_price(grain: Grain) -> None:
    gemini = rate("g", Prices(1_250_000, 125_000, None, None, 10_000_000), (Tier(200_000, Prices(2_500_000)),))
    assert cost(gemini, Tokens(fresh_input=300_000), grain) == 300_000 * 1_250_000


def test_the_highest_threshold_passed_counts_in_whatever_order_they_are_given() -> None:
    steps = (Tier(100, Prices(fresh_input=2, output=2)), Tier(1_000, Prices(fresh_input=3, output=3)))
    stepped = rate(prices=Prices(fresh_input=1, output=1), long_context=steps)
    assert [cost(stepped, Tokens(fresh_input=n)) for n in (100, 101, 1_000, 1_001)] == [100, 202, 2_000, 3_003]


def test_claude_writes_where_one_price_is_stated() -> None:
    assert per_token(Prices(3_000_000, 300_000, 3_750_000, None, 1), claude=True).cache_write_1h == 6_000_000
    assert per_token(Prices(3_000_000, 300_000, None, 6_000_000, 1), claude=True).cache_write_5m == 3_750_000
    assert per_token(Prices(3, None, None, 6, 1), claude=True).cache_write_5m == 4  # 3.75, half-even
    assert per_token(Prices(2, None, None, 4, 1), claude=True).cache_write_5m == 2  # 2.5
    assert per_token(Prices(6, None, None, 4, 1), claude=True).cache_write_5m == 8  # 7.5


def test_others_have_one_write_price_for_every_lifetime() -> None:
    assert per_token(Prices(100, 10, 130, None, 1), claude=False)[2:5] == (130, 130, 130)
    assert per_token(Prices(100, 10, None, 140, 1), claude=False)[2:5] == (140, 140, 140)


@pytest.mark.parametrize("claude", [True, False])
def test_no_stated_write_price_is_plain_input_and_no_factor(claude: bool) -> None:
    assert per_token(Prices(100, None, None, None, 1), claude=claude) == (100, 100, 100, 100, 100, 1)


def test_claude_without_an_input_price_keeps_what_is_stated() -> None:
    assert per_token(Prices(None, None, 5, None, 1), claude=True) == (None, None, 5, 5, 5, 1)


def test_tokens_without_a_price_make_the_request_unpriced() -> None:
    embedding = rate(prices=Prices(fresh_input=20_000))
    assert cost(embedding, Tokens(fresh_input=5)) == 100_000
    assert cost(embedding, Tokens(fresh_input=5, output=1)) is None
    assert cost(embedding, Tokens()) == 0


def test_claude_is_known_by_any_spelling() -> None:
    only_short = Prices(3_000_000, 300_000, 3_750_000, None, 15_000_000)
    for spelling in ("anthropic/claude-sonnet-4.5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5@20250929"):
        assert priceable(rate(spelling, only_short)).base.cache_write_1h == 6_000_000
    assert priceable(rate("gpt-6", only_short)).base.cache_write_1h == 3_750_000


counts = st.builds(Tokens, *[st.integers(0, 10**9)] * 6)


@given(counts, counts)
def test_costs_of_buckets_add_up(one: Tokens, two: Tokens) -> None:
    some = rate("claude-x", Prices(3, 1, 4, 6, 15), (Tier(10, Prices(30, 10, 40, 60, 150)),))
    parts = [cost(some, part, Grain.DAY) for part in (one, two)]
    assert cost(some, one + two, Grain.DAY) == sum(part or 0 for part in parts)


def test_a_dollar_is_ten_to_the_twelve() -> None:
    assert cost(rate(), Tokens(fresh_input=333_333, output=1)) == 3 * 333_333 * 10**6 + 15 * 10**6
    assert cost(rate(), Tokens(fresh_input=1_000_000)) == 3 * DOLLAR
