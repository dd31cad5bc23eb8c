"""Tasks, rules, timers and project defaults: what decides where use goes (product 3). Every function is one edit."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Final

from msgspec import UNSET, UnsetType

from tokenpal.model.budget import BudgetScope
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import RuleKind, Task, Timer
from tokenpal.model.names import whole
from tokenpal.store.attribution import rules, timers
from tokenpal.store.budgets import drop_of
from tokenpal.store.database import Store
from tokenpal.store.edits import Attribute, Change, editing
from tokenpal.store.journal import checked_tags
from tokenpal.translation import tr

__all__ = ["add_rule", "add_task", "delete_rule", "delete_task", "edit_task", "move_rule", "project_default", "rules",
           "running_timer", "start_timer", "stop_timer", "task_named", "tasks", "timers"]  # fmt: skip

COLORS: Final = 8  # slots of the series palette (design 3)
NAME_LENGTH: Final = 200
RESERVED: Final = frozenset({"unassigned", "none"})


def tasks(store: Store, *, archived: bool = False) -> list[Task]:
    """All tasks by name; archived ones only when asked for."""
    tags: dict[int, list[str]] = {}
    for task, tag in store.execute("SELECT task, tag FROM task_tag ORDER BY task, tag"):
        tags.setdefault(task, []).append(tag)
    rows = store.execute("SELECT id, name, ticket, link, done, archived, color FROM task ORDER BY name COLLATE NOCASE, id")
    return [
        Task(id_, name, tuple(tags.get(id_, ())), ticket, link, bool(done), bool(away), color)
        for id_, name, ticket, link, done, away, color in rows
        if archived or not away
    ]


def task_named(store: Store, name: str) -> Task | None:
    """The task with this name, whatever the case, or with this ticket id."""
    wanted = " ".join(whole(name).split()).casefold()
    every = tasks(store, archived=True)
    return next((task for task in every if task.name.casefold() == wanted), None) or next(
        (task for task in every if task.ticket and task.ticket.casefold() == wanted), None
    )


def add_task(
    store: Store, name: str, *, tags: Iterable[str] = (), ticket: str = "", link: str = "", color: int | None = None, now: int | None = None
) -> Task:
    """A new task in the least used colour slot, kept for life. Raises UsageError when the name is empty or taken."""
    with editing(store, tr("Add the task {name}", name=name.strip()), now=now) as change:
        id_ = new_task(change, name, ticket=ticket, link=link, **({} if color is None else {"color": color}))
        _tag(change, id_, tags)
    return next(task for task in tasks(store, archived=True) if task.id == id_)


def new_task(change: Change, name: str, **columns: Any) -> int:
    """Put a task row inside an edit; returns its id."""
    used = dict(change.store.execute("SELECT color, COUNT(*) FROM task GROUP BY color").fetchall())
    id_ = change.new_id("task")
    change.put("task", {
        "id": id_, "uid": os.urandom(16).hex(), "name": _checked_name(change.store, name), "ticket": "", "link": "", "done": 0,
        "archived": 0, "color": min(range(COLORS), key=lambda slot: (used.get(slot, 0), slot)), "changed_at": change.now,
    } | columns)  # fmt: skip
    return id_


def edit_task(
    store: Store,
    task: int,
    *,
    name: str | UnsetType = UNSET,
    tags: Iterable[str] | UnsetType = UNSET,
    ticket: str | UnsetType = UNSET,
    link: str | UnsetType = UNSET,
    done: bool | UnsetType = UNSET,
    archived: bool | UnsetType = UNSET,
    color: int | UnsetType = UNSET,
    now: int | None = None,
) -> None:
    """Change what is given. Archiving hides the task from choices; its past stays. ``color``: slot 0 to 7. Raises UsageError."""
    if not isinstance(color, UnsetType) and not 0 <= color < COLORS:
        raise UsageError(tr("There is no such colour."), tr("Choose one of the eight."))
    with editing(store, tr("Edit a task"), now=now) as change:
        row = _row(change, task)
        change.title = tr("Edit the task {name}", name=row["name"])
        if not isinstance(name, UnsetType):
            row["name"] = _checked_name(store, name, besides=task)
        if not isinstance(done, UnsetType):
            change.title = tr("Finish the task {name}", name=row["name"]) if done else tr("Open the task {name}", name=row["name"])
        if not isinstance(archived, UnsetType):
            change.title = tr("Archive the task {name}", name=row["name"]) if archived else tr("Bring back the task {name}", name=row["name"])
        said = {"ticket": ticket, "link": link, "done": done, "archived": archived, "color": color}
        new = {key: value for key, value in said.items() if not isinstance(value, UnsetType)}
        row |= {key: value.strip() if isinstance(value, str) else int(value) for key, value in new.items()}
        if not isinstance(tags, UnsetType):
            _tag(change, task, tags)
        change.put("task", row | {"changed_at": change.now})


def delete_task(store: Store, task: int, attribute: Attribute | None = None, now: int | None = None) -> None:
    """Remove a task with its rules, timers, assignments and budgets; use that it had goes to whatever is weaker. Undo brings all back."""
    with editing(store, tr("Delete a task"), attribute, now) as change:
        change.title = tr("Delete the task {name}", name=_row(change, task)["name"])
        for row in change.rows("task_tag", task=task):
            change.drop("task_tag", task, row["tag"])
        for table, column in (("rule", "id"), ("timer", "id"), ("hand", "session"), ("project_default", "project")):
            for row in change.rows(table, task=task):
                change.drop(table, row[column])
        for row in change.rows("split", task=task):
            change.put("split", row | {"task": None})
        drop_of(change, BudgetScope.TASK, task)
        change.drop("task", task)


# ---------------------------------------------------------------------------------------------- rules


def add_rule(
    store: Store,
    kind: RuleKind | str,
    pattern: str,
    task: int,
    attribute: Attribute | None = None,
    position: int | None = None,
    now: int | None = None,
) -> int:
    """A rule at ``position`` (0 = tried first; None = last); returns its id. The past is recomputed (decisions 4)."""
    try:
        kind = RuleKind(kind)
    except ValueError:
        raise UsageError(tr("{kind} is no kind of rule.", kind=repr(kind)), tr("Use one of: {words}.", words=", ".join(RuleKind))) from None
    if not pattern.strip():
        raise UsageError(tr("A rule needs something to match."), tr("Give a folder, a branch pattern such as feature/*, or a name."))
    with editing(store, tr("Add a rule"), attribute, now) as change:
        change.title = tr("Add a rule for {name}", name=_row(change, task)["name"])
        if change.rows("rule", kind=kind.value, pattern=pattern.strip(), task=task):
            raise UsageError(tr("There is this very rule already."), tr("Move it if another one wins before it."))
        id_ = change.new_id("rule")
        every = _order(change)
        every.insert(len(every) if position is None else max(0, min(position, len(every))), id_)
        change.put("rule", {"id": id_, "position": len(every), "kind": kind.value, "pattern": pattern.strip(), "task": task})
        _number(change, every)
    return id_


def move_rule(store: Store, rule: int, position: int, attribute: Attribute | None = None, now: int | None = None) -> None:
    """Try this rule at another place; 0 = first."""
    with editing(store, tr("Move a rule"), attribute, now) as change:
        every = _order(change)
        if rule not in every:
            raise UsageError(tr("This rule does not exist any more."), tr("List the rules with: tokenpal task rule list"))
        every.remove(rule)
        every.insert(max(0, min(position, len(every))), rule)
        _number(change, every)


def delete_rule(store: Store, rule: int, attribute: Attribute | None = None, now: int | None = None) -> None:
    """Remove a rule; what it had matched goes to the next that matches."""
    with editing(store, tr("Delete a rule"), attribute, now) as change:
        if change.get("rule", rule) is None:
            raise UsageError(tr("This rule does not exist any more."), tr("List the rules with: tokenpal task rule list"))
        change.drop("rule", rule)
        _number(change, _order(change))


def project_default(store: Store, project: str, task: int | None, attribute: Attribute | None = None, now: int | None = None) -> None:
    """Where use in a project goes when nothing stronger says otherwise; None takes it away."""
    with editing(store, tr("Set the default task of {project}", project=project), attribute, now) as change:
        if task is None:
            change.drop("project_default", project)
        else:
            _row(change, task)
            change.put("project_default", {"project": project, "task": task})


# ---------------------------------------------------------------------------------------------- timers


def start_timer(store: Store, task: int, attribute: Attribute | None = None, now: int | None = None) -> Timer:
    """Work on ``task`` from now on; whatever ran stops at the same second. Timers never overlap."""
    with editing(store, tr("Start the timer"), attribute, now) as change:
        name = _row(change, task)["name"]
        change.title = tr("Work on {name}", name=name)
        running = _running(change)
        if running is None or running["task"] != task:
            _stop(change, running)
            last = change.store.execute('SELECT IFNULL(MAX("end"), 0) FROM timer').fetchone()[0]
            start = max(change.now, last)  # a clock that went back must not make timers overlap
            change.put("timer", {"id": change.new_id("timer"), "task": task, "start": start, "end": None})
    found = running_timer(store)
    if found is None:
        raise AssertionError
    return found


def stop_timer(store: Store, attribute: Attribute | None = None, now: int | None = None) -> Timer | None:
    """Stop working on a task; returns the timer that ran, or None when none did."""
    running = running_timer(store)
    with editing(store, tr("Stop the timer"), attribute, now) as change:
        row = _running(change)
        _stop(change, row)
    return running


def running_timer(store: Store) -> Timer | None:
    """The timer that runs, if one does."""
    row = store.execute('SELECT id, task, start, "end" FROM timer WHERE "end" IS NULL').fetchone()
    return None if row is None else Timer(*row)


def _running(change: Change) -> dict[str, Any] | None:
    row = change.store.execute('SELECT id FROM timer WHERE "end" IS NULL').fetchone()
    return None if row is None else change.get("timer", row[0])


def _stop(change: Change, row: dict[str, Any] | None) -> None:
    if row is None:
        return
    if change.now <= row["start"]:
        change.drop("timer", row["id"])  # it lasted no second
    else:
        change.put("timer", row | {"end": change.now})


# ---------------------------------------------------------------------------------------------- small things


def _row(change: Change, task: int) -> dict[str, Any]:
    row = change.get("task", task)
    if row is None:
        raise UsageError(tr("This task does not exist any more."), tr("List the tasks with: tokenpal task list"))
    return row


def _tag(change: Change, task: int, tags: Iterable[str]) -> None:
    clean = checked_tags(tags)
    for row in change.rows("task_tag", task=task):
        if row["tag"] not in clean:
            change.drop("task_tag", task, row["tag"])
    for tag in clean:
        change.put("task_tag", {"task": task, "tag": tag})


def _order(change: Change) -> list[int]:
    return [row[0] for row in change.store.execute("SELECT id FROM rule ORDER BY position, id")]


def _number(change: Change, every: list[int]) -> None:
    for position, id_ in enumerate(every):
        row = change.get("rule", id_)
        if row is not None and row["position"] != position:
            change.put("rule", row | {"position": position})


def _checked_name(store: Store, name: str, besides: int | None = None) -> str:
    clean = " ".join(whole(name).split())
    if not clean or len(clean) > NAME_LENGTH:
        raise UsageError(tr("A task needs a name of at most 200 characters."), tr("Give it a short name."))
    if clean.casefold() in RESERVED:
        raise UsageError(tr("{name} means use without a task.", name=repr(clean)), tr("Choose another name."))
    taken = store.execute("SELECT id, name FROM task").fetchall()
    if any(id_ != besides and other.casefold() == clean.casefold() for id_, other in taken):
        raise UsageError(tr("There is a task named {name} already.", name=repr(clean)), tr("Choose another name, or use that task."))
    return clean
