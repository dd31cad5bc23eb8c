"""Policies and team cards: read strictly, refused when too wide, and every widening is called one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from tests.share.teams import CARD, POLICY
from tokenpal.share.protocol.card import encode_card, parse_card
from tokenpal.share.protocol.policy import Policy, body, changes, encode_policy, parse, policy_hash, refusals, weeks
from tokenpal.share.protocol.wire import canonical, digest

WRITTEN = (
    b'{"contact":"someone@team.example","cross_team":false,"exports":["openmetrics","otlp"],"k":5,"names":false,"odds":7,'
    b'"questions":["label","use"],"retention_days":14,"schema":"tokenpal-share/1","team_name":"The makers",'
    b'"windows":{"16":4,"32":2,"5":13,"8":8}}'
)


def with_field(**fields: Any) -> bytes:
    return canonical({**body(POLICY), **fields})


def test_a_policy_byte_for_byte() -> None:
    assert encode_policy(POLICY) == WRITTEN
    assert parse(WRITTEN) == POLICY
    assert policy_hash(POLICY) == digest(WRITTEN)
    assert refusals(POLICY) == ()
    assert changes(POLICY, POLICY) == ()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"null", b"[]", b"\xff", WRITTEN + b" ", WRITTEN.replace(b":5,", b": 5,"), WRITTEN.replace(b'"k":5', b'"k":5.0'), b"[" * 9000,
        with_field(more=1), with_field(k="5"), with_field(k=True), with_field(k=0), with_field(odds=0), with_field(retention_days=-1),
        with_field(questions=[]), with_field(questions=["use", "label"]), with_field(questions=["use", "use"]), with_field(exports=["otlp", "openmetrics"]),
        with_field(windows={}), with_field(windows={"x": 2}), with_field(windows={"05": 2}), with_field(windows={"5": 0}), with_field(windows={"5": 53}),
        with_field(windows={"\u0665": 2}), with_field(contact="x" * 201), with_field(team_name="x" * 81), with_field(names="no"),
    ],
)  # fmt: skip
def test_what_is_no_policy(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse(data)


@given(st.binary(max_size=40) | st.integers(0, len(WRITTEN) - 1).map(lambda cut: WRITTEN[:cut]))
def test_other_bytes_raise_nothing_else(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse(data)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"k": 4}, "4 people"), ({"odds": 8}, "8:1"), ({"retention_days": 15}, "15 days"), ({"names": True}, "names"), ({"cross_team": True}, "teams"),
        ({"questions": ("cost", "use")}, "cost"), ({"exports": ("csv",)}, "csv"), ({"schema": "tokenpal-share/2"}, "tokenpal-share/2"),
        ({"windows": {"5": 1}}, "single weeks"),
    ],
)  # fmt: skip
def test_a_policy_that_is_too_wide_is_refused(fields: dict[str, Any], said: str) -> None:
    [sentence] = refusals(replace(POLICY, **fields))
    assert said in sentence


def test_the_ends_of_what_can_be_written() -> None:
    ends = replace(POLICY, k=1, odds=1, retention_days=0, contact="x" * 200, team_name="x" * 80, windows={"5": 1, "9999": 52})
    assert parse(encode_policy(ends)) == ends


def test_narrower_policies_are_fine() -> None:
    assert refusals(replace(POLICY, k=9, odds=1, retention_days=0, questions=("use",), exports=(), windows={"5": 52})) == ()


NARROW = Policy("a", False, ("otlp",), 6, False, 5, ("use",), 7, POLICY.schema, "b", {"5": 13, "8": 8})


@pytest.mark.parametrize(
    ("field", "value", "widens"),
    [
        ("contact", "c", False), ("team_name", "c", False), ("cross_team", True, True), ("names", True, True), ("k", 5, True), ("k", 7, False),
        ("odds", 6, True), ("odds", 4, False), ("retention_days", 8, True), ("retention_days", 6, False), ("questions", ("label", "use"), True),
        ("questions", ("label",), True), ("exports", (), False), ("exports", ("openmetrics", "otlp"), True), ("schema", "tokenpal-share/2", True),
        ("windows", {"5": 12, "8": 8}, True), ("windows", {"5": 13, "7": 8}, True), ("windows", {"5": 13, "8": 8, "32": 2}, True),
        ("windows", {"5": 13}, False), ("windows", {"5": 13, "9": 8}, False),
    ],
)  # fmt: skip
def test_each_change_says_whether_it_widens(field: str, value: Any, widens: bool) -> None:
    [change] = changes(NARROW, replace(NARROW, **{field: value}))
    assert (change.field, change.widens) == (field, widens)
    assert change.before != change.after


def test_changes_are_in_words() -> None:
    [change] = changes(POLICY, replace(POLICY, windows={"5": 2, "10": 3}))
    assert (change.before, change.after) == (
        "13 weeks from 5 people, 8 weeks from 8 people, 4 weeks from 16 people, 2 weeks from 32 people",
        "2 weeks from 5 people, 3 weeks from 10 people",
    )
    assert [(one.before, one.after) for one in changes(POLICY, replace(POLICY, names=True, exports=()))] == [("openmetrics, otlp", "nothing"), ("no", "yes")]


def test_weeks_of_a_window() -> None:
    assert [weeks(POLICY, n) for n in (0, 5, 7, 8, 15, 16, 31, 32, 500)] == [13, 13, 13, 8, 8, 4, 4, 2, 2]


def test_a_card_is_read_strictly() -> None:
    written = encode_card(CARD)
    assert parse_card(written) == CARD
    for wrong in (
        b"", b"{}", written + b"\n", written[:-1], written.replace(CARD.team.encode(), b"short"), written.replace(CARD.policy.encode(), b"G" * 64),
        written.replace(CARD.key.encode(), b"A" * 42), written.replace(b'"name"', b'"more":1,"name"'), encode_card(replace(CARD, name="x" * 81)),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            parse_card(wrong)
