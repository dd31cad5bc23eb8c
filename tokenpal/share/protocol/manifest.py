"""Which reports of a week are summed, what a member answers, and the released sum (protocol.md 7).

Signed by the endpoint: manifest and release. Signed by a member: answer. Each chain starts at 64 zeros.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from tokenpal.share.protocol import shamir
from tokenpal.share.protocol.card import is_hash
from tokenpal.share.protocol.epochs import distance, monday
from tokenpal.share.protocol.policy import LEAST_K
from tokenpal.share.protocol.questions import SIZE
from tokenpal.share.protocol.roster import Roster, active, threshold
from tokenpal.share.protocol.shamir import Misbehaved
from tokenpal.share.protocol.wire import NOTHING, Signed, hash_of, unb64, verified

SHARE_LIMIT: Final = shamir.PRIME


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A manifest whose signature and shape were checked; ``hash`` is its own and not in the body."""

    kind: str
    team: str
    epoch: str
    head: str
    policy: str
    m: int
    t: int
    members: tuple[str, ...]  # active, sorted; the share of member x - 1 is taken at x
    reports: tuple[tuple[str, str], ...]  # member and hash of its envelope, sorted
    after: str  # hash of the manifest before
    release: str  # hash of the last release
    hash: str

    @property
    def n(self) -> int:
        """Reports in the sum."""
        return len(self.reports)

    @property
    def reporters(self) -> frozenset[str]:
        return frozenset(member for member, _ in self.reports)

    def place(self, member: str) -> int:
        """X of an active member's shares, 1 to m. Raises ValueError for others."""
        return self.members.index(member) + 1


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sum of the shares that one member got; says nothing alone."""

    kind: str
    team: str
    epoch: str
    manifest: str  # hash
    member: str
    sum: tuple[int, ...]
    hash: str


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sum of a week."""

    kind: str
    team: str
    epoch: str
    manifest: str  # hash
    n: int
    m: int
    bins: tuple[int, ...]  # label, then use
    answers: tuple[str, ...]  # hashes of the answers it was made from, in the order of their members
    after: str  # hash of the release before
    hash: str


def make_manifest(
    roster: Roster, published: Sequence[Manifest], epoch: str, policy: str, reports: Iterable[tuple[str, str]], release: str, k: int = LEAST_K
) -> dict[str, Any] | None:
    """The body for the endpoint to sign, or None when too few active members reported: then there is no manifest that week.

    ``published``: all manifests before. ``reports``: (member, envelope hash). ``release``: hash of the last one or zeros.
    """
    members = active(roster, published, epoch)
    counted = sorted((member, name) for member, name in reports if member in members)
    t = threshold(len(members))
    if len(counted) < max(k, LEAST_K, t):
        return None
    last = max(published, key=lambda one: monday(one.epoch), default=None)
    return {
        "kind": "manifest", "team": roster.team, "epoch": epoch, "head": roster.at(epoch).head, "policy": policy,
        "m": len(members), "t": t, "members": list(members), "reports": [list(one) for one in counted],
        "after": last.hash if last else NOTHING, "release": release,
    }  # fmt: skip


def answer_body(manifest: Manifest, member: str, numbers: Sequence[int]) -> dict[str, Any]:
    """``numbers``: the sum of the member's shares, seven of the field."""
    return {
        "kind": "answer", "team": manifest.team, "epoch": manifest.epoch, "manifest": manifest.hash, "member": member, "sum": list(numbers),
    }  # fmt: skip


def make_release(manifest: Manifest, answers: Iterable[Signed], identities: Mapping[str, bytes], after: str) -> dict[str, Any] | None:
    """The body for the endpoint to sign, or None while there are too few answers. Raises Misbehaved when they fit no sum."""
    fitting = _fitting(manifest, answers, identities)
    if len(fitting) < manifest.t:
        return None
    return {
        "kind": "release", "team": manifest.team, "epoch": manifest.epoch, "manifest": manifest.hash, "n": manifest.n, "m": manifest.m,
        "bins": list(_sum(manifest, fitting)), "answers": [one.hash for one in fitting], "after": after,
    }  # fmt: skip


def manifest_of(signed: Signed, key: bytes) -> Manifest:
    """A manifest signed by the endpoint. Raises ValueError for another signature, unknown fields or impossible values."""
    found = _shaped(signed, "manifest", Manifest)
    fine = verified(signed, key) and _is_team(found.team) and all(is_hash(one) for one in (found.head, found.policy, found.after, found.release))
    if not fine or not all(is_hash(name) for _, name in found.reports):
        raise ValueError("not a manifest of this endpoint")
    return found


def answer_of(signed: Signed, identity: bytes) -> Answer:
    """An answer signed by a member. Raises ValueError."""
    found = _shaped(signed, "answer", Answer)
    if not verified(signed, identity) or len(found.sum) != SIZE or not all(0 <= one < SHARE_LIMIT for one in found.sum):
        raise ValueError("not an answer of this member")
    return found


