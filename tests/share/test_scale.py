"""From real use to the bytes: how much was used, with which models and where, cannot change a report."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import UsageRecord, stable_key
from tokenpal.share.protocol.keys import sealing_public, signing_key
from tokenpal.share.protocol.sealing import envelope, envelope_size
from tokenpal.share.protocol.wire import b64, digest, encode
from tokenpal.share.report import draw, encoded, kept
from tokenpal.store.accounts import ensure_log_account
from tokenpal.store.database import Store
from tokenpal.store.facts import week_facts
from tokenpal.store.journal import annotate
from tokenpal.store.ledger import Batch, Rules, apply

WEEK = "2026-W47"
MONDAY = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp())
CANARIES = ("canary-model", "/home/canary/secret-project", "canary-branch", "canary-session", "7654321")


def facts(path: Path, factor: int, model: str, folder: str, branch: str, name: str, requests: int) -> tuple[int, dict[str, int]]:
    """Days of use and labels of a week in a real store."""
    records = [
        UsageRecord(
            stable_key(f"{name}{session}:{number}"), f"claude-code:{name}{session}", MONDAY + session * 86_400 + number * 60, model,
            Tokens(factor * 7, factor * 11, output=factor * 3), folder=folder, branch=branch,
        )
        for session in range(4)
        for number in range(requests)
    ]  # fmt: skip
    with Store.open(path, now=lambda: MONDAY + 8 * 86_400) as store:
        account = ensure_log_account(store, "claude-code", "/logs", "Claude Code", "anthropic")
        apply(store, Batch(account, records), Rules())
        annotate(store, [f"claude-code:{name}0", f"claude-code:{name}2"], label="delivered")
        annotate(store, [f"claude-code:{name}1"], label="waste", note=f"note of {name}")
        found = week_facts(store, MONDAY // 86_400)
    return found.days_used, found.labels


def test_the_same_bytes_for_a_thousand_times_the_use(tmp_path: Path) -> None:
    little = facts(tmp_path / "little.db", 1, "m", "", "", "s", 1)
    much = facts(tmp_path / "much.db", 7_654_321, CANARIES[0], CANARIES[1], CANARIES[2], CANARIES[3], 40)
    assert little == much == (4, {"": 1, "delivered": 2, "waste": 1})
    for seed in range(30):
        one, two = (draw(WEEK, *found, random.Random(seed).randrange) for found in (little, much))
        assert (encoded(one), kept(one)) == (encoded(two), kept(two))
        text = encoded(two).decode() + kept(two)
        assert not [canary for canary in CANARIES if canary in text]


def sealed(found: tuple[int, dict[str, int]], seed: int) -> bytes:
    """The envelope as it would travel, for seven members, with all chance taken from ``seed``."""
    dice = random.Random(seed)
    to = [(b64(dice.randbytes(16)), sealing_public(dice.randbytes(32))) for _ in range(7)]
    drawn = draw(WEEK, *found, dice.randrange)
    answers = {answer.id: answer.sent for answer in drawn.answers}
    made = envelope(
        answers, to, 5, dice.randbytes(32), signing_key(dice.randbytes(32)),
        team=b64(dice.randbytes(16)), epoch=WEEK, head=digest(b"roster"), policy=digest(b"policy"),
    )  # fmt: skip
    return encode(made)


def test_the_same_envelope_for_a_thousand_times_the_use(tmp_path: Path) -> None:
    little = facts(tmp_path / "little.db", 1, "m", "", "", "s", 1)
    much = facts(tmp_path / "much.db", 7_654_321, CANARIES[0], CANARIES[1], CANARIES[2], CANARIES[3], 40)
    assert [sealed(little, seed) for seed in range(5)] == [sealed(much, seed) for seed in range(5)]


def test_every_envelope_has_the_same_length(tmp_path: Path) -> None:
    """Whoever sends it and whatever is in it: nothing but the number of members decides."""
    idle: tuple[int, dict[str, int]] = (0, {})
    much = facts(tmp_path / "much.db", 7_654_321, CANARIES[0], CANARIES[1], CANARIES[2], CANARIES[3], 40)
    assert {len(sealed(found, seed)) for found in (idle, much) for seed in range(10)} == {envelope_size(7)}
    assert sealed(idle, 3) != sealed(much, 3), "so the seed is not all there is to it"
