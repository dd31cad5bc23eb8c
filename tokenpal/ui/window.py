"""The main window: side bar, one page at a time, banners and toasts. Pages are made when they are first opened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from tokenpal.model.errors import TokenpalError
from tokenpal.model.events import AccountHealth, Changed
from tokenpal.translation import mark, tr
from tokenpal.ui import firstpicture, still, taborder
from tokenpal.ui.banners import Banners
from tokenpal.ui.page import EVERYTHING, TIME, Desk, Page
from tokenpal.ui.resizing import Resizing
from tokenpal.ui.theme import px, theme
from tokenpal.ui.throttle import Throttle
from tokenpal.ui.widgets.notices import Toast
from tokenpal.ui.widgets.sidebar import Sidebar

if TYPE_CHECKING:
    from tokenpal.ui.ahead import Ahead
    from tokenpal.ui.help.browser import HelpWindow

PAGES: Final = (
    ("overview", mark("Overview"), "OverviewPage"),
    ("sessions", mark("Sessions"), "SessionsPage"),
    ("tasks", mark("Tasks"), "TasksPage"),
    ("check-in", mark("Check-in"), "CheckInPage"),
    ("sharing", mark("Sharing"), "SharingPage"),
    ("accounts", mark("Accounts"), "AccountsPage"),
    ("settings", mark("Settings"), "SettingsPage"),
)
"""Key (also icon and, without hyphen, module), words, class. Ctrl+1 ... Ctrl+7 in this order."""

FRAME: Final = 36  # px that a desktop puts round a window, about
BLOCKING: Final = frozenset({QEvent.Type.WindowBlocked, QEvent.Type.WindowUnblocked})
NARROW: Final = 1060
"""Below this width (px at text size 100 %) the side bar shows its icons alone."""


class MainWindow(QMainWindow):
    """Shows pages; knows nothing of what they show."""

    closing = Signal()  # the person closed the window; the desktop decides what that means
    visible_changed = Signal(bool)
    quit_asked = Signal()
    notices_asked = Signal()
    hide_asked = Signal()  # numbers as dots, or not

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setWindowTitle("tokenpal")
        self.setMinimumSize(900, 600)
        room = self.screen().availableSize() - QSize(0, FRAME)
        fits = room.width() >= self.minimumWidth() and room.height() >= self.minimumHeight()
        self.resize(QSize(1320, 934).boundedTo(room) if fits else QSize(1320, 934))
        self._pages: dict[str, Page] = {}
        self._help: HelpWindow | None = None
        self._growing: dict[str, Page] = {}  # pages that have not all their parts yet
        self._stale: dict[str, frozenset[str]] = {}
        self.ahead: Ahead | None = None  # sets itself
        self.sidebar = Sidebar([(key, tr(words), key) for key, words, _ in PAGES])
        for number, (key, _, _) in enumerate(PAGES, 1):
            self.sidebar.set_key(key, f"Ctrl+{number}")
        self.sidebar.chosen.connect(self.open_page)
        self.sidebar.running_clicked.connect(self._open_tasks)
        self.sidebar.foot_clicked.connect(self._open_accounts)
        self.stack = QStackedWidget()
        banners = self._banners = Banners(desk.settings)
        self.banner, self.notice, self.hint = banners.problem, banners.notice, banners.hint
        self.say_notice = banners.say_notice
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(banners)
        column.addWidget(self.stack, 1)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addWidget(right, 1)
        self.setCentralWidget(body)
        self.toasts = Toast(self)
        self.toasts.above = self._toast_above
        self.toasts.undone.connect(self.undo)
        self.toasts.gone.connect(self._toast_gone)
        self._back: Callable[[object], str] | None = None
        self._resizing = Resizing(self.stack, self)
        self._keyboard_was: QWidget | None = None  # while a dialog has it
        self._throttle = Throttle(self._refresh, self)
        self._minute = self.desk.now() // 60
        for number, (key, words, _) in enumerate(PAGES, 1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.setObjectName(f"open-{key}")
            shortcut.setWhatsThis(tr(words))
            shortcut.activated.connect(self._shortcut)
        undo = QShortcut(QKeySequence.StandardKey.Undo, self)
        undo.activated.connect(self.undo)
        redo = QShortcut(QKeySequence.StandardKey.Redo, self)
        redo.activated.connect(self.redo)
        close = QShortcut(QKeySequence.StandardKey.Close, self)
        close.activated.connect(self.close)
        end = QShortcut(QKeySequence("Ctrl+Q"), self)
        end.activated.connect(self.quit_asked)
        for keys, asked in (("Ctrl+Shift+N", self.notices_asked), ("Ctrl+Shift+H", self.hide_asked), ("Ctrl+K", self.search), ("F5", self.read_now)):
            QShortcut(QKeySequence(keys), self).activated.connect(asked)
        sheet = QShortcut(QKeySequence("?"), self)
        sheet.activated.connect(self.show_keys)
        QShortcut(QKeySequence.StandardKey.HelpContents, self).activated.connect(self.show_help)
        desk.bridge.happened.connect(self._on_event)
        desk.bridge.failed.connect(self.say_problem)
        theme().changed.connect(self._recolor)
        self._recolor()
        self._restore_place()

    # ---- pages --------------------------------------------------------------------------------------------
    @Slot(str)
    def open_page(self, key: str, item: object = None, *, keyboard: bool = False) -> Page | None:
        """Show a page, made now if it was never open; ``item`` is handed to it. ``keyboard``: it gets the keys that follow.

        None: it is made in turns (``ui.ahead``) and comes in a moment.
        """
        page = self._pages.get(key)
        held = self.focusWidget()
        within = held is not None and self.stack.isAncestorOf(held)  # what had the keyboard is about to go: Qt would hand it to the foot
        self.sidebar.choose(key)
        if self.ahead is not None:
            self.ahead.forget()
            if page is None:
                self.ahead.open(key, item, keyboard=keyboard)
                return None
        if page is None:
            self.begin_page(key)
            page = self.finish_page(key)
        with still.held(self.stack, blank=True) if page is not self.stack.currentWidget() else nullcontext():
            self.stack.setCurrentWidget(page)
            if item is not None:
                page.show_item(item)
            if what := self._stale.pop(key, frozenset()):
                page.refresh(what)
            if not page.seen:
                page.seen = True
                firstpicture.wait(page, self.stack, self.desk.bridge)
            self._banners.say_hint(key)
        if keyboard or within:
            seen = keyboard or getattr(held, "keyboard_focus", False)
            page.take_keyboard(Qt.FocusReason.ShortcutFocusReason if seen else Qt.FocusReason.OtherFocusReason)
        return page

    @property
    def page_key(self) -> str:
        """Which page is shown; "" before the first."""
        return next((key for key, page in self._pages.items() if page is self.stack.currentWidget()), "")

    def next_unmade(self) -> str:
        """The next page nobody has opened yet, "" for none: it may be made beforehand (``ui.ahead``)."""
        return next((key for key, _, _ in PAGES if key not in self._pages), "")

    def begin_page(self, key: str) -> Page:
        """A page whose parts come with its ``grow``."""
        if key in self._growing:
            return self._growing[key]
        class_name = next(name for known, _, name in PAGES if known == key)
        module = import_module(f"tokenpal.ui.pages.{key.replace('-', '')}")
        page: Page = getattr(module, class_name)(self.desk, self.stack, whole=False)  # never without a parent: it would be a window
        page.hide()
        page.resize(0, 0)
        page.lower()  # where the stack wants it: put there when it has its size, all that is shown would be painted again
        self._growing[key] = page
        return page

    def finish_page(self, key: str) -> Page:
        """The page with all its parts, ready to be shown."""
        page = self._growing.pop(key, None) or self._pages[key]
        page.grow()
        if key in self._pages:
            return page
        page.setObjectName(f"page-{key}")
        page.go.connect(self.open_page)
        page.toast.connect(self.say)
        page.taken_back.connect(self.say_with_way_back)
        self._pages[key] = page
        self._stale[key] = EVERYTHING
        self.stack.addWidget(page)
        return page

    def make_pages_again(self) -> None:
        """Another text size or language: pages measure their widths and say their words when they are made, so they are made anew."""
        for key, words, _ in PAGES:
            self.sidebar.set_words(key, tr(words))
        key, pages = self.page_key, [*self._pages.values(), *self._growing.values()]
        self._pages, self._growing, self._stale = {}, {}, {}
        for page in pages:
            page.leave()
            self.stack.removeWidget(page)
            page.deleteLater()
        if key:
            self.open_page(key)

    def _refresh(self, what: frozenset[str]) -> None:
        shown = self.page_key if self.isVisible() else ""
        for key, page in self._pages.items():
            if key == shown:
                page.refresh(what)
            else:
                self._stale[key] = self._stale.get(key, frozenset()) | what

    def time_passes(self) -> None:
        """What the pages say of ages and of what is to come is said anew, unless it is of this minute."""
        minute, self._minute = self._minute, self.desk.now() // 60
        if self._minute != minute:
            self._throttle.call(TIME)

    @Slot(object)
    def _on_event(self, event: object) -> None:
        if isinstance(event, Changed):
            self._throttle.call(event.what)
        elif isinstance(event, AccountHealth):
            self._throttle.call(frozenset({"accounts"}))

    @Slot()
    def _shortcut(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.open_page(sender.objectName().removeprefix("open-"), keyboard=True)

    @Slot()
    def read_now(self) -> None:
        """Read the logs and ask the accounts now."""
        if self.desk.actions is not None:
            self.desk.actions.refresh()

    @Slot()
    def show_keys(self) -> None:
        """The sheet of all keys, those of this page first."""
        from tokenpal.ui.dialogs.shortcuts import ShortcutSheet

        sheet = ShortcutSheet(self.page_key, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    @Slot()
    def _open_tasks(self) -> None:
        self.open_page("tasks")

    @Slot()
    def _open_accounts(self) -> None:
        self.open_page("accounts")

    # ---- words for the person -----------------------------------------------------------------------------
    @Slot(str, bool)
    def say(self, words: str, undoable: bool = False) -> None:
        """A short message after an action."""
        self._back = None
        self.toasts.say(words, undo=undoable, key="z" if self.page_key == "sessions" else "Ctrl+Z")  # letters are keys in the journal alone

    @Slot(str, object)
    def say_with_way_back(self, words: str, back: Callable[[object], str]) -> None:
        """A change that is no edit of the data (a setting): while it is told, undo takes back this one."""
        self.toasts.say(words, undo=True, key="Ctrl+Z")
        self._back = back

    @Slot(str, str, str)
    def say_problem(self, title: str, sentence: str, next_step: str) -> None:
        """A banner that stays until it is dismissed."""
        self._banners.say_problem(title, sentence, next_step)

    @Slot()
    def show_help(self) -> None:
        """The guide, at what belongs to the page in front."""
        from tokenpal.ui.help.browser import HelpWindow
        from tokenpal.ui.help.guide import of_page

        if self._help is None:
            self._help = HelpWindow(self)
        self._help.open_at(of_page(self.page_key))

    @Slot()
    def search(self) -> None:
        """Search everything the person wrote."""
        from tokenpal.ui.dialogs.find import FindDialog

        dialog = FindDialog(self.desk, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self.open_page)
        dialog.open()

    @Slot()
    def undo(self) -> None:
        """Take back the newest edit, or the setting that the toast tells of."""
        from tokenpal.engine import commands

        back, self._back = self._back, None
        if back is not None:
            try:
                self.say(back(self.stack.currentWidget()))
            except TokenpalError as error:
                self.say_problem(error.title, error.sentence, error.next_step)
            return
        self.desk.bridge.ask(commands.undo, then=self._undone)

    @Slot()
    def redo(self) -> None:
        """Do again what was taken back."""
        from tokenpal.engine import commands

        self.desk.bridge.ask(commands.redo, then=self._redone)

    def _toast_above(self) -> QWidget | None:
        page = self.stack.currentWidget()
        return page.controls_below() if isinstance(page, Page) else None

    @Slot()
    def _toast_gone(self) -> None:
        self._back = None

    def _undone(self, title: str | None) -> None:
        self.say(tr("Undone: {title}", title=title) if title else tr("Nothing to undo."))

    def _redone(self, title: str | None) -> None:
        self.say(tr("Done again: {title}", title=title) if title else tr("Nothing to redo."))

    # ---- window -------------------------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        if event.type() in BLOCKING:  # by a dialog: Qt would tell each of thousands of parts, and none of them listens
            if event.type() == QEvent.Type.WindowBlocked:
                self._keyboard_was = self.focusWidget()
            else:
                QTimer.singleShot(0, self, self._keyboard_back)
            return True
        return super().event(event)

    @Slot()
    def _keyboard_back(self) -> None:
        """What had the keyboard before a dialog may be gone by now: then the page has it, not the first field that Qt finds."""
        was, self._keyboard_was = self._keyboard_was, None
        page = self.stack.currentWidget()
        if isinstance(page, Page) and (was is None or not isValid(was) or not was.isVisible()):
            (page.main if page.main is not None and page.main.isVisible() else page).setFocus(Qt.FocusReason.OtherFocusReason)

    def bring_up(self) -> None:
        """Show the window in front, on the page it had, Overview at first."""
        if not self.page_key and not (self.ahead is not None and self.ahead.wanted):
            self.open_page("overview")
        if self.isMinimized():
            self.showNormal()
        still.show(self)
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.desk.settings.set("state.window", bytes(self.saveGeometry().toBase64().data()).decode("ascii"))
        event.ignore()
        self.closing.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_sidebar()
        self._resizing.resized()

    def focusNextPrevChild(self, forward: bool) -> bool:
        return taborder.step(self, forward)

    def _fit_sidebar(self) -> None:
        self.sidebar.set_narrow(self.width() < px(NARROW))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.visible_changed.emit(True)
        if self.page_key and (what := self._stale.pop(self.page_key, frozenset())):
            self._pages[self.page_key].refresh(what)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.visible_changed.emit(False)

    def _restore_place(self) -> None:
        place = self.desk.settings.get("state.window")
        if place:
            self.restoreGeometry(QByteArray.fromBase64(place.encode()))

    @Slot()
    def _recolor(self) -> None:
        self._fit_sidebar()
