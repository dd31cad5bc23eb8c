"""What rules do to the whole history: a preview of every change before it is made, and which rules stand in each other's way.

A ``Ground`` is the history as rules see it: kinds of use (folder, branch, agent, account, models) that they cannot tell apart, and
how much of each kind each session has. Rules are tried once for each kind, so a hundred thousand segments are one short pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from tokenpal.insight.tasks import fits
from tokenpal.model.journal import Rule, RuleKind
from tokenpal.model.session import Segment

LOOKS: Final[dict[RuleKind, Callable[[Segment], Any]]] = {
    RuleKind.FOLDER: lambda kind: kind.project,
    RuleKind.REPOSITORY: lambda kind: kind.project,
    RuleKind.BRANCH: lambda kind: kind.branch,
    RuleKind.TICKET: lambda kind: kind.branch,
    RuleKind.AGENT: lambda kind: kind.agent,
    RuleKind.ACCOUNT: lambda kind: kind.account,
    RuleKind.MODEL: lambda kind: kind.models,
}
"""What of a segment each kind of rule looks at (``insight.tasks.fits``)."""


class Piece(NamedTuple):
    """Use of one session of one kind. ``held``: hand, split or timer decided, no rule can change it; ``task`` is then its task."""

    kind: int  # index into Ground.kinds
    session: int
    tokens: int
    held: bool = False
    task: int | None = None


class Ground(msgspec.Struct, frozen=True):
    """The history as rules see it; ``kinds`` are segments without session and time. ``known`` is where answers are kept."""

    kinds: tuple[Segment, ...] = ()
    pieces: tuple[Piece, ...] = ()
    defaults: Mapping[str, int] = {}  # project -> task
    known: dict[Any, Any] = {}


class Move(msgspec.Struct, frozen=True):
    """Use that goes from one task to another (None = no task)."""

    before: int | None
    after: int | None
    sessions: int
    tokens: int


class Effect(msgspec.Struct, frozen=True):
    """What a change of the rules would do.

    ``sessions`` and ``tokens``: what the rule in question matches; ``taken_sessions``, ``taken_tokens``: what it decides then;
    ``held_sessions``: matched, but decided by hand, split or timer; ``moves``: all that changes task, the largest first;
    ``totals``: (task, tokens before, tokens after) of every task that gains or loses.
    """

    sessions: int = 0
    tokens: int = 0
    taken_sessions: int = 0
    taken_tokens: int = 0
    held_sessions: int = 0
    moved_sessions: int = 0
    moved_tokens: int = 0
    moves: tuple[Move, ...] = ()
    totals: tuple[tuple[int | None, int, int], ...] = ()


class RuleStanding(msgspec.Struct, frozen=True):
    """How a rule fares as things are. ``lost``: (number of the rule that wins, sessions it takes), the most first."""

    rule: int
    number: int  # from 1, in the order of trying
    sessions: int = 0  # that it matches
    tokens: int = 0
    won_sessions: int = 0
    won_tokens: int = 0
    held_sessions: int = 0  # matched, but decided by hand, split or timer
    lost: tuple[tuple[int, int], ...] = ()

    @property
    def idle(self) -> bool:
        """It matches something and wins nothing."""
        return self.sessions > 0 and not self.won_sessions


def matched(ground: Ground, rule: Rule) -> list[int]:
    """The kinds that a rule matches. Each value it looks at is tried once, and the answer is kept with the ground."""
    known: list[int] | None = ground.known.get((rule.kind, rule.pattern))
    if known is None:
        by_value = ground.known.get(rule.kind)
        if by_value is None:
            looks, by_value = LOOKS[rule.kind], {}
            for place, kind in enumerate(ground.kinds):
                by_value.setdefault(looks(kind), []).append(place)
            ground.known[rule.kind] = by_value
        hits = [places for places in by_value.values() if fits(rule, ground.kinds[places[0]])]
        known = ground.known[rule.kind, rule.pattern] = [place for places in hits for place in places]
    return known


def winners(ground: Ground, rules: Sequence[Rule]) -> list[Rule | None]:
    """For each kind the rule that decides it."""
    found: list[Rule | None] = [None] * len(ground.kinds)
    for rule in reversed(rules):
        for place in matched(ground, rule):
            found[place] = rule
    return found


def tried(ground: Ground, rules: Iterable[Rule]) -> list[list[Rule]]:
    """For each kind the rules that match it, in the order of trying: the first wins."""
    found: list[list[Rule]] = [[] for _ in ground.kinds]
    for rule in rules:
        for place in matched(ground, rule):
            found[place].append(rule)
    return found


def effect(ground: Ground, before: Sequence[Rule], after: Sequence[Rule], rule: int) -> Effect:
    """What changes when ``before`` becomes ``after``; ``rule`` is the id of the rule that is added, changed, moved or removed."""
    then, was = winners(ground, after), winners(ground, before)
    subject = next((one for one in (*after, *before) if one.id == rule), None)  # as it will be; as it was when it goes
    own = set(matched(ground, subject)) if subject else set()
    old = [_task(winner, kind, ground) for winner, kind in zip(was, ground.kinds, strict=True)]
    new = [_task(winner, kind, ground) for winner, kind in zip(then, ground.kinds, strict=True)]
    fitting: set[int] = set()
    taken: set[int] = set()
    held: set[int] = set()
    moved: set[int] = set()
    tokens = taken_tokens = 0
    going: dict[tuple[int | None, int | None], tuple[set[int], list[int]]] = {}
    totals: dict[int | None, list[int]] = {}
    for piece in ground.pieces:
        kind = piece.kind
        if kind in own:
            fitting.add(piece.session)
            tokens += piece.tokens
            if piece.held:
                held.add(piece.session)
            elif (winner := then[kind]) is not None and winner.id == rule:
                taken.add(piece.session)
                taken_tokens += piece.tokens
        here, there = (piece.task, piece.task) if piece.held else (old[kind], new[kind])
        totals.setdefault(here, [0, 0])[0] += piece.tokens
        totals.setdefault(there, [0, 0])[1] += piece.tokens
        if here != there:
            moved.add(piece.session)
            sessions, sums = going.setdefault((here, there), (set(), [0]))
            sessions.add(piece.session)
            sums[0] += piece.tokens
    moves = sorted((Move(*pair, len(sessions), sums[0]) for pair, (sessions, sums) in going.items()), key=_size)
    return Effect(
        len(fitting), tokens, len(taken), taken_tokens, len(held), len(moved), sum(move.tokens for move in moves), tuple(moves),
        tuple((task, pair[0], pair[1]) for task, pair in sorted(totals.items(), key=lambda item: -item[1][1]) if pair[0] != pair[1]),
    )  # fmt: skip


def standings(ground: Ground, rules: Sequence[Rule]) -> tuple[RuleStanding, ...]:
    """How each rule fares, in the order of trying."""
    numbers = {rule.id: number for number, rule in enumerate(rules, 1)}
    by_kind = tried(ground, rules)
    fitting: dict[int, set[int]] = {rule.id: set() for rule in rules}
    won: dict[int, set[int]] = {rule.id: set() for rule in rules}
    held: dict[int, set[int]] = {rule.id: set() for rule in rules}
    lost: dict[int, dict[int, set[int]]] = {rule.id: {} for rule in rules}
    tokens, won_tokens = dict.fromkeys(numbers, 0), dict.fromkeys(numbers, 0)
    for piece in ground.pieces:
        found = by_kind[piece.kind]
        for place, rule in enumerate(found):
            fitting[rule.id].add(piece.session)
            tokens[rule.id] += piece.tokens
            if piece.held:
                held[rule.id].add(piece.session)
            elif place:
                lost[rule.id].setdefault(found[0].id, set()).add(piece.session)
            else:
                won[rule.id].add(piece.session)
                won_tokens[rule.id] += piece.tokens
    return tuple(
        RuleStanding(
            rule.id, numbers[rule.id], len(fitting[rule.id]), tokens[rule.id], len(won[rule.id]), won_tokens[rule.id], len(held[rule.id]),
            tuple(sorted(((numbers[by], len(sessions)) for by, sessions in lost[rule.id].items()), key=lambda pair: (-pair[1], pair[0]))),
        )
        for rule in rules
    )  # fmt: skip


def _task(winner: Rule | None, kind: Segment, ground: Ground) -> int | None:
    if winner is not None:
        return winner.task
    return ground.defaults.get(kind.project) if kind.project else None


def _size(move: Move) -> tuple[int, int, int]:
    return (-move.tokens, -move.sessions, move.after or 0)
