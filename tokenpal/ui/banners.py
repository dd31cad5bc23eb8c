"""What stands above the page: a problem and something to know, until they are dismissed; a word on a page that is new to the person."""

from __future__ import annotations

from contextlib import suppress

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.model.errors import TokenpalError
from tokenpal.settings import Settings
from tokenpal.translation import tr
from tokenpal.ui.help import hints
from tokenpal.ui.theme import PAGE_SIDE, px, theme
from tokenpal.ui.widgets.notices import Banner


class Banners(QWidget):
    """One below the other; takes no room while nothing is said."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.problem, self.notice, self.hint = (Banner(tone, "", dismissible=True) for tone in ("problem", "info", "info"))
        for one in (self.problem, self.notice, self.hint):
            one.hide()
            one.dismissed.connect(self._look)
            column.addWidget(one)
        self.hide()
        self._line_up()
        theme().changed.connect(self._line_up)

    @Slot(str, str, str)
    def say_problem(self, title: str, sentence: str, next_step: str) -> None:
        """It stays until it is dismissed."""
        self._say(self.problem, tr(title), f"{sentence} {next_step}".strip())

    def say_notice(self, title: str, sentence: str) -> None:
        """Something to know, until it is dismissed."""
        self._say(self.notice, title, sentence)

    def say_hint(self, page: str) -> None:
        """A word on a page that is opened for the first time, gone with the next page."""
        due = hints.due(self._settings, page) if self.notice.isHidden() and self.problem.isHidden() else None  # one thing at a time
        self.hint.setVisible(due is not None)
        if due is not None:
            self.hint.set_words(*due)
            with suppress(TokenpalError):  # a settings file that cannot be written is told elsewhere
                hints.remember(self._settings, page)
        self._look()

    def _say(self, banner: Banner, title: str, sentence: str) -> None:
        banner.set_words(title, sentence)
        banner.show()
        self.show()

    @Slot()
    def _look(self) -> None:
        self.setVisible(any(not one.isHidden() for one in (self.problem, self.notice, self.hint)))

    @Slot()
    def _line_up(self) -> None:
        self.setContentsMargins(px(PAGE_SIDE), px(16), px(PAGE_SIDE), 0)
