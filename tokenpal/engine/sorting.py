"""What the Tasks page asks and does besides ``queries`` and ``commands``: effects of rules, suggestions, tasks over time, merges.

Functions f(store, ...), run on the database thread; those marked with ``changes`` are edits that can be undone.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import msgspec

from tokenpal.engine.changes import changes
from tokenpal.insight import effects
from tokenpal.insight.effects import Effect, RuleStanding
from tokenpal.insight.suggestions import Suggestion, suggest
from tokenpal.insight.tasks import attribute
from tokenpal.insight.tickets import EVERY, Tickets
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import Rule, RuleKind, Task
from tokenpal.model.money import Money
from tokenpal.model.report import NONE_KEYS, Dimension, Query
from tokenpal.store import pieces, report as reports, task_edits, task_use, tasks
from tokenpal.store.database import Store
from tokenpal.translation import tr

NEW: Final = -1
"""The id of a rule that is not there yet."""


# ---------------------------------------------------------------------------------------------- rules


class Draft(msgspec.Struct, frozen=True):
    """A change of the rules that is looked at before it is made. ``rule`` NEW = one to be added; ``gone`` = it is to be removed.

    ``position``: where it is to be tried (0 = first), None = where it is, a new one last. Empty ``pattern`` and task None = as it is.
    """

    rule: int = NEW
    kind: RuleKind | None = None
    pattern: str = ""
    task: int | None = None
    position: int | None = None
    gone: bool = False


class Shown(msgspec.Struct, frozen=True):
    """A draft with what it would do; ``names`` of the tasks in it."""

    draft: Draft
    effect: Effect
    names: dict[int, str]


def preview(store: Store, draft: Draft) -> Shown:
    """What a change of the rules would do to the history; nothing is changed. Raises UsageError for a rule that is gone."""
    present = tasks.rules(store)
    after = changed(present, draft)
    models = any(one.kind is RuleKind.MODEL for one in (*present, *after))
    told = effects.effect(pieces.ground(store, models=models), present, after, draft.rule)
    return Shown(draft, told, {task.id: task.name for task in tasks.tasks(store, archived=True)})


def changed(rules: tuple[Rule, ...], draft: Draft) -> tuple[Rule, ...]:
    """The rules as they would be. Raises UsageError for a rule that is gone."""
    if draft.rule == NEW:
        if draft.kind is None or draft.task is None or not draft.pattern.strip():
            return rules
        rules = (*rules, Rule(NEW, len(rules), draft.kind, draft.pattern.strip(), draft.task))
    own = next((one for one in rules if one.id == draft.rule), None)
    if own is None:
        raise UsageError(tr("This rule does not exist any more."), tr("Add it again with the form below the list."))
    if draft.gone:
        return tuple(one for one in rules if one.id != draft.rule)
    new = Rule(
        own.id, own.position, own.kind if draft.kind is None else draft.kind, draft.pattern.strip() or own.pattern,
        own.task if draft.task is None else draft.task,
    )  # fmt: skip
    rules = tuple(new if one.id == own.id else one for one in rules)
    return rules if draft.position is None else task_edits.placed(rules, draft.rule, draft.position)


def rule_standings(store: Store) -> tuple[RuleStanding, ...]:
    """How each rule fares: what it matches, what it wins, and which rule takes the rest."""
    present = tasks.rules(store)
    if not present:
        return ()
    models = any(one.kind is RuleKind.MODEL for one in present)
    return effects.standings(pieces.ground(store, models=models), present)


@changes("tasks", "usage")
def edit_rule(store: Store, rule: int, kind: RuleKind | str, pattern: str, task: int) -> None:
    """Change a rule and recompute the past; its place stays. Show ``preview`` first. Raises UsageError."""
    task_edits.edit_rule(store, rule, kind, pattern, task, attribute)


# ---------------------------------------------------------------------------------------------- suggestions


def suggestions(store: Store, chosen: tuple[Tickets, ...] = EVERY) -> tuple[Suggestion, ...]:
    """Tickets and folders that could be tasks, by falling use, without those that were dismissed."""
    every = tasks.tasks(store, archived=True)
    known = {task.ticket.upper(): task.id for task in reversed(every) if task.ticket}
    names = {task.name.casefold(): task.id for task in every}
    rules = tasks.rules(store)
    models = any(one.kind is RuleKind.MODEL for one in rules)
    return suggest(pieces.ground(store, models=models), rules, known, names, chosen, task_edits.dismissed(store))


def dismissed_count(store: Store) -> int:
    """How many suggestions the person does not want."""
    return len(task_edits.dismissed(store))


@changes("tasks", "usage")
def take_suggestion(store: Store, one: Suggestion) -> int:
    """Add the task (unless it is there) with its rule: one edit. Returns the task's id. Raises UsageError."""
    return task_edits.take_suggestion(store, one.kind, one.pattern, one.name, one.task, one.ticket, one.link, attribute)


