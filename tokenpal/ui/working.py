"""Working on a task: choosing it, stopping, and what becomes of the time in which nobody was there."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from tokenpal.model.events import Notable
from tokenpal.translation import tr

if TYPE_CHECKING:
    from tokenpal.insight.away import Break, Watch
    from tokenpal.model.journal import Task
    from tokenpal.ui.standing import Standing

LOOK_MS = 60_000
SETTING = "general.idle_minutes"


class Working(QObject):
    """One for the app. The clock is looked at once a minute, and only while a timer runs."""

    notable = Signal(object)
    _idle = Signal(object)

    def __init__(self, desktop: Any, standing: Standing) -> None:
        super().__init__(desktop)
        self._desktop, self._standing = desktop, standing  # desktop: ui.desktop.Desktop
        self._watch: Watch | None = None
        self._task, self._since = "", 0
        self._break: tuple[Break, str] | None = None  # not answered yet, and the task the timer ran for
        self._asking = False
        self._dialog: Any = None
        self._picker: Any = None
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self.look)
        self._idle.connect(self._heard)
        standing.changed.connect(self._stand)

    # ---- choosing -----------------------------------------------------------------------------------------
    @Slot()
    def choose(self) -> None:
        """Ask which task to work on."""
        from tokenpal.engine import queries

        self._desktop.bridge.ask(queries.recent_tasks, 50, then=self._pick)

    def _pick(self, tasks: list[Task]) -> None:
        self._open_picker(tasks, none=False).picked.connect(self._picked)

    def _open_picker(self, tasks: list[Task], *, none: bool) -> Any:
        from tokenpal.ui.dialogs.taskpicker import TaskPicker

        window = self._desktop.window
        picker = TaskPicker(tasks, window if window and window.isVisible() else None, allow_none=none)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._picker = picker
        picker.open()
        picker.raise_()
        picker.activateWindow()
        picker.search.setFocus()
        return picker

    def _picked(self, choice: object) -> None:
        if getattr(choice, "new_name", ""):
            from tokenpal.engine import commands

            self._desktop.bridge.ask(commands.add_task, choice.new_name, then=self._on_new)  # type: ignore[attr-defined]  # a Choice
        elif getattr(choice, "task", None) is not None:
            self.on(choice.task)  # type: ignore[attr-defined]  # a Choice

    def _on_new(self, task: Task) -> None:
        self.on(task.id)

    def on(self, task: int) -> None:
        """Work on a task from now on."""
        from tokenpal.engine import commands

        self._desktop.bridge.ask(commands.start_timer, task)

    def stop(self) -> None:
        """Stop working."""
        from tokenpal.engine import commands

        self._desktop.bridge.ask(commands.stop_timer)

    # ---- away ---------------------------------------------------------------------------------------------
    @Slot()
    def _stand(self) -> None:
        figures = self._standing.figures
        running = figures.today.running if figures else None
        if running is None or figures is None or not self._desktop.settings.get(SETTING):
            self._look.stop()
            self._watch = None
            return
        self._task = figures.today.running_task
        self._since = running.start
        if not self._look.isActive():
            from tokenpal.insight.away import Watch

            self._watch = Watch(self._desktop.engine.now())
            self._look.start()

    def settings_changed(self) -> None:
        """Another length of a break, or none."""
        self._stand()

    @Slot()
    def look(self) -> None:
        """How long nobody has touched the machine, asked in a thread of its own."""
        if not self._asking:
            self._asking = True
            threading.Thread(target=self._ask, name="idle", daemon=True).start()

    def _ask(self) -> None:
        from tokenpal.system import idle

        told = idle.seconds()
        if isValid(self):
            self._idle.emit(told)

    @Slot(object)
    def _heard(self, idle: float | None) -> None:
        from tokenpal.insight.away import look

        self._asking = False
        minutes = int(self._desktop.settings.get(SETTING))
        if self._watch is None or not minutes:
            return
        self._watch, found = look(self._watch, self._desktop.engine.now(), idle, minutes * 60)
        if found is not None and found.end > self._since:
            self.was_away(found)

    def was_away(self, found: Break) -> None:
        """Ask what the break was, in a dialog that takes no focus; the notice stays until it is answered."""
        from tokenpal.ui import times

        self._break = (found, self._task)
        title = tr("You were away {duration}", duration=times.duration(found.seconds))
        self.notable.emit(Notable("away", "away", title, tr("The timer of {task} ran on: keep, drop or split the time?", task=self._task)))
        self.ask_about_break()

    @Slot()
    def ask_about_break(self) -> None:
        """The dialog; nothing once it was answered."""
        if self._break is None:
            return
        from tokenpal.ui import times
        from tokenpal.ui.dialogs.away import AwayDialog

        found, task = self._break
        desk, window = self._desktop.desk, self._desktop.window
        span = times.span(desk.moment(found.start), desk.moment(found.end))
        dialog = AwayDialog(task, span, found.seconds, window if window and window.isVisible() else None)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        dialog.answered.connect(self.answer)
        self._dialog = dialog  # without a window nobody else holds it
        dialog.open()

    @Slot(str)
    def answer(self, word: str) -> None:
        """Keep, drop or split."""
        if self._break is None:
            return
        if word == "split":
            from tokenpal.engine import queries

            self._desktop.bridge.ask(queries.recent_tasks, 50, then=self._split)
            return
        found, _ = self._break
        self._answered()
        if word == "drop":
            from tokenpal.engine import breaks

            self._desktop.bridge.ask(breaks.cut_timer, found.start, found.end)

    def _split(self, tasks: list[Task]) -> None:
        others = [one for one in tasks if self._break is None or one.name != self._break[1]]
        self._open_picker(others, none=True).picked.connect(self._split_to)

    def _split_to(self, choice: object) -> None:
        if getattr(choice, "new_name", ""):
            from tokenpal.engine import commands

            self._desktop.bridge.ask(commands.add_task, choice.new_name, then=self._split_to_new)  # type: ignore[attr-defined]  # a Choice
        else:
            self._give(getattr(choice, "task", None))

    def _split_to_new(self, task: Task) -> None:
        self._give(task.id)

    def _give(self, task: int | None) -> None:
        if self._break is not None:
            from tokenpal.engine import breaks

            found, _ = self._break
            self._answered()
            self._desktop.bridge.ask(breaks.cut_timer, found.start, found.end, task)

    def _answered(self) -> None:
        self._break = None
        self._desktop.telling.notices.dismiss("away")
