"""From what is notable to where a click on it leads: voice, list of notices, bell, page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Signal, Slot

from tokenpal.model.events import EngineProblem, Notable
from tokenpal.ui.standing import ENGINE, Standing
from tokenpal.ui.voice import Voice

if TYPE_CHECKING:
    from tokenpal.ui.noticelist import NoticeList
    from tokenpal.ui.tray import Tray
    from tokenpal.ui.window import MainWindow


class Telling(QObject):
    """One for the app. ``away`` asks for the question about a break."""

    away = Signal()

    def __init__(self, desktop: Any, standing: Standing, tray: Tray) -> None:
        super().__init__(desktop)
        self._desktop, self._standing, self._tray = desktop, standing, tray  # desktop: ui.desktop.Desktop
        self.voice = Voice(desktop.desk, self._icon, self, standing.holds)
        self.notices = self.voice.notices
        self._list: NoticeList | None = None
        standing.notable.connect(self.voice.tell)
        self.voice.chosen.connect(self.go)
        self.notices.changed.connect(self.show_bell)

    def _icon(self) -> Any:
        return self._tray.icon

    def window_made(self, window: MainWindow) -> None:
        """There is a window now: its bell opens the list."""
        window.sidebar.bell.clicked.connect(self.open_list)
        window.notices_asked.connect(self.open_list)
        self.show_bell()

    def trouble(self, event: EngineProblem) -> None:
        """Something that the engine cannot do: told again only once it was dismissed or left the list."""
        key = f"{ENGINE}{event.title}"
        if all(one.what.key != key for one in self.notices.items):
            sentence = f"{event.sentence} {event.next_step}".strip()
            self.voice.tell(Notable("problems", key, event.title, sentence))

    @Slot()
    def show_bell(self) -> None:
        """The bell's count."""
        if self._desktop.window is not None:
            self._desktop.window.sidebar.set_notices(len(self.notices.items), self.notices.unseen)

    @Slot()
    def open_list(self) -> None:
        """The list, at the bell of the window."""
        from shiboken6 import isValid

        window = self._desktop.window
        if window is None or not self.notices.items:
            return
        if self._list is not None and isValid(self._list):
            self._list.close()
        from tokenpal.ui.noticelist import NoticeList

        self._list = NoticeList(self.notices, self._desktop.desk, window)
        self._list.show_asked.connect(self.go)
        self._list.silenced.connect(self._silence)
        bell = window.sidebar.bell
        self._list.open_at(bell.mapTo(window, QPoint(0, -4)))

    @Slot(object)
    def go(self, what: Notable) -> None:
        """Where the notice leads; without a page, to the window as it is."""
        if what.kind == "away":
            self.away.emit()
            return
        self._desktop.go(what.page, what.item, None if what.kind else self.open_list)  # without a kind: the summary after quiet hours

    @Slot(object)
    def _silence(self, what: Notable) -> None:
        from tokenpal.engine import burning

        self._desktop.bridge.ask(burning.silence, what.item)
