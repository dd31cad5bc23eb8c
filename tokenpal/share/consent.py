"""When anything may be sent: the states of taking part, and the only two gates to the network (sharing-protocol 5.2).

Pure: no clock, no file, no network. ``step`` says what an event does to a membership; ``may_connect`` and ``may_send`` say
what follows for the network. Both look at the consent record itself, not only at the name of the state.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from tokenpal.model.errors import UsageError
from tokenpal.share.protocol import epochs
from tokenpal.share.protocol.policy import Change, Policy, changes, parse, refusals
from tokenpal.share.protocol.wire import SCHEMA, digest
from tokenpal.translation import mark

CONSENT_WEEKS: Final = 26
SMALLEST: Final = 5
SWITCH: Final = "TOKENPAL_SHARING"
WEEK: Final = 7 * 86_400


class State(StrEnum):
    """Where a membership stands."""

    NEVER_ASKED = "never asked"
    PREVIEW = "preview"  # the terms are known, real weeks are made and shown, nothing is sent
    SHARING = "sharing"
    PAUSED = "paused"
    STALE = "stale"  # something widened: nothing is sent before the person agrees again
    DECLINED = "declined"
    LEFT = "left"


class Refused(UsageError):
    """The event is not possible in this state."""

    title = mark("Sharing stays as it is")


class Seen(msgspec.Struct, frozen=True):
    """What the team's address said last. The caller has checked signatures, the chain and that the policy fits its hash."""

    url: str
    team: str
    key: str  # the endpoint's Ed25519 key, base64url
    name: str
    policy: str  # canonical JSON text
    head: str  # hash of the roster's last entry
    size: int  # members on the roster now
    before: int  # members at the end of the week before
    active: int  # m of this week
    founded: bool  # five members have counted at some time
    epoch: str
    at: int

    @property
    def policy_hash(self) -> str:
        return digest(self.policy.encode())


class ConsentRecord(msgspec.Struct, frozen=True):
    """What exactly the person agreed to, and when."""

    schema: str
    questions: tuple[str, ...]  # those that were ticked
    team: str
    url: str
    key: str
    policy: str  # canonical JSON text
    policy_hash: str
    head: str
    size: int
    at: int
    epoch: str


class Membership(msgspec.Struct, frozen=True):
    """All that decides about one team; kept as JSON in the store. It holds no key and no invitation."""

    state: State = State.NEVER_ASKED
    seen: Seen | None = None
    consent: ConsentRecord | None = None
    since: str = ""  # epoch in which the preview began
    paused_until: int | None = None  # epoch seconds; None in PAUSED: until resumed
    changes: tuple[Change, ...] = ()  # why it is STALE, field by field
    notices: tuple[Change, ...] = ()  # what narrowed since the consent; nothing to agree to
    at: int = 0  # when the state last changed


# ---------------------------------------------------------------------------------------------- events


class Looked(msgspec.Struct, frozen=True):
    """The person pasted an invitation and pressed the button, and the address answered."""

    seen: Seen


class Started(msgspec.Struct, frozen=True):
    """The person agreed to the terms that the preview shows. ``ticks``: question ids; ``skip``: without waiting a week."""

    ticks: tuple[str, ...]
    at: int
    skip: bool = False


class Saw(msgspec.Struct, frozen=True):
    """A visit, or the person's wish to look again while STALE, brought card, policy and roster."""

    seen: Seen


class Agreed(msgspec.Struct, frozen=True):
    """The person agreed to the changes that STALE shows."""

    ticks: tuple[str, ...]
    at: int


class Paused(msgspec.Struct, frozen=True):
    """``weeks`` None: until resumed."""

    at: int
    weeks: int | None = None


class Resumed(msgspec.Struct, frozen=True):
    at: int


class Declined(msgspec.Struct, frozen=True):
    at: int


class Left(msgspec.Struct, frozen=True):
    """A signed leave was posted, or the person leaves in silence; the caller wipes the keys."""

    at: int


class Tick(msgspec.Struct, frozen=True):
    """Time passed: a pause ends, a consent grows old."""

    at: int


Event = Looked | Started | Saw | Agreed | Paused | Resumed | Declined | Left | Tick


class Purpose(StrEnum):
    """Why a connection is wanted. Only VISIT happens by itself."""

    LOOK = "look"  # the person pasted an invitation, or looks again at a STALE team: card, policy and roster, without identity
    LEAVE = "leave"  # the person leaves
    VISIT = "visit"


# ---------------------------------------------------------------------------------------------- the gates


