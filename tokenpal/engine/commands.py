"""What the person does, as functions f(store, ...) that window and command line share.

Each says what it changes; ``Engine.ask`` tells everybody after it has run, another process notices by ``data_version``.
All edits of the journal can be undone, whoever made them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import UNSET, UnsetType, structs

from tokenpal.engine import options as answers, providers
from tokenpal.engine.budgets import note_passed
from tokenpal.engine.changes import at_length, changes
from tokenpal.engine.prices import pricer_for
from tokenpal.engine.weeks import freeze
from tokenpal.insight import reconcile_words
from tokenpal.insight.tasks import attribute
from tokenpal.model.budget import Budget
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn, RuleKind, Task, Template, Timer
from tokenpal.model.session import Label, WasteReason
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.store import (
    accounts,
    budgets,
    checkins,
    counting,
    edits,
    journal,
    maintenance,
    renaming,
    tasks,
    templates,
)
from tokenpal.store.database import Store
from tokenpal.translation import tr

# ---------------------------------------------------------------------------------------------- sessions


@changes("labels")
def label_sessions(
    store: Store,
    sessions: Collection[str],
    label: Label | str | UnsetType | None = UNSET,
    reason: WasteReason | str | UnsetType | None = UNSET,
    note: str | UnsetType = UNSET,
) -> None:
    """Label sessions; None takes the label away. Raises UsageError for words that are none."""
    journal.annotate(store, sessions, label=label, reason=reason, note=note)


@changes("labels")
def note_session(
    store: Store,
    session: str,
    note: str | UnsetType = UNSET,
    link: str | UnsetType = UNSET,
    minutes_saved: int | UnsetType | None = UNSET,
) -> None:
    """Write the note of a session, or its outcome fields."""
    journal.annotate(store, [session], note=note, link=link, minutes_saved=minutes_saved)


@changes("labels", "tasks", "usage")
def assign_sessions(store: Store, sessions: Collection[str], task: int | None) -> None:
    """Give sessions to a task by hand; None = they belong to no task."""
    journal.assign(store, sessions, task, attribute)


@changes("labels", "tasks", "usage")
def release_sessions(store: Store, sessions: Collection[str]) -> None:
    """Let timer, rules and project defaults decide again."""
    journal.release(store, sessions, attribute)


@changes("tasks", "usage")
def split_session(store: Store, session: str, at: int, task: int | None) -> None:
    """From ``at`` (epoch seconds) on the session's use belongs to ``task``."""
    journal.split(store, session, at, task, attribute)


@changes("tasks", "usage")
def merge_session(store: Store, session: str, at: int | None = None) -> None:
    """Take back one split, or all of a session."""
    journal.unsplit(store, session, at, attribute)


# ---------------------------------------------------------------------------------------------- tasks


@changes("tasks")
def add_task(store: Store, name: str, tags: Iterable[str] = (), ticket: str = "", link: str = "", color: int | None = None) -> Task:
    """A new task; ``color`` None = the least used slot. Raises UsageError when the name is empty or taken."""
    return tasks.add_task(store, name, tags=tags, ticket=ticket, link=link, color=color)


@changes("tasks")
def edit_task(
    store: Store,
    task: int,
    name: str | UnsetType = UNSET,
    tags: Iterable[str] | UnsetType = UNSET,
    ticket: str | UnsetType = UNSET,
    link: str | UnsetType = UNSET,
    done: bool | UnsetType = UNSET,
    archived: bool | UnsetType = UNSET,
    color: int | UnsetType = UNSET,
) -> None:
    """Change what is given."""
    tasks.edit_task(store, task, name=name, tags=tags, ticket=ticket, link=link, done=done, archived=archived, color=color)


@changes("tasks")
def finish_task(store: Store, task: int, done: bool = True) -> None:
    """The task is done, or open again."""
    tasks.edit_task(store, task, done=done)


@changes("tasks", "usage")
def delete_task(store: Store, task: int) -> None:
    """Delete a task with its rules, timers and assignments."""
    tasks.delete_task(store, task, attribute)


@changes("tasks")
def start_timer(store: Store, task: int) -> Timer:
    """Work on a task from now on."""
    return tasks.start_timer(store, task, attribute)


@changes("tasks")
def stop_timer(store: Store) -> Timer | None:
    """Stop working; returns what ran."""
    return tasks.stop_timer(store, attribute)


@changes("tasks", "usage")
def add_rule(store: Store, kind: RuleKind | str, pattern: str, task: int, position: int | None = None) -> int:
    """Add a rule and recompute the past; returns its id. Show ``queries.preview_rule`` first."""
    return tasks.add_rule(store, kind, pattern, task, attribute, position)


@changes("tasks", "usage")
def move_rule(store: Store, rule: int, position: int) -> None:
    """Try the rule at another place; 0 = first."""
    tasks.move_rule(store, rule, position, attribute)


@changes("tasks", "usage")
def delete_rule(store: Store, rule: int) -> None:
    """Remove a rule and recompute the past."""
    tasks.delete_rule(store, rule, attribute)


@changes("tasks", "usage")
def set_project_default(store: Store, project: str, task: int | None) -> None:
    """Where use in a project goes when nothing stronger says otherwise; None takes it away."""
    tasks.project_default(store, project, task, attribute)


# ---------------------------------------------------------------------------------------------- check-ins


