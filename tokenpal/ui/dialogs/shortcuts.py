"""The sheet of all keys, page by page (``?``)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui.shortcuts import GROUPS, Shortcut, of_page, shown
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card, Scroll
from tokenpal.ui.widgets.marks import KeyHint
from tokenpal.ui.widgets.text import Text


class ShortcutSheet(QDialog):
    """Read only; the group of the page in front comes first. Esc closes it."""

    def __init__(self, page: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keys"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(12))
        column.addWidget(Text(tr("Keys"), "title"))
        column.addWidget(Text(tr("Letters work while no text field has the focus. Tab walks through everything else."), "body", "text-2", wrap=True))
        body = QWidget()
        columns = QHBoxLayout(body)
        columns.setContentsMargins(0, 0, px(8), 0)
        columns.setSpacing(px(CARD_GAP))
        sides = (QVBoxLayout(), QVBoxLayout())
        heights = [0, 0]
        for side in sides:
            side.setSpacing(px(CARD_GAP))
            columns.addLayout(side, 1)
        for group in sorted(GROUPS, key=lambda group: group != page):
            if listed := of_page(group):
                side = heights.index(min(heights))
                sides[side].addWidget(_group(tr(GROUPS[group]), listed))
                heights[side] += len(listed) + 2
        for side in sides:
            side.addStretch(1)
        scroll = Scroll()
        scroll.setWidget(body)
        column.addWidget(scroll, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        close = Button(tr("Close"))
        close.setObjectName("leave")
        close.setDefault(True)
        close.clicked.connect(self.reject)
        foot.addWidget(close)
        column.addLayout(foot)
        room = self.screen().availableSize()
        wide = body.sizeHint().width() + 2 * px(22) + px(16)
        scroll.setMinimumWidth(min(body.minimumSizeHint().width() + px(14), room.width() - px(80)))
        self.resize(min(max(wide, px(760)), room.width() - px(40)), min(px(720), room.height() - px(60)))


def _group(title: str, listed: tuple[Shortcut, ...]) -> Card:
    card = Card(title)
    rows = QGridLayout()
    rows.setHorizontalSpacing(px(12))
    rows.setVerticalSpacing(px(8))
    rows.setColumnStretch(0, 1)
    for number, one in enumerate(listed):
        words = Text(tr(one.words), "small", wrap=True)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        rows.addWidget(words, number, 0)
        keys = QHBoxLayout()
        keys.setSpacing(px(4))
        keys.addStretch(1)
        for key in one.each:
            hint = KeyHint(shown(key), always=True)
            hint.setAccessibleDescription(tr(one.words))
            keys.addWidget(hint)
        rows.addLayout(keys, number, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    card.body.addLayout(rows)
    return card