def managed_off(env: Mapping[str, str], managed: str) -> bool:
    """Whether the environment or the administrator's file (TOML text, "" = none) forces sharing off; nothing forces it on.

    A file that cannot be read as TOML, or a value other than "on", counts as off: who manages a machine wanted to say something.
    """
    switch = env.get(SWITCH, "").strip().casefold()
    if switch in {"off", "0", "no", "false"}:
        return True
    try:
        value = tomllib.loads(managed).get("sharing", "on")
    except tomllib.TOMLDecodeError:
        return True
    return value is not True and value != "on"


def may_connect(membership: Membership, managed: bool, now: int, purpose: Purpose = Purpose.VISIT) -> bool:
    """Whether a connection to the team's address may be opened at all."""
    if managed:
        return False
    if purpose is Purpose.LOOK:
        return True
    if purpose is Purpose.LEAVE:
        return membership.state in {State.SHARING, State.PAUSED, State.STALE}
    return may_send(membership, managed, now)


def may_send(membership: Membership, managed: bool, now: int) -> bool:
    """Whether anything signed may leave: SHARING, with a consent record that fits what was seen last, to the field."""
    if managed or membership.state is not State.SHARING or membership.consent is None or membership.seen is None:
        return False
    return membership.consent.policy_hash == membership.seen.policy_hash and not widened(membership.consent, membership.seen, now)


# ---------------------------------------------------------------------------------------------- what widens


def differences(consent: ConsentRecord, seen: Seen, now: int) -> tuple[Change, ...]:
    """Field by field, what is other than agreed; ``widens`` marks what needs to be agreed to again (sharing-protocol 5.2)."""
    found = [
        Change(field, before, after, widens=True)
        for field, before, after in (
            ("schema", consent.schema, SCHEMA),
            ("team", consent.team, seen.team),
            ("address", consent.url, seen.url),
            ("key", consent.key, seen.key),
        )
        if before != after
    ]
    found += _policy_changes(consent, seen)
    if _grown(consent, seen):
        found.append(Change("members", str(_base(consent, seen)), str(seen.size), widens=True))
    if seen.founded and seen.active < SMALLEST:
        found.append(Change("active members", f"at least {SMALLEST}", str(seen.active), widens=True))
    if now - consent.at > CONSENT_WEEKS * WEEK:
        found.append(Change("consent", f"at most {CONSENT_WEEKS} weeks old", f"{(now - consent.at) // WEEK} weeks old", widens=True))
    return tuple(found)


def widened(consent: ConsentRecord, seen: Seen, now: int) -> tuple[Change, ...]:
    """Those of the differences that stop sharing."""
    return tuple(change for change in differences(consent, seen, now) if change.widens)


def _policy_changes(consent: ConsentRecord, seen: Seen) -> list[Change]:
    if consent.policy_hash == seen.policy_hash:
        return []
    new = _policy(seen)
    if new is None:
        return [Change("policy", consent.policy_hash, "not a policy of this schema", widens=True)]
    found = list(changes(parse(consent.policy.encode()), new))
    found += [Change("policy", "", sentence, widens=True) for sentence in refusals(new)]
    # Nothing that can be named differs, yet the hash does: it is not what was agreed to.
    return found or [Change("policy", consent.policy_hash, seen.policy_hash, widens=True)]


def _policy(seen: Seen) -> Policy | None:
    try:
        return parse(seen.policy.encode())
    except (ValueError, UsageError):
        return None


def _base(consent: ConsentRecord, seen: Seen) -> int:
    """The size that growth within this week counts from: what was agreed to in this week, or last week's."""
    return consent.size if consent.epoch == seen.epoch else seen.before


def _grown(consent: ConsentRecord, seen: Seen) -> bool:
    """More than half as many again within one week; a team that is being founded grows to its five and some by nature."""
    return 2 * seen.size > 3 * max(_base(consent, seen), SMALLEST)


# ---------------------------------------------------------------------------------------------- the machine


def step(membership: Membership, event: Event, *, managed: bool = False) -> Membership:
    """The membership after the event. Raises ``Refused``, with what the person can do; then nothing has changed."""
    match event:
        case Looked():
            return _looked(membership, event, managed)
        case Started():
            return _started(membership, event, managed)
        case Saw():
            return _saw(membership, event)
        case Agreed():
            return _agreed(membership, event, managed)
        case Paused():
            return _paused(membership, event)
        case Resumed():
            if membership.state is not State.PAUSED:
                raise Refused("Sharing is not paused.")
            _unless_managed(managed)
            return _settled(replace(membership, state=State.SHARING, paused_until=None, at=event.at), event.at)
        case Declined():
            return Membership(State.DECLINED, seen=membership.seen, at=event.at)
        case Left():
            if membership.state not in {State.SHARING, State.PAUSED, State.STALE}:
                raise Refused("You share with no team.")
            return Membership(State.LEFT, seen=membership.seen, at=event.at)
        case Tick():
            return _ticked(membership, event)


