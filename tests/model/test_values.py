"""Money whose kinds cannot be mixed, token classes that add up, names and keys."""

from __future__ import annotations

import copy
from decimal import Decimal
from itertools import permutations

import msgspec
import pytest
from hypothesis import given, strategies as st

from tokenpal.model.money import MAX_PICO, Money, MoneyKind
from tokenpal.model.names import base_name
from tokenpal.model.report import NONE_KEYS, Dimension
from tokenpal.model.tokens import CLASSES, NO_TOKENS, Tokens
from tokenpal.model.usage import FAMILY_BYTES, KEY_BYTES, UsageRecord, stable_key

tokens = st.builds(Tokens, *[st.integers(0, 10**12)] * 7)


# ------------------------------------------------------------------------------------------------------------ money


@pytest.mark.parametrize(("one", "two"), list(permutations(MoneyKind, 2)))
def test_kinds_are_never_added(one: MoneyKind, two: MoneyKind) -> None:
    with pytest.raises(TypeError, match="cannot add"):
        Money.of(one, 1) + Money.of(two, 1)


def test_currencies_are_never_added() -> None:
    with pytest.raises(TypeError):
        Money.of(MoneyKind.CASH, 1, "USD") + Money.of(MoneyKind.CASH, 1, "EUR")
    with pytest.raises(TypeError):
        Money.of(MoneyKind.CASH, 1) + 1  # type: ignore[operator]  # on purpose
    with pytest.raises(TypeError):
        sum([Money.of(MoneyKind.CASH, 1)])  # type: ignore[call-overload]  # on purpose: starts with 0


@given(st.lists(st.decimals(-(10**6), 10**6, places=12), max_size=20))
def test_sums_are_exact(amounts: list[Decimal]) -> None:
    total = Money.of(MoneyKind.CASH, 0)
    for amount in amounts:
        total += Money.of(MoneyKind.CASH, amount)
    assert total.amount == sum(amounts)


def test_a_tenth_ten_times_is_one() -> None:
    total = Money.of(MoneyKind.LIST_PRICE, 0)
    for _ in range(10):
        total += Money.of(MoneyKind.LIST_PRICE, "0.1")
    assert str(total.amount) == "1"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0.0561", "0.0561"), ("12.00", "12"), ("1200", "1200"), ("0", "0"), ("-3.50", "-3.5"), ("0.000000000001", "1E-12"), ("1E3", "1000")],
)
def test_amounts_are_shown_without_trailing_zeros(amount: str, shown: str) -> None:
    assert str(Money.of(MoneyKind.CASH, amount).amount) == shown


def test_the_smallest_part_is_rounded_half_even() -> None:
    assert [Money.of(MoneyKind.CASH, text).pico for text in ("0.0000000000005", "0.0000000000015", "0.0000000000025")] == [0, 2, 2]


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), "-Infinity", Decimal(MAX_PICO)])
def test_what_is_no_amount(amount: Decimal | str) -> None:
    with pytest.raises(ValueError):
        Money.of(MoneyKind.CASH, amount)


def test_currency_codes_are_upper_case_and_units_stay() -> None:
    assert Money.of(MoneyKind.CASH, 1, "usd") == Money.of(MoneyKind.CASH, 1, "USD")
    assert Money.of(MoneyKind.CREDITS, 1, "points").currency == "points"


# ------------------------------------------------------------------------------------------------------------ tokens


def test_the_classes_are_disjoint_and_reasoning_is_not_one() -> None:
    some = Tokens(1, 20, 300, 4000, 50_000, 600_000, reasoning=9)
    assert sum(getattr(some, name) for name in CLASSES) == some.total == 654_321
    assert some.prompt == 54_321
    assert "reasoning" not in CLASSES
    assert set(CLASSES) | {"reasoning"} == set(Tokens.__struct_fields__)


