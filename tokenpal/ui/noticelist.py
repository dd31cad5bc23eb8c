"""The list behind the bell: what was told, newest first, each with a way there and a way off."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui import paint, times
from tokenpal.ui.dialogs.slices import fill
from tokenpal.ui.notices import Notice, Notices, words
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import RADIUS_WINDOW, color, px, theme
from tokenpal.ui.turns import Turns
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.text import Text

WIDTH = 380
MOST_HEIGHT = 460


class NoticeRow(QWidget):
    """One notice: title, age, sentence, what can be done."""

    show_asked = Signal(str)
    dismissed = Signal(str)
    silenced = Signal(str)

    def __init__(self, notice: Notice, desk: Desk, *, ruled: bool = False, parent: QWidget | None = None) -> None:
        """``ruled``: a line above it."""
        super().__init__(parent)
        self._ruled = ruled
        what = notice.what
        title, sentence = words(what)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(8), 0, px(8))
        column.setSpacing(px(3))
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(Text(title, "small", weight=600 if not notice.seen else 500, wrap=True), 1)
        head.addWidget(Text(times.moment(desk.moment(notice.at), desk.moment()), "cap", "text-3"), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        if sentence:
            column.addWidget(Text(sentence, "small", "text-2", wrap=True))
        acts = QHBoxLayout()
        acts.setSpacing(px(14))
        if what.page or what.kind == "away":
            acts.addWidget(self._link(tr("Show"), tr("Show: {title}", title=title), self.show_asked, what.key))
        if what.kind == "burn":
            acts.addWidget(self._link(tr("Not for this session"), tr("Say no more of this session"), self.silenced, what.key))
        acts.addWidget(self._link(tr("Dismiss"), tr("Dismiss: {title}", title=title), self.dismissed, what.key))
        acts.addStretch(1)
        column.addLayout(acts)

    def set_ruled(self, ruled: bool) -> None:
        """With a line above it, or not."""
        if ruled != self._ruled:
            self._ruled = ruled
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._ruled:
            p = QPainter(self)
            p.fillRect(0, 0, self.width(), 1, color("line"))
            p.end()

    def _link(self, word: str, name: str, signal: SignalInstance, key: str) -> Link:
        link = Link(word)
        link.setAccessibleName(name)
        link.clicked.connect(partial(self._emit, signal, key))
        return link

    def _emit(self, signal: SignalInstance, key: str) -> None:
        signal.emit(key)


class NoticeList(QWidget):
    """Opens at the bell, closes with Esc or a click elsewhere. ``show_asked(Notable)`` when the person wants to go there.

    It lies on the window and is none itself: under Wayland no window may place itself.
    """

    show_asked = Signal(object)
    silenced = Signal(object)

    def __init__(self, notices: Notices, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Notices"))
        self.setFixedWidth(px(WIDTH))
        self._notices, self._desk, self._corner = notices, desk, QPoint()
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(12), px(16), px(10))
        column.setSpacing(px(4))
        head = QHBoxLayout()
        head.addWidget(Text(tr("Notices"), "head"), 1)
        self._clear = Link(tr("Dismiss all"))
        self._clear.clicked.connect(self._notices.clear)
        head.addWidget(self._clear)
        column.addLayout(head)
        self._scroll = Scroll()
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(self._scroll)
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, px(6), 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._scroll.setWidget(self._inner)
        self._rows: dict[tuple[str, int], NoticeRow] = {}
        self._turns: Turns | None = None
        notices.changed.connect(self._changed)
        theme().changed.connect(self.update)

    def open_at(self, corner: QPoint) -> None:
        """With its lower left corner there (in the window), or as near as the window allows, as soon as its rows are made."""
        self._corner = corner
        self._turns = fill(self, self._made(), self._open)

    def _open(self) -> None:
        self._fit()
        self.show()
        self.raise_()
        if (first := self._scroll.findChild(Link)) is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if (window := self.window().windowHandle()) is not None:
            window.installEventFilter(self)
        self._notices.see()

    def _place(self) -> None:
        holder = self.parentWidget()
        if holder is None:
            return
        room = holder.rect()
        x = max(8, min(self._corner.x(), room.right() - self.width() - 8))
        self.move(x, max(8, self._corner.y() - self.height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            here = QRect(self.mapTo(self.window(), QPoint()), self.size())
            if self.isVisible() and not here.contains(event.position().toPoint()):
                self.close()
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        if (window := self.window().windowHandle()) is not None:
            window.removeEventFilter(self)
        super().closeEvent(event)

    @Slot()
    def _changed(self) -> None:
        if not self.isVisible():
            return  # its rows are on their way
        if not self._notices.items:
            self.close()
            return
        if self._turns is not None:
            self._turns.begin(self._made(), self._fit)

    def _made(self) -> Iterator[None]:
        """The rows of what there is; those that are there stay."""
        items = self._notices.items
        wanted = {(one.what.key, one.at) for one in items}
        for gone in [which for which in self._rows if which not in wanted]:
            row = self._rows.pop(gone)
            row.hide()
            row.deleteLater()
        for place, notice in enumerate(items):
            which = (notice.what.key, notice.at)
            if which not in self._rows:
                row = NoticeRow(notice, self._desk, ruled=place > 0, parent=self._inner)
                row.show_asked.connect(self._show_one)
                row.dismissed.connect(self._notices.dismiss)
                row.silenced.connect(self._silence_one)
                self._column.insertWidget(place, row)
                self._rows[which] = row
                yield
                row.heightForWidth(self._width())  # measured now, not with all the others
                yield
            self._rows[which].set_ruled(place > 0)

    def _width(self) -> int:
        return self.width() - px(32) - px(6)

    @Slot()
    def _fit(self) -> None:
        self._clear.setVisible(len(self._rows) > 1)
        self._inner.ensurePolished()
        wanted = sum(row.heightForWidth(self._width()) for row in self._rows.values())
        self._scroll.setFixedHeight(min(px(MOST_HEIGHT), max(px(40), wanted)))
        self.adjustSize()
        self._place()

    @Slot(str)
    def _show_one(self, key: str) -> None:
        if (found := next((one.what for one in self._notices.items if one.what.key == key), None)) is not None:
            self.close()
            self.show_asked.emit(found)

    @Slot(str)
    def _silence_one(self, key: str) -> None:
        if (found := next((one.what for one in self._notices.items if one.what.key == key), None)) is not None:
            self.silenced.emit(found)
            self._notices.dismiss(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_WINDOW, color("card"), color("line-strong"))
        p.end()
