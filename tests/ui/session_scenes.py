"""States of the Sessions page for the pictures: one after the other and its end, many at once, parts, filters, dialogs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel
from PySide6.QtWidgets import QApplication, QDialog

from tokenpal.engine import commands, listing

SCENES = ("sessions-run", "sessions-waste", "sessions-end", "sessions-many", "sessions-parts", "sessions-split", "sessions-filters", "sessions-past", "sessions-none", "sessions-ask")


def picture(desktop: Any, window: Any, name: str, settle: Callable[[], None]) -> Any:
    """The window, or the dialog that is open. The page is left as it was."""
    page = window.open_page("sessions")
    settle()
    engine, shown = desktop.engine, listing.session_index
    undo = 0
    match name.removeprefix("sessions-"):
        case "run":
            page.begin_run()
            settle()
            page.run.put_off()
        case "waste":
            page.begin_run()
            settle()
            page.press("w")
            undo = 1
        case "end":
            page.run.begin(engine.ask(shown).result(60).ids[:1])
            settle()
            page.run.go_on()
        case "many":
            model = page.list.sessions
            chosen = QItemSelection(model.index(1), model.index(9))
            page.list.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        case "parts" | "split":
            row, cuts = page.detail.row, page.detail.timeline.cuts
            places = cuts.places()
            if name.endswith("parts"):
                task = next(task for task in page.edits.tasks if task.id != row.task_id)
                engine.ask(commands.split_session, row.id, cuts.at_of(places[len(places) // 2]), task.id).result(60)
                undo = 1
                settle()
            page.detail.timeline.put_cursor(page.detail.timeline.cuts.places()[len(places) // 3])
            if name.endswith("split"):
                page.detail.press("s")
        case "filters":
            page.filters.toggle("tasks", "Code review")
            page.filters.toggle("agents", "claude-code")
            page.filters.toggle("projects", engine.ask(listing.choices).result(60).projects[0])
        case "past":
            for row in list(page.list.sessions._pages[0].values())[:3]:
                engine.ask(commands.label_sessions, [row.id], "delivered").result(60)
            engine.ask(commands.undo).result(60)
            undo = 2
            page.edits.show_past()
        case "none":
            page.search.setText("no such words anywhere")
            page.filters._searched()
        case "ask":
            page.edits.all_of("Label", "23,412 sessions: Delivered", listing.label, range(23_412), "delivered")
    settle()
    dialog = next((one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()), None)
    made = (dialog or window).grab()
    if dialog is not None:
        dialog.close()
    if page.run.on:
        page.end_run()
    page.detail.timeline.put_cursor(None)
    page.filters.clear()
    for _ in range(undo):
        engine.ask(commands.undo).result(60)
    settle()
    page.list.choose_place(0)
    settle()
    return made
