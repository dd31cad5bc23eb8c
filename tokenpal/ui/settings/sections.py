"""The sections of the page, each a jump away, and which of them is being looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.theme import RADIUS_CONTROL, color, font, px, theme
from tokenpal.ui.widgets.buttons import Pressable
from tokenpal.ui.widgets.text import as_tip


class _Anchor(Pressable):
    """Words of a section; on ink while it is the one in view."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setToolTip(as_tip(words))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(min(QFontMetrics(font("small", 500)).horizontalAdvance(self.text()) + 2 * px(10) + 2, px(210)), px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        rect = QRectF(self.rect())
        chosen = self.isChecked()
        if chosen or self.underMouse():
            paint.box(p, rect, RADIUS_CONTROL, theme().ink(theme().palette.chosen_ink if chosen else 0.04))
        if self.keyboard_focus:
            paint.box(p, rect, RADIUS_CONTROL, None, color("accent"))
        words = font("small", 500 if chosen else 400)
        p.setFont(words)
        p.setPen(color("text" if chosen else "text-2"))
        room = self.width() - 2 * px(10)
        p.drawText(QRectF(px(10), 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, paint.elided(self.text(), words, room))
        p.end()


class Sections(QWidget):
    """``chosen(key)`` when the person jumps; ``look_at(key)`` is silent."""

    chosen = Signal(str)

    def __init__(self, parts: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Sections"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, px(8), 0)
        column.setSpacing(2)
        self._anchors: dict[str, _Anchor] = {}
        for key, words in parts:
            anchor = _Anchor(words)
            anchor.setObjectName(f"section-{key}")
            anchor.setProperty("section", key)
            anchor.clicked.connect(self._clicked)
            column.addWidget(anchor)
            self._anchors[key] = anchor
        column.addStretch(1)

    def look_at(self, key: str) -> None:
        """Show which section is in view."""
        if key in self._anchors:
            self._anchors[key].setChecked(True)

    def show_only(self, keys: frozenset[str]) -> None:
        """Leave out sections in which a search found nothing."""
        for key, anchor in self._anchors.items():
            anchor.setVisible(key in keys)

    @Slot()
    def _clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.chosen.emit(sender.property("section"))
