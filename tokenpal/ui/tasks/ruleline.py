"""One rule in the list: a grip to drag it by, its place, its words, how it fares, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.engine.queries import RuleRow
from tokenpal.insight.effects import RuleStanding
from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.tasks import words
from tokenpal.ui.tasks.actline import ActLine
from tokenpal.ui.tasks.resting import Resting, RestingRow
from tokenpal.ui.theme import RADIUS_FIELD, color, px
from tokenpal.ui.widgets.buttons import IconButton
from tokenpal.ui.widgets.text import Text, as_tip

TIGHT = 480  # width below which the parts of a rule stand below one another


class Grip(QWidget):
    """Six dots: what a rule is dragged by. The line itself hears the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, on=False)
        self.setToolTip(tr("Drag to try it earlier or later"))

    def sizeHint(self) -> QSize:
        return QSize(px(16), px(24))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.ignore()  # the line drags

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(color("text-3"))
        step = px(5)
        for row in (-1, 0, 1):
            for side in (-0.5, 0.5):
                p.drawEllipse(QPointF(self.width() / 2 + side * step, self.height() / 2 + row * step), px(3) / 2.4, px(3) / 2.4)
        p.end()


class DropMark(QWidget):
    """The line that shows where a dragged rule would go."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAutoFillBackground(True)
        self.hide()

    def place(self, y: int, width: int) -> None:
        """Show it at a height."""
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, color("accent"))
        self.setPalette(palette)
        self.setGeometry(0, y - 1, width, 2)
        self.show()
        self.raise_()


class RuleLine(RestingRow, ActLine):
    """Signals carry the rule's id. ``dragged`` and ``dropped`` also carry a global y; ``stepped`` how many places (-1 = earlier)."""

    stepped = Signal(int, int)
    edited = Signal(int)
    removed = Signal(int)
    dragged = Signal(int, int)
    dropped = Signal(int, int)
    drag_ended = Signal(int)
    walked = Signal(int, int)  # the focus goes up (-1) or down

    def __init__(self, row: RuleRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row, self.place = row, 0
        self._wide = -1  # px its parts are arranged for
        self.resting = Resting(self)
        self._pressed: QPointF | None = None
        self.dragging = False
        self.setObjectName(f"rule-{row.rule.id}")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        line = QHBoxLayout(self.resting.inside)
        line.setContentsMargins(px(4), px(5), px(4), px(5))
        line.setSpacing(px(8))
        line.addWidget(Grip())
        self.number = Text("", "small", "text-3", right=True)
        self.number.setMinimumWidth(px(20))
        line.addWidget(self.number)
        told = QVBoxLayout()
        told.setSpacing(px(1))
        first = self._words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        first.setSpacing(px(8))
        when = Text(tr("when {condition}", condition=tr(words.WORDS[row.rule.kind])), "small", "text-2", elide=True)
        for text, share in ((when, 4), (Text(row.pattern, "small" if row.named else "mono", elide=True), 3), (Text(f"{'←' if self.isRightToLeft() else '→'} {row.task}", "small", weight=500, elide=True), 4)):
            text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # columns, whatever stands in them
            first.addWidget(text, share)
        told.addLayout(first)
        self.note = Text("", "small", "text-3", wrap=True)
        told.addWidget(self.note)
        line.addLayout(told, 1)
        self._buttons = {}
        for icon, said, key, slot in (
            ("arrow-up", tr("Try earlier: {pattern}", pattern=row.pattern), "Alt+Up", self._up),
            ("arrow-down", tr("Try later: {pattern}", pattern=row.pattern), "Alt+Down", self._down),
            ("edit", tr("Change rule: {pattern}", pattern=row.pattern), "F2", self._edit),
            ("trash", tr("Remove rule: {pattern}", pattern=row.pattern), "Del", self._remove),
        ):
            button = IconButton(icon, said, size=26)
            button.setToolTip(as_tip(with_key(said, key)))
            button.clicked.connect(slot)
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
            self._buttons[icon] = button
        self.note.hide()
        self.hide()  # until it has a place

    def hear(self, *slots: Callable[..., None]) -> None:
        """Connect all signals, in their order above."""
        signals = (self.stepped, self.edited, self.removed, self.dragged, self.dropped, self.drag_ended, self.walked)
        for signal, slot in zip(signals, slots, strict=True):
            signal.connect(slot)

    def set_place(self, place: int, last: bool) -> None:
        """Where the rule is tried, or would be."""
        self.place = place
        if self.number.text() != f"{place + 1}.":
            self.number.setText(f"{place + 1}.")
        self._buttons["arrow-up"].setEnabled(place > 0)
        self._buttons["arrow-down"].setEnabled(not last)
        self._name(self.note.text())

    def set_standing(self, one: RuleStanding | None) -> None:
        """How the rule fares; None = not known yet."""
        said, idle = words.standing(one) if one else ("", False)
        self.note.setText(said)
        self.note.setVisible(bool(said))
        self.note.set_tone("attention" if idle else "text-3")
        self._name(said)

    def _name(self, said: str) -> None:
        rule = tr("Rule {n}: {condition}, to {task}.", n=self.place + 1, condition=words.condition(self.row), task=self.row.task)
        self.setAccessibleName(rule)
        self.setAccessibleDescription(said)

    def act(self) -> None:
        """Change it."""
        self._edit()

    @Slot()
    def _up(self) -> None:
        self.stepped.emit(self.row.rule.id, -1)

    @Slot()
    def _down(self) -> None:
        self.stepped.emit(self.row.rule.id, 1)

    @Slot()
    def _edit(self) -> None:
        self.edited.emit(self.row.rule.id)

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self.row.rule.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, alt = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if self.dragging and key == Qt.Key.Key_Escape:
            self._end_drag()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = -1 if key == Qt.Key.Key_Up else 1
            (self.stepped if alt else self.walked).emit(self.row.rule.id, step)
        elif key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._edit()
        elif key == Qt.Key.Key_Delete:
            self._remove()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        far = abs(event.position().y() - self._pressed.y())
        if not self.dragging and far >= QApplication.startDragDistance():
            self.dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()
        if self.dragging:
            self.dragged.emit(self.row.rule.id, round(event.globalPosition().y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._pressed = self.dragging, None
        if dragged:
            at = round(event.globalPosition().y())
            self._end_drag()
            self.dropped.emit(self.row.rule.id, at)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._edit()

    def _end_drag(self) -> None:
        self.dragging, self._pressed = False, None
        self.unsetCursor()
        self.update()
        self.drag_ended.emit(self.row.rule.id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._wide == self.width():
            return
        self._wide = self.width()
        tight = self.width() < px(TIGHT)
        self._words.setDirection(QBoxLayout.Direction.TopToBottom if tight else QBoxLayout.Direction.LeftToRight)
        self._words.setSpacing(px(0 if tight else 8))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.dragging or self.hasFocus():
            paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("accent-soft"), color("accent") if self.hasFocus() else None)
        p.end()
