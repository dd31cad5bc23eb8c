"""Which provider: a list under headings that narrows while one types, with those at its end that let nobody read usage."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from tokenpal.engine import providers
from tokenpal.translation import mark, tr
from tokenpal.ui import paint
from tokenpal.ui.theme import RADIUS_CONTROL, color, font, px, theme
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.controls import SearchField
from tokenpal.ui.widgets.text import Text

KEY = Qt.ItemDataRole.UserRole + 1  # of a source; "none:<place>" for a provider without; "" for a heading
WITHOUT = mark("No usage API")
WIDTH = 252


class _Delegate(QStyledItemDelegate):
    """Headings in `cap`, names in `body`; those without an API recede."""

    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:
        return QSize(px(160), px(30) if index.data(KEY) else px(34))

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index) -> None:
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, key, words = QRectF(option.rect).adjusted(0, 0, -px(4), 0), str(index.data(KEY)), str(index.data())
        if not key:
            p.setFont(font("cap", 500))
            p.setPen(color("text-3"))
            p.drawText(rect.adjusted(px(10), px(10), 0, 0), Qt.AlignmentFlag.AlignVCenter, words)
        else:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            if chosen:
                paint.box(p, rect.adjusted(0, 1, 0, -1), RADIUS_CONTROL, color("accent-soft"))
            elif option.state & QStyle.StateFlag.State_MouseOver:
                paint.box(p, rect.adjusted(0, 1, 0, -1), RADIUS_CONTROL, theme().ink(0.04))
            f = font("body", 500 if chosen else 400)
            p.setFont(f)
            p.setPen(color("text-2" if key.startswith("none:") else "text"))
            p.drawText(rect.adjusted(px(10), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, paint.elided(words, f, rect.width() - px(20)))
        p.restore()


class ProviderList(QWidget):
    """``chosen(key)`` when the person chooses; `choose` is silent. ``taken`` when Enter says that it is this one."""

    chosen = Signal(str)
    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(px(WIDTH))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(14), px(16), px(8), px(8))
        column.setSpacing(px(8))
        self.search = SearchField(tr("Search providers"), "")
        self.search.setObjectName("provider-search")
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        column.addWidget(self.search)
        self.list = QListWidget()
        self.list.setObjectName("provider-list")
        self.list.setAccessibleName(tr("Providers"))
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.viewport().setAutoFillBackground(False)
        self.list.setVerticalScrollBar(SlimBar())
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing = Text(
            tr("No provider of this name. Others can be read from the logs of their agents."), "small", "text-2", wrap=True)
        self.nothing.setVisible(False)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        for heading, infos in providers.grouped():
            self._add(tr(heading.value), "", "")
            for info in infos:
                self._add(info.name, info.id, f"{info.name} {info.id} {info.provider}")
        self._add(tr(WITHOUT), "", "")
        for place, one in enumerate(providers.none()):
            self._add(tr(one.name), f"none:{place}", f"{one.name} {tr(one.name)} {tr(one.why)}")
        self.list.setCurrentRow(1)
        self.list.currentItemChanged.connect(self._changed)
        self.list.itemActivated.connect(self._activated)

    def _add(self, words: str, key: str, found_by: str) -> None:
        item = QListWidgetItem(words)
        item.setData(KEY, key)
        item.setData(Qt.ItemDataRole.UserRole + 2, found_by.casefold())
        if not key:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words}:")
        self.list.addItem(item)

    def key(self) -> str:
        """What is chosen; "" when nothing is shown."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(KEY))

    def choose(self, key: str) -> None:
        """Show `key` as chosen, without a signal."""
        for row in range(self.list.count()):
            if self.list.item(row).data(KEY) == key and key:
                self.list.blockSignals(True)
                self.list.setCurrentRow(row)
                self.list.blockSignals(False)
                self.list.scrollToItem(self.list.item(row))

    def names(self) -> list[str]:
        """What is shown now, headings too."""
        return [self.list.item(row).text() for row in range(self.list.count()) if not self.list.item(row).isHidden()]

    @Slot(str)
    def _narrow(self, text: str) -> None:
        """Headings without a provider go too; the first that is left is chosen when the chosen one is gone."""
        wanted = text.strip().casefold().split()
        heading, first = None, -1
        for row in range(self.list.count()):
            item = self.list.item(row)
            if not item.data(KEY):
                item.setHidden(True)
                heading = item
                continue
            fits = all(word in item.data(Qt.ItemDataRole.UserRole + 2) for word in wanted)
            item.setHidden(not fits)
            if fits:
                first = row if first < 0 else first
                if heading is not None:
                    heading.setHidden(False)
        self.nothing.setVisible(first < 0)
        current = self.list.currentItem()
        if first >= 0 and (current is None or current.isHidden()):
            self.list.setCurrentRow(first)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the search move in the list; Enter takes."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                self._step(step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.taken.emit()
                return True
        return super().eventFilter(watched, event)

    def _step(self, step: int) -> None:
        row = self.list.currentRow() + step
        while 0 <= row < self.list.count():
            item = self.list.item(row)
            if item.data(KEY) and not item.isHidden():
                self.list.setCurrentRow(row)
                return
            row += step

    @Slot(QListWidgetItem, QListWidgetItem)
    def _changed(self, item: QListWidgetItem | None, _: QListWidgetItem | None) -> None:
        if item is not None and item.data(KEY):
            self.chosen.emit(str(item.data(KEY)))

    @Slot(QListWidgetItem)
    def _activated(self, item: QListWidgetItem) -> None:
        if item.data(KEY):
            self.taken.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), color("side"))
        p.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), color("line"))
        p.end()