def _unless_managed(managed: bool) -> None:
    if managed:
        raise Refused("Sharing is switched off by whoever manages this machine.", f"Ask them; it is {SWITCH} or a settings file of theirs.")


def _looked(membership: Membership, event: Looked, managed: bool) -> Membership:
    """Also from DECLINED and LEFT: pasting an invitation is the person's own new beginning. Nothing of before is kept."""
    _unless_managed(managed)
    if membership.state in {State.SHARING, State.PAUSED, State.STALE}:
        raise Refused("You are in this team already.", "Leave it first to start anew.")
    policy = _policy(event.seen)
    if policy is None:
        raise Refused("The team's rules are not in a form that this version knows.", "Update tokenpal, or ask whoever runs the team's address.")
    if found := refusals(policy):
        raise Refused(f"tokenpal does not take part under these rules: {found[0]}", "Ask whoever runs the team's address to change them.")
    again = membership.state is State.PREVIEW and membership.seen is not None and membership.seen.policy == event.seen.policy
    return Membership(State.PREVIEW, seen=event.seen, since=membership.since if again else event.seen.epoch, at=event.seen.at)


def _started(membership: Membership, event: Started, managed: bool) -> Membership:
    _unless_managed(managed)
    if membership.state is not State.PREVIEW or membership.seen is None:
        raise Refused("There is no preview to start from.", "Paste an invitation first.")
    if not event.skip and epochs.distance(membership.since, epochs.epoch_of(event.at)) < 1:
        raise Refused("The preview lasts until the end of this week.", "Wait for it, or skip it.")
    return _consented(membership, membership.seen, event.ticks, event.at)


def _agreed(membership: Membership, event: Agreed, managed: bool) -> Membership:
    _unless_managed(managed)
    if membership.state is not State.STALE or membership.seen is None:
        raise Refused("There is nothing to agree to.")
    fresh = _consented(membership, membership.seen, event.ticks, event.at)
    if fresh.consent is not None and (left := widened(fresh.consent, membership.seen, event.at)):
        raise Refused(f"This cannot be agreed to: {left[0].field} is {left[0].after}.", "Wait until the team has changed that, or leave it.")
    return fresh


def _consented(membership: Membership, seen: Seen, ticks: tuple[str, ...], at: int) -> Membership:
    """A report answers every question of the policy, so each of them must have been ticked."""
    policy = _policy(seen)
    if policy is None or refusals(policy):
        raise Refused("tokenpal does not take part under the team's present rules.", "Ask whoever runs the team's address.")
    if set(ticks) != set(policy.questions):
        raise Refused("A report answers every question of the team.", "Tick each of them, or decline.")
    record = ConsentRecord(
        SCHEMA, tuple(sorted(ticks)), seen.team, seen.url, seen.key, seen.policy, seen.policy_hash, seen.head, seen.size, at, epochs.epoch_of(at)
    )
    return replace(membership, state=State.SHARING, consent=record, changes=(), notices=(), paused_until=None, at=at)


def _saw(membership: Membership, event: Saw) -> Membership:
    if membership.state not in {State.SHARING, State.STALE} or membership.consent is None:
        raise Refused("Nothing is asked of the team in this state.")
    return _settled(replace(membership, seen=event.seen), event.seen.at)


def _settled(membership: Membership, now: int) -> Membership:
    """STALE when anything widened; what only narrowed becomes part of the consent, and a notice."""
    consent, seen = membership.consent, membership.seen
    if consent is None or seen is None:
        return membership
    found = differences(consent, seen, now)
    wider = tuple(change for change in found if change.widens)
    if membership.state is State.STALE or wider:
        was = membership.state is State.STALE
        return replace(membership, state=State.STALE, changes=wider or membership.changes, paused_until=None, at=membership.at if was else now)
    if not found:
        return membership
    narrower = replace(consent, policy=seen.policy, policy_hash=seen.policy_hash)
    return replace(membership, consent=narrower, notices=(*membership.notices, *found))


def _paused(membership: Membership, event: Paused) -> Membership:
    if membership.state not in {State.SHARING, State.PAUSED}:
        raise Refused("There is nothing to pause: nothing is sent now.")
    if event.weeks is not None and event.weeks < 1:
        raise Refused("A pause lasts whole weeks.", "Pause for 1 or 4 weeks, or until you resume.")
    until = None if event.weeks is None else event.at + event.weeks * WEEK
    return replace(membership, state=State.PAUSED, paused_until=until, at=event.at)


def _ticked(membership: Membership, event: Tick) -> Membership:
    if membership.state is State.PAUSED and membership.paused_until is not None and event.at >= membership.paused_until:
        membership = replace(membership, state=State.SHARING, paused_until=None, at=event.at)
    return _settled(membership, event.at) if membership.state is State.SHARING else membership
