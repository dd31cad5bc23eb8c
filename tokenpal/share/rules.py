"""When this client answers a manifest: only if all of A1 to A8 hold (sharing-protocol 5.5, protocol.md 8).

The endpoint is not trusted with any of this. Each rule is one function that gives the sentence of a refusal or nothing; they
do not overlap, so that every one of them is needed (``tests/share/test_rules.py`` takes each away and sees an attack pass).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from tokenpal.model.errors import TokenpalError
from tokenpal.share.protocol.epochs import answer_window, distance
from tokenpal.share.protocol.manifest import Manifest, Release, manifest_of
from tokenpal.share.protocol.policy import LEAST_K, Policy, policy_hash
from tokenpal.share.protocol.roster import Roster, active, threshold
from tokenpal.share.protocol.sealing import well_formed
from tokenpal.share.protocol.wire import NOTHING, Signed, hash_of, verified
from tokenpal.translation import mark

SHRINK_WEEKS: Final = 4


class Refused(TokenpalError):
    """This client does not answer; ``rule`` is "A1" to "A8"."""

    title = mark("Not answered")

    def __init__(self, rule: str, sentence: str) -> None:
        super().__init__(sentence)
        self.rule = rule


class Situation(msgspec.Struct, frozen=True):
    """Everything a client knows when it is shown a manifest."""

    now: int  # epoch seconds
    sharing: bool  # state is SHARING, and nothing forces it off
    manifest: Signed  # the one to answer
    endpoint: bytes  # Ed25519 key of the endpoint, pinned from the invitation
    envelopes: tuple[Signed, ...]  # of all reports in it
    roster: Roster  # as known now
    head: str  # roster head that my own report was sealed under
    policy: Policy  # the one I agreed to
    my_report: str  # hash of the envelope I sent, "" if none
    published: tuple[Manifest, ...]  # verified, oldest first (manifest.history); those of this epoch and later are not looked at
    releases: tuple[Release, ...]  # verified, oldest first (manifest.release_history); likewise
    seen: dict[str, str]  # epoch -> hash of the first manifest I was shown for it


Rule = Callable[[Situation, Manifest], str]


def check(situation: Situation, rules: Mapping[str, Rule] | None = None) -> Manifest:
    """The manifest, when it may be answered. Raises Refused with the first rule that is broken, in the order of ``RULES``."""
    try:
        manifest = manifest_of(situation.manifest, situation.endpoint)
    except ValueError:
        raise Refused("A2", "What the team's endpoint shows is not a manifest with its signature.") from None
    for name, rule in (rules or RULES).items():
        sentence = rule(situation, manifest)
        if sentence:
            raise Refused(name, sentence)
    return manifest


def left_out(manifest: Manifest, my_report: str) -> str:
    """The alarm of a member whose report was sent, but is not among those summed; "" if all is well."""
    if not my_report or any(name == my_report for _, name in manifest.reports):
        return ""
    return f"Your report for {manifest.epoch} arrived, but the team's endpoint left it out. If this happens again, ask who runs it."


def first_and_only(situation: Situation, manifest: Manifest) -> str:
    """A1: two sums of one week differ by single people."""
    if situation.seen.get(manifest.epoch, manifest.hash) == manifest.hash:
        return ""
    return f"This is a second, different list of reports for {manifest.epoch}; two sums of a week could tell one person's answer."


def enough_people(situation: Situation, manifest: Manifest) -> str:
    """A2: at least five different active members, each with a report that it signed itself for this team, week, roster and policy."""
    least = max(LEAST_K, situation.policy.k)
    if manifest.n < least:
        return f"Only {manifest.n} reports would be summed; {least} are needed."
    if len(manifest.reporters) < manifest.n or not manifest.reporters <= set(manifest.members):
        return "A report is counted twice, or is by somebody who is not an active member."
    if list(manifest.reports) != sorted(manifest.reports):
        return "The list of reports is not in order."
    envelopes = {hash_of(one): one for one in situation.envelopes}
    identities = situation.roster.at(manifest.epoch).members
    bound = {"team": situation.roster.team, "epoch": manifest.epoch, "head": situation.head, "policy": policy_hash(situation.policy)}
    for member, name in manifest.reports:
        found = envelopes.get(name)
        fits = found is not None and well_formed(found, manifest.m) and {**found.body, **bound, "member": member} == found.body
        if found is None or not fits or not verified(found, identities.get(member, b"")):
            return "A report to be summed is missing, or was not signed by the member it stands for."
    return ""


def same_team(situation: Situation, manifest: Manifest) -> str:
    """A3: the roster and the policy that I agreed to, and sealed under."""
    if manifest.team != situation.roster.team or manifest.head != situation.head:
        return "The list of members is not the one that your report was made for."
    if situation.roster.at(manifest.epoch).head != situation.head:
        return "The list of members of that week was changed afterwards."
    if manifest.policy != policy_hash(situation.policy):
        return "The team's rules are not those that you agreed to."
    return ""


def mine_is_in(situation: Situation, manifest: Manifest) -> str:
    """A4: so every sum that can be opened has the reports of those who open it."""
    if any(name == situation.my_report for _, name in manifest.reports):
        return ""
    return "Your own report is not among those to be summed."


def same_members(situation: Situation, manifest: Manifest) -> str:
    """A5: who is active and how many must answer, as computed here; and not a third gone within four weeks without having left."""
    members = active(situation.roster, situation.published, manifest.epoch)
    if manifest.members != members or manifest.m != len(members):
        return "The active members are not those that this machine computes."
    if manifest.t != threshold(len(members)) or manifest.n < manifest.t:
        return "The number of answers that open the sum is not the one that this machine computes."
    there = situation.roster.at(manifest.epoch).members.keys()
    for old in situation.published:
        if 1 <= distance(old.epoch, manifest.epoch) <= SHRINK_WEEKS:
            stayed = there & set(old.members)
            if 3 * len(stayed & set(members)) < 2 * len(stayed):
                return f"More than a third of those who were active in {old.epoch} are not any more, without having left."
    return ""


def in_time(situation: Situation, manifest: Manifest) -> str:
    """A6: no old week is opened later."""
    return "" if situation.now in answer_window(manifest.epoch) else f"{manifest.epoch} is answered from Thursday to Sunday after it only."


def chained(situation: Situation, manifest: Manifest) -> str:
    """A7: everybody is shown one history."""
    if manifest.after == _newest(situation.published, manifest.epoch) and manifest.release == _newest(situation.releases, manifest.epoch):
        return ""
    return "The list of reports does not follow the last one, or the last release, that this machine knows."


def agreed(situation: Situation, manifest: Manifest) -> str:
    """A8: nothing is answered unless sharing is on."""
    return "" if situation.sharing else "Sharing is not on."


def _newest(known: Sequence[Manifest] | Sequence[Release], epoch: str) -> str:
    earlier = [one.hash for one in known if distance(one.epoch, epoch) > 0]
    return earlier[-1] if earlier else NOTHING


RULES: Final[Mapping[str, Rule]] = MappingProxyType({
    "A8": agreed,
    "A6": in_time,
    "A1": first_and_only,
    "A3": same_team,
    "A7": chained,
    "A5": same_members,
    "A4": mine_is_in,
    "A2": enough_people,
})  # fmt: skip
