"""The side bar: mark and name, pages, the running task, one line of freshness."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.theme import RADIUS_CONTROL, RADIUS_FIELD, SIDEBAR_ROW, SIDEBAR_WIDTH, color, font, px, theme
from tokenpal.ui.widgets.bell import Bell
from tokenpal.ui.widgets.buttons import Pressable
from tokenpal.ui.widgets.text import Text, as_tip

SIDEBAR_NARROW = 52


class SidebarRow(Pressable):
    """One page: icon, words, a count on the right without a bubble. Chosen rows stand on 7.5 % ink (dark 9 %)."""

    def __init__(self, words: str, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._icon_name, self._count, self._narrow, self._key = icon_name, 0, False, ""
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_count(self, count: int, words: str = "") -> None:
        """The number on the right, 0 hides it; `words` say to a screen reader what is counted ("2 sessions to label")."""
        self._count = count
        self.setAccessibleDescription(words)
        self.update()

    def set_narrow(self, narrow: bool) -> None:
        """The icon alone, with the words on hover."""
        self._narrow = narrow
        self._tip()

    def set_key(self, key: str) -> None:
        """The key that opens it, told on hover."""
        self._key = key
        self._tip()

    def _tip(self) -> None:
        self.setToolTip(as_tip(with_key(self.text(), self._key)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(180), px(SIDEBAR_ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(32), px(SIDEBAR_ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        chosen = self.isChecked()
        if chosen:
            paint.box(p, rect, RADIUS_CONTROL, theme().ink(theme().palette.chosen_ink))
        elif self.underMouse():
            paint.box(p, rect, RADIUS_CONTROL, theme().ink(0.04))
        if self.keyboard_focus:
            paint.box(p, rect, RADIUS_CONTROL, None, color("accent"))
        ink = color("text" if chosen else "text-2")
        side = px(16)
        paint_icon(p, self._icon_name, QRectF((self.width() - side) / 2 if self._narrow else px(10), (self.height() - side) / 2, side, side), ink)
        if self._narrow:
            p.end()
            return
        words, room = font("body", 500 if chosen else 400), self.width() - px(44)
        count = numbers.exact(self._count) if self._count else ""
        if count:
            room -= QFontMetrics(font("cap")).horizontalAdvance(count) + px(8)
        p.setPen(ink)
        p.setFont(words)
        p.drawText(QRectF(px(36), 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, paint.elided(self.text(), words, room))
        if count:
            p.setFont(font("cap"))
            p.setPen(color("text-2"))
            p.drawText(rect.adjusted(0, 0, -px(10), 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, count)
        p.end()


class RunningCard(Pressable):
    """The running task at the foot of the side bar: dot, name, elapsed time and tokens."""

    radius = RADIUS_FIELD

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._line = ""
        self._tint: paint.Tint = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set(self, task: str, line: str, tint: paint.Tint) -> None:
        """Task, second line (`1 h 12 min · 214 k`) and the task's colour."""
        self.setText(task)
        self._line, self._tint = line, tint
        self.setAccessibleName(tr("Working on {task}, {line}", task=task, line=line))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(180), px(54))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(40), px(54))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint.box(p, rect, RADIUS_FIELD, color("card"), color("accent" if self.keyboard_focus else "line"))
        if self.underMouse():
            paint.box(p, rect.adjusted(1, 1, -1, -1), RADIUS_FIELD - 1, theme().ink(0.03))
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(color("accent"))
        p.drawEllipse(QPointF(px(15), px(18)), px(4), px(4))
        f = font("small", 500)
        p.setFont(f)
        p.setPen(color("text"))
        room = self.width() - px(27) - px(10)
        p.drawText(QRectF(px(27), px(8), room, px(20)), Qt.AlignmentFlag.AlignVCenter, paint.elided(self.text(), f, room))
        p.setFont(font("small"))
        p.setPen(color("text-2"))
        p.drawText(QRectF(px(27), px(27), room, px(20)), Qt.AlignmentFlag.AlignVCenter, paint.elided(self._line, font("small"), room))
        p.end()


