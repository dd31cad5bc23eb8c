"""Why a piece of use belongs to its task: every voice that speaks, the strongest first, in words (decisions 4, issue 5).

The first voice decides, so the answer is always that of ``insight.tasks.attribute``; those after it are what the person would
get if the first were silent.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tokenpal.insight.tasks import fits, running_at
from tokenpal.insight.tickets import ticket_ids
from tokenpal.model.journal import Attribution, Rule, RuleKind
from tokenpal.model.names import base_name
from tokenpal.model.session import Segment, Via
from tokenpal.translation import tr


class Voice(msgspec.Struct, frozen=True):
    """One thing that says a task for a segment. ``rule`` and ``number`` (from 1, in the order of trying) are of a rule only."""

    via: Via
    task: int | None
    rule: Rule | None = None
    number: int = 0


class Why(msgspec.Struct, frozen=True):
    """A segment's task with its reason: ``words`` is one sentence, ``others`` one for each voice that speaks too and lost."""

    task: int | None
    via: Via
    words: str
    others: tuple[str, ...] = ()
    number: int = 0  # of the rule that won, as the Tasks page numbers it; 0 = no rule did
    rule: int = 0  # its id
    start: int = 0  # first and last use of the segment, epoch seconds
    end: int = 0
    project: str = ""
    branch: str = ""


def voices(attribution: Attribution, segment: Segment) -> tuple[Voice, ...]:
    """Everything that speaks for a task of this segment: hand, split, timer, each rule that matches, project default."""
    found: list[Voice] = []
    if segment.session in attribution.hand:
        found.append(Voice(Via.HAND, attribution.hand[segment.session]))
    before = [split for split in attribution.splits.get(segment.session, ()) if split.at <= segment.start]
    newest = max(before, key=lambda split: split.at, default=None)
    if newest is not None and newest.task is not None:
        found.append(Voice(Via.SPLIT, newest.task))
    timer = running_at(attribution.timers, segment.start)
    if timer is not None:
        found.append(Voice(Via.TIMER, timer.task))
    found += [Voice(Via.RULE, rule.task, rule, number) for number, rule in enumerate(attribution.rules, 1) if fits(rule, segment)]
    default = attribution.defaults.get(segment.project) if segment.project else None
    if default is not None:
        found.append(Voice(Via.DEFAULT, default))
    return tuple(found)


def why(
    attribution: Attribution, segment: Segment, tasks: Mapping[int, str], accounts: Mapping[int, str] | None = None, end: int = 0
) -> Why:
    """The answer for one segment. ``tasks`` and ``accounts`` are names by id; ``end`` is its last use, epoch seconds."""
    found = voices(attribution, segment)
    if found:
        first, *others = found
        lost = tuple(_lost(voice, first, tasks) for voice in others)
        said = Why(first.task, first.via, _won(first, segment, tasks, accounts or {}), lost, first.number, first.rule.id if first.rule else 0)
    else:
        said = Why(None, Via.NONE, tr("No task: nothing was said by hand, no timer ran, no rule matches and its folder has no default."))
    return msgspec.structs.replace(said, start=segment.start, end=end, project=segment.project, branch=segment.branch)


def because(rule: Rule, segment: Segment, accounts: Mapping[int, str] | None = None) -> str:
    """What of the segment the rule matched: "the branch is feature/PAY-142"."""
    match rule.kind:
        case RuleKind.FOLDER:
            return tr("the folder is {name}", name=segment.project)
        case RuleKind.REPOSITORY:
            return tr("the repository is {name}", name=segment.project.replace("\\", "/").rstrip("/").rpartition("/")[2] or segment.project)
        case RuleKind.BRANCH:
            return tr("the branch is {name}", name=segment.branch)
        case RuleKind.TICKET:
            one = next((one for one in ticket_ids(segment.branch) if fits(rule, segment) and _same(rule, one)), rule.pattern)
            return tr("the branch {branch} names {ticket}", branch=segment.branch, ticket=one)
        case RuleKind.AGENT:
            return tr("the agent is {name}", name=segment.agent)
        case RuleKind.ACCOUNT:
            return tr("the account is {name}", name=(accounts or {}).get(segment.account, str(segment.account)))
        case RuleKind.MODEL:
            return tr("the model is {name}", name=next((one for one in segment.models if _model(rule, segment, one)), rule.pattern))


def _same(rule: Rule, ticket: str) -> bool:
    return fits(Rule(0, 0, RuleKind.BRANCH, rule.pattern.upper(), 0), Segment("", "", 0, "", ticket.upper(), 0, 0))


def _model(rule: Rule, segment: Segment, model: str) -> bool:
    return fits(rule, msgspec.structs.replace(segment, models=(model, base_name(model))))


def _won(voice: Voice, segment: Segment, tasks: Mapping[int, str], accounts: Mapping[int, str]) -> str:
    name = tasks.get(voice.task, "") if voice.task is not None else ""
    match voice.via:
        case Via.HAND if voice.task is None:
            return tr("You said by hand that this session belongs to no task; that is stronger than everything else.")
        case Via.HAND:
            return tr("You gave this session to {task} by hand; that is stronger than everything else.", task=name)
        case Via.SPLIT:
            return tr("You split the session and gave this part to {task}.", task=name)
        case Via.TIMER:
            return tr("You were working on {task}: the timer ran, and it is stronger than rules.", task=name)
        case Via.RULE if voice.rule is not None:
            reason = because(voice.rule, segment, accounts)
            if voice.number == 1:
                return tr("Rule 1 wins because {reason}, and it is tried first.", reason=reason)
            return tr("Rule {n} wins because {reason} and no rule before it matches.", n=voice.number, reason=reason)
        case _:
            return tr("No rule matches, so the default of the folder decides: {task}.", task=name)


def _lost(voice: Voice, winner: Voice, tasks: Mapping[int, str]) -> str:
    name = tasks.get(voice.task, "") if voice.task is not None else ""
    match voice.via:
        case Via.SPLIT:
            return tr("The split would give it to {task}.", task=name)
        case Via.TIMER:
            return tr("The timer ran for {task}.", task=name)
        case Via.RULE if winner.via is Via.RULE:
            return tr("Rule {n} matches too and would give it to {task}; rule {winner} is tried before it.", n=voice.number, task=name, winner=winner.number)
        case Via.RULE:
            return tr("Rule {n} matches too and would give it to {task}.", n=voice.number, task=name)
        case _:
            return tr("The default of the folder is {task}.", task=name)
