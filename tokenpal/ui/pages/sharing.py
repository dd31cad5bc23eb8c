"""Sharing: what it is and is not, and the exact bytes of this week's example. Nothing is sent: there is no network code for it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine import sharing
from tokenpal.ui import numbers
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.reflow import Tiles
from tokenpal.ui.theme import CARD_GAP, color, px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, Scroll
from tokenpal.ui.widgets.controls import Segmented
from tokenpal.ui.widgets.fields import ByteLine, BytePreview
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.text import Rule, Text

PROMISES = (
    "Two questions a week: on how many days did you use AI, and what was one session, drawn at random?",
    "A coin is tossed over each answer here first. What would be sent may not be what was true.",
    "It would go out every week, also after a week without AI, so silence says nothing.",
    "Nothing is fetched or sent before you paste an invitation and press a button.",
)
NEVER = "Tokens, cost, counts, models, tools, projects, tasks, notes, times."
LIMITS = (
    "A coin hides one answer, not a habit: whoever saw many weeks of yours could guess better than chance. "
    "Who takes part is visible to the team."
)


class Sign(QWidget):
    """A small icon before words."""

    def __init__(self, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setFixedSize(px(16), px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_icon(p, self._icon_name, QRectF(0, 1, px(16), px(16)), color("text-2"))
        p.end()


def _point(icon_name: str, sentence: str) -> QHBoxLayout:
    """A sentence with its sign; its lines stand under one another."""
    row = QHBoxLayout()
    row.setSpacing(px(12))
    row.addWidget(Sign(icon_name), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Text(sentence, "body", wrap=True), 1)
    return row


class SharingPage(Page):
    """State, promise, preview."""

    title = "Sharing"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._bytes = ""
        self._lines: tuple[ByteLine, ...] = ()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        column.addWidget(self._state_card())
        row = Tiles()
        row.add(self._words_card(), 300, 5)
        row.add(self._preview_card(), 420, 6)
        column.addLayout(row)
        column.addStretch(1)
        scroll = Scroll()
        scroll.setWidget(body)
        self.column.addWidget(scroll, 1)

    def refresh(self, what: frozenset[str]) -> None:
        self.desk.bridge.ask(sharing.share_preview, then=self._show)

    def _state_card(self) -> Card:
        card = Card()
        row = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(Text("You share nothing", "head"))
        words.addWidget(
            Text(
                "Sharing is off and this version cannot send. Below is what a report of yours would look like, as an example.",
                "small", "text-2", wrap=True,
            )
        )  # fmt: skip
        row.addLayout(words, 1)
        row.addWidget(Chip("nothing is sent"))
        card.body.addLayout(row)
        return card

    def _words_card(self) -> Card:
        card = Card("In plain words")
        for sentence in PROMISES:
            card.body.addLayout(_point("check", sentence))
        card.body.addSpacing(px(6))
        card.body.addWidget(Text("Never in a report", "head"))
        card.body.addLayout(_point("info", NEVER))
        card.body.addSpacing(px(4))
        card.body.addWidget(Rule())
        card.body.addSpacing(px(4))
        card.body.addWidget(Text("The limits of the promise", "head"))
        card.body.addWidget(Text(LIMITS, "body", "text-2", wrap=True))
        card.body.addStretch(1)
        return card

    def _preview_card(self) -> Card:
        card = Card("Exactly what would be sent")
        self._tabs = Segmented((("readable", "Readable"), ("bytes", "Bytes")), "How to show the report")
        self._tabs.chosen.connect(self._show_tab)
        card.add_to_head(self._tabs)
        self._preview = BytePreview()
        card.body.addWidget(self._preview)
        self._raw = Text("", "mono", wrap=True, selectable=True)
        self._raw.hide()
        card.body.addWidget(self._raw)
        card.body.addWidget(Text("After the coin: 7 in 10 it is the true answer to the first question, 7 in 9 to the second.", "small", "text-2", wrap=True))
        foot = QHBoxLayout()
        self._size = Text("", "small", "text-2")
        foot.addWidget(self._size, 1)
        copy = Link("Copy")
        copy.clicked.connect(self._copy)
        foot.addWidget(copy)
        card.body.addLayout(foot)
        self._banner = Text("", "small", "text-3", wrap=True)
        card.body.addWidget(self._banner)
        card.body.addStretch(1)
        return card

    def _show(self, preview: sharing.SharePreview) -> None:
        self._bytes = preview.text
        self._preview.set_lines([ByteLine(line.code, line.meaning, answer=line.answer) for line in preview.lines])
        self._raw.setText(preview.text)
        self._size.setText(f"{numbers.count(len(preview.text.encode()), 'byte')}, line breaks added here for reading.")
        self._size.setWordWrap(True)
        self._banner.setText(preview.banner)
        self.set_subtitle(f"Week {preview.week.partition('-W')[2].lstrip('0')}, an example")

    @Slot(str)
    def _show_tab(self, key: str) -> None:
        self._preview.setVisible(key == "readable")
        self._raw.setVisible(key == "bytes")

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._bytes)
        self.toast.emit("Copied.", False)
