"""The guide in a window of its own: subjects left, text right, and a search over both. F1."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeySequence, QShortcut, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from tokenpal.translation import language, tr
from tokenpal.ui.dialogs.slices import opened
from tokenpal.ui.help.guide import Subject, matching, subjects
from tokenpal.ui.help.typeset import typeset
from tokenpal.ui.theme import CARD_GAP, color, font, px, theme
from tokenpal.ui.widgets.card import EmptyState, SlimBar
from tokenpal.ui.widgets.controls import SearchField
from tokenpal.ui.widgets.rows import NameRows
from tokenpal.ui.widgets.text import Text


class HelpWindow(QDialog):
    """Stays open beside the window; opening it again shows another subject."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Help"))
        self.setAccessibleName(tr("Help"))
        self._all = subjects(language())
        self._shown: Subject | None = None
        self._document: QTextDocument | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(CARD_GAP))
        head = QHBoxLayout()
        head.addWidget(Text(tr("Help"), "title"), 1)
        self.search = SearchField(tr("Search the help"))
        self.search.setMinimumWidth(px(240))
        self.search.textChanged.connect(self._search)
        head.addWidget(self.search)
        column.addLayout(head)
        body = QHBoxLayout()
        body.setSpacing(px(20))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Subjects"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(NameRows(self.list))
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollBar(SlimBar())
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._chosen)
        body.addWidget(self.list)
        self.text = QTextBrowser()
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setVerticalScrollBar(SlimBar())
        self.text.setOpenLinks(False)  # the guide links nowhere; a link that slips in opens nothing by itself
        right = QVBoxLayout()
        right.setSpacing(px(12))
        self.heading = Text("", "big", wrap=True)
        right.addWidget(self.heading)
        right.addWidget(self.text, 1)
        body.addLayout(right, 1)
        self._none = EmptyState(tr("Nothing in the help has these words."), tr("Fewer or other words may find it."))
        self._none.hide()
        column.addWidget(self._none, 1)
        column.addLayout(body, 1)
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self.search.setFocus)
        theme().changed.connect(self._dress)
        room = self.screen().availableSize()
        self.resize(min(px(860), room.width() - px(40)), min(px(640), room.height() - px(60)))
        self._dress()

    def open_at(self, key: str) -> None:
        """Show one subject, whatever was searched for."""
        self.search.clear()
        if self.isVisible():
            self._list(self._all, key)
        else:
            opened(self, self._filled(key), self.show)
        self.raise_()
        self.activateWindow()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _filled(self, key: str) -> Iterator[None]:
        yield
        self._list(self._all, key)
        yield

    @Slot(str)
    def _search(self, words: str) -> None:
        self._list(tuple(matching(self._all, words)))

    def _list(self, shown: tuple[Subject, ...], key: str = "") -> None:
        now = self.list.currentItem()
        key = key or (now.data(Qt.ItemDataRole.UserRole) if now is not None else "")
        self.list.blockSignals(True)
        self.list.clear()
        for one in shown:
            item = QListWidgetItem(one.title)
            item.setData(Qt.ItemDataRole.UserRole, one.key)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self._none.setVisible(not shown)
        self.list.setVisible(bool(shown))
        keys = [one.key for one in shown]
        if shown:
            self.list.setCurrentRow(keys.index(key) if key in keys else 0)
        self._chosen()

    @Slot()
    def _chosen(self) -> None:
        item = self.list.currentItem()
        subject = next((one for one in self._all if item is not None and one.key == item.data(Qt.ItemDataRole.UserRole)), None)
        for one in (self.heading, self.text):
            one.setVisible(subject is not None)
        if subject is None:
            return
        if subject is not self._shown:
            self._shown = subject
            self.text.setAccessibleName(subject.title)
            self.heading.setText(subject.title)
            former, self._document = self._document, typeset(subject.text, self)
            self.text.setDocument(self._document)
            if former is not None:
                former.deleteLater()
        self._mark_words()

    def _mark_words(self) -> None:
        marks = []
        for word in self.search.text().split():
            cursor = self.text.document().find(word, 0, QTextDocument.FindFlag(0))
            while not cursor.isNull():
                one = QTextEdit.ExtraSelection()
                one.cursor = cursor
                one.format.setBackground(QColor(color("accent-soft")))
                marks.append(one)
                cursor = self.text.document().find(word, cursor)
        self.text.setExtraSelections(marks)

    def _list_width(self) -> int:
        """Of the longest title: with large text on a small screen the rest is for the words."""
        return max(QFontMetrics(font("body", 500)).horizontalAdvance(one.title) for one in self._all) + px(18) + px(16)

    @Slot()
    def _dress(self) -> None:
        self.list.setFont(font("body"))
        self.list.setFixedWidth(self._list_width())
        self._shown = None  # its type is of before
        ground = self.palette()
        ground.setColor(ground.ColorRole.Base, color("card"))
        ground.setColor(ground.ColorRole.Window, color("card"))
        for one in (self, self.text, self.list):
            one.setPalette(ground)
        self._chosen()
