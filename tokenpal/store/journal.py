"""What the person says of their sessions: label, reason, note, link, tags, and the task by hand or by split.

Sessions are named by their stable key and need not be in the ledger: words outlive logs (product 2.7). Every function is
one edit (see ``edits``) that can be taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Final

from msgspec import UNSET, UnsetType

from tokenpal.model.errors import UsageError
from tokenpal.model.names import whole
from tokenpal.model.session import Label, WasteReason
from tokenpal.store.attribution import attribution
from tokenpal.store.database import Store
from tokenpal.store.edits import AT_ONCE, Attribute, Change, editing, redo, undo
from tokenpal.translation import mark, tr, trn

__all__ = ["annotate", "assign", "attribution", "change_tags", "redo", "release", "split", "take_over", "undo", "unsplit"]

NOTE_LENGTH: Final = 20_000
TAG_LENGTH: Final = 60
LABELS: Final = {"exploration": mark("exploration"), "delivered": mark("delivered"), "waste": mark("waste")}


def annotate(
    store: Store,
    sessions: Collection[str],
    *,
    label: Label | str | UnsetType | None = UNSET,
    reason: WasteReason | str | UnsetType | None = UNSET,
    note: str | UnsetType = UNSET,
    link: str | UnsetType = UNSET,
    minutes_saved: int | UnsetType | None = UNSET,
    tags: Iterable[str] | UnsetType = UNSET,
    now: int | None = None,
) -> None:
    """Say something of sessions; what is left UNSET stays. ``label=None`` takes the label away; ``tags`` is the whole list.

    A reason belongs to waste: another label clears it. Raises UsageError for words that are no label or reason.
    """
    new_label = label if isinstance(label, UnsetType) else checked_label(label)
    new_reason = reason if isinstance(reason, UnsetType) else checked_reason(reason)
    new_tags = tags if isinstance(tags, UnsetType) else checked_tags(tags)
    with editing(store, _title(sessions, new_label, note, new_tags), now=now) as change:
        for session in _each(change, "annotation", sessions):
            row = change.get("annotation", session) or {"session": session, "label": "", "reason": "", "note": "", "link": ""}
            if not isinstance(new_label, UnsetType):
                row |= {"label": new_label, "label_at": change.now}
                row["reason"] = row["reason"] if new_label == Label.WASTE else ""
            if not isinstance(new_reason, UnsetType):
                if new_reason and row["label"] != Label.WASTE:
                    raise UsageError(tr("A reason belongs to the label waste."), tr("Label the session waste, or leave the reason out."))
                row |= {"reason": new_reason, "label_at": change.now}
            words = {"note": note, "link": link, "minutes_saved": minutes_saved}
            said = {name: value for name, value in words.items() if not isinstance(value, UnsetType)}
            if said:
                row |= said | {"note_at": change.now}
                row["note"] = str(row["note"])[:NOTE_LENGTH].strip()
            if not isinstance(new_tags, UnsetType):
                row["tags_at"] = change.now
                _replace_tags(change, "session_tag", session, new_tags)
            change.put("annotation", row)


def change_tags(
    store: Store, sessions: Collection[str], add: Iterable[str] = (), remove: Iterable[str] = (), now: int | None = None
) -> None:
    """Add tags to sessions and remove others; each keeps the rest."""
    more, less = checked_tags(add), checked_tags(remove)
    with editing(store, trn("Tag a session", "Tag {n} sessions", len(sessions)), now=now) as change:
        for session in _each(change, "annotation", sessions):
            have = [row["tag"] for row in change.rows("session_tag", session=session)]
            change.put("annotation", (change.get("annotation", session) or {"session": session}) | {"tags_at": change.now})
            _replace_tags(change, "session_tag", session, checked_tags({*have, *more} - set(less)))


def assign(store: Store, sessions: Collection[str], task: int | None, attribute: Attribute | None = None, now: int | None = None) -> None:
    """Give whole sessions to a task by hand; None = the person says they belong to no task."""
    name = _task_name(store, task) if task is not None else tr("no task")
    with editing(store, trn("Assign a session to {name}", "Assign {n} sessions to {name}", len(sessions), name=name), attribute, now) as change:
        for session in _each(change, "hand", sessions):
            change.put("hand", {"session": session, "task": task, "changed_at": change.now})


def release(store: Store, sessions: Collection[str], attribute: Attribute | None = None, now: int | None = None) -> None:
    """Forget what was assigned by hand: timer, rules and project default decide again."""
    with editing(store, trn("Let rules decide for a session", "Let rules decide for {n} sessions", len(sessions)), attribute, now) as change:
        for session in _each(change, "hand", sessions):
            change.drop("hand", session)


def take_over(store: Store, session: str, label: str, reason: str, task: int | None, attribute: Attribute | None = None) -> None:
    """Label a session and give it a task (None = leave it) as one edit: "same as last time" (product 5.2)."""
    word, why = checked_label(label), checked_reason(reason)
    with editing(store, _title([session], word, UNSET, UNSET), attribute) as change:
        row = change.get("annotation", session) or {"session": session, "note": "", "link": ""}
        change.put("annotation", row | {"label": word, "reason": why if word == Label.WASTE else "", "label_at": change.now})
        if task is not None:
            _task_name(store, task)
            change.put("hand", {"session": session, "task": task, "changed_at": change.now})


def split(store: Store, session: str, at: int, task: int | None, attribute: Attribute | None = None, now: int | None = None) -> None:
    """From ``at`` (epoch seconds) on, this session's use belongs to ``task``; None = what is weaker says."""
    if task is not None:
        _task_name(store, task)
    with editing(store, tr("Split a session"), attribute, now) as change:
        change.put("split", {"session": session, "at": at, "task": task})


