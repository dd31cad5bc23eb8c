"""Every rule of the roster chain, and that a damaged chain is never anything but refused or another chain."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from tests.share.teams import CARD, PEOPLE, TEAM, WEEK, founding, invited, joins, team, vouched, vouchers_for
from tokenpal.share.protocol import entries, roster as rosters
from tokenpal.share.protocol.entries import shape, usable
from tokenpal.share.protocol.epochs import shifted
from tokenpal.share.protocol.keys import signing_public
from tokenpal.share.protocol.roster import Roster, RosterError, active, extend, read, threshold
from tokenpal.share.protocol.wire import NOTHING, Signed, b64, canonical, decode, encode, hash_of, sign

cached = cache(team)
LATER = shifted(WEEK, 1)


def broken(roster: Roster, entry: Signed, rule: str, **bounds: str) -> None:
    with pytest.raises(RosterError) as error:
        extend(roster, [entry], **bounds)
    assert error.value.rule == rule, error.value.sentence
    assert error.value.sentence.endswith(".")


def keys_entry(roster: Roster, person: int, epoch: str, keys: dict[str, bytes], build: Callable[..., Any] = rosters.keys_body) -> Signed:
    one = PEOPLE[person]
    return one.sign(build(roster.size, roster.head, TEAM, epoch, one.id, keys))


def leaves(roster: Roster, person: int, epoch: str) -> Signed:
    one = PEOPLE[person]
    return one.sign(rosters.leave_body(roster.size, roster.head, TEAM, epoch, one.id))


def far(person: int, week: str) -> dict[str, bytes]:
    return {week: PEOPLE[person].keys(week, 1)[week]}


def changed(signed: Signed, person: int, **fields: Any) -> Signed:
    return PEOPLE[person].sign({**signed.body, **fields})


# ------------------------------------------------------------------------------------------------------------ founding


def test_a_team_is_founded_and_grows() -> None:
    roster = cached(7)
    assert roster.founder == PEOPLE[0].id
    assert len(roster.present) == 7
    founders = {one.id for one in PEOPLE[:5]}
    assert roster.at(WEEK).members.keys() == founders
    assert roster.at(LATER).members.keys() == founders
    assert roster.at(shifted(WEEK, 2)).members.keys() == {one.id for one in PEOPLE[:7]}
    assert roster.at(WEEK).head == roster.head == hash_of(roster.entries[-1])
    assert roster.at(shifted(WEEK, -1)) == rosters.View(shifted(WEEK, -1), NOTHING, {}, {})


def test_reading_all_is_extending_one_by_one() -> None:
    roster = cached(7)
    assert read(roster.entries, CARD) == roster
    assert extend(read(roster.entries[:3], CARD), roster.entries[3:]) == roster
    assert extend(roster, []) == roster


def test_a_late_founder_counts_at_once_and_a_sixth_never() -> None:
    roster = cached(4)
    roster = extend(roster, [joins(roster, PEOPLE[4], LATER, vouchers_for(4))])
    assert PEOPLE[4].id in roster.at(LATER).members
    roster = extend(roster, [leaves(roster, 4, LATER)])
    roster = extend(roster, [joins(roster, PEOPLE[5], LATER, vouched(PEOPLE[5], PEOPLE[:2]))])
    assert PEOPLE[5].id not in roster.at(shifted(LATER, 1)).members, "a place that became free founds nothing"
    assert PEOPLE[5].id in roster.at(shifted(LATER, 2)).members


@pytest.mark.parametrize(
    ("size", "vouchers"),
    [
        (0, []),
        (0, invited(PEOPLE[0], PEOPLE[0], b"i" * 32)),
        (0, founding(PEOPLE[1])),
        (0, founding(PEOPLE[0]) * 2),
        (0, [{**founding(PEOPLE[0])[0], "more": ""}]),
        (1, founding(PEOPLE[1])),
        (1, []),
        (1, invited(PEOPLE[1], PEOPLE[1], b"i" * 32)),  # a joiner invites itself
        (2, invited(PEOPLE[2], PEOPLE[1], b"i" * 32)),  # only the founder invites
        (2, [{**invited(PEOPLE[2], PEOPLE[0], b"i" * 32)[0], "key": "A" * 43}]),
        (2, [{**invited(PEOPLE[2], PEOPLE[0], b"i" * 32)[0], "key": "short"}]),
        (2, [{"by": "invite"}]),
        (2, [{**invited(PEOPLE[2], PEOPLE[0], b"i" * 32)[0], "more": ""}]),
        (5, [{**one, "more": ""} for one in vouched(PEOPLE[5], PEOPLE[:2])]),
        (2, invited(PEOPLE[1], PEOPLE[0], b"j" * 32)),  # for somebody else
        (2, invited(PEOPLE[2], PEOPLE[0], hashlib.sha256(b"invite 1").digest())),  # used once already
        (5, invited(PEOPLE[5], PEOPLE[0], b"i" * 32)),  # founding is over
        (5, vouched(PEOPLE[5], PEOPLE[:1])),
        (5, vouched(PEOPLE[5], [PEOPLE[0], PEOPLE[0]])),
        (5, vouched(PEOPLE[5], PEOPLE[:3])),
        (5, vouched(PEOPLE[5], [PEOPLE[0], PEOPLE[5]])),  # itself
        (5, vouched(PEOPLE[5], [PEOPLE[0], PEOPLE[9]])),  # a stranger
        (5, vouched(PEOPLE[6], PEOPLE[:2])),  # for somebody else
        (5, [{**one, "by": PEOPLE[3].id} for one in vouched(PEOPLE[5], PEOPLE[:2])]),
        (5, [{}, {}]),
    ],
)
def test_a_join_needs_its_vouchers(size: int, vouchers: list[dict[str, str]]) -> None:
    roster = cached(size)
    broken(roster, joins(roster, PEOPLE[size], WEEK, vouchers), "R6")


def test_two_members_may_vouch_also_while_founding() -> None:
    """Else a team whose founder left early could never be completed."""
    roster = cached(3)
    roster = extend(roster, [leaves(roster, 0, WEEK)])
    gone = invited(PEOPLE[3], PEOPLE[0], b"i" * 32)
    broken(roster, joins(roster, PEOPLE[3], WEEK, gone), "R6")
    roster = extend(roster, [joins(roster, PEOPLE[3], WEEK, vouched(PEOPLE[3], PEOPLE[1:3]))])
    assert PEOPLE[3].id in roster.at(WEEK).members


def test_who_left_vouches_no_more() -> None:
    roster = cached(6)
    roster = extend(roster, [leaves(roster, 1, WEEK)])
    broken(roster, joins(roster, PEOPLE[6], WEEK, vouched(PEOPLE[6], PEOPLE[1:3])), "R6")


def test_an_invitation_fits_its_founder_only_and_once() -> None:
    key, given = signing_public(b"i" * 32), invited(PEOPLE[2], PEOPLE[0], b"i" * 32)[0]["given"]
    assert rosters.invite_fits(cached(2), key, given)
    assert not rosters.invite_fits(cached(0), key, given)
    assert not rosters.invite_fits(cached(2), signing_public(b"j" * 32), given)
    used = extend(cached(2), [joins(cached(2), PEOPLE[2], WEEK, invited(PEOPLE[2], PEOPLE[0], b"i" * 32))])
    assert not rosters.invite_fits(used, key, given)


# --------------------------------------------------------------------------------------------------------- the chain


def test_an_entry_follows_the_one_before() -> None:
    roster = cached(5)
    entry = joins(roster, PEOPLE[5], WEEK, vouchers_for(5))
    for fields in ({"n": 4}, {"n": 6}, {"prev": NOTHING}, {"prev": "0"}, {"team": b64(b"another team   .")}):
        broken(roster, changed(entry, 5, **fields), "R2")


def test_an_entry_is_signed_by_whom_it_is_about() -> None:
    roster = cached(5)
    entry = joins(roster, PEOPLE[5], WEEK, vouchers_for(5))
    broken(roster, changed(entry, 6), "R4")
    broken(roster, Signed(entry.body, ""), "R4")
    broken(roster, Signed(entry.body, "A" * 86), "R4")
    broken(roster, changed(entry, 5, member=PEOPLE[6].id), "R4")
    stolen = PEOPLE[1].sign(rosters.leave_body(roster.size, roster.head, TEAM, WEEK, PEOPLE[0].id))
    broken(roster, stolen, "R4")


@pytest.mark.parametrize(
    "fields",
    [
        {"n": "5"}, {"n": True}, {"n": None}, {"prev": 1}, {"epoch": "2026-W54"}, {"epoch": "2026-40"}, {"epoch": 3}, {"more": 1},
        {"kind": "joins"}, {"kind": 1}, {"identity": "AAAA"}, {"identity": 7}, {"keys": []}, {"keys": {"2026-W40": 1}}, {"vouchers": {}},
        {"vouchers": [{"by": 1}]}, {"vouchers": ["x"]},
    ],
)  # fmt: skip
def test_an_entry_has_its_fields_and_no_other(fields: dict[str, Any]) -> None:
    roster = cached(5)
    broken(roster, changed(joins(roster, PEOPLE[5], WEEK, vouchers_for(5)), 5, **fields), "R1")


def test_missing_fields_and_bodies_that_are_none() -> None:
    roster = cached(5)
    entry = joins(roster, PEOPLE[5], WEEK, vouchers_for(5))
    for field in entry.body:
        broken(roster, Signed({name: value for name, value in entry.body.items() if name != field}, entry.sig), "R1")
    for body in ({}, {"kind": "join"}, {"kind": {}}, {1: 2}, [], None, {"kind": "join", "n": "\ud800"}):
        broken(roster, Signed(body, entry.sig), "R1")  # type: ignore[arg-type]  # what a careless caller might pass


def test_weeks_never_go_back_nor_ahead() -> None:
    roster = team(5, LATER)
    broken(roster, joins(roster, PEOPLE[5], WEEK, vouchers_for(5)), "R3")
    entry = joins(roster, PEOPLE[5], shifted(LATER, 1), vouchers_for(5))
    broken(roster, entry, "R3", present=LATER)
    assert extend(roster, [entry], present=shifted(LATER, 1)).size == 6
    broken(roster, joins(roster, PEOPLE[5], LATER, vouchers_for(5)), "R3", closed=LATER)
    assert extend(roster, [entry], closed=LATER).size == 6


def test_a_member_joins_once_and_leaves_for_good() -> None:
    roster = cached(6)
    broken(roster, joins(roster, PEOPLE[3], WEEK, vouched(PEOPLE[3], PEOPLE[:2])), "R5")
    broken(roster, keys_entry(roster, 9, WEEK, {}), "R5")
    gone = extend(roster, [leaves(roster, 3, LATER)])
    assert PEOPLE[3].id in gone.at(WEEK).members
    assert PEOPLE[3].id not in gone.at(LATER).members
    assert PEOPLE[3].id not in gone.present
    broken(gone, joins(gone, PEOPLE[3], LATER, vouched(PEOPLE[3], PEOPLE[:2])), "R5")
    broken(gone, leaves(gone, 3, LATER), "R5")
    broken(gone, keys_entry(gone, 3, LATER, {}, rosters.return_body), "R5")


# --------------------------------------------------------------------------------------------------------- weekly keys


def test_more_keys_come_and_none_changes() -> None:
    roster = cached(5)
    new = shifted(WEEK, 13)
    more = extend(roster, [keys_entry(roster, 1, LATER, PEOPLE[1].keys(new, 4))])
    assert more.at(new).keys.keys() == {PEOPLE[1].id}
    assert more.at(shifted(WEEK, 12)).keys.keys() == {one.id for one in PEOPLE[:5]}
    broken(roster, keys_entry(roster, 1, LATER, far(1, shifted(WEEK, 12))), "R7")
    broken(more, keys_entry(more, 1, shifted(LATER, 1), far(1, new)), "R7")


@pytest.mark.parametrize("build", [rosters.keys_body, rosters.return_body])
def test_keys_of_impossible_weeks_or_kinds(build: Callable[..., Any]) -> None:
    roster = team(5, WEEK)
    late = shifted(WEEK, 20)
    for keys in (
        far(1, shifted(late, -1)), far(1, shifted(late, 26)), PEOPLE[1].keys(late, 14), {late: b""}, {late: bytes(32)}, {late: b"\1" + bytes(31)},
        {"2026-W99": bytes(32)},
    ):  # fmt: skip
        broken(roster, keys_entry(roster, 1, late, keys, build), "R7")
    extend(roster, [keys_entry(roster, 1, late, far(1, shifted(late, 25)), build)])


def test_once_a_week() -> None:
    roster = cached(5)
    broken(roster, keys_entry(roster, 1, WEEK, {}), "R7")
    more = extend(roster, [keys_entry(roster, 1, LATER, far(1, shifted(WEEK, 13)))])
    broken(more, keys_entry(more, 1, LATER, far(1, shifted(WEEK, 14))), "R8")
    back = extend(more, [keys_entry(more, 1, LATER, {}, rosters.return_body)])
    broken(back, keys_entry(back, 1, LATER, {}, rosters.return_body), "R8")


def test_a_key_that_nobody_can_seal_to_is_refused() -> None:
    prime = 2**255 - 19
    weak = (0, 1, prime - 1, prime, prime + 1, 39382357235489614581723060781553021112529911719440698176882885853963445705823)
    for number in weak:
        with pytest.raises(ValueError, match="sealed"):
            usable(b64(number.to_bytes(32, "little")))


# ----------------------------------------------------------------------------------------------------- who is active


def published(week: str, *people: int) -> SimpleNamespace:
    return SimpleNamespace(epoch=week, reporters=frozenset(PEOPLE[one].id for one in people))


def numbers(found: tuple[str, ...]) -> set[int]:
    return {number for number, one in enumerate(PEOPLE) if one.id in found}


def test_all_are_active_until_two_manifests_are_out() -> None:
    roster, week = cached(7), shifted(WEEK, 2)
    assert active(roster, [], week) == tuple(sorted(one.id for one in PEOPLE[:7]))
    first = published(week, 0, 1, 2, 3, 4)
    assert numbers(active(roster, [first], shifted(week, 1))) == set(range(7))
    second = published(shifted(week, 1), 0, 1, 2, 3, 5)
    assert numbers(active(roster, [second, first], shifted(week, 2))) == {0, 1, 2, 3, 4, 5}
    assert numbers(active(roster, [first, second], shifted(week, 1))) == set(range(7)), "a manifest is not for its own week"


def test_silence_in_two_manifests_makes_inactive_and_a_return_active_again() -> None:
    roster, week = cached(7), shifted(WEEK, 5)
    old = [published(shifted(week, -3), *range(7)), published(shifted(week, -2), *range(6)), published(shifted(week, -1), *range(6))]
    assert numbers(active(roster, old, week)) == set(range(6))
    back = extend(roster, [keys_entry(roster, 6, week, {}, rosters.return_body)])
    assert numbers(active(back, old, week)) == set(range(6)), "a return counts from the next week"
    old.append(published(week, *range(6)))
    assert numbers(active(back, old, shifted(week, 1))) == set(range(7))
    old.append(published(shifted(week, 1), *range(6)))
    assert numbers(active(back, old, shifted(week, 2))) == set(range(7)), "as long as a join does"
    old.append(published(shifted(week, 2), *range(6)))
    assert numbers(active(back, old, shifted(week, 3))) == set(range(6))


def test_weeks_without_a_manifest_cost_nobody_the_place() -> None:
    roster = cached(7)
    old = [published(shifted(WEEK, 2), *range(5)), published(shifted(WEEK, 3), *range(5))]
    sixth = extend(roster, [joins(roster, PEOPLE[7], shifted(WEEK, 3), vouched(PEOPLE[7], PEOPLE[:2]))])
    assert numbers(active(sixth, old, shifted(WEEK, 4))) == set(range(5))
    for later in (5, 6, 9):
        assert numbers(active(sixth, old, shifted(WEEK, later))) == {0, 1, 2, 3, 4, 7}


def test_without_a_key_nobody_is_active() -> None:
    roster = cached(5)
    roster = extend(roster, [keys_entry(roster, 1, LATER, far(1, shifted(WEEK, 13)))])
    assert numbers(active(roster, [], shifted(WEEK, 13))) == {1}


def test_threshold() -> None:
    assert [threshold(m) for m in (0, 4, 5, 6, 7, 8, 9, 10, 25, 50)] == [4, 4, 4, 4, 5, 6, 6, 7, 17, 34]
    assert all(threshold(m) * 3 >= 2 * m and (threshold(m) - 1) * 3 < 2 * m for m in range(6, 400))


def test_four_words() -> None:
    words = {rosters.four_words(one.identity) for one in PEOPLE}
    assert len(words) == len(PEOPLE)
    assert all([len(word) for word in one.split("-")] == [5, 5, 5, 5] for one in words)
    assert "-".join(entries._proquint(bits) for bits in (0x7F00, 0x0001)) == "lusab-babad", "the example of the proquint proposal"


# ------------------------------------------------------------------------------------------------------- damaged chains

LONG = [encode(one) for one in (*cached(7).entries, leaves(cached(7), 2, LATER))]
HEAD = read([decode(one) for one in LONG], CARD).head


def outcome(chain: list[bytes]) -> str:
    """The head that these bytes lead to, or the rule that they break."""
    try:
        signed = [decode(one) for one in chain]
    except ValueError:
        return "not even an entry"
    try:
        return read(signed, CARD).head
    except RosterError as error:
        return error.rule


@given(st.data())
def test_a_flipped_bit_is_refused(data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(LONG) - 1))
    entry = bytearray(LONG[which])
    at, bit = data.draw(st.integers(0, len(entry) - 1)), data.draw(st.integers(0, 7))
    entry[at] ^= 1 << bit
    assert outcome([*LONG[:which], bytes(entry), *LONG[which + 1 :]]) in {"not even an entry", *(f"R{number}" for number in range(1, 9))}


@given(st.lists(st.integers(0, len(LONG) - 1), max_size=len(LONG) + 2))
def test_dropped_doubled_or_moved_entries_never_give_the_same_head(order: list[int]) -> None:
    found = outcome([LONG[one] for one in order])
    if order == list(range(len(LONG))):
        assert found == HEAD
    elif order == list(range(len(order))):
        assert found not in {HEAD, "R2"}, "the beginning of a chain is a chain"
    else:
        assert found == "R2"


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
FIELDS = ["kind", "n", "prev", "team", "epoch", "member", "identity", "keys", "vouchers", "other"]


@given(st.dictionaries(st.sampled_from(FIELDS), plain), st.text(max_size=9), st.booleans())
def test_any_body_gives_a_roster_error_and_nothing_else(fields: dict[str, Any], sig: str, resigned: bool) -> None:
    roster = cached(5)
    good = joins(roster, PEOPLE[5], WEEK, vouchers_for(5))
    body = {**good.body, **fields}
    entry = PEOPLE[5].sign(body) if resigned else Signed(body, sig)
    if canonical(body) == canonical(good.body) and resigned:
        return
    with pytest.raises(RosterError):
        extend(roster, [entry])


def test_shape_tells_the_kinds_apart() -> None:
    roster = cached(5)
    assert type(shape(leaves(roster, 1, WEEK).body)).__name__ == "Leave"
    assert msgspec.to_builtins(shape(leaves(roster, 1, WEEK).body)) == leaves(roster, 1, WEEK).body
    assert sign(leaves(roster, 1, WEEK).body, PEOPLE[1].private) == leaves(roster, 1, WEEK)
