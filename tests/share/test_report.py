"""The report of a week: fixed bytes, nothing else in it, drawn once."""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from datetime import UTC, date, datetime
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, strategies as st

from tokenpal.model.errors import UsageError
from tokenpal.share.coin import Random
from tokenpal.share.preview import BANNER, explain, preview
from tokenpal.share.protocol.wire import NOTHING
from tokenpal.share.report import (
    KINDS,
    NO_TEAM,
    Draw,
    canonical,
    draw,
    drawn_once,
    encoded,
    kept,
    label_answer,
    last_week,
    parse,
    read_back,
    use_answer,
    week_days,
)

WEEK = "2026-W47"


def scripted(*values: int) -> Random:
    """A random source that gives these values in turn and checks that they can come up."""
    rest = list(values)

    def next_value(n: int) -> int:
        value = rest.pop(0)
        assert 0 <= value < n
        return value

    return next_value


def seeded(seed: int) -> Random:
    return random.Random(seed).randrange


def kept_answers(labels: dict[str, int], days: int = 3) -> Draw:
    """Both coins keep; the first session is drawn."""
    return draw(WEEK, days, labels, scripted(*([0] if labels else []), 0, 0))


# ------------------------------------------------------------------------------------------------------------ bytes


def test_golden_example() -> None:
    found = encoded(kept_answers({"waste": 5}))
    assert found == (
        b'{"epoch":"2026-W47","policy":"' + b"0" * 64 + b'","q":[{"id":"label","k":4,"odds":7,"sent":2},{"id":"use","k":3,"odds":7,"sent":2}],'
        b'"roster":"' + b"0" * 64 + b'","schema":"tokenpal-share/1","team":"AAAAAAAAAAAAAAAAAAAAAA"}'
    )
    assert len(found) == 314


def test_with_a_team_only_the_hashes_differ() -> None:
    one = kept_answers({"waste": 5})
    assert encoded(one, team="t" * 22, roster="1" * 64, policy="2" * 64) == encoded(one).replace(
        b'"roster":"' + b"0" * 64, b'"roster":"' + b"1" * 64
    ).replace(b'"policy":"' + b"0" * 64, b'"policy":"' + b"2" * 64).replace(NO_TEAM.encode(), b"t" * 22)


def test_canonical_has_one_spelling() -> None:
    assert canonical({"b": 1, "a": ["é", True]}) == '{"a":["é",true],"b":1}'.encode()
    with pytest.raises(ValueError):
        canonical(float("nan"))


@given(st.integers(0, 7), st.dictionaries(st.sampled_from(["exploration", "delivered", "waste", "", "other"]), st.integers(0, 50)), st.integers())
def test_every_report_reads_back_and_holds_nothing_else(days: int, labels: dict[str, int], seed: int) -> None:
    found = encoded(draw(WEEK, days, labels, seeded(seed)))
    back = parse(found)
    assert [question.id for question in back.q] == ["label", "use"]
    assert set(json.loads(found)) == {"epoch", "policy", "q", "roster", "schema", "team"}
    assert all(set(question) == {"id", "k", "odds", "sent"} for question in json.loads(found)["q"])
    assert len(found) == 314


def changed(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"epoch"', '"clock":1,"epoch"'), ('"id":"use"', '"extra":0,"id":"use"'), (',"schema"', ', "schema"'), ("share/1", "share/2"),
        ('"sent":2},{"id":"use"', '"sent":4},{"id":"use"'), ('"k":4', '"k":5'), ('"id":"use"', '"id":"trend"'), ('"sent":2', '"sent":-1'),
        ('"sent":2', '"sent":2.0'), ('"id":"use","k":3', '"id":"label","k":4'),
    ],
)  # fmt: skip
def test_anything_else_is_refused(old: str, new: str) -> None:
    with pytest.raises(ValueError):
        parse(changed(encoded(kept_answers({"waste": 5})), old, new))


# ------------------------------------------------------------------------------------------------------------ what goes in


def test_days_in_three_steps() -> None:
    assert [use_answer(days) for days in range(8)] == [0, 1, 1, 2, 2, 2, 2, 2]


def test_one_session_of_all_by_number_and_not_by_size() -> None:
    """Every session is drawn with the same probability: enumerated."""
    labels = {"exploration": 2, "delivered": 3, "waste": 1, "": 4}
    drawn = Counter(label_answer(labels, scripted(place)) for place in range(10))
    assert drawn == {0: 2, 1: 3, 2: 1, 3: 4}


def test_no_session_and_no_label() -> None:
    assert label_answer({}, scripted()) == 3
    assert label_answer({"delivered": 0}, scripted()) == 3
    assert label_answer({"": 2}, scripted(1)) == 3
    assert label_answer({"not labelled": 2, "waste": -5}, scripted(1)) == 3


def test_the_whole_report_is_within_the_odds_of_another_week() -> None:
    """Both questions together: 49:1, for any two weeks, over every outcome of the generator."""
    def sent(days: int, labels: dict[str, int]) -> Counter[bytes]:
        return Counter(encoded(draw(WEEK, days, labels, scripted(0, a, b))) for a in range(10) for b in range(9))

    one, two = sent(0, {"waste": 1}), sent(7, {"exploration": 1})
    assert sum(one.values()) == sum(two.values()) == 90
    assert set(one) == set(two)
    assert len(one) == KINDS["label"] * KINDS["use"]
    assert max(Fraction(one[data], two[data]) for data in one) == 49


