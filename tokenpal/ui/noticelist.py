"""The list behind the bell: what was told, newest first, each with a way there and a way off."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui import paint, times
from tokenpal.ui.notices import Notice, Notices, words
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import RADIUS_WINDOW, color, px, theme
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.text import Rule, Text

WIDTH = 380
MOST_HEIGHT = 460


class NoticeRow(QWidget):
    """One notice: title, age, sentence, what can be done."""

    show_asked = Signal(str)
    dismissed = Signal(str)
    silenced = Signal(str)

    def __init__(self, notice: Notice, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        column.addWidget(self._scroll)
        self._fill()
        notices.changed.connect(self._fill)
        theme().changed.connect(self.update)

    def open_at(self, corner: QPoint) -> None:
        """With its lower left corner there (in the window), or as near as the window allows."""
        self._corner = corner
        self._place()
        self.show()
        self.raise_()
        if (first := self._scroll.findChild(Link)) is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)
        self._notices.see()

    def _place(self) -> None:
        holder = self.parentWidget()
        if holder is None:
            return
        room = holder.rect()
        x = max(8, min(self._corner.x(), room.right() - self.width() - 8))
        self.move(x, max(8, self._corner.y() - self.height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget) and watched is not self and not self.isAncestorOf(watched):
            self.close()
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        super().closeEvent(event)

    @Slot()
    def _fill(self) -> None:
        items = self._notices.items
        if not items and self.isVisible():
            self.close()
            return
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, px(6), 0)
        column.setSpacing(0)
        for place, notice in enumerate(items):
            if place:
                column.addWidget(Rule())
            row = NoticeRow(notice, self._desk)
            row.show_asked.connect(self._show_one)
            row.dismissed.connect(self._notices.dismiss)
            row.silenced.connect(self._silence_one)
            column.addWidget(row)
        column.addStretch(1)
        self._clear.setVisible(len(items) > 1)
        self._scroll.setWidget(inner)
        inner.setAutoFillBackground(False)  # which a scroll area switches on
        inner.ensurePolished()
        wanted = column.totalHeightForWidth(self.width() - px(32))
        self._scroll.setFixedHeight(min(px(MOST_HEIGHT), max(px(40), wanted)))
        self.adjustSize()
        if self.isVisible():
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