class _Brand(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._narrow = False
        self.setAccessibleName("tokenpal")
        self.setFixedHeight(px(24))

    def set_narrow(self, narrow: bool) -> None:
        """The mark alone."""
        self._narrow = narrow
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = px(18)
        left = (self.width() - side) / 2 if self._narrow else px(9)
        paint_icon(p, "mark", QRectF(left, (self.height() - side) / 2, side, side), color("accent"))
        if self._narrow:
            p.end()
            return
        p.setFont(font("body", 600))
        p.setPen(color("text"))
        p.drawText(QRectF(px(36), 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, "tokenpal")
        p.end()


class Sidebar(QWidget):
    """The pages on the left. `chosen(key)` when the person chooses one; `choose(key)` is silent."""

    chosen = Signal(str)
    running_clicked = Signal()
    foot_clicked = Signal()

    def __init__(self, pages: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """`pages` are (key, words, icon name), top to bottom."""
        super().__init__(parent)
        self.setAccessibleName(tr("Pages"))
        self._rows: dict[str, SidebarRow] = {}
        self._narrow = self._is_running = False
        self._column = QVBoxLayout(self)
        self._column.setSpacing(2)
        self._brand = _Brand()
        self._column.addWidget(self._brand)
        self._column.addSpacing(px(20))
        for key, words, icon_name in pages:
            row = SidebarRow(words, icon_name)
            row.setProperty("page", key)
            row.clicked.connect(self._row_clicked)
            self._rows[key] = row
            self._column.addWidget(row)
        self._column.addStretch(1)
        self._running = RunningCard()
        self._running.hide()
        self._running.clicked.connect(self.running_clicked)
        self._foot = _Foot("", "small", "text-3", elide=True)
        self._foot.clicked.connect(self.foot_clicked)
        self._column.addWidget(self._running)
        self._column.addSpacing(px(8))
        self.bell = Bell()
        self.bell.hide()
        foot = QHBoxLayout()
        foot.setSpacing(px(4))
        foot.addWidget(self._foot, 1)
        foot.addWidget(self.bell)
        self._column.addLayout(foot)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        self.setFixedWidth(px(SIDEBAR_NARROW if self._narrow else SIDEBAR_WIDTH))
        side = px(8 if self._narrow else 12)
        self._column.setContentsMargins(side, px(22), side, px(10))
        self.update()

    def set_narrow(self, narrow: bool) -> None:
        """Icons alone, for a window that has no room for words."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._brand.set_narrow(narrow)
            for row in self._rows.values():
                row.set_narrow(narrow)
            self._running.setVisible(self._is_running and not narrow)
            self._foot.setVisible(not narrow)
            self._theme_changed()

    def set_key(self, page: str, key: str) -> None:
        """The key that opens a page, told on hover."""
        self._rows[page].set_key(key)

    def set_words(self, key: str, words: str) -> None:
        """Other words for a page (another language)."""
        row = self._rows[key]
        row.setText(words)
        row.set_narrow(self._narrow)

    @Slot()
    def _row_clicked(self) -> None:
        row = self.sender()
        if row is not None:
            self.chosen.emit(row.property("page"))

    def choose(self, key: str) -> None:
        """Show the row of page `key` as chosen."""
        self._rows[key].setChecked(True)

    def set_count(self, key: str, count: int, words: str = "") -> None:
        """The number beside a page; 0 hides it."""
        self._rows[key].set_count(count, words)

    def set_running(self, task: str, line: str = "", tint: paint.Tint = 1) -> None:
        """The running task, or none when `task` is empty."""
        self._is_running = bool(task)
        self._running.setVisible(self._is_running and not self._narrow)
        if task:
            self._running.set(task, line, tint)

    def set_notices(self, count: int, unseen: int) -> None:
        """How many notices are in the list, and how many of them are new; the bell is there while there are any."""
        self.bell.set_unseen(unseen)
        self.bell.setVisible(count > 0)

    def set_foot(self, text: str, tip: str = "") -> None:
        """The line of freshness: `Read 2 min ago · 4 sources`."""
        self._foot.setText(text)
        self._foot.setToolTip(tip)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.fillRect(self.rect(), color("side"))
        p.fillRect(self.width() - 1, 0, 1, self.height(), color("line"))
        p.end()


class _Foot(Text):
    """Breaks at its dot, rather than being cut, where the bell or a longer language leaves no room for one line."""

    clicked = Signal()

    def lines(self, width: int) -> list[str]:
        """What stands on each line when there are `width` px."""
        m = QFontMetrics(self.font())
        return [self.text()] if m.horizontalAdvance(self.text()) <= width else self.text().split(" · ")

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return len(self.lines(width)) * QFontMetrics(self.font()).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        m = QFontMetrics(self.font())
        lines = self.lines(self.width())
        shown = [m.elidedText(line, Qt.TextElideMode.ElideRight, self.width()) for line in lines]
        whole = as_tip(self.text()) if shown != lines else ""
        if whole != self.toolTip():
            self.setToolTip(whole)
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setPen(self.palette().color(self.foregroundRole()))
        p.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | (self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask), "\n".join(shown))
        p.end()

    def mouseReleaseEvent(self, event) -> None:
        super().mouseReleaseEvent(event)
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