def unsplit(store: Store, session: str, at: int | None = None, attribute: Attribute | None = None, now: int | None = None) -> None:
    """Take back one split, or all of a session."""
    with editing(store, tr("Merge the parts of a session"), attribute, now) as change:
        for row in change.rows("split", session=session):
            if at is None or row["at"] == at:
                change.drop("split", session, row["at"])


def checked_label(label: Label | str | None) -> str:
    """The label's word, "" for none. Raises UsageError."""
    if label in {None, "", "none"}:
        return ""
    try:
        return Label(label).value
    except ValueError:
        raise UsageError(tr("{label} is no label.", label=repr(label)), tr("Use exploration, delivered, waste or none.")) from None


def checked_reason(reason: WasteReason | str | None) -> str:
    """The reason's words, "" for none; dashes and underscores count as spaces. Raises UsageError."""
    if reason in {None, "", "none"}:
        return ""
    try:
        return WasteReason(str(reason).replace("-", " ").replace("_", " ").lower()).value
    except ValueError:
        raise UsageError(tr("{reason} is no reason.", reason=repr(reason)), tr("Use one of: {words}.", words=", ".join(WasteReason))) from None


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without a leading #, trimmed, each once, sorted. Raises UsageError for one that is too long."""
    clean = sorted({" ".join(whole(tag).strip().lstrip("#").split()) for tag in tags} - {""})
    if any(len(tag) > TAG_LENGTH for tag in clean):
        raise UsageError(tr("A tag is too long."), tr("Keep tags under {count} characters.", count=TAG_LENGTH))
    return tuple(clean)


def _each(change: Change, table: str, sessions: Iterable[str]) -> Iterator[str]:
    """Each once, one at a time: what is handed in may count how far it got. Their rows of ``table`` are read ahead."""
    seen: set[str] = set()
    some: list[str] = []
    for session in chain(sessions, (None,)):
        if session is not None and session not in seen:
            seen.add(session)
            some.append(session)
        if len(some) >= AT_ONCE or (session is None and some):
            if len(some) > 1:
                change.ahead(table, some)
            yield from some
            some = []


def _replace_tags(change: Change, table: str, owner: str | int, tags: tuple[str, ...]) -> None:
    column = "session" if table == "session_tag" else "task"
    for row in change.rows(table, **{column: owner}):
        if row["tag"] not in tags:
            change.drop(table, owner, row["tag"])
    for tag in tags:
        change.put(table, {column: owner, "tag": tag})


def _task_name(store: Store, task: int) -> str:
    row = store.execute("SELECT name FROM task WHERE id = ?", (task,)).fetchone()
    if row is None:
        raise UsageError(tr("This task does not exist any more."), tr("Choose another task."))
    return str(row[0])


def _title(sessions: Collection[str], label: str | UnsetType, note: str | UnsetType, tags: tuple[str, ...] | UnsetType) -> str:
    count = len(sessions)
    if not isinstance(label, UnsetType):
        if not label:
            return trn("Remove the label of a session", "Remove the label of {n} sessions", count)
        return trn("Label a session {label}", "Label {n} sessions {label}", count, label=tr(LABELS[label]))
    if not isinstance(note, UnsetType):
        return trn("Write a note on a session", "Write a note on {n} sessions", count)
    if not isinstance(tags, UnsetType):
        return trn("Tag a session", "Tag {n} sessions", count)
    return trn("Edit a session", "Edit {n} sessions", count)
