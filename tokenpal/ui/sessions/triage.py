"""The triage bar: what was it? One key a session; a suggestion is offered and never applied alone (product 2.2)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.model.report import SessionRow
from tokenpal.model.session import WasteReason
from tokenpal.ui import numbers, paint
from tokenpal.ui.palette import LABEL_WORDS, LabelName
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import CARD_PAD_X, CARD_PAD_Y, RADIUS_FIELD, color, px, theme
from tokenpal.ui.widgets.buttons import LabelButton, Link
from tokenpal.ui.widgets.marks import KeyHint, LabelGlyph
from tokenpal.ui.widgets.text import Text


class Suggestion(QWidget):
    """"Last time in this folder: delivered, Checkout retry", with the one key that takes it."""

    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(14), px(4), px(10), px(4))
        row.setSpacing(px(8))
        self._lead = Text("Last time in this folder:", "small", "text-2", elide=True)
        self._glyph = LabelGlyph(None)
        self._what = Text("", "small", weight=500, elide=True)
        self._use = Link("Use it")
        self._use.clicked.connect(self.taken)
        for widget in (self._lead, self._glyph):
            row.addWidget(widget)
        row.addWidget(self._what, 1)
        row.addWidget(self._use)
        row.addWidget(KeyHint("↵"))

    def set(self, lead: str, label: LabelName | None, words: str) -> None:
        """What is suggested."""
        self._lead.setText(lead)
        self._glyph.set_label(label)
        self._what.setText(words)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("accent-soft"))
        p.end()


class TriageBar(QWidget):
    """Question, three equal answers with their keys, reasons for waste, and the suggestion."""

    labelled = Signal(str)  # exploration | delivered | waste
    reasoned = Signal(str)
    suggestion_taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        head = QHBoxLayout()
        head.setSpacing(px(10))
        self._question = Text("What was it?", "head")
        self._place = Text("", "small", "text-2", elide=True)
        head.addWidget(self._question)
        head.addWidget(self._place, 1)
        self._hints = [KeyHint(key, word) for word, key in (("note", "n"), ("task", "t"), ("later", "space"), ("undo", "z"))]
        for hint in self._hints:
            head.addWidget(hint)
        self._column.addLayout(head)
        answers = QHBoxLayout()
        answers.setSpacing(px(10))
        self.buttons: dict[LabelName, LabelButton] = {}
        names: tuple[LabelName, ...] = ("exploration", "delivered", "waste")
        for name in names:
            button = LabelButton(name)
            button.setObjectName(f"label-{name}")
            button.setToolTip(f"{LABEL_WORDS[name]} ({name[0]})")
            button.clicked.connect(self._pressed)
            answers.addWidget(button, 1)
            self.buttons[name] = button
        self._column.addLayout(answers)
        self._reasons = QWidget()
        reasons = Flow(self._reasons, gap=12)
        self._why = Text("Why?", "small", "text-2")
        reasons.addWidget(self._why)
        for reason in WasteReason:
            link = Link(reason.value.capitalize())
            link.setProperty("reason", reason.value)
            link.clicked.connect(self._reason_pressed)
            reasons.addWidget(link)
        self._column.addWidget(self._reasons)
        self.suggestion = Suggestion()
        self.suggestion.taken.connect(self.suggestion_taken)
        self._column.addWidget(self.suggestion)
        self._reasons.hide()
        self.suggestion.hide()
        self._spacing()
        theme().changed.connect(self._spacing)

    def show_session(self, row: SessionRow | None, left: int, chosen: int = 1) -> None:
        """The session in question, how many wait in all, and how many are chosen at once."""
        self.setEnabled(row is not None)
        self._question.setText(f"What were these {numbers.exact(chosen)}?" if chosen > 1 else "What was it?")
        waiting = f"{numbers.exact(left)} to label" if left else "Every session has a label." if row is not None else ""
        self._place.setText(waiting)
        waste = row is not None and row.label == "waste"
        self._reasons.setVisible(waste)
        if row is not None and waste:
            self._why.setText(f"Why? {row.reason.capitalize()}. Or:" if row.reason else "Why?")
            for link in self._reasons.findChildren(Link):
                link.setVisible(link.property("reason") != row.reason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = self._question.sizeHint().width() + px(90) + sum(hint.sizeHint().width() + px(10) for hint in self._hints)
        for hint in self._hints:
            hint.setVisible(self.width() - 2 * px(CARD_PAD_X) >= needed)

    @Slot()
    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, LabelButton):
            self.labelled.emit(button.label)

    @Slot()
    def _reason_pressed(self) -> None:
        link = self.sender()
        if link is not None:
            self.reasoned.emit(link.property("reason"))

    @Slot()
    def _spacing(self) -> None:
        self._column.setContentsMargins(px(CARD_PAD_X), px(CARD_PAD_Y), px(CARD_PAD_X), px(CARD_PAD_Y))
        self._column.setSpacing(px(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), 10, color("card"), color("line"))
        p.end()