@changes("tasks")
def dismiss_suggestion(store: Store, one: Suggestion) -> None:
    """Do not suggest it again."""
    task_edits.dismiss(store, one.key, one.name)


@changes("tasks")
def bring_back_suggestions(store: Store) -> None:
    """Suggest again what was dismissed."""
    task_edits.bring_back(store)


# ---------------------------------------------------------------------------------------------- tasks over time


class TaskStanding(msgspec.Struct, frozen=True):
    """A task in a range of days. ``mix``: tokens by label ("" = not labelled); ``bars``: the same for each stretch of the range."""

    task: Task | None  # None = use without a task
    tokens: int = 0
    sessions: int = 0
    mix: dict[str, int] = {}
    bars: tuple[dict[str, int], ...] = ()
    money: tuple[Money, ...] = ()
    unpriced: int = 0
    last: date | None = None  # the newest day with use in the range
    running_since: int | None = None


class TaskTable(msgspec.Struct, frozen=True):
    """Every task in the days [first, until), and use without one.

    ``starts``: first day of each stretch, ``days`` long; ``top``: tokens of the largest stretch of any task.
    """

    first: date
    until: date
    starts: tuple[date, ...]
    days: int
    rows: tuple[TaskStanding, ...]
    top: int = 0


BARS: Final = 60
"""No more stretches than this: a week each as long as they fit, else several weeks each."""


def task_table(store: Store, zone: str, week_start: int = 0, days: int | None = None) -> TaskTable:
    """Tasks by falling use in the last ``days`` days (None = all time), archived ones included."""
    today = reports.today(store, zone)
    until = today + timedelta(days=1)
    answer = reports.report(store, Query(zone, until - timedelta(days=days) if days else None, until if days else None, by=Dimension.TASK))
    first, until = answer.first, answer.until
    begin = first - timedelta(days=(first.weekday() - week_start) % 7)
    weeks = max(1, -(-(until - begin).days // 7))
    length = 7 * -(-weeks // BARS)
    starts = tuple(begin + timedelta(days=at) for at in range(0, (until - begin).days, length))
    used = task_use.by_stretch(store, first, until, begin, length)
    money = {row.key: row.measures for row in answer.rows}
    timer = tasks.running_timer(store)
    every = tasks.tasks(store, archived=True)
    rows, top = [], 0
    for task in (*every, None):
        own = used.get(task.id if task else None)
        measures = money.get(task.name if task else NONE_KEYS[Dimension.TASK])
        if task is None and own is None:
            continue
        bars: list[dict[str, int]] = [{} for _ in starts]
        mix: dict[str, int] = {}
        for place, label, tokens in own.parts if own else ():
            bars[place][label] = bars[place].get(label, 0) + tokens
            mix[label] = mix.get(label, 0) + tokens
        if task is not None:
            top = max([top, *(sum(bar.values()) for bar in bars)])
        rows.append(
            TaskStanding(
                task, sum(mix.values()), own.sessions if own else 0, mix, tuple(bars), measures.money if measures else (),
                measures.unpriced_requests if measures else 0, own.last if own else None,
                timer.start if timer and task and timer.task == task.id else None,
            )
        )  # fmt: skip
    return TaskTable(first, until, starts, length, tuple(sorted(rows, key=lambda row: (row.task is None, -row.tokens))), top)


@changes("tasks", "usage")
def merge_tasks(store: Store, task: int, into: int) -> None:
    """Everything of a task goes to another one, and the task goes: one edit. Raises UsageError."""
    task_edits.merge_tasks(store, task, into, attribute)


class Belongings(msgspec.Struct, frozen=True):
    """What would go with a task: how many rules, timers, assignments by hand (splits and folders' defaults too) and budgets."""

    rules: int
    timers: int
    by_hand: int
    budgets: int


def belongings(store: Store, task: int) -> Belongings:
    """What hangs on a task, for the question before it is deleted or merged."""
    return Belongings(*task_use.belongings(store, task))
