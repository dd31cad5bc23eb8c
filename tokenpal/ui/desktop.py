"""The app as the person meets it: tray, glance and window, and what each may ask of the others.

Works without a tray: then the window is the app, closing it ends tokenpal, and that is said once in plain words.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from tokenpal.engine.engine import Engine
from tokenpal.model.events import AccountHealth, Changed, EngineProblem, Paused, ScanProgress
from tokenpal.settings import Settings
from tokenpal.ui.bridge import Bridge
from tokenpal.ui.collector import Collector
from tokenpal.ui.icons import TrayVariant
from tokenpal.ui.notify import Notifier
from tokenpal.ui.page import Desk
from tokenpal.ui.status import TROUBLED, NearLimit, Status, picture
from tokenpal.ui.theme import theme
from tokenpal.ui.throttle import Throttle
from tokenpal.ui.tray import Entry, Tray

if TYPE_CHECKING:
    # Imported where they are used: the icon is there before the store, the pages and the menu's figures are.
    from tokenpal.engine.glance import Glance as Figures
    from tokenpal.model.journal import Task
    from tokenpal.ui.glance import Glance
    from tokenpal.ui.menu import Actions
    from tokenpal.ui.window import MainWindow

TRAY_WAIT_MS = 60_000  # a tray host may come up after us at login
READING_AFTER = 2.0  # seconds a scan runs before the icon says so
VARIANTS: dict[str, TrayVariant] = {"light": "light", "dark": "dark", "colour": "colour"}


class Desktop(QObject):
    """Joins the faces of the app. One per process, made by ``app``."""

    quitting = Signal()

    def __init__(self, engine: Engine, settings: Settings, *, demo: bool = False) -> None:
        super().__init__()
        self.engine, self.settings, self.demo = engine, settings, demo
        self.bridge = Bridge(engine, self)
        self.desk = Desk(self.bridge, settings, self.zone, engine.now, self)
        self.notifier = Notifier()
        self.tray = Tray(self._variant(), self)
        self.tray.about_to_show.connect(self._fill_menu)
        self.tray.activated.connect(self.toggle_glance)
        self.window: MainWindow | None = None
        self.glance: Glance | None = None
        self._view: Figures | None = None
        self._tasks: list[Task] = []
        self._scans: dict[str, tuple[int, int]] = {}
        self._scan_since = 0.0
        self._paused_until: int | None = None
        self._near: frozenset[str] | None = None
        self._zone: ZoneInfo | None = None
        self.delete_at_end = False
        self._throttle = Throttle(self._ask_status, self, 1000)
        self.collector = Collector(self._hidden, self)
        self.bridge.happened.connect(self._on_event)
        theme().changed.connect(self._show_status)
        self.tray.fill((Entry("open", "Open tokenpal", self._open_from_glance), Entry("quit", "Quit", self.quit, separator_before=True)))

    def begin(self, *, background: bool = False) -> None:
        """Show what is to be shown at the start; asking the engine begins with the first turn of the event loop."""
        QTimer.singleShot(0, self._first_turn)
        if not background:
            QTimer.singleShot(0, self.open)
        else:
            QTimer.singleShot(TRAY_WAIT_MS, self._open_without_tray)

    @Slot()
    def _first_turn(self) -> None:
        self.engine.start(self.bridge.publish)
        self._ask_status(frozenset({"usage"}))

    def _hidden(self) -> bool:
        return not any(face is not None and face.isVisible() for face in (self.window, self.glance))

    def say_at_start(self, sentence: str) -> None:
        """Something to know before anything else, in the window's banner."""
        QTimer.singleShot(0, self, lambda: self.bridge.failed.emit("One thing to know", sentence, ""))

    # ---- zone, clock, look --------------------------------------------------------------------------------
    def zone(self) -> ZoneInfo:
        """The person's zone: the setting, else this machine's."""
        if self._zone is None:
            from tokenpal.engine.zone import zone_name

            self._zone = ZoneInfo(zone_name(self.settings))
        return self._zone

    def _variant(self) -> TrayVariant:
        chosen = self.settings.get("appearance.tray_icon")
        # Panels are dark far more often than windows are, so "auto" is the light mark.
        return VARIANTS.get(chosen, "colour" if chosen == "colour" else "dark")

    @Slot(str)
    def settings_changed(self, key: str) -> None:
        """A setting was changed by the person: put it in force."""
        if key.startswith("appearance."):
            apply_look(self.settings)
            self._show_status()
        if key == "general.zone":
            self._zone = None
        self.engine.settings_changed()
        if self.window is not None:
            self.bridge.happened.emit(Changed(frozenset({"settings", "usage"})))

    # ---- windows ------------------------------------------------------------------------------------------
    @Slot()
    def open(self, page: str = "") -> MainWindow:
        """Show the window, made now if it never was."""
        if self.window is None:
            from tokenpal.ui.window import MainWindow

            self.window = MainWindow(self.desk)
            self.window.closing.connect(self._window_closing)
            self.window.quit_asked.connect(self.quit)
            self.window.visible_changed.connect(self._visible)
            if self.demo:
                self.window.setWindowTitle("tokenpal, sample data")
            self._show_status()
        if page:
            self.window.open_page(page)
        self.window.bring_up()
        if self.glance is not None:
            self.glance.hide()
        return self.window

    @Slot(bool)
    def _visible(self, visible: bool) -> None:
        self.engine.look(visible)
        if visible:
            self.collector.touch()
        else:
            self.collector.window_hidden()

    @Slot()
    def _open_without_tray(self) -> None:
        if not self.tray.available and (self.window is None or not self.window.isVisible()):
            self.open()

    @Slot()
    def _window_closing(self) -> None:
        if self.window is None:
            return
        if self.tray.available:
            self.window.hide()
            return
        self.quit()

    @Slot()
    def toggle_glance(self) -> None:
        """Open the glance at the tray, or close it."""
        if self.glance is None:
            from tokenpal.ui.glance import Glance

            self.glance = Glance(self.desk)
            self.glance.open_window.connect(self._open_from_glance)
            self.glance.pick_task.connect(self._choose_task)
        self.glance.toggle(QRectF(self.tray.icon.geometry()))

    @Slot()
    def _open_from_glance(self) -> None:
        self.open()

    @Slot()
    def _choose_task(self) -> None:
        from tokenpal.engine import queries

        self.bridge.ask(queries.recent_tasks, 50, then=self._pick_task)

    def _pick_task(self, tasks: list[Task]) -> None:
        from tokenpal.ui.dialogs.taskpicker import TaskPicker

        picker = TaskPicker(tasks, self.window if self.window and self.window.isVisible() else None, allow_none=False)
        picker.picked.connect(self._picked)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.open()
        picker.raise_()
        picker.activateWindow()
        picker.search.setFocus()

    def _picked(self, choice: object) -> None:
        if getattr(choice, "new_name", ""):
            from tokenpal.engine import commands

            self.bridge.ask(commands.add_task, choice.new_name, then=self._work_on_new)  # type: ignore[attr-defined]  # a Choice
        elif getattr(choice, "task", None) is not None:
            self._work_on(choice.task)  # type: ignore[attr-defined]  # a Choice

    def _work_on_new(self, task: Task) -> None:
        self._work_on(task.id)

    @Slot(str)
    def asked(self, word: str) -> None:
        """A second start of tokenpal said this."""
        if word == "glance":
            self.toggle_glance()
        elif word == "quit":
            self.quit()
        else:
            self.open()

    # ---- what others may ask of the app -------------------------------------------------------------------
    def refresh(self, account: int | None = None) -> None:
        """Read now: one account, or everything."""
        self.engine.refresh(account)

    def open_page_in_browser(self, address: str) -> None:
        """Show a provider's page in the person's browser."""
        from tokenpal.engine import outside

        outside.open_address(address)

    def show_sample(self) -> None:
        """Another tokenpal with made-up data, in a throw-away profile."""
        from tokenpal.engine import outside

        outside.start_demo()

    def delete_everything(self) -> None:
        """End, and delete the profile once nothing uses it any more; the next start is a first start."""
        self.delete_at_end = True
        self.quit()

    @Slot()
    def quit(self) -> None:
        """Stop in order: tray hidden, engine told, database closed, exit."""
        self.tray.hide()
        if self.window is not None:
            self.window.hide()
        if self.glance is not None:
            self.glance.hide()
        self.quitting.emit()
        QCoreApplication.quit()

    # ---- tray ---------------------------------------------------------------------------------------------
    def _actions(self) -> Actions:
        from tokenpal.ui.menu import Actions

        return Actions(
            open=self._open_from_glance, glance=self.toggle_glance, work_on=self._work_on, stop_work=self._stop_work, new_task=self._choose_task,
            label=self._label, refresh=self._refresh_all, pause=self._pause, sharing=self._open_sharing, settings=self._open_settings,
            quit=self.quit,
        )  # fmt: skip

    @Slot()
    def _fill_menu(self) -> None:
        from tokenpal.ui import menu

        paused = self._paused_until is not None and self._paused_until > self.engine.now()
        self.tray.fill(menu.entries(self._view, self._tasks, paused, self.desk.moment, self.engine.now(), self._actions()))

    def _work_on(self, task: int) -> None:
        from tokenpal.engine import commands

        self.bridge.ask(commands.start_timer, task)

    def _stop_work(self) -> None:
        from tokenpal.engine import commands

        self.bridge.ask(commands.stop_timer)

    def _label(self, session: str, label: str) -> None:
        from tokenpal.engine import commands

        self.bridge.ask(commands.label_sessions, (session,), label)

    def _refresh_all(self) -> None:
        self.refresh()

    def _pause(self, seconds: int) -> None:
        self.engine.pause(self.engine.now() + seconds if seconds else None)

    def _open_sharing(self) -> None:
        self.open("sharing")

    def _open_settings(self) -> None:
        self.open("settings")

    # ---- status -------------------------------------------------------------------------------------------
    def _ask_status(self, _what: frozenset[str]) -> None:
        from tokenpal.engine import glance, queries

        near = int(self.settings.get("advanced.near_limit"))
        self.bridge.ask(glance.glance, self.zone().key, near, then=self._status)
        self.bridge.ask(queries.recent_tasks, then=self._know_tasks)

    def _know_tasks(self, tasks: list[Task]) -> None:
        self._tasks = tasks
        self._fill_menu()

    def _status(self, view: Figures) -> None:
        self._view = view
        self._notify_limits(view)
        self._show_status()
        self._fill_menu()

    def status(self) -> Status:
        """What holds now."""
        view, now = self._view, self.engine.now()
        near = next((one for one in view.limits if one.state.near), None) if view else None
        reading = None
        if self._scans and time.monotonic() - self._scan_since >= READING_AFTER:
            reading = (sum(done for done, _ in self._scans.values()), sum(total for _, total in self._scans.values()))
        until = self._paused_until if self._paused_until and self._paused_until > now else None
        return Status(
            problem=view.problems[0][2] if view and view.problems else "",
            paused=until is not None, paused_until=self._moment(until),
            near_limit=NearLimit(f"{near.account} {near.state.reading.name}", near.state.used_percent or 0.0, self._moment(near.state.reading.resets_at))
            if near else None,
            reading=reading, to_label=view.today.to_label if view else 0,
            today=view.line if view else "tokenpal",
        )  # fmt: skip

    def _moment(self, at: int | None) -> datetime | None:
        return self.desk.moment(at) if at is not None else None

    @Slot()
    def _show_status(self) -> None:
        state, line = picture(self.status(), self.desk.moment())
        self.tray.show(state, line, self._variant(), animate=not theme().reduce_motion)
        view, window = self._view, self.window
        if window is None or view is None:
            return
        from tokenpal.ui import numbers, times

        waiting = view.today.to_label
        window.sidebar.set_count("sessions", waiting, f"{numbers.count(waiting, 'session')} to label" if waiting else "")
        running = view.today.running
        if running is not None:
            window.sidebar.set_running(view.today.running_task, times.duration(self.engine.now() - running.start), view.running_color + 1)
        else:
            window.sidebar.set_running("")
        window.sidebar.set_foot(self._foot(view))

    def _foot(self, view: Figures) -> str:
        from tokenpal.ui import numbers, times

        reading = self.status().reading
        if reading is not None:
            return f"Reading {numbers.exact(reading[0])} of {numbers.count(reading[1], 'file')}"
        age = self.engine.now() - view.last_read if view.last_read else None
        return times.read_line(age, view.sources, len(view.problems))

    # ---- events -------------------------------------------------------------------------------------------
    @Slot(object)
    def _on_event(self, event: object) -> None:
        self.collector.touch()
        if isinstance(event, Changed):
            self._throttle.call(event.what)
        elif isinstance(event, ScanProgress):
            self._scanned(event)
        elif isinstance(event, AccountHealth):
            self._throttle.call(frozenset({"accounts"}))
            if event.state.value in TROUBLED:
                self._notify("problems", event.sentence, event.next_step)
        elif isinstance(event, Paused):
            self._paused_until = event.until
            self._show_status()
            self._fill_menu()
        elif isinstance(event, EngineProblem):
            self.bridge.failed.emit(event.title, event.sentence, event.next_step)
            self._notify("problems", event.title, f"{event.sentence} {event.next_step}".strip())

    def _scanned(self, event: ScanProgress) -> None:
        if event.finished:
            self._scans.pop(event.agent, None)
        else:
            if not self._scans:
                self._scan_since = time.monotonic()
            self._scans[event.agent] = (event.done, event.total)
        self._show_status()

    def _notify_limits(self, view: Figures) -> None:
        near = {f"{one.account} {one.state.reading.name}": one for one in view.limits if one.state.near}
        before, self._near = self._near, frozenset(near)
        if before is None:
            return  # what was already near at the start is no crossing
        for name in sorted(self._near - before):
            _, line = picture(Status(near_limit=NearLimit(name, near[name].state.used_percent or 0, self._moment(near[name].state.reading.resets_at))), self.desk.moment())
            self._notify("limits", line, "Nothing was stopped.")

    def _notify(self, kind: str, title: str, body: str) -> None:
        from tokenpal.insight.quiet import is_quiet

        get = self.settings.get
        quiet = is_quiet(
            self.desk.moment(), hours=get("notifications.quiet"), since=get("notifications.quiet_from"),
            until=get("notifications.quiet_until"), weekends=get("notifications.quiet_weekends"),
        )  # fmt: skip
        if get("notifications.enabled") and get(f"notifications.{kind}") and not quiet:
            self.notifier.send(title, body, self.tray.icon)


def apply_look(settings: Settings) -> None:
    """Put the appearance settings in force."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        theme().apply(
            app, scheme=settings.get("appearance.theme"), text_percent=settings.get("appearance.text_size"),
            system_font=settings.get("appearance.system_font"), reduce_motion=settings.get("appearance.reduce_motion"),
            show_key_hints=settings.get("appearance.key_hints"),
        )  # fmt: skip


