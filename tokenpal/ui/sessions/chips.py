"""What a list is narrowed by, as words that go away when pressed: `task Checkout redesign ×`."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.buttons import Link, Pressable
from tokenpal.ui.widgets.text import as_tip

WIDEST = 320


class FilterChip(Pressable):
    """One condition; pressing it takes the condition away."""

    radius = 5.0

    def __init__(self, kind: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._kind = kind
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Take away the filter {kind} {name}", kind=kind, name=name))
        self.setToolTip(as_tip(name))

    def _word(self) -> int:
        return paint.wide(self._kind, font("cap")) + px(5) if self._kind else 0

    def sizeHint(self) -> QSize:
        words = self._word() + paint.wide(self.text(), font("cap", 600))
        return QSize(min(px(WIDEST), px(8) + words + px(6) + px(12) + px(6)), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint.box(p, rect, 5, color("sunk"), color("accent" if self.keyboard_focus else "line-strong"))
        if self.isDown() or self.underMouse():
            paint.box(p, rect.adjusted(1, 1, -1, -1), 4, theme().ink(0.05))
        left, side = float(px(8)), px(12)
        right = self.width() - px(6) - side
        p.setFont(font("cap"))
        p.setPen(color("text-2"))
        if self._kind:
            p.drawText(QRectF(left, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self._kind)
            left += self._word()
        f = font("cap", 600)
        p.setFont(f)
        p.setPen(color("text"))
        room = right - px(4) - left
        p.drawText(QRectF(left, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, paint.elided(self.text(), f, room))
        paint_icon(p, "close", QRectF(right, (self.height() - side) / 2, side, side), color("text-2"))
        p.end()


class Chips(QWidget):
    """All conditions in a row that breaks where it must, with the one way out of all. Hidden while there is none."""

    removed = Signal(str, str)  # key of the condition and its value
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = Flow(self, gap=6)
        self._chips: list[tuple[FilterChip, str, str]] = []
        self.clear = Link(tr("Clear"))
        self.clear.setAccessibleName(tr("Clear the filters"))
        self.clear.clicked.connect(self.cleared)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Filters in use"))
        self.hide()

    def words(self) -> list[str]:
        """What the chips say."""
        return [chip.text() for chip, _, _ in self._chips]

    def set(self, conditions: list[tuple[str, str, str, str]]) -> None:
        """(key, value, kind in words, name in words) of each condition."""
        while self._flow.count():
            self._flow.takeAt(0)
        for chip, _, _ in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for key, value, kind, name in conditions:
            chip = FilterChip(kind, name, self)
            chip.clicked.connect(self._pressed)
            self._flow.addWidget(chip)
            chip.show()
            self._chips.append((chip, key, value))
        self._flow.addWidget(self.clear)
        self.setVisible(bool(conditions))
        self.updateGeometry()

    @Slot()
    def _pressed(self) -> None:
        sender = self.sender()
        found = next(((key, value) for chip, key, value in self._chips if chip is sender), None)
        if found is not None:
            self.removed.emit(*found)
