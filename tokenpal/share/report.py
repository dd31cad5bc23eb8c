"""The report of one week, byte for byte, and the draw behind it (sharing-protocol 5.3).

What can be in it is fixed here: days of use in three steps and the label of one session drawn at random, each after the
coin. Tokens, cost, counts, models, folders, times and names never reach this module.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.model.ranges import iso_week, iso_week_days
from tokenpal.model.session import Label
from tokenpal.share.coin import ODDS, Random, toss
from tokenpal.share.protocol.questions import KINDS
from tokenpal.share.protocol.wire import NOTHING, SCHEMA, canonical

LABELS: Final = (Label.EXPLORATION, Label.DELIVERED, Label.WASTE)
NO_LABEL: Final = len(LABELS)
"""Answer 3: the drawn session has no label, or the week has no session."""
NO_TEAM: Final = "A" * 22
"""16 zero bytes in base64url without padding."""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question: ``true`` never leaves this machine, ``sent`` is what the coin made of it."""

    id: str
    k: int
    odds: int
    true: int
    sent: int


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All chance of a week, drawn once and stored before any byte leaves; every retry uses it again (5.4).

    ``team`` is "" for an example, which is drawn anew on joining a team (decisions 7).
    """

    week: str
    answers: tuple[Answer, ...]  # by id
    any_session: bool  # whether one started in the week at all
    team: str = ""


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    k: int
    odds: int
    sent: int


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole report; there are no other fields, and ``parse`` refuses any."""

    epoch: str
    policy: str
    q: tuple[_Sent, ...]
    roster: str
    schema: str
    team: str


def last_week(now: int) -> str:
    """The ISO week in UTC that ended last: the one whose report is due."""
    return iso_week(datetime.fromtimestamp(now, UTC).date() - timedelta(days=7))


def week_days(week: str) -> tuple[date, date]:
    """Monday and the Monday after, in UTC. Raises UsageError for anything but an ISO week."""
    try:
        return iso_week_days(week)
    except ValueError:
        raise UsageError(f"{week!r} is not a week.", "Write it like 2026-W47.") from None


def use_answer(days_used: int) -> int:
    """0 = no use, 1 = one or two days, 2 = three or more."""
    return 0 if days_used <= 0 else 1 if days_used <= 2 else 2


def label_answer(labels: Mapping[str, int], random: Random) -> int:
    """The label of one session drawn uniformly: every session weighs the same, whatever it used.

    ``labels``: label -> sessions that started in the week; keys that are no label count as not labelled.
    """
    counts = [max(0, labels.get(label, 0)) for label in LABELS]
    total = sum(max(0, count) for count in labels.values())
    if not total:
        return NO_LABEL
    place = random(total)
    for answer, count in enumerate(counts):
        if place < count:
            return answer
        place -= count
    return NO_LABEL


def draw(week: str, days_used: int, labels: Mapping[str, int], random: Random = secrets.randbelow, team: str = "", odds: int = ODDS) -> Draw:
    """Draw the session and toss the coins of a week, in a fixed order, at the odds of the team's policy. Raises UsageError for what is no week."""
    week_days(week)
    label = label_answer(labels, random)
    use = use_answer(days_used)
    answers = (
        Answer("label", KINDS["label"], odds, label, toss(label, KINDS["label"], random, odds)),
        Answer("use", KINDS["use"], odds, use, toss(use, KINDS["use"], random, odds)),
    )
    return Draw(week, answers, any(count > 0 for count in labels.values()), team)


def kept(draw: Draw) -> str:
    """The draw as the store keeps it."""
    return msgspec.json.encode(draw).decode()


def read_back(text: str, week: str) -> Draw:
    """What ``kept`` wrote. Raises UsageError when it is damaged: a week is never drawn twice to repair it."""
    try:
        found = msgspec.json.decode(text, type=Draw)
    except msgspec.DecodeError:
        found = None
    if found is None or found.week != week:
        raise UsageError(f"The draw of week {week} cannot be read, and a week is not drawn twice.", "Restore a backup to see it again.")
    return found


def drawn_once(
    stored: str | None, week: str, days_used: int, labels: Mapping[str, int], random: Random = secrets.randbelow
) -> tuple[Draw, bool]:
    """The stored draw of the week, or a new one that the caller must store before showing it (True)."""
    return (read_back(stored, week), False) if stored else (draw(week, days_used, labels, random), True)


def encoded(draw: Draw, *, team: str = NO_TEAM, roster: str = NOTHING, policy: str = NOTHING) -> bytes:
    """The report: canonical JSON with sorted keys, no spaces, UTF-8. Without a team it is an example of zeros."""
    questions = [{"id": answer.id, "k": answer.k, "odds": answer.odds, "sent": answer.sent} for answer in draw.answers]
    return canonical({"epoch": draw.week, "policy": policy, "q": questions, "roster": roster, "schema": SCHEMA, "team": team})


def parse(data: bytes) -> Report:
    """A report read strictly. Raises ValueError for unknown fields, other spellings, or answers that cannot be."""
    found = msgspec.json.decode(data, type=Report)
    if found.schema != SCHEMA or canonical(msgspec.to_builtins(found)) != data:
        message = "not the canonical form of a report"
        raise ValueError(message)
    asked = [question.id for question in found.q]
    if asked != sorted(set(asked)) or any(KINDS.get(one.id) != one.k or not 0 <= one.sent < one.k for one in found.q):
        message = "not a question of this schema"
        raise ValueError(message)
    return found
