"""What the Tasks page says of rules: their conditions, what a change would do, and how they fare beside one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tokenpal.engine.queries import RuleRow
from tokenpal.insight.effects import Effect, Move, RuleStanding
from tokenpal.model.journal import RuleKind
from tokenpal.translation import mark, tr, trn
from tokenpal.ui import numbers

KINDS: Final = (
    (RuleKind.BRANCH, mark("the branch is"), "feature/PAY-*"),
    (RuleKind.FOLDER, mark("the folder is in"), "/home/me/code/shop"),
    (RuleKind.REPOSITORY, mark("the repository is"), "payments-api"),
    (RuleKind.TICKET, mark("the branch names ticket"), "PAY-142"),
    (RuleKind.AGENT, mark("the agent is"), "codex"),
    (RuleKind.ACCOUNT, mark("the account is"), "1"),
    (RuleKind.MODEL, mark("the model is"), "claude-haiku-*"),
)
"""Kinds of rules, how they read after "when", and an example of a pattern."""
WORDS: Final = {kind: words for kind, words, _ in KINDS}
EXAMPLES: Final = {kind: example for kind, _, example in KINDS}

ORDER: Final = mark(
    "What decides, strongest first: what you said by hand, a split, the timer, the first rule that matches, the default of a folder. "
    "What none of them claims has no task."
)
"""How assignment works (product 3, decisions 4), in one breath."""


def sessions(n: int) -> str:
    """3 sessions."""
    return trn("{n} session", "{n} sessions", n, shown=numbers.digits(n))


def task_name(task: int | None, names: Mapping[int, str]) -> str:
    """A task's name, or that there is none."""
    return tr("No task") if task is None else names.get(task, "")


def condition(row: RuleRow) -> str:
    """The rule in words without its task: "when the branch is feature/*"."""
    return tr("when {condition} {pattern}", condition=tr(WORDS[row.rule.kind]), pattern=row.pattern)


def matches(effect: Effect) -> str:
    """What a rule matches, what of it would change its task, and what stays whatever the rule says."""
    if not effect.sessions:
        return tr("Matches nothing so far. It will sort what comes.")
    said = [tr("Matches {sessions}, {tokens} tokens.", sessions=sessions(effect.sessions), tokens=numbers.short(effect.tokens)), moves(effect)]
    others = effect.sessions - effect.taken_sessions - effect.held_sessions
    if others > 0 and effect.taken_sessions + effect.held_sessions < effect.sessions:
        said.append(trn("{n} session goes to a rule before it.", "{n} sessions go to rules before it.", others, shown=numbers.digits(others)))
    if effect.held_sessions:
        said.append(
            trn(
                "{n} session was decided by hand, a split or the timer and stays.", "{n} sessions were decided by hand, a split or the timer and stay.",
                effect.held_sessions, shown=numbers.digits(effect.held_sessions),
            )
        )  # fmt: skip
    else:
        said.append(tr("Assignments made by hand stay."))
    return " ".join(said)


def moves(effect: Effect) -> str:
    """How many sessions would change their task."""
    if not effect.moved_sessions:
        return tr("No session changes its task.")
    return trn(
        "{n} session changes its task, {tokens} tokens.", "{n} sessions change their task, {tokens} tokens.", effect.moved_sessions,
        shown=numbers.digits(effect.moved_sessions), tokens=numbers.short(effect.moved_tokens),
    )  # fmt: skip


def move(one: Move, names: Mapping[int, str]) -> str:
    """No task → Checkout retry."""
    return tr("{before} → {after}", before=task_name(one.before, names), after=task_name(one.after, names))


def standing(one: RuleStanding) -> tuple[str, bool]:
    """How a rule fares, and whether something is to be done about it."""
    if not one.sessions:
        return tr("Matches nothing so far."), False
    if one.won_sessions:
        won = tr("Sorts {sessions}, {tokens}.", sessions=sessions(one.won_sessions), tokens=numbers.short(one.won_tokens))
        return " ".join((won, *_takers(one))), False
    if one.lost:
        (number, most), *more = one.lost
        if not more:
            return trn(
                "Never wins: rule {rule} takes the one session that it matches. Move it up, or remove it.",
                "Never wins: rule {rule} takes all {n} sessions that it matches. Move it up, or remove it.", most, rule=number, shown=numbers.digits(most),
            ), True  # fmt: skip
        return tr(
            "Never wins: rules before it take everything that it matches, rule {rule} the most ({sessions}). Move it up, or remove it.",
            rule=number, sessions=sessions(most),
        ), True  # fmt: skip
    return tr("Decides nothing: all it matches was decided by hand, a split or the timer."), False


def _takers(one: RuleStanding) -> list[str]:
    """Rule 1 takes 12 sessions that this one matches too."""
    said = [
        trn(
            "Rule {rule} takes {n} session that this one matches too.", "Rule {rule} takes {n} sessions that this one matches too.", count,
            rule=number, shown=numbers.digits(count),
        )
        for number, count in one.lost[:2]
    ]
    rest = sum(count for _, count in one.lost[2:])
    if rest:
        said.append(trn("Other rules take {n} more session.", "Other rules take {n} more sessions.", rest, shown=numbers.digits(rest)))
    return said
