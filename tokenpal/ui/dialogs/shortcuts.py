"""The sheet of all keys, page by page (``?``)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui.reflow import Tiles
from tokenpal.ui.shortcuts import GROUPS, Shortcut, of_page, shown
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card, Scroll
from tokenpal.ui.widgets.marks import KeyHint
from tokenpal.ui.widgets.text import Text

WIDE = 340  # px of a group at text size 100 %


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
        tiles = Tiles(body)
        tiles.setContentsMargins(0, 0, px(8), 0)
        sides = (QVBoxLayout(), QVBoxLayout())
        filled = [0, 0]
        for side in sides:
            holder = QWidget()
            holder.setLayout(side)
            side.setContentsMargins(0, 0, 0, 0)
            side.setSpacing(px(CARD_GAP))
            tiles.add(holder, WIDE)
        for group in sorted(GROUPS, key=lambda group: group != page):
            if listed := of_page(group):
                at = filled.index(min(filled))
                sides[at].addWidget(_group(tr(GROUPS[group]), listed))
                filled[at] += len(listed) + 3
        for side in sides:
            side.addStretch(1)
        scroll = Scroll(reads=self.windowTitle())
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
        self.resize(min(px(2 * WIDE + 90), room.width() - px(40)), min(px(720), room.height() - px(60)))


def _group(title: str, listed: tuple[Shortcut, ...]) -> Card:
    card = Card(title)
    for one in listed:
        row = QHBoxLayout()
        row.setSpacing(px(4))
        row.addWidget(Text(tr(one.words), "small", wrap=True), 1)
        row.addSpacing(px(8))
        for key in one.each:
            hint = KeyHint(shown(key), always=True)
            hint.setAccessibleDescription(tr(one.words))
            row.addWidget(hint, 0, Qt.AlignmentFlag.AlignVCenter)
        card.body.addLayout(row)
    return card
