"""What time brings: Thursday's manifest, made once; the end of a week that cannot be released; deletion (sharing-protocol 5.5, 5.6).

``settle`` runs inside a team's lock, so of several processes the first one does it and the others find it done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from tokenpal.share.protocol import manifest as manifests, policy as policies
from tokenpal.share.protocol.epochs import answer_window, due, epoch_of, shifted
from tokenpal.share.protocol.manifest import Manifest, manifest_of
from tokenpal.share.protocol.roster import FOUNDERS, threshold
from tokenpal.share.protocol.shamir import Misbehaved
from tokenpal.share.protocol.wire import NOTHING, Signed, decode, encode, hash_of, sign, unb64
from tokenpal.team.chains import Chains, Week
from tokenpal.team.storage import Rows, Team

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LOOK_BACK: Final = 13
"""Weeks: an endpoint that was off for longer says nothing about the weeks before."""
ASKING_DAYS: Final = 14
DAY_SECONDS: Final = 86_400


def phase(now: int) -> str:
    """Changes whenever ``settle`` may have something to do."""
    open_now = now in answer_window(due(now))
    return f"{due(now)} {'answers' if open_now else 'reports'} {now // DAY_SECONDS}"


def settle(rows: Rows, team: Team, chains: Chains, key: Ed25519PrivateKey, now: int) -> None:
    """Do for a team what is due by now and not done. Doing it again changes nothing."""
    week = due(now)
    begun = chains.roster(rows, team).epochs[:1]
    for epoch in _open_weeks(rows, team, week, begun[0] if begun else week):
        _close(rows, team, chains.week(rows, team, epoch), epoch)
    if now in answer_window(week) and rows.manifest(team.team, week) is None and not rows.missing(team.team, week):
        _publish(rows, team, chains, key, week)
    keep = policies.parse(team.policy).retention_days
    rows.sweep(epoch_of(now - keep * DAY_SECONDS), now // DAY_SECONDS - ASKING_DAYS, team.team)


def release(rows: Rows, team: Team, chains: Chains, key: Ed25519PrivateKey, epoch: str) -> None:
    """Publish the sum of a week as soon as the answers give one, and delete its envelopes."""
    published = rows.manifest(team.team, epoch)
    if published is None or rows.release(team.team, epoch) is not None:
        return
    manifest = manifest_of(decode(published.body), unb64(team.key, 32))
    answers = [decode(one.body) for one in rows.answers(team.team, epoch)]
    identities = chains.week(rows, team, epoch).view.members
    for some in _without_one(answers):
        try:
            body = manifests.make_release(manifest, some, identities, rows.last_release(team.team) or NOTHING)
        except Misbehaved:
            continue
        if body is None:
            return
        signed = sign(body, key)
        rows.add_release(team.team, epoch, manifest.n, hash_of(signed), encode(signed))
        rows.drop_envelopes(team.team, epoch)
        return


def _without_one(answers: Sequence[Signed]) -> Iterator[Sequence[Signed]]:
    """All answers; should they not fit together, all but one: a single member who lies must not cost the team its week."""
    yield answers
    for left_out in range(len(answers)):
        yield [*answers[:left_out], *answers[left_out + 1 :]]


def _open_weeks(rows: Rows, team: Team, week: str, begun: str) -> Iterator[str]:
    """Weeks since the team began whose answer window is over and of which nothing was said yet, oldest first."""
    last = rows.last_settled(team.team)
    for back in range(LOOK_BACK, 0, -1):
        epoch = shifted(week, -back)
        if epoch > last and epoch >= begun:
            yield epoch


def _close(rows: Rows, team: Team, week: Week, epoch: str) -> None:
    """Say why an ended week has no release, unless the team was not complete yet; delete its envelopes."""
    published = rows.manifest(team.team, epoch)
    if published is not None:
        manifest = manifest_of(decode(published.body), unb64(team.key, 32))
        rows.add_missing(team.team, epoch, _answers_lacking(manifest, len(rows.answers(team.team, epoch))))
    elif len(week.active) >= FOUNDERS:
        rows.add_missing(team.team, epoch, "The endpoint was not running from Thursday to Sunday.")
    rows.drop_envelopes(team.team, epoch)


def _answers_lacking(manifest: Manifest, came: int) -> str:
    if came < manifest.t:
        return f"{came} of the {manifest.t} answers needed came."
    return "The answers do not belong to one sum: a client misbehaves."


def _publish(rows: Rows, team: Team, chains: Chains, key: Ed25519PrivateKey, epoch: str) -> None:
    """The manifest of the week that ended last, or the reason why there is none; one of both, once."""
    week = chains.week(rows, team, epoch)
    if len(week.active) < FOUNDERS:
        return
    k = policies.parse(team.policy).k
    found = [(one.member, one.hash) for one in rows.envelopes(team.team, epoch) if _under(one.body, team.policy_hash)]
    members = chains.roster(rows, team)
    body = manifests.make_manifest(members, week.published, epoch, team.policy_hash, found, rows.last_release(team.team) or NOTHING, k)
    if body is None:
        needed = max(k, FOUNDERS, threshold(len(week.active)))
        rows.add_missing(team.team, epoch, f"{len(found)} of the {needed} reports needed came.")
        rows.drop_envelopes(team.team, epoch)
        return
    signed = sign(body, key)
    rows.add_manifest(team.team, epoch, len(found), hash_of(signed), encode(signed))


def _under(body: bytes, policy: str) -> bool:
    return bool(decode(body).body["policy"] == policy)
