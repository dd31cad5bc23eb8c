"""What the cache saved: the figures of a hand calculation, and what holds for any parts."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tokenpal.insight.rated import Rated, class_cost
from tokenpal.insight.savings import saving
from tokenpal.model.rates import Prices
from tokenpal.model.tokens import CLASSES, Tokens
from tokenpal.pricing.cost import PerToken, per_token

SONNET = per_token(Prices(3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000), claude=True)
HAIKU = per_token(Prices(1_000_000, 100_000, 1_250_000, 2_000_000, 5_000_000), claude=True)


def test_by_hand() -> None:
    """1 M read at $3.00 instead of $0.30 saves $2.70; 200 k at $1.00 instead of $0.10 saves $0.18; writing 100 k for 5 minutes cost $0.075 more."""
    found = saving(
        [
            Rated("sonnet", Tokens(50_000, 600_000, 100_000, 0, 0, 10_000), SONNET, "list"),
            Rated("haiku", Tokens(50_000, 200_000, 0, 0, 0, 1), HAIKU, "list"),
            Rated("sonnet", Tokens(0, 400_000, 0, 0, 0, 1), SONNET, "list"),
            Rated("unknown", Tokens(0, 5_000), None),
        ]
    )
    assert [(line.model, line.read, line.saved) for line in found.lines] == [("sonnet", 1_000_000, 2_700_000_000_000), ("haiku", 200_000, 180_000_000_000)]
    assert found.saved == 2_880_000_000_000
    assert found.writes == 75_000_000_000
    assert found.unpriced == 5_000
    assert (found.read, found.prompt) == (1_205_000, 1_405_000)
    assert found.rate is not None
    assert abs(found.rate - 0.857651) < 1e-6


def test_no_input_has_no_rate_and_a_list_without_a_cache_price_saves_nothing() -> None:
    assert saving([]).rate is None
    plain = per_token(Prices(fresh_input=2, output=4), claude=False)
    found = saving([Rated("m", Tokens(1, 10, 5, 0, 0, 3), plain)])
    assert (found.saved, found.writes, found.unpriced) == (0, 0, 0)


counts = st.integers(0, 10**9)
tokens = st.builds(Tokens, counts, counts, counts, counts, counts, counts)
prices = st.one_of(st.none(), st.tuples(*[st.one_of(st.none(), st.integers(0, 10**8))] * 6).map(lambda each: PerToken(*each)))
parts = st.lists(st.builds(Rated, st.sampled_from(["a", "b"]), tokens, prices, st.sampled_from(["x", "y"])), max_size=8)


@given(parts)
def test_every_cached_token_is_in_a_line_or_unpriced(found: list[Rated]) -> None:
    whole = saving(found)
    assert sum(line.read for line in whole.lines) + whole.unpriced == whole.read == sum(part.tokens.cache_read for part in found)
    assert whole.saved == sum(line.saved for line in whole.lines)
    assert all(line.saved == line.read * (line.fresh - line.cached) for line in whole.lines)


@given(parts, st.randoms())
def test_the_order_of_the_parts_makes_no_difference(found: list[Rated], roll: object) -> None:
    assert saving(found) == saving(found[::-1])


@given(st.lists(st.tuples(tokens, st.tuples(*[st.integers(0, 10**8)] * 6)), max_size=6))
def test_the_saving_is_the_price_without_a_cache_less_the_price(rows: list[tuple[Tokens, tuple[int, ...]]]) -> None:
    """Priced parts: what they cost plus the saving is what they cost were every cached token fresh."""
    found = tuple(Rated("m", one, PerToken(*each)) for one, each in rows)
    uncached = tuple(Rated("m", one, PerToken(each[0], each[0], *each[2:])) for one, each in rows)

    def cost(given: tuple[Rated, ...]) -> int:
        return sum(class_cost(given, name) or 0 for name in CLASSES)

    assert cost(found) + saving(found).saved == cost(uncached)
