"""Tasks that the history suggests: tickets that branches name, and folders with much use that belongs to nothing.

Each is a task with a rule, offered with what it would take; nothing is ever applied by itself (product 2.2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from tokenpal.insight.effects import Ground, winners
from tokenpal.insight.tickets import EVERY, Tickets, Tracker, link, tickets
from tokenpal.model.journal import Rule, RuleKind

LEAST_SESSIONS: Final = 2
LEAST_SHARE: Final = 0.03
"""A folder is suggested from this many sessions on and from this part of the use without a task."""


class Suggestion(msgspec.Struct, frozen=True):
    """A rule with its task. ``task``: the one there is already (with this ticket or name), None = a new one called ``name``."""

    kind: RuleKind  # ticket or repository
    pattern: str
    name: str
    sessions: int  # that it would take: use without a task only
    tokens: int
    task: int | None = None
    ticket: str = ""
    link: str = ""
    tracker: str = ""
    seen: tuple[str, ...] = ()  # branches or folders, most used first

    @property
    def key(self) -> str:
        """What is remembered when it is dismissed."""
        return f"{self.kind.value} {self.pattern}"


def suggest(
    ground: Ground,
    rules: Sequence[Rule],
    known_tickets: Mapping[str, int],
    known_names: Mapping[str, int],
    chosen: tuple[Tickets, ...] = EVERY,
    dismissed: Collection[str] = (),
) -> tuple[Suggestion, ...]:
    """By falling use. ``known_tickets`` (upper case) and ``known_names`` (case-folded) are those of the person's tasks."""
    decided = winners(ground, rules)
    free = [
        winner is None and not (kind.project and kind.project in ground.defaults)
        for kind, winner in zip(ground.kinds, decided, strict=True)
    ]
    sessions: dict[tuple[RuleKind, str], set[int]] = {}
    tokens: Counter[tuple[RuleKind, str]] = Counter()
    seen: dict[tuple[RuleKind, str], Counter[str]] = {}
    trackers: dict[str, Tracker] = {}
    in_branch = {branch: tickets(branch, chosen) for branch in {kind.branch for kind, own in zip(ground.kinds, free, strict=True) if own}}
    named = [in_branch.get(kind.branch, ()) for kind in ground.kinds]
    without = 0
    for piece in ground.pieces:
        kind = ground.kinds[piece.kind]
        if piece.held or not free[piece.kind]:
            continue
        without += piece.tokens
        wanted = [(RuleKind.TICKET, ticket, kind.branch) for ticket, _ in named[piece.kind]]
        trackers |= dict(named[piece.kind])
        wanted += [(RuleKind.REPOSITORY, kind.project, kind.project)] if kind.project else []
        for what, pattern, shown in wanted:
            key = (what, pattern)
            sessions.setdefault(key, set()).add(piece.session)
            tokens[key] += piece.tokens
            seen.setdefault(key, Counter())[shown] += piece.tokens
    found = []
    for (what, pattern), used in tokens.items():
        count = len(sessions[what, pattern])
        names = tuple(name for name, _ in seen[what, pattern].most_common(5))
        if what is RuleKind.TICKET:
            task = known_tickets.get(pattern.upper(), known_names.get(pattern.casefold()))
            tracker = trackers[pattern]
            found.append(
                Suggestion(what, pattern, pattern, count, used, task, pattern, link(pattern, chosen, tracker), tracker.value, seen=names)
            )
        elif count >= LEAST_SESSIONS and used >= LEAST_SHARE * without:
            name = pattern.replace("\\", "/").rstrip("/").rpartition("/")[2] or pattern
            found.append(Suggestion(what, pattern, name, count, used, known_names.get(name.casefold()), seen=names))
    gone = set(dismissed)
    return tuple(sorted((one for one in found if one.key not in gone), key=lambda one: (-one.tokens, one.key)))
