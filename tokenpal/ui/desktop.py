"""The app as the person meets it: tray, glance and window, and what each may ask of the others.

Works without a tray: then the window is the app, closing it ends tokenpal, and that is said once in plain words.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject, QRectF, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from tokenpal.engine.engine import Engine
from tokenpal.model.events import Changed, EngineProblem, Event
from tokenpal.settings import Settings
from tokenpal.translation import tr
from tokenpal.ui.bridge import Bridge
from tokenpal.ui.collector import Collector
from tokenpal.ui.desk import Desk
from tokenpal.ui.hiding import Hiding
from tokenpal.ui.hotkeys import GlanceKey
from tokenpal.ui.icons import TrayVariant
from tokenpal.ui.relook import Relook
from tokenpal.ui.reminder import Reminder
from tokenpal.ui.standing import Standing
from tokenpal.ui.status import meter, picture
from tokenpal.ui.telling import Telling
from tokenpal.ui.theme import theme
from tokenpal.ui.tray import VARIANTS, Entry, Tray
from tokenpal.ui.trayside import TraySide
from tokenpal.ui.working import Working

if TYPE_CHECKING:
    # Imported where they are used: the icon is there before the store, the pages and the menu's figures are.
    from tokenpal.ui.ahead import First
    from tokenpal.ui.glance import Glance
    from tokenpal.ui.window import MainWindow

TRAY_WAIT_MS = 60_000  # a tray host may come up after us at login
MINUTE_MS = 60_000


class Desktop(QObject):
    """Joins the faces of the app. One per process, made by ``app``."""

    quitting = Signal()

    def __init__(self, engine: Engine, settings: Settings, tray: Tray | None = None, *, demo: bool = False) -> None:
        super().__init__()
        self.engine, self.settings, self.demo = engine, settings, demo
        self.bridge = Bridge(engine, self)
        self.desk = Desk(self.bridge, settings, self.zone, engine.now, self)
        self.tray = tray if tray is not None else Tray(self._variant(), self)
        self.tray.activated.connect(self.toggle_glance)
        self.window: MainWindow | None = None
        self.glance: Glance | None = None
        self.standing = Standing(self.desk, self)
        self.standing.changed.connect(self._standing_changed)
        self.relook = Relook(self)
        self.hiding = Hiding(self.desk, self)
        self.hiding.changed.connect(self._standing_changed)
        self.telling = Telling(self, self.standing, self.tray)
        self.voice = self.telling.voice
        self.working = Working(self, self.standing)
        self.reminder = Reminder(self.desk, self)
        self.reminder.notable.connect(self.standing.notable)
        self.working.notable.connect(self.voice.tell)
        self.telling.away.connect(self.working.ask_about_break)
        self.side = TraySide(self)
        self.key = GlanceKey(self.desk, self)
        self.key.pressed.connect(self.toggle_glance)
        self.key.refused.connect(self._key_refused)
        self.tray.lost.connect(self._tray_lost)
        self._zone: ZoneInfo | None = None
        self.delete_at_end = False
        self.beforehand = False  # make things before they are asked for, and change looks, a little at a time; set by ``app``
        self._first: First | None = None
        self._minute = QTimer(self)  # runs only while the window is shown: ages and countdowns move on
        self._minute.setInterval(MINUTE_MS)
        self._minute.timeout.connect(self._minute_passed)
        self.collector = Collector(self._hidden, self)
        self.bridge.happened.connect(self._on_event)
        theme().changed.connect(self._show_status)
        self.tray.fill((Entry("open", tr("&Open tokenpal"), self.show_window, mnemonic=True), Entry("quit", tr("&Quit"), self.quit, separator_before=True, mnemonic=True)))

    def begin(self, *, background: bool = False) -> None:
        """Show what is to be shown at the start; asking the engine begins with the first turn of the event loop."""
        QTimer.singleShot(0, self._first_turn)
        if not background:
            QTimer.singleShot(0, self.show_window)
        elif not self.tray.available:  # one that goes later tells that itself
            QTimer.singleShot(TRAY_WAIT_MS, self._open_without_tray)

    @Slot()
    def _first_turn(self) -> None:
        if self.beforehand:
            self.collector.keep()  # all that the start has read
        self.engine.start(self.bridge.publish)
        self.standing.ask()
        self.reminder.look()
        self.key.apply()
        self._faces_changed()

    @Slot(str, str)
    def _key_refused(self, sentence: str, next_step: str) -> None:
        self.bridge.failed.emit(tr("The shortcut for the glance window does not work"), sentence, next_step)

    def _hidden(self) -> bool:
        return not any(face is not None and face.isVisible() for face in (self.window, self.glance))

    def say_at_start(self, sentence: str) -> None:
        """Something to know before anything else, in the window's banner."""
        QTimer.singleShot(0, self, lambda: self.bridge.failed.emit(tr("One thing to know"), sentence, ""))

    # ---- zone, clock, look --------------------------------------------------------------------------------
    def zone(self) -> ZoneInfo:
        """The person's zone: the setting, else this machine's."""
        if self._zone is None:
            from tokenpal.engine.zone import zone_name

            self._zone = ZoneInfo(zone_name(self.settings))
        return self._zone

    def _variant(self) -> TrayVariant:
        return VARIANTS[self.settings.get("appearance.tray_icon")]

    @Slot(str)
    def settings_changed(self, key: str) -> None:
        """A setting was changed by the person: put it in force."""
        if key.startswith("appearance."):
            apply_look(self.settings)
            self.hiding.apply()
            self._show_status()
        if key == "appearance.language":
            from tokenpal.ui import language

            language.speak(self.settings)
            self.side.fill()
        if key in {"appearance.text_size", "appearance.system_font", "appearance.language"}:
            QTimer.singleShot(0, self._lay_out_again)  # widths are measured when a page is made
        if key == "general.shortcut":
            self.key.apply()
        if key == "notifications.hide_while_shared":
            self._faces_changed()
            self.hiding.apply()
        if key == "general.zone":
            self._zone = None
        if key.startswith("notifications.checkin") or key == "general.zone":
            self.reminder.look()
        self.working.settings_changed()
        self.engine.settings_changed()
        self.bridge.happened.emit(Changed(frozenset({"settings", "usage"})))

    @Slot()
    def _lay_out_again(self) -> None:
        if self.window is not None:
            self.window.make_pages_again()
        if self.glance is not None:
            self.glance.deleteLater()
            self.glance = None

    # ---- windows ------------------------------------------------------------------------------------------
    @Slot()
    def open(self, page: str = "") -> MainWindow:
        """Show the window, made now if it never was."""
        window = self.make_window()
        if page:
            window.open_page(page)
        window.bring_up()
        if self.glance is not None:
            self.glance.hide()
        QTimer.singleShot(0, self._say_where_it_lives)
        return window

    def make_window(self) -> MainWindow:
        """The window, made now if it never was, not shown yet."""
        if self.window is None:
            from tokenpal.ui.window import MainWindow

            self.window = MainWindow(self.desk)
            self.window.closing.connect(self._window_closing)
            self.window.quit_asked.connect(self.quit)
            self.window.visible_changed.connect(self._visible)
            self.window.hide_asked.connect(self.hiding.toggle)
            self.telling.window_made(self.window)
            if self.demo:
                self.window.setWindowTitle(tr("tokenpal, sample data"))
            self._show_status()
            if self.beforehand:
                from tokenpal.ui.ahead import Ahead

                Ahead(self.window)
        return self.window

    def windows_shown(self) -> bool:
        """Whether the window is there to be seen."""
        return self.window is not None and self.window.isVisible()

    def first(self) -> First | None:
        """How something is opened for the first time; None = at once, whatever it takes."""
        if self._first is None and self.beforehand:
            from tokenpal.ui.ahead import First

            self._first = First(self)
        return self._first

    @Slot()
    def _say_where_it_lives(self) -> None:
        """Once: that there is no tray here."""
        get, window = self.settings.get, self.window
        if window is not None and not self.tray.available and not get("state.no_tray_said"):
            window.say_notice(tr("There is no tray on this desktop"), tr("So tokenpal is this window, and closing it ends tokenpal."))
            self.voice.remember("state.no_tray_said")

    @Slot(bool)
    def _visible(self, visible: bool) -> None:
        self.engine.look(visible)
        self._faces_changed()
        if visible:
            self._minute.start()
            self._minute_passed()
            self.collector.touch()
        else:
            self._minute.stop()
            self.collector.window_hidden()

    @Slot()
    def _minute_passed(self) -> None:
        self._show_status()
        if self.window is not None:
            self.window.time_passes()

    @Slot()
    def _open_without_tray(self) -> None:
        if not self.tray.available and (self.window is None or not self.window.isVisible()):
            self.go()

    @Slot()
    def _window_closing(self) -> None:
        if self.window is None:
            return
        if not self.tray.available:
            self.quit()
            return
        self.window.hide()
        self.voice.say_once("state.tray_said", tr("tokenpal goes on in the tray"), tr("Its icon brings the window back; Quit in its menu ends it."))

    @Slot()
    def _tray_lost(self) -> None:
        """The tray went away: without a window nobody could reach tokenpal any more."""
        if self.window is None or not self.window.isVisible():
            self.open().say_notice(
                tr("The tray of this desktop went away"), tr("Its icon comes back with the tray. Until then tokenpal is this window, and closing it ends tokenpal.")
            )

    @Slot()
    def _faces_changed(self) -> None:
        shown = not self._hidden()
        self.hiding.visible(shown)
        self.tray.look_after(hidden=not shown)

    def make_glance(self, *, whole: bool = True) -> Glance:
        """A glance, not shown yet; ``whole``: with all its parts."""
        from tokenpal.ui.glance import Glance

        made = Glance(self.desk, whole=whole)
        made.open_window.connect(self.show_window)
        made.pick_task.connect(self.working.choose)
        made.hide_numbers.connect(self.hiding.toggle)
        made.visible_changed.connect(self._faces_changed)
        return made

    @Slot()
    def toggle_glance(self) -> None:
        """Open the glance at the tray, or close it."""
        if self.glance is None:
            if (first := self.first()) is not None:
                first.glance()
                return
            self.glance = self.make_glance()
        self.glance.toggle(QRectF(self.tray.icon.geometry()), self.standing.figures)

    @Slot()
    def show_window(self) -> None:
        """Show the window, on the page it had."""
        self.go()

    def go(self, page: str = "", item: object = None, then: Callable[[], None] | None = None) -> None:
        """Show the window, on a page with ``item`` on it, made in turns if it never was; ``then`` follows once it is there."""
        if self.window is None and (first := self.first()) is not None:
            first.window(partial(self.go, page, item, then) if page or then else None)
            return
        if page:
            self.make_window().open_page(page, item)
        self.open()
        if then is not None:
            then()

    @Slot(str)
    def asked(self, word: str) -> None:
        """A second start of tokenpal said this."""
        if word == "glance":
            self.toggle_glance()
        elif word == "quit":
            self.quit()
        else:
            self.go()

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
        self.hiding.stop()
        self.key.stop()
        self.voice.stop()
        if self.window is not None:
            self.window.hide()
        if self.glance is not None:
            self.glance.hide()
        self.quitting.emit()
        QTimer.singleShot(0, QCoreApplication.quit)  # asked before the event loop runs, it would be lost

    # ---- how things stand ---------------------------------------------------------------------------------
    @Slot()
    def _show_status(self) -> None:
        from tokenpal.ui.menu import is_said

        state, line = picture(self.standing.status(), self.desk.moment())
        if not is_said(self.standing.sharing, "Sharing: off"):
            line = f"{line}\n{self.standing.sharing}"  # that it is on is never out of sight
        share = meter(self.standing.figures, self.settings.get("appearance.tray_meter"))
        self.tray.show(state, line, self._variant(), animate=not theme().reduce_motion, meter=share)
        figures, window = self.standing.figures, self.window
        if window is None or figures is None:
            return
        from tokenpal.insight.summary import to_label_words
        from tokenpal.ui import numbers, times

        waiting, running = figures.today.to_label, figures.today.running
        window.sidebar.set_count("sessions", waiting, to_label_words(waiting))
        if running is not None:
            line = numbers.join((times.duration(self.engine.now() - running.start), numbers.short(figures.running_tokens) if figures.running_tokens else ""))
            window.sidebar.set_running(figures.today.running_task, line, figures.running_color + 1)
        else:
            window.sidebar.set_running("")
        window.sidebar.set_foot(self.standing.foot())

    @Slot()
    def _standing_changed(self) -> None:
        self._show_status()
        self.side.fill()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        self.collector.touch()
        if isinstance(event, Changed) and "settings" in event.what:
            self._zone = None  # the machine may be in another one
        self.standing.take(event)
        if isinstance(event, EngineProblem):
            self.bridge.failed.emit(event.title, event.sentence, event.next_step)
            self.telling.trouble(event)


def apply_look(settings: Settings) -> None:
    """Put the appearance settings in force."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        theme().apply(
            app, scheme=settings.get("appearance.theme"), contrast=settings.get("appearance.contrast"), text_percent=settings.get("appearance.text_size"),
            system_font=settings.get("appearance.system_font"), reduce_motion=settings.get("appearance.reduce_motion"),
            show_key_hints=settings.get("appearance.key_hints"),
        )  # fmt: skip
