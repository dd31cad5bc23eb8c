"""The triage bar: what was it? One key a session; a suggestion is offered and never applied alone (product 2.2)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.model.report import SessionRow
from tokenpal.model.session import WasteReason
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, paint
from tokenpal.ui.palette import LABEL_WORDS, LABELS, LabelName
from tokenpal.ui.reflow import Flow
from tokenpal.ui.sessions import words
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
        self._lead = Text(tr("Last time in this folder:"), "small", "text-2", elide=True)
        self._glyph = LabelGlyph(None)
        self._what = Text("", "small", weight=500, elide=True)
        self._use = Link(tr("Use it"))
        self._use.clicked.connect(self.taken)
        for widget in (self._lead, self._glyph):
            row.addWidget(widget)
        row.addWidget(self._what, 1)
        row.addWidget(self._use)
        row.addWidget(KeyHint("↵"))

    def set(self, lead: str, label: LabelName | None, said: str) -> None:
        """What is suggested."""
        self._lead.setText(lead)
        self._glyph.set_label(label)
        self._what.setText(said)

    def offer(self, name: str, task: str) -> None:
        """What was said last time in the session's folder: a label and the name of a task, or one of them."""
        label = next((known for known in LABELS if known == name), None)
        self.set(tr("Last time in this folder:"), label, ", ".join(p for p in (tr(LABEL_WORDS.get(label or "unlabelled", "")), task) if p))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("accent-soft"))
        p.end()


class TriageBar(QWidget):
    """Question, three equal answers with their keys, reasons for waste with theirs, and the suggestion."""

    labelled = Signal(str)  # exploration | delivered | waste
    reasoned = Signal(str)
    suggestion_taken = Signal()
    run_wanted = Signal()  # one session after the other

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        head = QHBoxLayout()
        head.setSpacing(px(10))
        self._question = Text(tr("What was it?"), "head")
        self._place = Text("", "small", "text-2", elide=True)
        self.begin = Link("")
        self.begin.setObjectName("begin-triage")
        self.begin.setToolTip(tr("One session after the other (Ctrl+L)"))
        self.begin.clicked.connect(self.run_wanted)
        head.addWidget(self._question)
        head.addWidget(self.begin)
        head.addWidget(self._place, 1)
        keys = ((tr("note"), "n"), (tr("task"), "t"), (tr("later"), tr("space")), (tr("undo"), "z"))
        self._hints = [KeyHint(key, word) for word, key in keys]
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
            button.setToolTip(f"{tr(LABEL_WORDS[name])} ({name[0].upper()})")
            button.clicked.connect(self._pressed)
            answers.addWidget(button, 1)
            self.buttons[name] = button
        self._column.addLayout(answers)
        self._reasons = QWidget()
        reasons = Flow(self._reasons, gap=12)
        self._why = Text(tr("Why?"), "small", "text-2")
        reasons.addWidget(self._why)
        self._links: list[tuple[QWidget, Link]] = []
        for number, reason in enumerate(WasteReason, 1):
            link = Link(words.begin_large(words.reason_words(reason.value)))
            link.setProperty("reason", reason.value)
            link.setToolTip(tr("Key {key}", key=number))
            link.clicked.connect(self._reason_pressed)
            pair = QWidget()
            row = QHBoxLayout(pair)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(px(5))
            row.addWidget(KeyHint(str(number)))
            row.addWidget(link)
            reasons.addWidget(pair)
            self._links.append((pair, link))
        self._column.addWidget(self._reasons)
        self.suggestion = Suggestion()
        self.suggestion.taken.connect(self.suggestion_taken)
        self._column.addWidget(self.suggestion)
        self._reasons.hide()
        self.suggestion.hide()
        self._spacing()
        theme().changed.connect(self._spacing)

    def show_session(self, row: SessionRow | None, left: int, chosen: int = 1, *, run: str = "") -> None:
        """The session in question, how many wait in all, and how many are chosen at once; ``run``: "3 of 53" of a run."""
        self.setEnabled(row is not None or chosen > 1)
        many = trn("What was this {n}?", "What were these {n}?", chosen, shown=numbers.digits(chosen))
        self._question.setText(many if chosen > 1 else tr("What was it?"))
        self.begin.setVisible(bool(left) and not run and chosen < 2)
        self.begin.setText(trn("Label {n} session", "Label {n} sessions", left, shown=numbers.digits(left)))
        self._place.setText(run or ("" if left or row is None else tr("Every session has a label.")))
        waste = row is not None and row.label == "waste" and chosen < 2
        self._reasons.setVisible(waste)
        if row is not None and waste:
            reason = words.begin_large(words.reason_words(row.reason))
            self._why.setText(tr("Why? {reason}. Or:", reason=reason) if row.reason else tr("Why?"))
            for pair, link in self._links:
                pair.setVisible(link.property("reason") != row.reason)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        begin = self.begin.sizeHint().width() + px(10) if not self.begin.isHidden() else px(90)
        needed = self._question.sizeHint().width() + begin + px(20) + sum(hint.sizeHint().width() + px(10) for hint in self._hints)
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
