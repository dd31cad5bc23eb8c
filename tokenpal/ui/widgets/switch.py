"""A switch: a check box to the keyboard and to screen readers, a small track with a knob to the eye."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from tokenpal.ui import paint
from tokenpal.ui.theme import color, px, theme
from tokenpal.ui.widgets.painted import Ringed


class Switch(Ringed, QCheckBox):
    """On or off at once; ``name`` is what it switches."""

    radius = 10.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(px(36), px(24))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = px(20)
        track = QRectF(0.5, (self.height() - height) / 2, self.width() - 1, height)
        on = self.isChecked()
        ground = color("accent") if on else color("sunk")
        if not self.isEnabled():
            ground = color("line")
        paint.box(p, track, height / 2, ground, None if on else color("accent" if self.keyboard_focus else "line-strong"))
        knob = height / 2 - 3
        x = track.right() - height / 2 if on else track.left() + height / 2
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(color("on-accent") if on else color("text-2"))
        p.drawEllipse(QPointF(x, track.center().y()), knob, knob)
        p.end()
