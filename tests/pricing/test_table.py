"""Whose price is used, for which time; and that what is not known stays unpriced."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import msgspec
import pytest

from tokenpal.model.rates import Prices, Rate
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain
from tokenpal.pricing import PERSON, PriceBook, pricer

NOW = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
DAY = 86_400
MILLION = Tokens(fresh_input=1_000_000)


class Table:
    """A public table whose price is its version number in dollars; counts how often it is asked."""

    def __init__(self, version: int, *, knows: str = "known", until: int | None = None) -> None:
        self.version, self.knows, self.until = version, knows, until
        self.asked = 0

    @property
    def origin(self) -> str:
        return f"table {self.version}"

    def rate(self, provider: str, model: str, at: int, tier: str, noted_at: int) -> Rate | None:
        self.asked += 1
        if model != self.knows or tier:
            return None
        early = self.until is not None and at < self.until
        price = self.version * 1_000_000 * (1 if early or self.until is None else 10)
        return Rate(
            provider, model, Prices(fresh_input=price, output=price), self.origin, noted_at,
            since=0 if early or self.until is None else self.until, until=self.until if early else None,
        )


def dollars(book: PriceBook, at: int = NOW, model: str = "known", tier: str = "", provider: str = "p", grain: Grain = Grain.REQUEST) -> float | None:
    found = pricer(book)(provider, model, at, tier, grain, MILLION)
    return None if found is None else found.pico / 10**12


def test_the_table_answers_what_the_ledger_does_not_know() -> None:
    book = PriceBook(now=NOW, public=Table(1))
    assert dollars(book) == 1.0
    rate = book.rate("p", "known", NOW)
    assert rate is not None
    assert (rate.origin, rate.noted_at) == ("table 1", NOW)


def test_unknown_models_and_tiers_are_unpriced() -> None:
    book = PriceBook(now=NOW, public=Table(1))
    assert dollars(book, model="unheard-of") is None
    assert dollars(book, model="") is None
    assert dollars(book, tier="priority") is None
    assert dollars(book, tier="a tier of next year") is None
    assert dollars(book, tier="standard") == 1.0


def test_old_use_keeps_its_rate_when_a_newer_table_says_otherwise() -> None:
    noted = PriceBook(now=NOW, public=Table(1)).rate("p", "known", NOW - DAY)
    assert noted is not None
    later = PriceBook([noted], now=NOW + 90 * DAY, public=Table(2))
    assert later.rate("p", "known", NOW - DAY) is noted
    assert dollars(later, NOW - DAY) == 1.0


def test_use_after_the_ledger_was_written_takes_the_newer_table() -> None:
    noted = PriceBook(now=NOW, public=Table(1)).rate("p", "known", NOW)
    assert noted is not None
    assert dollars(PriceBook([noted], now=NOW + 90 * DAY, public=Table(2)), NOW + 60 * DAY) == 2.0


def test_the_same_table_is_not_asked_for_what_it_said_before() -> None:
    noted = PriceBook(now=NOW, public=Table(1)).rate("p", "known", NOW)
    assert noted is not None
    table = Table(1)
    assert PriceBook([noted], now=NOW + 90 * DAY, public=table).rate("p", "known", NOW + 60 * DAY) is noted
    assert table.asked == 0


def test_the_person_wins_over_ledger_and_table() -> None:
    mine = Rate("", "known", Prices(7_000_000, output=7_000_000), PERSON, NOW)
    noted = PriceBook(now=NOW, public=Table(1)).rate("p", "known", NOW)
    assert noted is not None
    book = PriceBook([noted, mine], now=NOW, public=Table(2))
    assert dollars(book) == 7.0
    assert dollars(book, tier="batch") is None  # the person said nothing about batches, and nobody else did


def test_the_persons_closest_word_wins() -> None:
    def own(provider: str, model: str, price: int, since: int = 0, until: int | None = None) -> Rate:
        return Rate(provider, model, Prices(price * 1_000_000, output=1), PERSON, NOW, since=since, until=until)

    book = PriceBook(
        [own("", "claude-x", 1), own("p", "claude-x", 2), own("", "claude-x-20260101", 3), own("q", "claude-x", 4), own("p", "old", 5, 0, NOW)],
        now=NOW, public=Table(9),
    )
    assert dollars(book, model="claude-x") == 2.0
    assert dollars(book, model="claude-x", provider="z") == 1.0
    assert dollars(book, model="claude-x-20260101") == 3.0
    assert dollars(book, model="anthropic/claude-x@20270101") == 2.0
    assert dollars(book, model="old", at=NOW - 1) == 5.0
    assert dollars(book, model="old", at=NOW) is None


def test_a_change_of_price_within_a_day() -> None:
    noon = NOW + DAY // 2
    price = pricer(PriceBook(now=NOW, public=Table(1, until=noon)))
    seen = [price("p", "known", at, "", Grain.REQUEST, MILLION) for at in (noon - 1, noon, noon - 1, noon + 1)]
    assert [found and found.pico // 10**12 for found in seen] == [1, 10, 1, 10]


def test_a_bucket_across_a_change_of_price_is_unpriced() -> None:
    noon = NOW + DAY // 2
    book = PriceBook(now=NOW, public=Table(1, until=noon))
    assert dollars(book, NOW, grain=Grain.DAY) is None
    assert dollars(book, noon - 3600, grain=Grain.HOUR) == 1.0
    assert dollars(book, noon - 3599, grain=Grain.HOUR) is None
    assert dollars(book, noon, grain=Grain.DAY) == 10.0


def test_a_price_that_is_gone_within_the_day_is_unpriced() -> None:
    mine = Rate("p", "mine", Prices(1, output=1), PERSON, NOW, until=NOW + 100)
    price = pricer(PriceBook([mine], now=NOW, public=Table(1)))
    assert price("p", "mine", NOW, "", Grain.REQUEST, MILLION) is not None
    assert price("p", "mine", NOW + 100, "", Grain.REQUEST, MILLION) is None


def test_the_book_is_asked_once_per_model_tier_and_day() -> None:
    table = Table(1)
    price = pricer(PriceBook(now=NOW, public=table))
    for second in range(0, DAY, 600):
        price("p", "known", NOW + second, "", Grain.REQUEST, MILLION)
        price("p", "unheard-of", NOW + second, "", Grain.REQUEST, MILLION)
    assert table.asked == 2


def test_rates_survive_json() -> None:
    rate = PriceBook(now=NOW, public=Table(1)).rate("p", "known", NOW)
    assert msgspec.json.decode(msgspec.json.encode(rate), type=Rate) == rate


@pytest.mark.real_home
def test_asking_for_nothing_imports_nothing() -> None:
    """The public table costs 30 MB: it is loaded at the first question only, and never with the network parts."""
    code = (
        "import sys; from tokenpal.pricing import PriceBook, pricer; p = PriceBook(now=0);"
        "assert 'genai_prices' not in sys.modules; p.rate('anthropic', 'claude-sonnet-4-5', 0);"
        "assert 'genai_prices' in sys.modules; import threading; assert threading.active_count() == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
