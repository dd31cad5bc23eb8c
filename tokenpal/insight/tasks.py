"""Which task a piece of use belongs to: hand > split > timer > rule > project default > unassigned (decisions 4)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from fnmatch import fnmatchcase

import msgspec

from tokenpal.insight.tickets import ticket_ids
from tokenpal.model.journal import Attribution, Rule, RuleKind, Split, Timer
from tokenpal.model.names import base_name
from tokenpal.model.session import Segment, Via


class Decision(msgspec.Struct, frozen=True):
    """A segment's task and what decided it; at most one of ``split``, ``timer`` and ``rule`` is set."""

    task: int | None
    via: Via
    split: Split | None = None
    timer: Timer | None = None
    rule: Rule | None = None


class Preview(msgspec.Struct, frozen=True):
    """What a rule would do: what it fits, and what would get another task than now."""

    sessions: int
    tokens: int
    moved_sessions: int
    moved_tokens: int


def attribute(attribution: Attribution, segment: Segment) -> tuple[int | None, Via]:
    """The task (None = no task) and how it came about. A pure function of its two arguments."""
    decision = explain(attribution, segment)
    return decision.task, decision.via


def explain(attribution: Attribution, segment: Segment) -> Decision:
    """As ``attribute``, with the split, timer or rule that won."""
    if segment.session in attribution.hand:
        return Decision(attribution.hand[segment.session], Via.HAND)
    splits = [split for split in attribution.splits.get(segment.session, ()) if split.at <= segment.start]
    if splits:
        newest = max(splits, key=lambda split: split.at)
        if newest.task is not None:
            return Decision(newest.task, Via.SPLIT, split=newest)
    timer = running_at(attribution.timers, segment.start)
    if timer is not None:
        return Decision(timer.task, Via.TIMER, timer=timer)
    for rule in attribution.rules:
        if fits(rule, segment):
            return Decision(rule.task, Via.RULE, rule=rule)
    default = attribution.defaults.get(segment.project) if segment.project else None
    if default is not None:
        return Decision(default, Via.DEFAULT)
    return Decision(None, Via.NONE)


def running_at(timers: tuple[Timer, ...], at: int) -> Timer | None:
    """The timer that runs at ``at`` (timers are sorted by start and never overlap)."""
    index = bisect_right(timers, at, key=lambda timer: timer.start) - 1
    if index < 0:
        return None
    timer = timers[index]
    return timer if timer.end is None or at < timer.end else None


def fits(rule: Rule, segment: Segment) -> bool:
    """Whether the rule's condition holds. An empty pattern fits nothing.

    Patterns with ``*``, ``?`` or ``[`` are globs, others are compared whole. An account is named by its number.
    """
    pattern = rule.pattern.strip()
    if not pattern:
        return False
    match rule.kind:
        case RuleKind.FOLDER:
            return _inside(pattern, segment.project)
        case RuleKind.REPOSITORY:
            path = _plain(segment.project)
            return bool(path) and (_like(path.rpartition("/")[2], pattern) or _plain(pattern) == path)
        case RuleKind.BRANCH:
            return bool(segment.branch) and _like(segment.branch, pattern)
        case RuleKind.TICKET:
            return any(_like(ticket.upper(), pattern.upper()) for ticket in ticket_ids(segment.branch))
        case RuleKind.AGENT:
            return _like(segment.agent.lower(), pattern.lower())
        case RuleKind.ACCOUNT:
            return str(segment.account) == pattern
        case RuleKind.MODEL:
            wanted = pattern.lower()
            return any(_like(name, wanted) for model in segment.models for name in (model.lower(), base_name(model)))


def _like(text: str, pattern: str) -> bool:
    return text == pattern or fnmatchcase(text, pattern)


def _plain(path: str) -> str:
    """One spelling per folder: forward slashes, no slash at the end, a drive letter in upper case (agent-logs 2.9)."""
    path = path.replace("\\", "/")
    path = path.rstrip("/") or path[:1]
    return path[0].upper() + path[1:] if path[1:2] == ":" else path


def _inside(pattern: str, folder: str) -> bool:
    if not folder:
        return False
    wanted, path = _plain(pattern), _plain(folder)
    if path == wanted or path.startswith(wanted.rstrip("/") + "/"):
        return True
    return any(mark in wanted for mark in "*?[") and (fnmatchcase(path, wanted) or fnmatchcase(path, wanted + "/*"))


def with_rule(attribution: Attribution, rule: Rule) -> Attribution:
    """The attribution with this rule put in its place, or replaced where one has its id."""
    others = tuple(other for other in attribution.rules if other.id != rule.id)
    place = sum(other.position < rule.position for other in others)
    return msgspec.structs.replace(attribution, rules=(*others[:place], rule, *others[place:]))


def preview(rule: Rule, now: Attribution, pieces: Iterable[tuple[Segment, int]]) -> Preview:
    """"Matches 37 sessions, 4.1 M tokens": pieces are segments with their tokens; ``now`` is what holds at present."""
    then = with_rule(now, rule)
    fitting: set[str] = set()
    moving: set[str] = set()
    tokens = moved = 0
    for segment, weight in pieces:
        if fits(rule, segment):
            fitting.add(segment.session)
            tokens += weight
        if attribute(now, segment)[0] != attribute(then, segment)[0]:
            moving.add(segment.session)
            moved += weight
    return Preview(len(fitting), tokens, len(moving), moved)
