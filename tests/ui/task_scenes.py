"""States and dialogs of the Tasks page for the pictures: rules that are looked at, a table, what is archived, trackers, merging."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET
from PySide6.QtWidgets import QApplication, QDialog

from tokenpal.engine import commands
from tokenpal.insight.tickets import Tracker

SCENES = (
    "tasks-move", "tasks-change", "tasks-add", "tasks-conflict", "tasks-table", "tasks-archived", "tasks-trackers", "tasks-merge",
    "tasks-delete", "tasks-edit",
)  # fmt: skip


def picture(desktop: Any, window: Any, name: str, settle: Callable[[], None]) -> Any:
    """The window, or the dialog that is open."""
    page = window.open_page("tasks")
    settle()
    rules, engine = page.rules, desktop.engine
    ids = [row.rule.id for row in rules._rules]
    task = next((row.task for row in page._rows if row.task is not None), None)
    if task is None:
        return window.grab()  # nothing to show the states with
    undo, bar = 0, page.scroller.verticalScrollBar()
    match name.removeprefix("tasks-"):
        case "move":
            undo += ask(engine, commands.add_rule, "folder", "/home/sam", task.id)
            settle()
            rules.move_to(rules._rules[-1].rule.id, 1)
        case "change":
            rules.edit(ids[1])
            rules._editor.pattern.setText("*")
            rules._editor.changed.emit()
        case "add":
            rules.pattern.setText("*")
            rules.form.changed.emit()
        case "conflict":
            undo += ask(engine, commands.add_rule, "branch", "review/*", task.id, 0)
            undo += ask(engine, commands.add_rule, "branch", "nothing/of/this/name", task.id)
        case "table":
            page.as_table.setChecked(True)
        case "archived":
            undo += ask(engine, commands.edit_task, task.id, *[UNSET] * 5, True)
            undo += ask(engine, commands.start_timer, next(row.task.id for row in page._rows[1:] if row.task))
            settle()
            page.listing.fold.click()
        case "trackers":
            desktop.settings.set(f"tickets.{Tracker.JIRA.value}_address", "https://acme.atlassian.net")
            page.refresh(frozenset({"settings"}))
            settle()
            page.set_up_trackers()
        case "merge" | "delete" | "edit" as what:
            page._chosen = task
            {"merge": page._menu_merge, "delete": page._menu_delete, "edit": lambda: page._edit(task.id)}[what]()
    settle()
    settle()
    dialog = next((one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()), None)
    if dialog is None:
        bar.setValue(bar.maximum() if name.removeprefix("tasks-") in {"move", "change", "add", "conflict"} else 0)
        settle()
    shown = (dialog or window).grab()
    if dialog is not None:
        dialog.close()
    rules.pattern.clear()
    rules._close()
    page.as_table.setChecked(False)
    if name == "tasks-archived":
        page.listing.fold.click()
    for _ in range(undo):
        engine.ask(commands.undo).result(60)
    settle()
    bar.setValue(0)
    return shown


def ask(engine: Any, function: Any, *args: Any) -> int:
    """Do it, and count it as one to undo."""
    engine.ask(function, *args).result(60)
    return 1
