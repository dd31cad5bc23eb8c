"""What every page has: a head with a title, room for controls, and a refresh when data changed."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui.desk import EVERYTHING as EVERYTHING, TIME as TIME, Desk as Desk
from tokenpal.ui.reflow import Head
from tokenpal.ui.theme import CARD_GAP, CONTROL_HEIGHT, PAGE_FOOT, PAGE_SIDE, PAGE_TOP, px, theme
from tokenpal.ui.widgets.text import Facts, Text


class Page(QWidget):
    """A page of the window. Sub-classes make their parts in ``_make`` and answer ``refresh``; they never write anything themselves."""

    go = Signal(str, object)  # another page, with what it is to show
    toast = Signal(str, bool)  # words, and whether they can be undone
    taken_back = Signal(str, object)  # words, and what takes the change back: called with the page in front, gives a sentence
    title = ""

    def __init__(self, desk: Desk, parent: QWidget | None = None, *, whole: bool = True) -> None:
        """``whole``: with all its parts; else they come with ``grow``."""
        super().__init__(parent)
        self.desk = desk
        self._been = False
        self.seen = False  # whether it was ever shown; set by the window
        self.main: QWidget | None = None  # what the page is about: has the keyboard when a key opens the page; None = its first control
        self.setAccessibleName(tr(self.title))
        self.column = QVBoxLayout(self)
        self.head = Head()
        self.heading = Text(tr(self.title), "title")
        self.subtitle = Facts()
        self.subtitle.hide()
        self.head.addWidget(self.heading)
        self.head.addWidget(self.subtitle)
        self.column.addLayout(self.head)
        self._spacing()
        theme().changed.connect(self._spacing)
        self._to_make = self._make()
        if whole:
            self.grow()

    def _make(self) -> Iterator[None]:
        """Make the parts; every yield is a place to stop and go on later (issue 5: no call takes longer than a frame)."""
        yield from ()

    def grow(self, seconds: float | None = None) -> bool:
        """Go on making parts for about that long, by default to the end; True once all are there."""
        end = None if seconds is None else perf_counter() + seconds
        while next(self._to_make, self) is not self:
            if end is not None and perf_counter() >= end:
                return False
        return True

    def refresh(self, what: frozenset[str]) -> None:
        """Data named in ``what`` changed, time passed (TIME), or the page is shown for the first time (EVERYTHING)."""

    def show_item(self, item: object) -> None:
        """Called when another page sent the person here with something to show."""

    def leave(self) -> None:
        """The page is about to go: keep what the person has typed."""

    def controls_below(self) -> QWidget | None:
        """What stands at the foot of the page to be pressed: a toast stays above it."""
        return None

    def take_keyboard(self, reason: Qt.FocusReason = Qt.FocusReason.ShortcutFocusReason) -> None:
        """The page was opened with a key: keys that follow are meant for it, not for the side bar. Later it goes on where it was."""
        been, self._been = self._been, True
        if been and self.isAncestorOf(self.window().focusWidget() or self.window()):
            return
        first = self.main
        if first is not None and not first.isVisible() and self.focusPolicy() != Qt.FocusPolicy.NoFocus:
            first = self  # its main part comes in a moment
        elif first is None or not first.isVisible():
            first = self.nextInFocusChain()
            while first is not None and first is not self and not self._takes_tab(first):
                first = first.nextInFocusChain()
        (first or self).setFocus(reason)

    def _takes_tab(self, widget: QWidget) -> bool:
        return self.isAncestorOf(widget) and widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)

    def set_subtitle(self, words: str) -> None:
        """Words beside the title; empty takes them away."""
        self.subtitle.setText(words)
        self.subtitle.setVisible(bool(words))

    @Slot()
    def _spacing(self) -> None:
        self.column.setContentsMargins(px(PAGE_SIDE), px(PAGE_TOP), px(PAGE_SIDE), px(PAGE_FOOT))
        self.column.setSpacing(px(CARD_GAP))
        self.heading.setMinimumHeight(px(CONTROL_HEIGHT))