@given(tokens, tokens, tokens)
def test_sums_do_not_depend_on_order(one: Tokens, two: Tokens, three: Tokens) -> None:
    assert (one + two) + three == three + (two + one)
    assert one + NO_TOKENS == one
    assert (one + two).total == one.total + two.total
    assert (one + two).reasoning == one.reasoning + two.reasoning


def test_values_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Tokens(1).output = 2  # type: ignore[misc]  # on purpose
    assert copy.deepcopy(Tokens(1)) == Tokens(1)


# ------------------------------------------------------------------------------------------------------------ names and keys


@pytest.mark.parametrize(
    "spelling",
    [
        "claude-sonnet-5", "claude-sonnet-5-20260929", "claude-sonnet-5@20260929", "anthropic/claude-sonnet-5", "us.anthropic.claude-sonnet-5-20260929-v1:0",
        "global.anthropic.claude-sonnet-5-v1", "anthropic.claude-sonnet-5", " Claude-Sonnet-5 ", "claude-sonnet-5-latest", "openrouter/anthropic/claude-sonnet-5",
        "bedrock/us.anthropic.claude-sonnet-5-20260929-v1:0", "vertex_ai/claude-sonnet-5@20260929", "claude-sonnet-5-2026-09-29", "claude-sonnet-5[1m]",
    ],
)
def test_one_base_name_for_all_spellings(spelling: str) -> None:
    assert base_name(spelling) == "claude-sonnet-5"


@pytest.mark.parametrize(
    ("name", "base"),
    [("gpt-5.2-2025-12-11", "gpt-5.2"), ("gpt-5.2-codex", "gpt-5.2-codex"), ("gpt-4o-mini", "gpt-4o-mini"), ("o3", "o3"), ("", ""), ("gemini-2.5-pro", "gemini-2.5-pro"),
     ("claude-opus-4-1", "claude-opus-4-1"), ("gpt-oss:120b", "gpt-oss:120b"), ("models/gemini-2.5-pro", "gemini-2.5-pro"), ("kimi-k2-0905-preview", "kimi-k2-0905-preview")],
)  # fmt: skip
def test_models_that_differ_stay_apart(name: str, base: str) -> None:
    assert base_name(name) == base


@given(st.text(max_size=60))
def test_a_base_name_is_its_own_base_name(name: str) -> None:
    assert base_name(base_name(name)) == base_name(name)


def test_keys_of_a_family_share_their_head() -> None:
    plain, one, two = stable_key("claude-code:msg_1"), stable_key("claude-code:msg_1", "req_1"), stable_key("claude-code:msg_1", "req_2")
    assert len({plain, one, two}) == 3
    assert {len(key) for key in (plain, one, two)} == {KEY_BYTES}
    assert len({key[:FAMILY_BYTES] for key in (plain, one, two)}) == 1
    assert plain[FAMILY_BYTES:] == bytes(KEY_BYTES - FAMILY_BYTES)
    assert stable_key("other")[:FAMILY_BYTES] != plain[:FAMILY_BYTES]


def test_keys_never_change() -> None:
    """They are in people's databases: this value is for ever."""
    assert stable_key("claude-code:msg_1", "req_1").hex() == "10c93a33bb780a039f1d5425"


@given(st.text(), st.text())
def test_any_text_makes_a_key(family: str, variant: str) -> None:
    assert len(stable_key(family, variant)) == KEY_BYTES


def test_a_lone_surrogate_makes_a_key() -> None:
    assert len(stable_key("a\ud800", "b\udfff")) == KEY_BYTES


def test_records_survive_msgpack() -> None:
    record = UsageRecord(stable_key("f"), "s:1", 5, "m", Tokens(1, 2, 3, 4, 5, 6, 2), money=(Money.of(MoneyKind.CASH, "1.5"),))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=UsageRecord) == record


def test_every_dimension_but_class_can_be_absent() -> None:
    assert set(NONE_KEYS) == set(Dimension) - {Dimension.CLASS}
