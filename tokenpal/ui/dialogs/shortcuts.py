"""The sheet of all keys, page by page (``?``)."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDialog, QSizePolicy, QStyle, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.dialogs.slices import opened
from tokenpal.ui.reflow import Tiles
from tokenpal.ui.shortcuts import GROUPS, Shortcut, of_page, shown
from tokenpal.ui.theme import CARD_GAP, CARD_PAD_X, CARD_PAD_Y, RADIUS_CARD, color, font, px, theme
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.text import Text

WIDE = 340  # px of a group at text size 100 %
LINE, GAP = 20, 8  # px of a key cap, and between two lines


class ShortcutSheet(QDialog):
    """Read only; the group of the page in front comes first. Esc closes it."""

    def __init__(self, page: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self.setWindowTitle(tr("Keys"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(12))
        column.addWidget(Text(tr("Keys"), "title"))
        column.addWidget(Text(tr("Letters work while no text field has the focus. Tab walks through everything else."), "body", "text-2", wrap=True))
        body = QWidget()
        self._tiles = Tiles(body)
        self._tiles.setContentsMargins(0, 0, px(8), 0)
        scroll = Scroll(reads=self.windowTitle())
        scroll.setWidget(body)
        column.addWidget(scroll, 1)
        column.addLayout(foot(way_out(self, tr("Close"), default=True)))
        room = self.screen().availableSize()
        self.resize(min(px(2 * WIDE + 90), room.width() - px(40)), min(px(720), room.height() - px(60)))

    def open(self) -> None:
        opened(self, self._parts(), super().open)

    def _parts(self) -> Iterator[None]:
        sides, filled = (QVBoxLayout(), QVBoxLayout()), [0, 0]
        for side in sides:
            holder = QWidget()
            holder.setLayout(side)
            side.setContentsMargins(0, 0, 0, 0)
            side.setSpacing(px(CARD_GAP))
            self._tiles.add(holder, WIDE)
            yield
        for group in sorted(GROUPS, key=lambda group: group != self._page):
            if listed := of_page(group):
                at = filled.index(min(filled))
                card = KeyGroup(tr(GROUPS[group]), listed)
                yield from card.words()
                sides[at].addWidget(card)
                filled[at] += len(listed) + 3
                yield
        for side in sides:
            side.addStretch(1)


class KeyGroup(QWidget):
    """The keys of one place on a card: words are labels, read with their keys; the caps are painted, all at once.

    A card with a layout and a widget for each key would take ten times as long to open.
    """

    def __init__(self, title: str, listed: tuple[Shortcut, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.title = Text(title, "head", parent=self)
        self.lines = [(tr(one.words), tuple(shown(key) for key in one.each)) for one in listed]
        self.labels: list[Text] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._measure()
        theme().changed.connect(self._theme_changed)

    def words(self) -> Iterator[None]:
        """Make the labels; what they take is known before."""
        for words, keys in self.lines[len(self.labels) :]:
            label = Text(words, "small", wrap=True, parent=self)
            label.setAccessibleDescription(numbers.join(tr("Key {key}", key=key) for key in keys))
            self.labels.append(label)
            self._put(len(self.labels) - 1)
            yield

    @Slot()
    def _theme_changed(self) -> None:
        self._measure()
        self.updateGeometry()
        self._place()
        self.update()

    def _measure(self) -> None:
        """What does not hang on the width: how wide the words are on one line, and every cap."""
        small = QFontMetrics(font("small"))
        self._wide = [small.horizontalAdvance(words) + 2 for words, _ in self.lines]
        self._caps = [tuple(paint.key_width(key) for key in keys) for _, keys in self.lines]
        self._head = QFontMetrics(font("head")).height()
        self._places: list[tuple[QRect, int]] = []
        self._known: dict[int, list[tuple[QRect, int]]] = {}  # by width: a layout asks again and again

    def _laid(self, width: int) -> list[tuple[QRect, int]]:
        """Where the words of each line stand, and how wide its caps are together."""
        if (known := self._known.get(width)) is not None:
            return known
        left, right, between, gap, tall, inset = px(CARD_PAD_X), width - px(CARD_PAD_X), px(4), px(GAP), px(LINE), px(12)
        y, out = px(CARD_PAD_Y) + self._head + gap, []
        for (words, _), wide, caps in zip(self.lines, self._wide, self._caps, strict=True):
            together = round(sum(caps)) + between * (len(caps) - 1)
            room = max(px(60), right - together - inset - left)
            lines = tall
            if wide > room:
                said = QFontMetrics(font("small")).boundingRect(QRect(0, 0, room, 10_000), int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft), words)
                lines = max(tall, said.height())
            out.append((QRect(left, y, room, lines), together))
            y += lines + gap
        self._known[width] = out
        return out

    def heightForWidth(self, width: int) -> int:
        return self._laid(width)[-1][0].bottom() + 1 + px(CARD_PAD_Y)

    def sizeHint(self) -> QSize:
        return QSize(px(WIDE), self.heightForWidth(px(WIDE)))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(60))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self._places = self._laid(self.width())
        self.title.setGeometry(self._mirrored(QRect(px(CARD_PAD_X), px(CARD_PAD_Y), self.width() - 2 * px(CARD_PAD_X), self._head)))
        for place in range(len(self.labels)):
            self._put(place)

    def _put(self, place: int) -> None:
        if place < len(self._places):
            self.labels[place].setGeometry(self._mirrored(self._places[place][0]))

    def _mirrored(self, place: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), place)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.box(p, QRectF(self.rect()), RADIUS_CARD, color("card"), color("line"))
        between, shown_at = px(4), event.rect()
        for (_, keys), caps, (room, together) in zip(self.lines, self._caps, self._places, strict=True):
            if not shown_at.intersects(QRect(0, room.top(), self.width(), room.height())):
                continue
            x = float(self._mirrored(QRect(self.width() - px(CARD_PAD_X) - together, room.top(), together, room.height())).left())
            for key, wide in zip(keys, caps, strict=True):
                paint.key(p, x, room.center().y() + 1, key)
                x += wide + between
        p.end()
