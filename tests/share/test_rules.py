"""A hostile mailbox against the rules A1 to A8: each attack is refused by its rule, and passes once that rule is taken away."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from tests.share.teams import ENDPOINT, PEOPLE, POLICY, TEAM, WEEK, Person, joins, team, vouched
from tokenpal.share.protocol import roster as rosters
from tokenpal.share.protocol.epochs import answer_window, report_window, shifted
from tokenpal.share.protocol.manifest import Manifest, Release, make_manifest, manifest_of
from tokenpal.share.protocol.policy import changes, policy_hash, refusals
from tokenpal.share.protocol.roster import active, threshold
from tokenpal.share.protocol.sealing import envelope
from tokenpal.share.protocol.wire import NOTHING, Signed, hash_of, sign
from tokenpal.share.rules import RULES, Refused, Situation, check, left_out

EPOCH = shifted(WEEK, 4)
ME = PEOPLE[0]
KEY = ENDPOINT.public_key().public_bytes_raw()
SIZE = 9


@cache
def roster() -> rosters.Roster:
    return team(SIZE)


def sealed(
    person: Person, epoch: str = EPOCH, recipients: tuple[str, ...] = (), seed: bytes = b"s" * 32, among: rosters.Roster | None = None
) -> Signed:
    view = (among or roster()).at(epoch)
    to = recipients or tuple(sorted(view.keys))
    return envelope(
        {"label": 1, "use": 2}, [(one, view.keys[one]) for one in to], threshold(len(to)), seed, person.private,
        team=TEAM, epoch=epoch, head=view.head, policy=policy_hash(POLICY),
    )  # fmt: skip


@cache
def honest_envelope(number: int, epoch: str = EPOCH) -> Signed:
    return sealed(PEOPLE[number], epoch)


def signed_manifest(epoch: str, people: tuple[int, ...], published: tuple[Manifest, ...]) -> Signed:
    reports = [(PEOPLE[one].id, hash_of(honest_envelope(one, epoch))) for one in people]
    body = make_manifest(roster(), published, epoch, policy_hash(POLICY), reports, NOTHING)
    assert body is not None
    return sign(body, ENDPOINT)


@cache
def before() -> tuple[Manifest, ...]:
    """The manifest of the week before, in which everybody was."""
    return (manifest_of(signed_manifest(shifted(EPOCH, -1), tuple(range(SIZE)), ()), KEY),)


@cache
def honest() -> Situation:
    """All is well: eight of nine reported, mine is among them, it is Thursday."""
    return Situation(
        now=answer_window(EPOCH).start + 60,
        sharing=True,
        manifest=signed_manifest(EPOCH, tuple(range(8)), before()),
        endpoint=KEY,
        envelopes=tuple(honest_envelope(one) for one in range(8)),
        roster=roster(),
        head=roster().at(EPOCH).head,
        policy=POLICY,
        my_report=hash_of(honest_envelope(0)),
        published=before(),
        releases=(),
        seen={},
    )


def shown(**fields: Any) -> Situation:
    """The endpoint shows and signs something else."""
    return replace(honest(), manifest=sign({**honest().manifest.body, **fields}, ENDPOINT))


def reports(*people: int) -> list[list[str]]:
    return sorted([PEOPLE[one].id, hash_of(honest_envelope(one))] for one in people)


# --------------------------------------------------------------------------------------------------------- the attacks


def second_manifest() -> Situation:
    return replace(shown(reports=reports(*range(7))), seen={EPOCH: hash_of(honest().manifest)})


def four_reports() -> Situation:
    """In a team of five, where four answers open a sum: only the number of people is wrong."""
    five = team(5)
    envelopes = tuple(sealed(one, among=five) for one in PEOPLE[:4])
    listed = sorted([one.id, hash_of(found)] for one, found in zip(PEOPLE[:4], envelopes))
    members = active(five, (), EPOCH)
    body = {
        **honest().manifest.body, "head": five.head, "m": 5, "t": 4, "members": list(members), "reports": listed, "after": NOTHING,
    }  # fmt: skip
    return replace(
        honest(), roster=five, head=five.head, manifest=sign(body, ENDPOINT), envelopes=envelopes, my_report=hash_of(envelopes[0]), published=(),
    )  # fmt: skip


def member_twice() -> Situation:
    again = sealed(PEOPLE[1], seed=b"z" * 32)
    listed = sorted([*reports(*range(6)), [PEOPLE[1].id, hash_of(again)]])
    return replace(shown(reports=listed), envelopes=(*honest().envelopes, again))


def report_twice() -> Situation:
    return shown(reports=sorted([*reports(*range(6)), *reports(1)]))


def stranger_reports() -> Situation:
    made_up = sealed(PEOPLE[20])
    listed = sorted([*reports(*range(7)), [PEOPLE[20].id, hash_of(made_up)]])
    return replace(shown(reports=listed), envelopes=(*honest().envelopes, made_up))


def report_in_my_colleagues_name() -> Situation:
    """Made by the endpoint to know all but one of the summed vectors."""
    good = honest_envelope(1)
    made_up = sign(good.body, ENDPOINT)
    listed = sorted([*reports(0, *range(2, 8)), [PEOPLE[1].id, hash_of(made_up)]])
    return replace(shown(reports=listed), envelopes=(*honest().envelopes, made_up))


def report_of_another_member() -> Situation:
    """One member's envelope stands for two."""
    listed = [[member, hash_of(honest_envelope(2)) if member == PEOPLE[1].id else name] for member, name in reports(*range(8))]
    return shown(reports=listed)