@changes("checkins")
def save_checkin(store: Store, checkin: CheckIn) -> CheckIn:
    """Keep a week's words, with the week's figures as they are now unless it brings its own."""
    if not checkin.evidence:
        checkin = structs.replace(checkin, evidence=freeze(store, checkin.week, maintenance.zone_of(store)))
    return checkins.save_checkin(store, checkin, sitting=True)


@changes("checkins")
def save_template(store: Store, template: Template) -> None:
    """Keep a template of check-ins; one of the same name is replaced. Raises UsageError."""
    templates.save_template(store, template)


@changes("checkins")
def delete_template(store: Store, name: str) -> None:
    """Remove a template of check-ins. Raises UsageError."""
    templates.delete_template(store, name)


# ---------------------------------------------------------------------------------------------- budgets


@changes("budgets")
def set_budget(store: Store, budget: Budget) -> int:
    """Keep a new budget (id 0) or change one; its id. One that is passed already is told from its next period on. Raises UsageError."""
    with store.transaction():
        id_ = budgets.set_budget(store, budget)
        note_passed(store, id_)
    return id_


@changes("budgets")
def delete_budget(store: Store, budget: int) -> None:
    """Remove a budget. Raises UsageError."""
    budgets.delete_budget(store, budget)


# ---------------------------------------------------------------------------------------------- undo


@changes("labels", "tasks", "checkins", "usage", "accounts", "budgets")
@at_length(edits.is_big)
def undo(store: Store) -> str | None:
    """Take back the newest edit; its title, or None."""
    return edits.undo(store, attribute, lambda: pricer_for(store))


@changes("labels", "tasks", "checkins", "usage", "accounts", "budgets")
@at_length(lambda store: edits.is_big(store, back=False))
def redo(store: Store) -> str | None:
    """Do again what was taken back last; its title, or None."""
    return edits.redo(store, attribute, lambda: pricer_for(store))


# ---------------------------------------------------------------------------------------------- accounts


def provider_address(source: str, base_url: str = "") -> tuple[SourceInfo, str]:
    """The provider of this id and the address to ask. Raises UsageError, before anybody is asked for a key."""
    info = providers.info(source)
    if info is None or info.kind is not Kind.API:
        raise UsageError(tr("There is no provider {source}.", source=repr(source)), tr("Use one of: {words}.", words=", ".join(one.id for one in providers.accounts())))
    if info.needs_base_url and not base_url:
        raise UsageError(tr("{name} needs its address.", name=info.name), tr("Give it with --base-url, such as https://host.example or http://localhost:8000"))
    address = (base_url or info.base_url).strip().rstrip("/")
    if not address.startswith(("https://", "http://")):
        raise UsageError(tr("{base_url} is no address.", base_url=repr(base_url)), tr("It begins with https://"))
    return info, address


@changes("accounts")
def add_account(
    store: Store, source: str, name: str, base_url: str = "", options: Mapping[str, str] | None = None, agreed: bool = False
) -> int:
    """A new provider account without a key yet; its id. The key goes to the credential store, never here.

    ``options``: answers to SourceInfo.options. ``agreed``: the person read what is unofficial about it. Raises UsageError.
    """
    info, address = provider_address(source, base_url)
    answers.consent(info, agreed)
    kept: dict[str, Any] = {answers.GIVEN: answers.checked(info, options or {})}
    if info.unofficial:
        kept[answers.AGREED] = store.now()
    return accounts.add_account(store, info.id, name.strip() or info.name, info.provider, kind="api", root=address, options=kept)


@changes("accounts")
def set_account_options(store: Store, account: int, options: Mapping[str, str]) -> bool:
    """Change some answers of an account ("" takes one away); whether anything changed. Raises UsageError.

    Then everything the provider still tells is read again with the new answers, and takes the place of what was read before.
    """
    row = accounts.account(store, account)
    info = providers.info(row.source)
    if info is None or not info.options:
        raise UsageError(tr("{name} has no options.", name=row.name), tr("List them with: tokenpal accounts providers"))
    with store.transaction():
        wanted = answers.checked(info, {**answers.given(store, account), **options})
        changed = answers.give(store, account, wanted)
        if changed:
            accounts.read_again(store, account)
    return changed


@changes("accounts")
def rename_account(store: Store, account: int, name: str) -> None:
    """Raises UsageError for a name that is taken or empty."""
    if not name.strip():
        raise UsageError(tr("An account needs a name."), tr("Give it a short name such as work."))
    renaming.rename_account(store, account, name.strip())


@changes("accounts")
def note_key(store: Store, account: int, entry: str) -> None:
    """The name of the account's entry in the credential store; "" = it has none."""
    accounts.set_secret(store, account, entry)


@changes("accounts", "usage")
def set_counts(store: Store, account: int, counts: str, mirror_of: int | UnsetType | None = UNSET) -> None:
    """What an account's report counts for: all, remainder or none; and the account it mirrors. Can be undone. Raises UsageError."""
    row = accounts.account(store, account)
    mirror = row.mirror_of if isinstance(mirror_of, UnsetType) else mirror_of
    title = reconcile_words.changed(row.name, counts, accounts.account(store, mirror).name if mirror is not None else "")
    counting.set_counts(store, account, counts, mirror, title, lambda: pricer_for(store))


@changes("accounts", "usage", "limits", "labels")
def remove_account(store: Store, account: int, keep_history: bool = True) -> None:
    """Remove an account; its history stays unless it is to be forgotten. Delete its key first: that is not done here."""
    accounts.remove_account(store, account, keep_history=keep_history, price=None if keep_history else pricer_for(store))
