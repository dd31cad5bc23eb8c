"""Edits that touch a task and its rules at once: change a rule, make one task of two, take or dismiss a suggestion. Each is one edit."""

from __future__ import annotations

from tokenpal.model.errors import UsageError
from tokenpal.model.journal import Rule, RuleKind
from tokenpal.store import tasks
from tokenpal.store.database import Store
from tokenpal.store.edits import Attribute, Change, editing
from tokenpal.translation import tr


def edit_rule(
    store: Store, rule: int, kind: RuleKind | str, pattern: str, task: int, attribute: Attribute | None = None, now: int | None = None
) -> None:
    """Change what a rule looks at, its pattern or its task; its place stays. The past is recomputed. Raises UsageError."""
    kind = checked_kind(kind)
    pattern = checked_pattern(pattern)
    with editing(store, tr("Change a rule"), attribute, now) as change:
        row = change.get("rule", rule)
        if row is None:
            raise UsageError(tr("This rule does not exist any more."), tr("Add it again with the form below the list."))
        if change.get("task", task) is None:
            raise UsageError(tr("This task does not exist any more."), tr("Choose another one."))
        if any(other["id"] != rule for other in change.rows("rule", kind=kind.value, pattern=pattern, task=task)):
            raise UsageError(tr("There is this very rule already."), tr("Move it if another one wins before it."))
        change.title = tr("Change rule {n}", n=row["position"] + 1)
        change.put("rule", row | {"kind": kind.value, "pattern": pattern, "task": task})


def merge_tasks(store: Store, task: int, into: int, attribute: Attribute | None = None, now: int | None = None) -> None:
    """Everything of ``task`` belongs to ``into`` from now on: rules, timers, assignments, splits, folders' defaults and tags; ``task`` goes.

    ``into`` gets the ticket and the link if it has none. Budgets of ``task`` go with it. Raises UsageError.
    """
    if task == into:
        raise UsageError(tr("A task cannot be merged with itself."), tr("Choose another one."))
    with editing(store, tr("Merge two tasks"), attribute, now) as change:
        old, new = change.get("task", task), change.get("task", into)
        if old is None or new is None:
            raise UsageError(tr("This task does not exist any more."), tr("Choose another one."))
        change.title = tr("Merge {task} into {other}", task=old["name"], other=new["name"])
        for row in change.rows("task_tag", task=task):
            change.drop("task_tag", task, row["tag"])
            change.put("task_tag", {"task": into, "tag": row["tag"]})
        have = {(row["kind"], row["pattern"]) for row in change.rows("rule", task=into)}
        for row in change.rows("rule", task=task):
            if (row["kind"], row["pattern"]) in have:
                change.drop("rule", row["id"])
            else:
                change.put("rule", row | {"task": into})
        for table in ("timer", "hand", "split", "project_default"):
            for row in change.rows(table, task=task):
                change.put(table, row | {"task": into})
        for row in change.rows("budget", scope="task", of=task):
            change.drop("budget", row["id"])
        change.drop("task", task)
        change.put("task", new | {"ticket": new["ticket"] or old["ticket"], "link": new["link"] or old["link"], "changed_at": change.now})
        _number(change)


def take_suggestion(
    store: Store, kind: RuleKind | str, pattern: str, name: str, task: int | None, ticket: str = "", link: str = "",
    attribute: Attribute | None = None, now: int | None = None,
) -> int:  # fmt: skip
    """A task (a new one, or ``task``) with the rule that sends this use to it: one edit. The rule is tried last. Returns the task's id."""
    kind = checked_kind(kind)
    pattern = checked_pattern(pattern)
    with editing(store, tr("Add the task {name}", name=name), attribute, now) as change:
        if task is None:
            task = tasks.new_task(change, name, ticket=ticket, link=link)
        elif change.get("task", task) is None:
            raise UsageError(tr("This task does not exist any more."), tr("Choose another one."))
        else:
            change.title = tr("Add a rule for {name}", name=name)
        if not change.rows("rule", kind=kind.value, pattern=pattern, task=task):
            place = store.execute("SELECT COUNT(*) FROM rule").fetchone()[0]
            change.put("rule", {"id": change.new_id("rule"), "position": place, "kind": kind.value, "pattern": pattern, "task": task})
    return task


def dismiss(store: Store, key: str, name: str, now: int | None = None) -> None:
    """Do not suggest this again, until the dismissal is undone."""
    with editing(store, tr("Dismiss the suggestion {name}", name=name), now=now) as change:
        change.put("dismissed", {"key": key, "at": change.now})


def bring_back(store: Store, now: int | None = None) -> None:
    """Suggest again everything that was dismissed."""
    with editing(store, tr("Bring back dismissed suggestions"), now=now) as change:
        for row in change.rows("dismissed"):
            change.drop("dismissed", row["key"])


def dismissed(store: Store) -> frozenset[str]:
    """The suggestions that the person does not want."""
    return frozenset(row[0] for row in store.execute("SELECT key FROM dismissed"))


def checked_kind(kind: RuleKind | str) -> RuleKind:
    """Raises UsageError."""
    try:
        return RuleKind(kind)
    except ValueError:
        raise UsageError(tr("{kind} is no kind of rule.", kind=repr(kind)), tr("Use one of: {words}.", words=", ".join(RuleKind))) from None


def checked_pattern(pattern: str) -> str:
    """Raises UsageError for an empty one."""
    if not pattern.strip():
        raise UsageError(tr("A rule needs something to match."), tr("Give a folder, a branch pattern such as feature/*, or a name."))
    return pattern.strip()


def placed(rules: tuple[Rule, ...], rule: int, position: int) -> tuple[Rule, ...]:
    """The rules with one of them at another place, as ``tasks.move_rule`` would leave them."""
    every = [one for one in rules if one.id != rule]
    moving = [one for one in rules if one.id == rule]
    place = max(0, min(position, len(every)))
    return (*every[:place], *moving, *every[place:])


def _number(change: Change) -> None:
    for position, (id_,) in enumerate(change.store.execute("SELECT id FROM rule ORDER BY position, id").fetchall()):
        row = change.get("rule", id_)
        if row is not None and row["position"] != position:
            change.put("rule", row | {"position": position})