def report_of_somebody_inactive() -> Situation:
    """Of the team, but not of those to whom reports are sealed."""
    return in_small_team(8, *range(7), 8)


def reports_out_of_order() -> Situation:
    return shown(reports=reports(*range(8))[::-1])


def old_report() -> Situation:
    old = honest_envelope(1, shifted(EPOCH, -1))
    listed = sorted([*reports(0, *range(2, 8)), [PEOPLE[1].id, hash_of(old)]])
    return replace(shown(reports=listed), envelopes=(*honest().envelopes, old))


def report_that_is_not_shown() -> Situation:
    return replace(honest(), envelopes=honest().envelopes[:-1])


def report_of_another_size() -> Situation:
    small = sealed(PEOPLE[1], recipients=active(roster(), before(), EPOCH)[:5])
    listed = sorted([*reports(0, *range(2, 8)), [PEOPLE[1].id, hash_of(small)]])
    return replace(shown(reports=listed), envelopes=(*honest().envelopes, small))


def wrong_signature() -> Situation:
    return replace(honest(), manifest=PEOPLE[1].sign(honest().manifest.body))


def no_manifest_at_all() -> Situation:
    return shown(reports="none")


def other_roster() -> Situation:
    return shown(head=hash_of(roster().entries[3]))


def other_team() -> Situation:
    return shown(team=PEOPLE[3].id)


def roster_changed_afterwards() -> Situation:
    """The endpoint and a joiner append an entry of a week that is over."""
    longer = rosters.extend(roster(), [joins(roster(), PEOPLE[9], WEEK, vouched(PEOPLE[9], PEOPLE[:2]), 2)])
    return replace(honest(), roster=longer)


def wider_policy() -> Situation:
    return shown(policy=policy_hash(replace(POLICY, retention_days=400)))


def mine_missing() -> Situation:
    return shown(reports=reports(*range(1, 8)))


def mine_exchanged() -> Situation:
    """My own report, but not the one that I sent last."""
    return replace(honest(), my_report=hash_of(sealed(ME, seed=b"y" * 32)))


def i_sent_none() -> Situation:
    return replace(honest(), my_report="")


def ghost_among_members() -> Situation:
    members = sorted([*active(roster(), before(), EPOCH)[:8], PEOPLE[20].id])
    kept = [one for one in range(8) if PEOPLE[one].id in members]
    return shown(members=members, reports=reports(*kept))


def lower_threshold() -> Situation:
    return shown(t=4)


def fewer_than_the_threshold() -> Situation:
    return shown(reports=reports(*range(5)))


def other_m() -> Situation:
    return shown(m=SIZE - 1)


