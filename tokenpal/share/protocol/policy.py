"""The rules of a team, as its endpoint publishes them: hashed, pinned by every member, refused when too wide (protocol.md 4)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tokenpal.share.protocol.wire import SCHEMA, canonical, digest

QUESTIONS: Final = ("label", "use")
EXPORTS: Final = ("openmetrics", "otlp")
LEAST_K: Final = 5
MOST_ODDS: Final = 7
"""The true answer is at most seven times as likely to be sent as any other: epsilon = ln 7 per question and week."""
MOST_RETENTION: Final = 14
LEAST_WINDOW: Final = 2
"""A single week is never shown."""
LONGEST_WINDOW: Final = 52
POLICY_LIMIT: Final = 8 << 10
"""Bytes."""


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A policy as written; ``refusals`` says whether a member may live with it."""

    contact: str  # whom to ask; shown, never used
    cross_team: bool  # comparing teams
    exports: tuple[str, ...]  # where released sums go
    k: int  # fewest reports in a released sum
    names: bool
    odds: int  # of the coin
    questions: tuple[str, ...]
    retention_days: int  # of envelopes and answers
    schema: str
    team_name: str
    windows: dict[str, int]  # sharing people at least -> weeks pooled


class Change(msgspec.Struct, frozen=True):
    """One field that differs, in words for the person; ``widens`` when more is given away than was agreed to."""

    field: str
    before: str
    after: str
    widens: bool


def default(team_name: str, contact: str) -> Policy:
    """The policy of a new team: the widest that members accept."""
    windows = {"5": 13, "8": 8, "16": 4, "32": 2}
    return Policy(contact, False, EXPORTS, LEAST_K, False, MOST_ODDS, QUESTIONS, MOST_RETENTION, SCHEMA, team_name, windows)


def parse(data: bytes) -> Policy:
    """A policy read strictly. Raises ValueError for unknown fields, another spelling, or numbers that make no sense."""
    try:
        found = msgspec.json.decode(data, type=Policy) if len(data) <= POLICY_LIMIT else None
        fine = found is not None and encode_policy(found) == data and _sensible(found)
    except (msgspec.DecodeError, ValueError, RecursionError):
        found, fine = None, False
    if found is None or not fine:
        raise ValueError("not a policy")
    return found


def body(policy: Policy) -> dict[str, Any]:
    """As plain JSON values."""
    found: dict[str, Any] = msgspec.to_builtins(policy)
    return found


def encode_policy(policy: Policy) -> bytes:
    """The policy's one spelling."""
    return canonical(body(policy))


def policy_hash(policy: Policy) -> str:
    """What members pin."""
    return digest(encode_policy(policy))


def weeks(policy: Policy, n: int) -> int:
    """Weeks pooled when ``n`` share; those of the smallest team for fewer."""
    steps = sorted((int(least), length) for least, length in policy.windows.items())
    return next((length for least, length in reversed(steps) if least <= n), steps[0][1])


def refusals(policy: Policy) -> tuple[str, ...]:
    """Why no member takes part under this policy, a sentence each; empty when it may be agreed to."""
    found = [
        (policy.schema != SCHEMA, f"It is written for {policy.schema}, which this version does not speak."),
        (policy.k < LEAST_K, f"It would release a sum of {policy.k} people; fewer than {LEAST_K} are never summed."),
        (policy.odds > MOST_ODDS, f"Its coin keeps the truth at {policy.odds}:1; more than {MOST_ODDS}:1 is refused."),
        (policy.retention_days > MOST_RETENTION, f"It keeps sealed reports for {policy.retention_days} days; {MOST_RETENTION} is the most."),
        (policy.names, "It asks for names."),
        (policy.cross_team, "It compares teams."),
        (min(policy.windows.values()) < LEAST_WINDOW, "It shows single weeks."),
    ]
    unknown = [f"It asks a question that this version does not know: {one}." for one in policy.questions if one not in QUESTIONS]
    targets = [f"It exports to something that this version does not know: {one}." for one in policy.exports if one not in EXPORTS]
    return (*(sentence for bad, sentence in found if bad), *unknown, *targets)


def changes(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Every field that differs, sorted by name. Contact and name are told, but widen nothing."""
    before, after = body(old), body(new)
    return tuple(
        Change(field, _words(before[field]), _words(after[field]), _widens(field, old, new))
        for field in sorted(before) if before[field] != after[field]
    )  # fmt: skip


def _widens(field: str, old: Policy, new: Policy) -> bool:
    if field == "windows":
        sizes = {int(one) for one in (*old.windows, *new.windows)}
        return any(weeks(new, n) < weeks(old, n) for n in sizes)
    return {
        "contact": False,
        "team_name": False,
        "cross_team": new.cross_team,
        "names": new.names,
        "exports": not set(new.exports) <= set(old.exports),
        "questions": not set(new.questions) <= set(old.questions),
        "k": new.k < old.k,
        "odds": new.odds > old.odds,
        "retention_days": new.retention_days > old.retention_days,
    }.get(field, True)


def _sensible(policy: Policy) -> bool:
    lists = all(list(one) == sorted(set(one)) for one in (policy.exports, policy.questions))
    keys = all(key.isascii() and key.isdecimal() and str(int(key)) == key and len(key) <= 4 for key in policy.windows)
    steps = keys and bool(policy.windows) and all(1 <= length <= LONGEST_WINDOW for length in policy.windows.values())
    numbers = policy.k >= 1 and policy.odds >= 1 and policy.retention_days >= 0 and bool(policy.questions)
    return lists and steps and numbers and len(policy.contact) <= 200 and len(policy.team_name) <= 80


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{length} weeks from {least} people" for least, length in sorted(value.items(), key=lambda one: int(one[0])))
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "nothing"
    return str(value)
