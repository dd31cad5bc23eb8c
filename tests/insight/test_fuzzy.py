"""Finding a task by a few letters."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tokenpal.insight.fuzzy import ranked, score

NAMES = ("Checkout retry", "Search index", "Flaky CI hunt", "Docs refresh", "Recheck")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", list(NAMES)), ("check", ["Checkout retry", "Recheck"]), ("retry", ["Checkout retry"]), ("chrt", ["Checkout retry"]),
        ("FCH", ["Flaky CI hunt"]), ("hunt flaky", ["Flaky CI hunt"]), ("ch", ["Checkout retry", "Search index", "Recheck", "Flaky CI hunt"]), ("zzz", []),
    ],
)  # fmt: skip
def test_a_few_letters_find_it(wanted: str, found: list[str]) -> None:
    assert ranked(wanted, NAMES, lambda name: (name,)) == found


def test_a_name_counts_before_a_tag() -> None:
    things = [("Docs", "pay"), ("Pay", ""), ("Empty", "")]
    assert ranked("pay", things, lambda thing: thing) == [things[1], things[0]]


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_what_stands_in_it_is_found(before: str, wanted: str, after: str) -> None:
    assert score(wanted.casefold(), (before + wanted + after).casefold()) is not None