def starved_team() -> Situation:
    """Five of nine were left out of two manifests, so that the other five are all who count."""
    return in_small_team(5)


def too_late() -> Situation:
    return replace(honest(), now=answer_window(EPOCH).end)


def too_early() -> Situation:
    return replace(honest(), now=report_window(EPOCH).end - 1)


def replayed_epoch() -> Situation:
    return replace(honest(), now=answer_window(shifted(EPOCH, 1)).start + 60)


def unchained() -> Situation:
    return shown(after="ab" * 32)


def forgotten_manifest() -> Situation:
    return shown(after=NOTHING)


def other_release() -> Situation:
    return shown(release="ab" * 32)


def forgotten_release() -> Situation:
    release = Release("release", TEAM, shifted(EPOCH, -1), NOTHING, 5, 5, (5, 0, 0, 0, 5, 0, 0), (), NOTHING, "cd" * 32)
    return replace(honest(), releases=(release,))


def paused() -> Situation:
    return replace(honest(), sharing=False)


ATTACKS: dict[str, tuple[Callable[[], Situation], ...]] = {
    "A1": (second_manifest,),
    "A2": (
        four_reports, member_twice, report_twice, stranger_reports, report_in_my_colleagues_name, report_of_another_member, old_report,
        report_that_is_not_shown, report_of_another_size, report_of_somebody_inactive, reports_out_of_order,
    ),
    "A3": (other_roster, other_team, roster_changed_afterwards, wider_policy),
    "A4": (mine_missing, mine_exchanged, i_sent_none),
    "A5": (ghost_among_members, lower_threshold, fewer_than_the_threshold, other_m, starved_team),
    "A6": (too_late, too_early, replayed_epoch),
    "A7": (unchained, forgotten_manifest, other_release, forgotten_release),
    "A8": (paused,),
}  # fmt: skip
BY_NAME = [(rule, attack) for rule, attacks in ATTACKS.items() for attack in attacks]


# ------------------------------------------------------------------------------------- a team that was made to shrink


def in_small_team(size: int, *reporting: int) -> Situation:
    """Two manifests held everybody, then two held ``size`` people only: as the endpoint tells it. ``reporting``: else all of them."""
    people = reporting or tuple(range(size))
    known = small_history(size)
    members = active(roster(), known, EPOCH)
    envelopes = tuple(sealed(PEOPLE[one], recipients=members) for one in people)
    listed = sorted([PEOPLE[one].id, hash_of(found)] for one, found in zip(people, envelopes))
    fields = {"m": size, "t": threshold(size), "members": list(members), "reports": listed, "after": known[-1].hash}
    manifest = sign({**honest().manifest.body, **fields}, ENDPOINT)
    return replace(honest(), published=known, manifest=manifest, envelopes=envelopes, my_report=hash_of(envelopes[0]))


@cache
def small_history(size: int) -> tuple[Manifest, ...]:
    known: list[Manifest] = []
    for weeks, people in ((-4, SIZE), (-3, SIZE), (-2, size), (-1, size)):
        epoch = shifted(EPOCH, weeks)
        members = active(roster(), known, epoch)
        known.append(Manifest(
            "manifest", TEAM, epoch, roster().at(epoch).head, policy_hash(POLICY), len(members), threshold(len(members)), members,
            tuple(sorted((one.id, NOTHING) for one in PEOPLE[:people])), known[-1].hash if known else NOTHING, NOTHING, f"{weeks + 9:064}",
        ))  # fmt: skip
    return tuple(known)


# ------------------------------------------------------------------------------------------------------------- tests


def without(rule: str) -> dict[str, Callable[[Situation, Manifest], str]]:
    return {name: (lambda situation, manifest: "") if name == rule else kept for name, kept in RULES.items()}


def refused_by(situation: Situation, rules: Any = None) -> str:
    try:
        check(situation, rules)
    except Refused as refused:
        return refused.rule if refused.sentence.endswith(".") else "no sentence"
    return ""


def test_an_honest_manifest_is_answered() -> None:
    assert check(honest()) == manifest_of(honest().manifest, KEY)
    assert refused_by(replace(honest(), seen={EPOCH: hash_of(honest().manifest)})) == "", "the same one again"
    assert refused_by(replace(honest(), now=answer_window(EPOCH).end - 1)) == ""


