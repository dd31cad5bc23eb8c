"""The look at a learning's text: what it points at, what it leaves alone, and that it never fails."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tokenpal.share.lint import SENTENCES, problems


def found(text: str, *names: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.kind) for one in problems(text, names)]


@pytest.mark.parametrize(
    ("text", "hit", "kind"),
    [
        ("It took 12,400 tokens", "12,400 tokens", "number"),
        ("about 300k each", "300k", "number"),
        ("1.2 million of them", "1.2 million", "number"),
        ("1 234 567 in a day", "1 234 567", "number"),
        ("85000 lines", "85000", "number"),
        ("3 tokens", "3 tokens", "number"),
        ("for $40 a week", "$40", "money"),
        ("1.200,50 € too much", "1.200,50 €", "money"),
        ("25 euros saved", "25 euros", "money"),
        ("USD 7", "USD 7", "money"),
        ("see /home/kim/project/x", "/home/kim/project/x", "path"),
        ("in ~/notes", "~/notes", "path"),
        ("in ./run", "./run", "path"),
        (r"in C:\Users\kim", r"C:\Users\kim", "path"),
        (r"on \\server\share", r"\\server\share", "path"),
        ("src/billing/rates was hard", "src/billing/rates", "path"),
        ("edit rates.py first", "rates.py", "path"),
        ("https://wiki.firm.example/x?y=1", "https://wiki.firm.example/x?y=1", "path"),
        ("on www.firm.example", "www.firm.example", "path"),
        ("on wiki.firm.com today", "wiki.firm.com", "path"),
        ("as in SHOP-4711", "SHOP-4711", "ticket"),
        ("fixes #128", "#128", "ticket"),
        ("in PR 12", "PR 12", "ticket"),
        ("issue 7 came back", "issue 7", "ticket"),
        ("ask kim.lee@firm.example", "kim.lee@firm.example", "name"),
        ("thanks @kim", "@kim", "name"),
        ("thanks to Ada Lovelace", "Ada Lovelace", "name"),
        ("with Jean-Luc O'Neill we", "Jean-Luc O'Neill", "name"),
        ("Zoë Müller showed me", "Zoë Müller", "name"),
        ("John F. Kennedy", "John F. Kennedy", "name"),
        ("Yesterday Ada Lovelace came", "Yesterday Ada Lovelace", "name"),
        ("ask Dr. Who", "Dr. Who", "name"),
        ("call `load(x)` twice", "`load(x)`", "code"),
        ("load_rates is slow", "load_rates", "code"),
        ("loadRates is slow", "loadRates", "code"),
        ("call load(3) twice", "load(3)", "code"),
        ("it said {", "{", "code"),
        ("a == b", "==", "code"),
        ("x = 1;", ";", "code"),
        ("</div>", "</div>", "code"),
    ],
)
def test_points_at(text: str, hit: str, kind: str) -> None:
    assert (hit, kind) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Small steps work, and half as many questions.", "Asking for a plan first and/or tests helped in 3 of 4 cases.", "Since 2026 it is better.",
        "Claude Code reads AGENTS files. Visual Studio does not.", "UTF-8 and SHA-256 are fine, GPT-4 too.", "Node.js and ASP.NET were hard.",
        "I used /compact, then /clear.", "The Monday run. On Tuesday another.", "One test(s) or two.", "e.g. this one, i.e. not that.", "At 10:30, for 20 minutes.",
        "It is the #1 reason.", "Read the error, then ask (in words) why.",
    ],
)  # fmt: skip
def test_leaves_alone(text: str) -> None:
    assert found(text) == []


def test_names_that_the_caller_knows() -> None:
    assert found("kim said so, and KIM again, not kimono", "kim") == [("kim", "name"), ("KIM", "name")]
    assert found("so said lee", "Kim Lee") == [("lee", "name")]
    assert found("as Kim Lee said", "Kim Lee") == [("Kim Lee", "name")]
    assert found("a an to", "a", "to", "") == [], "too short to tell"
    assert found("see (x.y) here", "(x.y)") == [("(x.y)", "name")]


def test_one_place_is_pointed_at_once() -> None:
    assert found("see https://wiki.firm.com/SHOP-4711/load_rates.py") == [("https://wiki.firm.com/SHOP-4711/load_rates.py", "path")]


def test_long_texts_do_not_take_long() -> None:
    for piece in ("x", "-", "a.", "A b", "0", "1,", "@", "a_", "/a", "(", "`", "Ab ", "://", "{", "aB", "\\"):
        problems(piece * 20_000)


@given(st.text() | st.text(alphabet="aA0 1.,_-/\\@#$€:;(){}`'\n\ud800é"), st.lists(st.text(max_size=5), max_size=3))
def test_never_fails_and_points_into_the_text(text: str, names: list[str]) -> None:
    end = 0
    for one in problems(text, names):
        assert end <= one.start < one.end <= len(text), "in order, none overlapping"
        assert one.sentence == SENTENCES[one.kind]
        end = one.end
