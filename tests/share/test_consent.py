"""When anything may be sent: the consent machine, against every order of events (sharing-protocol 5.2)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

import tokenpal
from tokenpal.share import consent
from tokenpal.share.consent import (
    Agreed,
    ConsentRecord,
    Declined,
    Left,
    Looked,
    Membership,
    Paused,
    Purpose,
    Refused,
    Resumed,
    Saw,
    Seen,
    Started,
    State,
    Tick,
    differences,
    managed_off,
    may_connect,
    may_send,
    step,
)
from tokenpal.share.protocol import epochs
from tokenpal.share.protocol.policy import Policy, default, encode_policy
from tokenpal.share.protocol.wire import SCHEMA

NOW: Final = 1_795_305_600  # a Sunday, 2026-11-22 00:00 UTC
DAY: Final = 86_400
POLICY: Final = default("Payments", "ask@team.example")
BOTH: Final = ("label", "use")
WIDER: Final[dict[str, dict[str, Any]]] = {
    "retention_days": {"retention_days": 14}, "odds": {"odds": 7}, "k": {"k": 5}, "exports": {"exports": ("openmetrics", "otlp")},
    "windows": {"windows": {"5": 13, "8": 8, "16": 4, "32": 2}},
}  # fmt: skip
NARROW: Final = replace(POLICY, k=6, odds=3, retention_days=7, exports=(), windows={"5": 26})


def text(policy: Policy) -> str:
    return encode_policy(policy).decode()


def seen(policy: Policy = POLICY, at: int = NOW, **other: Any) -> Seen:
    told: dict[str, Any] = {
        "url": "https://team.example", "team": "T" * 22, "key": "K" * 43, "name": policy.team_name, "policy": text(policy), "head": "a" * 64,
        "size": 8, "before": 8, "active": 8, "founded": True, "epoch": epochs.epoch_of(at), "at": at,
    }  # fmt: skip
    return Seen(**{**told, **other})


def previewing(**other: Any) -> Membership:
    return step(Membership(), Looked(seen(**other)))


def sharing(policy: Policy = POLICY, **other: Any) -> Membership:
    return step(previewing(policy=policy, **other), Started(BOTH, NOW, skip=True))


# ---------------------------------------------------------------------------------------------- the way in


def test_nothing_may_leave_before_the_person_starts() -> None:
    for membership in (Membership(), previewing(), step(previewing(), Declined(NOW))):
        assert not may_send(membership, False, NOW)
        assert not may_connect(membership, False, NOW)
        assert not may_connect(membership, False, NOW, Purpose.LEAVE)
        assert may_connect(membership, False, NOW, Purpose.LOOK)  # the person pressed the button


def test_the_preview_lasts_until_the_week_is_over_unless_it_is_skipped() -> None:
    membership = previewing()
    with pytest.raises(Refused, match="end of this week"):
        step(membership, Started(BOTH, NOW + DAY - 1))
    assert may_send(step(membership, Started(BOTH, NOW + DAY)), False, NOW + DAY)
    assert may_send(step(membership, Started(BOTH, NOW, skip=True)), False, NOW)


@pytest.mark.parametrize("ticks", [(), ("label",), ("use",), ("label", "use", "trend"), ("tokens",)])
def test_each_question_is_ticked_by_hand(ticks: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="every question"):
        step(previewing(), Started(ticks, NOW, skip=True))


def test_the_record_holds_what_was_agreed_to() -> None:
    record = sharing().consent
    told = seen()
    expected = ConsentRecord(SCHEMA, BOTH, told.team, told.url, told.key, told.policy, told.policy_hash, told.head, 8, NOW, "2026-W47")
    assert record == expected


@pytest.mark.parametrize(
    "policy",
    [
        replace(POLICY, k=4), replace(POLICY, odds=8), replace(POLICY, retention_days=15), replace(POLICY, names=True),
        replace(POLICY, cross_team=True), replace(POLICY, questions=("label", "tokens")), replace(POLICY, schema="tokenpal-share/2"),
    ],
)  # fmt: skip
def test_rules_that_nobody_takes_part_under(policy: Policy) -> None:
    with pytest.raises(Refused, match="does not take part") as found:
        previewing(policy=policy)
    assert found.value.next_step


@pytest.mark.parametrize("policy", ["", "{}", "no json", text(POLICY) + " ", "[" * 5000])
def test_a_policy_that_is_none(policy: str) -> None:
    with pytest.raises(Refused, match="not in a form"):
        step(Membership(), Looked(replace(seen(), policy=policy)))


def test_looking_again_at_the_same_terms_does_not_begin_the_week_anew() -> None:
    first = previewing()
    later = NOW + 2 * DAY
    assert step(first, Looked(seen(at=later))).since == first.since
    assert step(first, Looked(seen(replace(POLICY, k=6), at=later))).since == epochs.epoch_of(later)


# ---------------------------------------------------------------------------------------------- what widens


@pytest.mark.parametrize("field", WIDER)
def test_wider_terms_stop_sharing_and_name_the_field(field: str) -> None:
    start = sharing(policy=NARROW)
    wider = replace(NARROW, **WIDER[field])
    after = step(start, Saw(seen(wider)))
    assert after.state is State.STALE
    assert [change.field for change in after.changes] == [field]
    assert after.changes[0].before != after.changes[0].after
    assert not may_send(after, False, NOW)
    assert not may_connect(after, False, NOW)
    agreed = step(after, Agreed(BOTH, NOW + 1))
    assert may_send(agreed, False, NOW + 1)
    assert agreed.consent is not None
    assert agreed.consent.policy == text(wider)
    assert agreed.changes == ()


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("address", {"url": "https://other.example"}), ("key", {"key": "L" * 43}), ("team", {"team": "U" * 22}), ("members", {"size": 13}),
        ("active members", {"active": 4}),
    ],
)  # fmt: skip
def test_what_else_stops_sharing(field: str, told: dict[str, Any]) -> None:
    after = step(sharing(), Saw(seen(**told)))
    assert after.state is State.STALE
    assert [change.field for change in after.changes] == [field]
    assert not may_send(after, False, NOW)


def test_rules_that_turn_bad_cannot_be_agreed_to() -> None:
    after = step(sharing(), Saw(seen(replace(POLICY, k=4))))
    assert {"k", "policy"} == {change.field for change in after.changes}
    with pytest.raises(Refused):
        step(after, Agreed(BOTH, NOW))
    broken = step(sharing(), Saw(replace(seen(), policy="{}")))
    assert broken.state is State.STALE
    with pytest.raises(Refused):
        step(broken, Agreed(BOTH, NOW))


def test_a_new_schema_of_this_program_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    start = sharing()
    monkeypatch.setattr(consent, "SCHEMA", "tokenpal-share/2")
    assert not may_send(start, False, NOW)
    assert [change.field for change in step(start, Tick(NOW)).changes] == ["schema"]


def test_a_consent_of_26_weeks_is_the_oldest() -> None:
    start = sharing()
    for state in (start, step(start, Saw(seen(at=NOW + 26 * 7 * DAY)))):
        last = NOW + 26 * 7 * DAY
        assert may_send(state, False, last)
        assert step(state, Tick(last)).state is State.SHARING
        assert not may_send(state, False, last + 1)
        after = step(state, Tick(last + 1))
        assert (after.state, [change.field for change in after.changes]) == (State.STALE, ["consent"])
        again = step(after, Agreed(BOTH, last + 2))
        assert may_send(again, False, last + 2)


@pytest.mark.parametrize(("before", "size", "stale"), [(8, 12, False), (8, 13, True), (5, 7, False), (5, 8, True), (4, 7, False), (4, 8, True), (0, 5, False), (1, 9, True)])
def test_growth_within_a_week(before: int, size: int, stale: bool) -> None:
    start = sharing(size=before, before=before, at=NOW - 7 * DAY, founded=False)
    start = replace(start, consent=msgspec.structs.replace(start.consent, epoch="2026-W46"))
    after = step(start, Saw(seen(before=before, size=size)))
    assert (after.state is State.STALE) is stale
    if stale:
        agreed = step(after, Agreed(BOTH, NOW))
        assert step(agreed, Saw(seen(before=before, size=size))).state is State.SHARING  # the same growth does not ask twice
        assert step(agreed, Saw(seen(before=before, size=size * 2))).state is State.STALE


def test_waiting_while_a_team_is_founded_is_not_stale() -> None:
    start = sharing(size=1, before=0, active=1, founded=False)
    for size in range(1, 6):
        start = step(start, Saw(seen(size=size, before=0, active=size, founded=size >= 5)))
        assert may_send(start, False, NOW)
    assert step(start, Saw(seen(size=4, before=5, active=4))).state is State.STALE


def test_narrower_terms_are_noted_and_become_the_agreed_ones() -> None:
    after = step(sharing(), Saw(seen(NARROW)))
    assert may_send(after, False, NOW)
    assert {change.field for change in after.notices} == set(WIDER)
    assert step(after, Saw(seen(NARROW))) == after  # noted once
    assert step(after, Saw(seen(POLICY))).state is State.STALE  # and back is wider


def test_a_policy_that_differs_in_nothing_that_has_a_name_is_still_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "changes", lambda old, new: ())
    assert step(sharing(), Saw(seen(replace(POLICY, contact="x")))).state is State.STALE


def test_what_came_back_to_normal_still_asks() -> None:
    after = step(step(sharing(), Saw(seen(active=4))), Saw(seen()))
    assert after.state is State.STALE
    assert [change.field for change in after.changes] == ["active members"]
    assert may_send(step(after, Agreed(BOTH, NOW)), False, NOW)


def test_too_few_cannot_be_agreed_to() -> None:
    with pytest.raises(Refused, match="active members"):
        step(step(sharing(), Saw(seen(active=4))), Agreed(BOTH, NOW))


# ---------------------------------------------------------------------------------------------- the ways out


@pytest.mark.parametrize("weeks", [1, 4])
def test_a_pause_ends_by_itself(weeks: int) -> None:
    paused = step(sharing(), Paused(NOW, weeks))
    end = NOW + weeks * 7 * DAY
    assert not may_send(paused, False, end)
    assert step(paused, Tick(end - 1)) == paused
    assert may_send(step(paused, Tick(end)), False, end)


def test_a_pause_without_an_end() -> None:
    paused = step(sharing(), Paused(NOW))
    assert step(paused, Tick(NOW + 10**9)) == paused
    assert may_send(step(paused, Resumed(NOW + DAY)), False, NOW + DAY)
    assert step(paused, Resumed(NOW + 200 * DAY)).state is State.STALE  # the consent grew old meanwhile


def test_declining_and_leaving_keep_no_consent_and_stay() -> None:
    for event, state in ((Declined(NOW), State.DECLINED), (Left(NOW), State.LEFT)):
        for start in (sharing(), step(sharing(), Paused(NOW)), step(sharing(), Saw(seen(active=4)))):
            after = step(start, event)
            assert (after.state, after.consent) == (state, None)
            for later in (Started(BOTH, NOW, skip=True), Saw(seen()), Agreed(BOTH, NOW), Paused(NOW), Resumed(NOW)):
                with pytest.raises(Refused):
                    step(after, later)
            assert step(after, Tick(NOW + 10**8)) == after
            assert step(after, Looked(seen())).state is State.PREVIEW  # only a new invitation, and it starts from the beginning


# ---------------------------------------------------------------------------------------------- who manages the machine


@pytest.mark.parametrize(
    ("env", "managed", "off"),
    [
        ({}, "", False), ({"TOKENPAL_SHARING": "off"}, "", True), ({"TOKENPAL_SHARING": " OFF "}, "", True), ({"TOKENPAL_SHARING": "0"}, "", True),
        ({"TOKENPAL_SHARING": "on"}, "", False), ({"TOKENPAL_SHARING": ""}, "", False), ({}, 'sharing = "off"', True), ({}, "sharing = false", True),
        ({}, 'sharing = "on"', False), ({}, "sharing = true", False), ({}, "other = 1", False), ({}, "sharing = ", True), ({}, "sharing = 0", True),
        ({"TOKENPAL_SHARING": "on"}, 'sharing = "off"', True), ({"TOKENPAL_SHARING": "off"}, 'sharing = "on"', True),
    ],
)  # fmt: skip
def test_managed_configuration_forces_off_and_never_on(env: dict[str, str], managed: str, off: bool) -> None:
    assert managed_off(env, managed) is off
    for membership in (Membership(), previewing(), step(sharing(), Paused(NOW)), step(sharing(), Declined(NOW))):
        assert not may_send(membership, managed_off(env, managed), NOW)
    assert may_send(sharing(), managed_off(env, managed), NOW) is not off


def test_switched_off_there_is_no_way_in_and_no_connection() -> None:
    for start, event in (
        (Membership(), Looked(seen())), (previewing(), Started(BOTH, NOW, skip=True)), (step(sharing(), Paused(NOW)), Resumed(NOW)),
        (step(sharing(), Saw(seen(active=4))), Agreed(BOTH, NOW)),
    ):  # fmt: skip
        with pytest.raises(Refused, match="manages this machine"):
            step(start, event, managed=True)
    assert not any(may_connect(sharing(), True, NOW, purpose) for purpose in Purpose)
    assert step(sharing(), Declined(NOW), managed=True).state is State.DECLINED


def test_a_record_survives_the_store() -> None:
    for membership in (Membership(), previewing(), sharing(), step(sharing(policy=NARROW), Saw(seen()))):
        assert msgspec.json.decode(msgspec.json.encode(membership), type=Membership) == membership


@given(st.data())
def test_no_record_that_is_not_exact_sends(data: st.DataObject) -> None:
    """Whatever differs between the record and what was seen last, in one field or many, closes the gate or narrows."""
    start = sharing(policy=NARROW)
    assert start.consent is not None
    assert start.seen is not None
    junk = st.sampled_from(["", "x", "https://evil.example", text(POLICY), SCHEMA, "f" * 64])
    fields = data.draw(st.sets(st.sampled_from(["schema", "team", "url", "key", "policy_hash"]), min_size=1))
    bad = msgspec.structs.replace(start.consent, **{field: data.draw(junk) for field in fields})
    assert bad != start.consent
    assert not may_send(replace(start, consent=bad), False, NOW)


# ---------------------------------------------------------------------------------------------- every order of events


policies = st.sampled_from([POLICY, NARROW, replace(NARROW, k=5), replace(POLICY, k=4), replace(POLICY, contact="new"), replace(POLICY, odds=9)])


class Machine(RuleBasedStateMachine):
    """A model of its own says what the person agreed to; the gate may be open only under exactly that."""

    version = tokenpal.__version__

    def __init__(self) -> None:
        super().__init__()
        self.membership = Membership()
        self.now = NOW
        self.managed = False
        self.shown: Seen | None = None  # the terms on the person's screen
        self.agreed: Seen | None = None  # the terms under the person's last yes, None when there is none
        self.agreed_at = 0
        self.invited = False

    def attempt(self, event: consent.Event) -> bool:
        before = self.membership
        try:
            self.membership = step(before, event, managed=self.managed)
        except Refused:
            return False
        assert not (self.managed and isinstance(event, Looked | Started | Agreed | Resumed))
        return True

    @rule(days=st.sampled_from([0, 1, 7, 60, 182, 183]), tick=st.booleans())
    def time_passes(self, days: int, tick: bool) -> None:
        self.now += days * DAY
        if tick:
            self.attempt(Tick(self.now))

    @rule(env=st.sampled_from(["", "on", "off", "1"]), file=st.sampled_from(["", "", 'sharing = "on"', 'sharing = "off"']))
    def administrator(self, env: str, file: str) -> None:
        open_before = may_send(self.membership, False, self.now)
        self.managed = managed_off({"TOKENPAL_SHARING": env}, file)
        assert self.managed == (env == "off" or "off" in file)
        assert may_send(self.membership, self.managed, self.now) <= open_before  # may close it, never open it

    @rule(policy=policies, size=st.integers(1, 12))
    def looks(self, policy: Policy, size: int) -> None:
        told = seen(policy, self.now, size=size, before=size, active=size, founded=size >= 5)
        if self.attempt(Looked(told)):
            self.shown, self.agreed, self.invited = told, None, True

    @rule(ticks=st.sampled_from([BOTH, BOTH, ("label",), (), ("label", "tokens")]), skip=st.booleans())
    def starts(self, ticks: tuple[str, ...], skip: bool) -> None:
        if self.attempt(Started(ticks, self.now, skip=skip)):
            assert ticks == BOTH
            self.agreed, self.agreed_at = self.shown, self.now

    @rule(policy=st.sampled_from([POLICY, NARROW]))
    def joins(self, policy: Policy) -> None:
        """The usual way, so that most runs get past it."""
        self.looks_and_starts(policy)

    def looks_and_starts(self, policy: Policy) -> None:
        told = seen(policy, self.now)
        if self.attempt(Looked(told)):
            self.shown, self.agreed, self.invited = told, None, True
            if self.attempt(Started(BOTH, self.now, skip=True)):
                self.agreed, self.agreed_at = told, self.now

    @precondition(lambda self: self.membership.state in {State.SHARING, State.STALE})
    @rule(policy=policies)
    def visits(self, policy: Policy) -> None:
        self.sees(seen(policy, self.now))

    @precondition(lambda self: self.membership.state in {State.SHARING, State.STALE})
    @rule(
        told=st.sampled_from(["url", "key", "team", "head"]).map(lambda name: {name: "https://evil.example"})
        | st.fixed_dictionaries({"size": st.integers(1, 16), "before": st.integers(0, 12)})
        | st.fixed_dictionaries({"active": st.integers(0, 12)})
    )
    def visits_and_finds(self, told: dict[str, Any]) -> None:
        assert self.membership.seen is not None
        self.sees(replace(self.membership.seen, at=self.now, epoch=epochs.epoch_of(self.now), **told))

    def sees(self, told: Seen) -> None:
        if self.attempt(Saw(told)):
            self.shown = told

    @precondition(lambda self: self.membership.state is State.STALE)
    @rule(ticks=st.sampled_from([BOTH, BOTH, ()]))
    def agrees(self, ticks: tuple[str, ...]) -> None:
        if self.attempt(Agreed(ticks, self.now)):
            assert ticks == BOTH
            self.agreed, self.agreed_at = self.shown, self.now

    @rule(weeks=st.sampled_from([None, 0, 1, 4]))
    def pauses(self, weeks: int | None) -> None:
        self.attempt(Paused(self.now, weeks))

    @rule()
    def resumes(self) -> None:
        self.attempt(Resumed(self.now))

    @rule(leave=st.booleans())
    def goes(self, leave: bool) -> None:
        if self.attempt(Left(self.now) if leave else Declined(self.now)):
            self.agreed = None

    @invariant()
    def nothing_is_sent_but_under_the_exact_consent(self) -> None:
        if not may_send(self.membership, self.managed, self.now):
            assert not may_connect(self.membership, self.managed, self.now)
            return
        record, told = self.membership.consent, self.membership.seen
        assert self.membership.state is State.SHARING
        assert not self.managed
        assert self.invited
        assert self.agreed is not None
        assert record is not None
        assert told is not None
        assert record.at == self.agreed_at
        assert self.now - record.at <= 26 * 7 * DAY
        assert (record.url, record.key, record.team) == (self.agreed.url, self.agreed.key, self.agreed.team) == (told.url, told.key, told.team)
        assert record.policy == told.policy
        rules, yes = (msgspec.json.decode(one, type=Policy) for one in (told.policy, self.agreed.policy))
        assert rules.k >= yes.k >= 5
        assert rules.odds <= yes.odds <= 7
        assert rules.retention_days <= yes.retention_days <= 14
        assert set(rules.exports) <= set(yes.exports)
        assert set(rules.questions) == set(record.questions)
        assert told.active >= 5 or not told.founded
        if told.before >= 5 and told.epoch != record.epoch:
            assert told.size <= 1.5 * told.before

    @invariant()
    def only_a_changed_state_says_why(self) -> None:
        assert bool(self.membership.changes) == (self.membership.state is State.STALE)
        assert (self.membership.consent is not None) == (self.membership.state in {State.SHARING, State.PAUSED, State.STALE})
        if self.membership.state is State.SHARING and self.membership.consent and self.membership.seen:
            found = differences(self.membership.consent, self.membership.seen, self.membership.seen.at)
            assert not any(change.widens for change in found)


TestMachine = Machine.TestCase


class PreReleaseMachine(Machine):
    """A pre-release build behaves the same: nothing of the consent reads the version."""

    version = "9.0.0rc1"

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(tokenpal, "__version__", self.version)

    def teardown(self) -> None:
        self.patch.undo()


TestPreRelease = PreReleaseMachine.TestCase