def test_within_a_step_the_bytes_are_the_same() -> None:
    """Tokens are not even an argument; see test_scale.py for the way from real logs."""
    for seed in range(50):
        assert encoded(draw(WEEK, 3, {"delivered": 3}, seeded(seed))) == encoded(draw(WEEK, 7, {"delivered": 3}, seeded(seed)))


# ------------------------------------------------------------------------------------------------------------ draw once


def test_a_week_is_drawn_once() -> None:
    first, new = drawn_once(None, WEEK, 5, {"delivered": 1}, secrets.randbelow)
    assert new
    stored = kept(first)
    for days, labels in ((0, {}), (7, {"waste": 100})):
        again, new = drawn_once(stored, WEEK, days, labels, scripted())
        assert (again, new) == (first, False)
        assert encoded(again) == encoded(first)


@pytest.mark.parametrize("damaged", ["{", "{}", '{"week":"2026-W47"}', "null"])
def test_a_damaged_draw_is_never_drawn_again(damaged: str) -> None:
    with pytest.raises(UsageError, match="not drawn twice"):
        drawn_once(damaged, WEEK, 5, {}, secrets.randbelow)


def test_a_draw_belongs_to_its_week() -> None:
    with pytest.raises(UsageError):
        read_back(kept(kept_answers({})), "2026-W48")


def test_what_is_kept_has_no_counts() -> None:
    text = kept(draw(WEEK, 6, {"delivered": 4242, "": 77}, seeded(3)))
    assert "4242" not in text
    assert "77" not in text
    assert set(msgspec.json.decode(text)) == {"week", "answers", "any_session", "team"}


# ------------------------------------------------------------------------------------------------------------ weeks


@pytest.mark.parametrize(
    ("moment", "week"),
    [("2026-11-22T23:59:59", "2026-W46"), ("2026-11-23T00:00:00", "2026-W47"), ("2027-01-04T00:00:00", "2026-W53"), ("2027-01-03T23:59:59", "2026-W52")],
)
def test_the_week_that_is_due(moment: str, week: str) -> None:
    assert last_week(int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())) == week


def test_weeks_that_are_none() -> None:
    assert week_days(WEEK) == (date(2026, 11, 16), date(2026, 11, 23))
    with pytest.raises(UsageError) as caught:
        draw("last week", 0, {}, secrets.randbelow)
    assert "2026-W47" in caught.value.next_step


# ------------------------------------------------------------------------------------------------------------ what the person reads


@given(st.integers(0, 7), st.dictionaries(st.sampled_from(["exploration", "delivered", "waste", ""]), st.integers(0, 3)), st.integers())
def test_the_lines_are_the_report_and_all_of_it(days: int, labels: dict[str, int], seed: int) -> None:
    shown = preview(draw(WEEK, days, labels, seeded(seed)))
    text = shown.report.decode()
    for line in shown.lines:
        assert line.text in text
        text = text.replace(line.text, "", 1)
        assert line.meaning.endswith(".")
    assert set(text) <= set('{},"q:[]')
    assert shown.banner == BANNER
    assert NOTHING in shown.report.decode()


def test_meanings_in_words() -> None:
    flipped = draw(WEEK, 2, {"delivered": 1}, scripted(0, 7, 8))
    label, use = (line.meaning for line in explain(flipped) if '"id"' in line.text)
    assert label.startswith("One session of the week, drawn at random, was labelled delivered. That is answer 1. The coin changed this answer to 0 (exploration)")
    assert use.startswith("You used AI on one or two days. That is answer 1. The coin changed this answer to 2 (three days or more)")
    assert "7 of 9 cases" in use
    quiet = [line.meaning for line in explain(kept_answers({}, 0)) if '"id"' in line.text]
    assert quiet[0].startswith("No session started in this week. That is answer 3. The coin kept this answer")
    assert quiet[1].startswith("You used AI on no day. That is answer 0.")
    assert "has no label" in explain(kept_answers({"": 1}))[2].meaning


def test_one_module_reaches_the_network_and_none_the_store() -> None:
    """Consent, coin, report, rules and log cannot send; only ``exchange`` can, through system.net."""
    import ast
    from pathlib import Path

    import tokenpal.share

    room = Path(tokenpal.share.__file__).parent
    reaching = set()
    for file in room.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith(("tokenpal.store", "tokenpal.sources", "tokenpal.system.secrets", "sqlite3"))]
            if any(name.startswith(("tokenpal.system", "socket", "http", "urllib.request", "asyncio", "ssl")) for name in names):
                reaching.add(file.name)
    assert reaching <= {"exchange.py"}


def test_the_coin_has_the_odds_of_the_teams_policy() -> None:
    """A policy may ask for a coin that hides more than 7:1; the team estimates and promises with it."""
    asked: list[int] = []

    def random_(n: int) -> int:
        asked.append(n)
        return 0

    drawn = draw(WEEK, 3, {"delivered": 1}, random_, odds=3)
    assert [answer.odds for answer in drawn.answers] == [3, 3]
    assert asked[-2:] == [3 + KINDS["label"] - 1, 3 + KINDS["use"] - 1]
