"""Manifests, answers and releases: made by the endpoint, checked again by every member."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.share.teams import ENDPOINT, PEOPLE, POLICY, TEAM, WEEK, team
from tokenpal.share.protocol import shamir
from tokenpal.share.protocol.epochs import shifted
from tokenpal.share.protocol.manifest import (
    Manifest,
    Misbehaved,
    Release,
    answer_body,
    answer_of,
    history,
    make_manifest,
    make_release,
    manifest_of,
    release_history,
    release_of,
    verify_release,
)
from tokenpal.share.protocol.policy import policy_hash
from tokenpal.share.protocol.questions import one_hot
from tokenpal.share.protocol.roster import View
from tokenpal.share.protocol.sealing import envelope, share_sum
from tokenpal.share.protocol.wire import NOTHING, Signed, digest, hash_of, sign

KEY = ENDPOINT.public_key().public_bytes_raw()
RULES = policy_hash(POLICY)
SIZE = 6
ROSTER = team(SIZE, shifted(WEEK, -2))


def view(epoch: str = WEEK) -> View:
    return ROSTER.at(epoch)


def listed(*people: int) -> list[tuple[str, str]]:
    return [(PEOPLE[one].id, digest(b"report %d" % one)) for one in people]


def manifest(epoch: str = WEEK, people: tuple[int, ...] = (0, 1, 2, 3, 4), before: tuple[Manifest, ...] = (), release: str = NOTHING) -> Signed:
    body = make_manifest(ROSTER, before, epoch, RULES, listed(*people), release)
    assert body is not None
    return sign(body, ENDPOINT)


MANIFEST = manifest_of(manifest(), KEY)
TRUTHS = ((1, 0), (1, 2), (0, 2), (3, 1), (2, 2))  # label and use of the five who report
BINS = tuple(map(sum, zip(*(one_hot({"label": label, "use": use}) for label, use in TRUTHS))))


@cache
def answer(person: int, manifest: str = MANIFEST.hash, wrong: int = 0) -> Signed:
    """What an honest member answers, with plain shares."""
    shares = [shamir.split(one_hot({"label": label, "use": use}), 4, SIZE, bytes([n]) * 32, b"") for n, (label, use) in enumerate(TRUTHS)]
    x = MANIFEST.place(PEOPLE[person].id)
    numbers = list(shamir.add([one[x - 1] for one in shares]))
    numbers[0] = (numbers[0] + wrong) % shamir.PRIME
    return PEOPLE[person].sign({**answer_body(MANIFEST, PEOPLE[person].id, numbers), "manifest": manifest})


def released(*answers: Signed) -> Signed:
    body = make_release(MANIFEST, answers, view().members, NOTHING)
    assert body is not None
    return sign(body, ENDPOINT)


def test_a_week_from_envelopes_to_the_sum() -> None:
    """The real sealing, five reports of six members, four answers."""
    ordered = [(one, view().keys[one]) for one in MANIFEST.members]
    envelopes = [
        envelope({"label": label, "use": use}, ordered, 4, bytes([n]) * 32, PEOPLE[n].private, team=TEAM, epoch=WEEK, head=view().head, policy=RULES)
        for n, (label, use) in enumerate(TRUTHS)
    ]
    body = make_manifest(ROSTER, (), WEEK, RULES, [(PEOPLE[n].id, hash_of(one)) for n, one in enumerate(envelopes)], NOTHING)
    assert body is not None
    found = manifest_of(sign(body, ENDPOINT), KEY)
    answers = [
        one.sign(answer_body(found, one.id, share_sum(envelopes, one.id, one.key(WEEK), found.place(one.id)))) for one in PEOPLE[:4]
    ]
    sum_body = make_release(found, answers, view().members, NOTHING)
    assert sum_body is not None
    assert tuple(sum_body["bins"]) == BINS
    assert verify_release(sign(sum_body, ENDPOINT), found, answers, view().members, KEY).n == 5


def test_what_is_in_a_manifest() -> None:
    assert (MANIFEST.n, MANIFEST.m, MANIFEST.t, MANIFEST.team, MANIFEST.epoch) == (5, 6, 4, TEAM, WEEK)
    assert MANIFEST.head == view().head
    assert MANIFEST.members == tuple(sorted(one.id for one in PEOPLE[:SIZE]))
    assert [MANIFEST.place(one) for one in MANIFEST.members] == [1, 2, 3, 4, 5, 6]
    assert MANIFEST.hash == hash_of(manifest())


def test_too_few_reports_give_no_manifest() -> None:
    assert make_manifest(ROSTER, (), WEEK, RULES, listed(0, 1, 2, 3), NOTHING) is None
    assert make_manifest(ROSTER, (), WEEK, RULES, listed(0, 1, 2, 3, 9), NOTHING) is None, "a stranger's report counts for nothing"
    assert make_manifest(ROSTER, (), WEEK, RULES, listed(0, 1, 2, 3, 4), NOTHING, k=6) is None
    assert make_manifest(team(9, shifted(WEEK, -2)), (), WEEK, RULES, listed(0, 1, 2, 3, 4), NOTHING) is None, "six must answer"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "release"}, {"more": 1}, {"hash": MANIFEST.hash}, {"team": "x"}, {"epoch": "2026-W60"}, {"epoch": 1}, {"head": "x"}, {"policy": ""},
        {"after": "G" * 64}, {"release": "A" * 64}, {"m": "6"}, {"m": True}, {"reports": [["a"]]}, {"reports": [["a", "b"]]}, {"members": [1]},
    ],
)  # fmt: skip
def test_a_manifest_is_read_strictly(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        manifest_of(sign({**manifest().body, **fields}, ENDPOINT), KEY)


def test_signatures() -> None:
    with pytest.raises(ValueError):
        manifest_of(PEOPLE[1].sign(manifest().body), KEY)
    with pytest.raises(ValueError):
        answer_of(answer(1), PEOPLE[2].identity)
    with pytest.raises(ValueError):
        release_of(PEOPLE[1].sign(released(*map(answer, range(4))).body), KEY)


@pytest.mark.parametrize("numbers", [[0] * 6, [0] * 8, [-1] + [0] * 6, [shamir.PRIME] + [0] * 6, ["0"] * 7, [True] * 7])
def test_an_answer_is_seven_numbers_of_the_field(numbers: list[Any]) -> None:
    body = {**answer(1).body, "sum": numbers}
    with pytest.raises(ValueError):
        answer_of(PEOPLE[1].sign(body), PEOPLE[1].identity)


def test_any_four_answers_give_the_same_sum() -> None:
    for people in ((0, 1, 2, 3), (4, 2, 1, 0), (1, 2, 3, 4), (0, 1, 2, 3, 4)):
        answers = [answer(one) for one in people]
        assert tuple(released(*answers).body["bins"]) == BINS
        assert verify_release(released(*answers), MANIFEST, answers, view().members, KEY).bins == BINS


def test_what_is_no_answer_to_this_manifest_does_not_count() -> None:
    three = [answer(one) for one in range(3)]
    others = (
        answer(3, manifest=NOTHING),
        Signed(answer(3).body, answer(2).sig),
        PEOPLE[9].sign({**answer(3).body, "member": PEOPLE[9].id}),
        PEOPLE[5].sign({**answer(3).body, "member": PEOPLE[5].id}),  # active, but did not report
        PEOPLE[3].sign({**answer(3).body, "member": 3}),
        PEOPLE[3].sign({**answer(3).body, "epoch": shifted(WEEK, 1)}),
    )
    for other in others:
        assert make_release(MANIFEST, [*three, other], view().members, NOTHING) is None
    assert make_release(MANIFEST, [*three, answer(2)], view().members, NOTHING) is None, "the same answer twice is one"


def test_a_wrong_answer_stops_the_release() -> None:
    for answers in ([*map(answer, range(4)), answer(4, wrong=1)], [*map(answer, range(3)), answer(3, wrong=5)]):
        with pytest.raises(Misbehaved):
            make_release(MANIFEST, answers, view().members, NOTHING)
    with pytest.raises(Misbehaved, match="two different"):
        make_release(MANIFEST, [*map(answer, range(4)), answer(3, wrong=1)], view().members, NOTHING)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"bins": [1, 2, 1, 1, 2, 0, 3]}, Misbehaved),  # a possible sum, but another one
        ({"bins": [5, 5, 5, 5, 5, 5, 5]}, Misbehaved),
        ({"bins": [1, 2, 1, 1, 1, 1]}, ValueError),
        ({"n": 4}, ValueError),
        ({"n": 6}, Misbehaved),
        ({"m": 5}, ValueError),
        ({"manifest": NOTHING}, ValueError),
        ({"epoch": shifted(WEEK, 1)}, ValueError),
        ({"answers": []}, Misbehaved),
        ({"answers": [hash_of(answer(one)) for one in range(3)]}, Misbehaved),
        ({"after": "x"}, ValueError),
        ({"more": 1}, ValueError),
    ],
)
def test_a_wrong_release_is_noticed(fields: dict[str, Any], error: type[Exception]) -> None:
    answers = [answer(one) for one in range(4)]
    wrong = sign({**released(*answers).body, **fields}, ENDPOINT)
    with pytest.raises(error):
        verify_release(wrong, MANIFEST, answers, view().members, KEY)


def test_a_release_with_answers_withheld_cannot_be_checked() -> None:
    answers = [answer(one) for one in range(5)]
    with pytest.raises(Misbehaved, match="not there"):
        verify_release(released(*answers), MANIFEST, answers[:4], view().members, KEY)


# ------------------------------------------------------------------------------------------------------------ history


def chain(weeks: int, people: tuple[int, ...] = (0, 1, 2, 3, 4)) -> list[Signed]:
    signed: list[Signed] = []
    for week in range(weeks):
        known = history(signed, ROSTER, KEY)
        signed.append(manifest(shifted(WEEK, week), people, known))
    return signed


def test_a_history_of_manifests() -> None:
    signed = chain(4)
    known = history(signed, ROSTER, KEY)
    assert [one.epoch for one in known] == [shifted(WEEK, week) for week in range(4)]
    assert [one.m for one in known] == [6, 6, 5, 5], "who is not in two manifests is active no more"
    assert history(signed[2:], ROSTER, KEY, known[:2]) == known
    assert history([], ROSTER, KEY) == ()


@given(st.lists(st.integers(0, 3), max_size=5))
def test_a_history_has_one_order(order: list[int]) -> None:
    signed = [CHAIN[one] for one in order]
    if order == list(range(len(order))):
        assert len(history(signed, ROSTER, KEY)) == len(order)
    else:
        with pytest.raises(ValueError):
            history(signed, ROSTER, KEY)


CHAIN = chain(4)


@pytest.mark.parametrize(
    "fields",
    [
        {"head": NOTHING}, {"m": 5}, {"t": 5}, {"members": [one.id for one in PEOPLE[:5]]}, {"team": PEOPLE[0].id}, {"after": "ab" * 32},
        {"reports": [list(one) for one in listed(0, 1, 2, 3)]}, {"reports": sorted([list(one) for one in listed(0, 1, 2, 3, 3)])},
        {"reports": sorted([list(one) for one in listed(0, 1, 2, 3, 9)])},
    ],
)  # fmt: skip
def test_a_history_is_what_the_roster_says(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        history([sign({**CHAIN[0].body, **fields}, ENDPOINT)], ROSTER, KEY)


@pytest.mark.parametrize("weeks", [0, -1])
def test_a_history_does_not_go_back(weeks: int) -> None:
    """Well chained and as the roster says, but of the same week or an earlier one."""
    first = history(CHAIN[:1], ROSTER, KEY)
    body = {**CHAIN[0].body, "epoch": shifted(WEEK, weeks), "after": first[0].hash, "head": view(shifted(WEEK, weeks)).head}
    with pytest.raises(ValueError, match="does not follow"):
        history([sign(body, ENDPOINT)], ROSTER, KEY, first)


def test_a_release_names_hashes() -> None:
    body = released(*map(answer, range(4))).body
    for field in ("manifest", "after"):
        with pytest.raises(ValueError):
            release_of(sign({**body, field: "x" * 64}, ENDPOINT), KEY)


def test_a_history_of_releases() -> None:
    first = released(*map(answer, range(4)))
    second = sign({**first.body, "epoch": shifted(WEEK, 1), "after": hash_of(first)}, ENDPOINT)
    known = release_history([first, second], TEAM, KEY)
    assert all(isinstance(one, Release) for one in known)
    assert release_history([second], TEAM, KEY, known[:1]) == known
    for wrong in ([second], [second, first], [first, first], [first, sign({**first.body, "after": hash_of(first)}, ENDPOINT)]):
        with pytest.raises(ValueError):
            release_history(wrong, TEAM, KEY)
    with pytest.raises(ValueError):
        release_history([first], PEOPLE[0].id, KEY)
