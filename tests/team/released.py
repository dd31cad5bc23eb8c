"""A team in a real SQLite file with released weeks, without the weeks of waiting: for tests of the page and the exports."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from pathlib import Path

from tests.share.teams import CARD, ENDPOINT, PEOPLE, POLICY, TEAM, WEEK, team as roster_of
from tokenpal.share.coin import toss
from tokenpal.share.protocol.epochs import shifted
from tokenpal.share.protocol.learning import learning_body
from tokenpal.share.protocol.policy import Policy, encode_policy, policy_hash
from tokenpal.share.protocol.questions import KINDS, Vector
from tokenpal.share.protocol.wire import NOTHING, Signed, encode, hash_of, sign
from tokenpal.team.database import sqlite_url
from tokenpal.team.storage import Rows, Storage, Team, open_storage

LABELS = (35, 40, 5, 20)
DAYS = (10, 30, 60)
FEW_DAYS = (60, 30, 10)


def endpoint_with(folder: Path, *, members: int = 6, policy: Policy = POLICY) -> tuple[Storage, Team]:
    """An open storage that holds the made-up team of ``tests.share.teams`` with so many members who joined in ``WEEK``."""
    storage = open_storage(sqlite_url(folder / "team.db"))
    team = Team(TEAM, CARD.founding, CARD.key, encode_policy(policy), policy_hash(policy), policy.team_name, retired=False)
    roster = roster_of(members)
    with storage.writing(TEAM) as rows:
        rows.add_team(team)
        for n, (entry, digest) in enumerate(zip(roster.entries, roster.hashes, strict=True)):
            rows.append(TEAM, n, digest, encode(entry))
    return storage, team


def release_weeks(
    storage: Storage, count: int, *, n: int = 6, first: str = WEEK, days: Sequence[int] = DAYS, without: Collection[str] = (), seed: int = 1
) -> list[str]:
    """Release so many weeks of ``n`` coins each; those in ``without`` are said to be missing. Returns the released weeks."""
    chance = random.Random(seed)
    made = []
    with storage.writing(TEAM) as rows:
        for ahead in range(count):
            epoch = shifted(first, ahead)
            if epoch in without:
                rows.add_missing(TEAM, epoch, "3 of the 4 answers needed came.")
                continue
            _release(rows, epoch, n, coins(n, days, chance))
            made.append(epoch)
    return made


def coins(n: int, days: Sequence[int], chance: random.Random) -> Vector:
    """The sum of ``n`` reports after the coin."""
    bins: list[int] = []
    for k, weights in zip(KINDS.values(), (LABELS, days), strict=True):
        sent = [toss(chance.choices(range(k), weights)[0], k, chance.randrange) for _ in range(n)]
        bins += [sent.count(answer) for answer in range(k)]
    return tuple(bins)


def _release(rows: Rows, epoch: str, n: int, bins: Vector) -> None:
    last = rows.releases(TEAM)
    body = {
        "kind": "release", "team": TEAM, "epoch": epoch, "manifest": NOTHING, "n": n, "m": n, "bins": list(bins), "answers": [],
        "after": last[-1].hash if last else NOTHING,
    }  # fmt: skip
    signed = sign(body, ENDPOINT)
    rows.add_release(TEAM, epoch, n, hash_of(signed), encode(signed))


def publish(storage: Storage, number: int, epoch: str, part: str, text: str, name: str, member: int = 0) -> None:
    """A learning of a member, signed."""
    signed: Signed = PEOPLE[member].sign(learning_body(TEAM, PEOPLE[member].id, number.to_bytes(16), epoch, part, text, name))
    with storage.writing(TEAM) as rows:
        rows.add_learning(TEAM, signed.body["id"], PEOPLE[member].id, epoch, encode(signed))
