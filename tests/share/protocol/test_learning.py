"""Published learnings: their limits, their signatures, and taking them back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.share.teams import PEOPLE, TEAM, WEEK
from tokenpal.share.protocol.learning import PARTS, learning_body, learning_of, refusal, retract_body, retract_of
from tokenpal.share.protocol.wire import decode, encode

ME = PEOPLE[0]
BODY = learning_body(TEAM, ME.id, b"n" * 16, WEEK, "worked", "Small steps.\nAnd tests first \U0001f469\u200d\U0001f4bb", "Kim")


def test_a_learning_goes_round() -> None:
    found = learning_of(decode(encode(ME.sign(BODY))), ME.identity)
    assert (found.part, found.text, found.name, found.epoch, found.member) == ("worked", BODY["text"], "Kim", WEEK, ME.id)
    assert retract_of(ME.sign(retract_body(TEAM, ME.id, BODY["id"])), ME.identity).id == found.id


def test_only_the_member_publishes_and_retracts() -> None:
    with pytest.raises(ValueError):
        learning_of(PEOPLE[1].sign(BODY), ME.identity)
    with pytest.raises(ValueError):
        retract_of(PEOPLE[1].sign(retract_body(TEAM, ME.id, BODY["id"])), ME.identity)
    with pytest.raises(ValueError):
        retract_of(ME.sign(BODY), ME.identity)


@pytest.mark.parametrize(
    ("part", "text", "name"),
    [
        ("said", "x", ""), ("tried", "", ""), ("tried", " \n ", ""), ("tried", "x" * 501, ""), ("tried", "x", "n" * 41), ("tried", "x\x00", ""),
        ("tried", "x\r\n", ""), ("tried", "x\t", ""), ("tried", "x", "a\nb"), ("tried", "\u202eolleh", ""), ("tried", "x", "\u2066n"), ("tried", "\ud800", ""),
    ],
)  # fmt: skip
def test_limits(part: str, text: str, name: str) -> None:
    assert refusal(part, text, name).endswith(".")
    with pytest.raises(ValueError):
        learning_body(TEAM, ME.id, b"n" * 16, WEEK, part, text, name)


@given(st.sampled_from(PARTS), st.text(max_size=510), st.text(max_size=42))
def test_what_is_refused_when_made_is_refused_when_read(part: str, text: str, name: str) -> None:
    body = {**BODY, "part": part, "text": text, "name": name}
    if refusal(part, text, name):
        with pytest.raises(ValueError):
            learning_of(ME.sign(body), ME.identity)
    else:
        assert learning_of(decode(encode(ME.sign(body))), ME.identity).text == text


@pytest.mark.parametrize(
    "fields", [{"more": 1}, {"id": "x"}, {"team": ""}, {"member": "A" * 21}, {"epoch": "2026-W99"}, {"text": 1}, {"kind": "retract"}, {"part": None}]
)
def test_a_learning_is_read_strictly(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        learning_of(ME.sign({**BODY, **fields}), ME.identity)