def test_as_few_and_as_many_as_can_be() -> None:
    """Five of five and of six; all of nine; two thirds of those who were active are just enough."""
    assert refused_by(in_small_team(6)) == ""
    assert refused_by(in_small_team(6, *range(5))) == ""
    assert refused_by(in_small_team(SIZE)) == ""
    assert refused_by(in_small_team(5), without("A5")) == ""


def test_manifests_and_releases_of_this_week_are_no_history_yet() -> None:
    own = manifest_of(honest().manifest, KEY)
    release = Release("release", TEAM, EPOCH, own.hash, 8, 9, (8, 0, 0, 0, 8, 0, 0), (), NOTHING, "cd" * 32)
    assert refused_by(replace(honest(), published=(*before(), own), releases=(release,))) == ""


@pytest.mark.parametrize(("rule", "attack"), BY_NAME, ids=lambda one: getattr(one, "__name__", one))
def test_each_attack_is_refused_by_its_rule(rule: str, attack: Callable[[], Situation]) -> None:
    assert refused_by(attack()) == rule


@pytest.mark.parametrize("rule", sorted(RULES))
def test_without_a_rule_an_attack_passes(rule: str) -> None:
    passing = [attack.__name__ for attack in ATTACKS[rule] if not refused_by(attack(), without(rule))]
    assert passing, f"no attack shows that {rule} is needed"


@pytest.mark.parametrize("situation", [wrong_signature, no_manifest_at_all])
def test_what_the_endpoint_did_not_sign_is_no_manifest(situation: Callable[[], Situation]) -> None:
    assert refused_by(situation()) == "A2"


def test_every_rule_is_looked_at() -> None:
    assert sorted(RULES) == sorted(ATTACKS) == [f"A{number}" for number in range(1, 9)]


def test_a_signed_leave_is_no_shrinking() -> None:
    """Four of nine leave: five of five are still there."""
    small = in_small_team(5)
    assert refused_by(small) == "A5"
    left = roster()
    for one in PEOPLE[5:SIZE]:
        left = rosters.extend(left, [one.sign(rosters.leave_body(left.size, left.head, TEAM, EPOCH, one.id))])
    situation = replace(small, roster=left, head=left.head)
    assert RULES["A5"](situation, manifest_of(small.manifest, KEY)) == ""


def test_strangers_do_not_make_up_for_the_starved() -> None:
    """As many members as before, but not the same ones."""
    late = shifted(EPOCH, -2)
    grown = roster()
    for one in PEOPLE[9:13]:
        grown = rosters.extend(grown, [joins(grown, one, late, vouched(one, PEOPLE[:2]))])
    known = small_history(5)
    members = active(grown, known, EPOCH)
    assert len(members) == SIZE
    body = {**honest().manifest.body, "m": SIZE, "t": threshold(SIZE), "members": list(members), "reports": reports(*range(6))}
    manifest = manifest_of(sign(body, ENDPOINT), KEY)
    sentence = RULES["A5"](replace(honest(), roster=grown, published=known), manifest)
    assert "third" in sentence


def test_a_wider_policy_is_a_change_that_widens() -> None:
    wide = replace(POLICY, retention_days=400)
    assert [(one.field, one.widens) for one in changes(POLICY, wide)] == [("retention_days", True)]
    assert refusals(wide)


def test_a_forged_join_with_one_voucher_is_no_roster() -> None:
    ghost = joins(roster(), PEOPLE[9], EPOCH, vouched(PEOPLE[9], PEOPLE[:1]))
    with pytest.raises(rosters.RosterError) as error:
        rosters.extend(roster(), [ghost])
    assert error.value.rule == "R6"


def test_being_left_out_raises_an_alarm() -> None:
    manifest = manifest_of(mine_missing().manifest, KEY)
    assert EPOCH in left_out(manifest, honest().my_report)
    assert left_out(manifest, "") == ""
    assert left_out(manifest_of(honest().manifest, KEY), honest().my_report) == ""
