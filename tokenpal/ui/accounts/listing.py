"""The list of accounts: name, how it is doing, and a sign."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tokenpal.insight.health import TROUBLE as TROUBLE, WAITING, state_words
from tokenpal.model.report import AccountRow
from tokenpal.translation import tr
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.card import SlimBar

ACCOUNT = Qt.ItemDataRole.UserRole + 1
WRAP = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)


def second_line(row: AccountRow, now: int) -> str:
    """``this machine · read 2 min ago · 1 left out``."""
    if row.state == "ok" and row.last_success:
        age = times.age(now - row.last_success)
        words = tr("read {age}", age=age) if row.kind == "log" else tr("taken in {age}", age=age) if row.kind == "inbox" else tr("answered {age}", age=age)
    else:
        words = state_words(row.state)
    trouble = tr("{n} left out", n=numbers.digits(row.problems)) if row.problems else ""
    place = tr("this machine") if row.kind == "log" else tr("handed over") if row.kind == "inbox" else ""
    return numbers.join((place, words, trouble))


class AccountList(QListWidget):
    """One row an account; ``current()`` is the one that is shown."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rows: list[AccountRow] = []
        self.setObjectName("account-list")
        self.setAccessibleName(tr("Accounts"))
        self.setItemDelegate(_Delegate(desk, self))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setVerticalScrollBar(SlimBar())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        theme().changed.connect(self.doItemsLayout)

    def set_rows(self, rows: Sequence[AccountRow]) -> None:
        """Other rows, without a signal; the chosen one stays, else the first that needs the person."""
        kept = self.current()
        self._rows = list(rows)
        self.blockSignals(True)
        self.clear()
        for row in rows:
            item = QListWidgetItem(row.name)
            item.setData(ACCOUNT, row)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.name}, {second_line(row, self._desk.now())}")
            self.addItem(item)
        place = self.place(kept.id) if kept else -1
        if place < 0:
            place = next((i for i, row in enumerate(rows) if row.state in TROUBLE), 0 if rows else -1)
        self.setCurrentRow(place)
        self.blockSignals(False)

    def say_ages(self) -> None:
        """The same rows, a while later."""
        for place, row in enumerate(self._rows):
            self.item(place).setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.name}, {second_line(row, self._desk.now())}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # other widths break lines elsewhere

    def place(self, account: int) -> int:
        """The row of an account, -1 for none."""
        return next((i for i, row in enumerate(self._rows) if row.id == account), -1)

    def current(self) -> AccountRow | None:
        """The chosen account."""
        place = self.currentRow()
        return self._rows[place] if 0 <= place < len(self._rows) else None


@lru_cache(512)
def _height(words: str, face: QFont, room: float) -> float:
    """How high words are that break into lines, px: asked for at every paint, and for every size hint."""
    return QFontMetricsF(face).boundingRect(QRectF(0, 0, room, 10_000), _wrap(words, face, room), words).height()


@lru_cache(512)
def _wrap(words: str, face: QFont, room: float) -> int:
    """Lines end between words, but within one that is wider than the row."""
    wide = any(paint.advance(word, face) > room for word in words.split())
    return WRAP | int(Qt.TextFlag.TextWrapAnywhere) if wide else WRAP


class _Delegate(QStyledItemDelegate):
    """Name, second line, and a sign at the right: tick, clock or warning. Words that need it take more lines, so that none is cut."""

    def __init__(self, desk: Desk, parent: AccountList) -> None:
        super().__init__(parent)
        self._desk, self._list = desk, parent

    def _boxes(self, row: AccountRow, width: float) -> tuple[QRectF, QRectF]:
        """Where name and second line go below the top of a row of this width."""
        left, room = float(px(14)), width - px(52)
        name = self._box(row.name, font("body", 500), left, float(px(9)), room)
        return name, self._box(second_line(row, self._desk.now()), font("small"), left, name.bottom() + px(1), room + px(24))

    @staticmethod
    def _box(words: str, face: QFont, left: float, top: float, room: float) -> QRectF:
        wide = max(room, 40.0)
        return QRectF(left, top, wide, max(_height(words, face, wide), px(18)))

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        _, second = self._boxes(index.data(ACCOUNT), self._list.viewport().width())
        return QSize(px(120), max(px(58), round(second.bottom()) + px(9)))

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        row: AccountRow = index.data(ACCOUNT)
        rect = QRectF(option.rect)
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 8, color("accent-soft"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 8, theme().ink(0.03))
        name, second = self._boxes(row, rect.width())
        p.setFont(font("body", 500))
        p.setPen(color("text"))
        p.drawText(name.translated(rect.topLeft()), _wrap(row.name, p.font(), name.width()), row.name)
        p.setFont(font("small"))
        p.setPen(color("text-2"))
        p.drawText(second.translated(rect.topLeft()), WRAP, second_line(row, self._desk.now()))
        sign = "warning" if row.state in TROUBLE else "timer" if row.state in WAITING else "" if row.problems else "check"
        if sign:  # a tick beside what was left out would contradict it
            ink = color("problem" if row.state in TROUBLE else "text-3")
            paint_icon(p, sign, QRectF(rect.right() - px(30), rect.top() + px(12), px(16), px(16)), ink)
        p.restore()