def release_of(signed: Signed, key: bytes) -> Release:
    """A release signed by the endpoint whose sum can be one. Raises ValueError, or Misbehaved when it cannot."""
    found = _shaped(signed, "release", Release)
    fine = verified(signed, key) and is_hash(found.manifest) and is_hash(found.after) and len(found.bins) == SIZE
    if not fine or not LEAST_K <= found.n <= found.m:
        raise ValueError("not a release of this endpoint")
    shamir.check_sum(found.bins, found.n)
    return found


def verify_release(
    release: Signed, manifest: Manifest, answers: Iterable[Signed], identities: Mapping[str, bytes], key: bytes
) -> Release:
    """Recompute the released sum from the answers. ``identities``: id -> Ed25519 key of the members at that epoch.

    Raises ValueError when it is not signed by the endpoint or not about this manifest, Misbehaved when the sum is another one.
    """
    found = release_of(release, key)
    if (found.team, found.epoch, found.manifest, found.n, found.m) != (manifest.team, manifest.epoch, manifest.hash, manifest.n, manifest.m):
        raise ValueError("not the release of this manifest")
    fitting = [one for one in _fitting(manifest, answers, identities) if one.hash in found.answers]
    if tuple(one.hash for one in fitting) != found.answers or len(fitting) < manifest.t:
        raise Misbehaved("The release names answers that are not there.")
    if _sum(manifest, fitting) != found.bins:
        raise Misbehaved("The released sum is not the sum of the answers.")
    return found


def history(signed: Iterable[Signed], roster: Roster, key: bytes, known: Sequence[Manifest] = ()) -> tuple[Manifest, ...]:
    """All manifests published so far, oldest first: ``known`` and the ones after them.

    Raises ValueError unless each is signed by the endpoint, chains to the one before (the first to zeros), is later, has the
    roster's head, and lists exactly the members that this roster and the manifests before it make active. Whether a client
    would have answered it is another question (rules A1 to A8).
    """
    found = list(known)
    for one in signed:
        manifest = manifest_of(one, key)
        last = found[-1] if found else None
        members = active(roster, found, manifest.epoch)
        fits = manifest.after == (last.hash if last else NOTHING) and (last is None or distance(last.epoch, manifest.epoch) > 0)
        same = (roster.team, roster.at(manifest.epoch).head, members, len(members), threshold(len(members)))
        enough = manifest.n >= max(LEAST_K, manifest.t) and len(manifest.reporters) == manifest.n and manifest.reporters <= set(members)
        if not fits or not enough or (manifest.team, manifest.head, manifest.members, manifest.m, manifest.t) != same:
            raise ValueError(f"the manifest of {manifest.epoch} does not follow from what is known")
        found.append(manifest)
    return tuple(found)


def release_history(signed: Iterable[Signed], team: str, key: bytes, known: Sequence[Release] = ()) -> tuple[Release, ...]:
    """All releases so far, oldest first. Raises ValueError or Misbehaved unless each is possible, later, and chains to the one before."""
    found = list(known)
    for one in signed:
        release = release_of(one, key)
        last = found[-1] if found else None
        if release.team != team or release.after != (last.hash if last else NOTHING) or (last and distance(last.epoch, release.epoch) <= 0):
            raise ValueError(f"the release of {release.epoch} does not follow the one before")
        found.append(release)
    return tuple(found)


def _fitting(manifest: Manifest, answers: Iterable[Signed], identities: Mapping[str, bytes]) -> list[Answer]:
    """Valid answers to this manifest by its reporters, in the order of members, one each."""
    found: dict[str, Answer] = {}
    for signed in answers:
        member = signed.body.get("member")
        if not isinstance(member, str) or member not in manifest.reporters or member not in identities:
            continue
        try:
            answer = answer_of(signed, identities[member])
        except ValueError:
            continue
        if (answer.team, answer.epoch, answer.manifest) != (manifest.team, manifest.epoch, manifest.hash):
            continue
        if found.setdefault(member, answer) != answer:
            raise Misbehaved("A member gave two different answers.")
    return [found[member] for member in sorted(found)]


def _sum(manifest: Manifest, answers: Sequence[Answer]) -> tuple[int, ...]:
    bins = shamir.combine([(manifest.place(one.member), one.sum) for one in answers], manifest.t)
    shamir.check_sum(bins, manifest.n)
    return bins


_Shape = TypeVar("_Shape", Manifest, Answer, Release)


def _shaped(signed: Signed, kind: str, shape: type[_Shape]) -> _Shape:
    wrong = ValueError(f"not a {kind}")
    if signed.body.get("kind") != kind or "hash" in signed.body:
        raise wrong
    try:
        found: _Shape = msgspec.convert({**signed.body, "hash": hash_of(signed)}, shape)
        monday(found.epoch)
    except (msgspec.ValidationError, ValueError, TypeError, RecursionError):
        raise wrong from None
    return found


def _is_team(text: str) -> bool:
    try:
        return bool(unb64(text, 16))
    except ValueError:
        return False
