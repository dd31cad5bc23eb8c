"""Find anything the person wrote while typing: notes, tasks, check-ins and projects, from every page (Ctrl+K)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tokenpal.engine import queries
from tokenpal.engine.queries import Search
from tokenpal.model.found import Found, Marks
from tokenpal.model.report import Filter
from tokenpal.translation import mark, tr, trn
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.dialogs.room import room_for
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import Role, color, font, px
from tokenpal.ui.weekwords import week_words
from tokenpal.ui.widgets.card import EmptyState, SlimBar
from tokenpal.ui.widgets.controls import SearchField
from tokenpal.ui.widgets.marks import KeyHint
from tokenpal.ui.widgets.text import Text

HIT = Qt.ItemDataRole.UserRole + 1
GROUPS = {"task": mark("Tasks"), "note": mark("Notes"), "checkin": mark("Check-ins"), "project": mark("Projects")}
ICONS = {"task": "tasks", "note": "note", "checkin": "check-in", "project": "folder"}
WAIT_MS = 30
"""After a letter: a fast typist asks once for several."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of the list: a hit, or the head of a group."""

    found: Found | None
    title: str
    when: str = ""
    head: str = ""


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        hit: Hit = index.data(HIT)
        return QSize(px(200), px(28) if hit.found is None else px(46) if hit.found.line else px(32))

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        rect, hit = QRectF(option.rect), index.data(HIT)
        if hit.found is None:
            p.setFont(font("small", 500))
            p.setPen(color("text-2"))
            p.drawText(rect.adjusted(px(10), px(6), -px(8), 0), Qt.AlignmentFlag.AlignVCenter, hit.head)
        else:
            self._hit(p, rect, hit, hit.found, bool(option.state & QStyle.StateFlag.State_Selected))
        p.restore()

    def _hit(self, p: QPainter, rect: QRectF, hit: Hit, found: Found, selected: bool) -> None:
        if selected:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 7, color("accent-soft"))
        side, left = px(16), rect.left() + px(34)
        first = QRectF(left, rect.top() + px(3), rect.right() - left - px(10), px(24))
        paint_icon(p, ICONS[found.kind], QRectF(rect.left() + px(10), first.center().y() - side / 2, side, side), color("text-2"))
        small = font("small")
        p.setFont(small)
        p.setPen(color("text-3"))
        p.drawText(first, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, hit.when)
        room = first.width() - (QFontMetricsF(small).horizontalAdvance(hit.when) + px(12) if hit.when else 0)
        self._marked(p, QRectF(left, first.top(), room, first.height()), hit.title, found.title_marks if hit.title == found.title else (), "body")
        if found.line:
            self._marked(p, QRectF(left, rect.top() + px(25), first.width(), px(18)), found.line, found.line_marks, "small")

    def _marked(self, p: QPainter, rect: QRectF, text: str, marks: Marks, role: Role) -> None:
        """Plain text whose hits stand on a soft ground."""
        f = font(role)
        m = QFontMetricsF(f)
        shown = paint.elided(text, f, rect.width())
        ground = QColor(color("accent"))
        ground.setAlphaF(0.22)
        for start, length in marks:
            end = min(start + length, len(shown) - (shown != text))
            if start < end:
                x = rect.left() + m.horizontalAdvance(shown[:start])
                width = m.horizontalAdvance(shown[:end]) - m.horizontalAdvance(shown[:start])
                paint.box(p, QRectF(x - 1, rect.center().y() - m.height() / 2, width + 2, m.height()), 3, ground)
        p.setFont(f)
        p.setPen(color("text" if role == "body" else "text-2"))
        p.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class FindDialog(QDialog):
    """``chosen(page, item)`` where the hit is shown. Type to find, arrows to move, Enter to open, Esc to leave."""

    chosen = Signal(str, object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(tr("Find"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(12))
        column.setSpacing(px(10))
        self.search = SearchField(tr("Find notes, tasks, check-ins, projects"), "")
        self.search.setObjectName("find-search")
        self.search.installEventFilter(self)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask)
        self.search.textChanged.connect(self._wait.start)
        column.addWidget(self.search)
        self.list = QListWidget()
        self.list.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # painted by hand
        self.list.setObjectName("find-list")
        self.list.setAccessibleName(tr("What was found"))
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setVerticalScrollBar(SlimBar())
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        self.nothing = EmptyState(tr("Find what you wrote"), self._beginning())
        column.addWidget(self.nothing, 1)
        column.addWidget(self.list, 1)
        self.list.hide()
        foot = QHBoxLayout()
        foot.setSpacing(px(14))
        self.said = Text("", "small", "text-2", elide=True)
        foot.addWidget(self.said, 1)
        for key, word in (("↑ ↓", tr("choose")), ("↵", tr("open")), ("Esc", tr("close"))):
            foot.addWidget(KeyHint(key, word))
        column.addLayout(foot)
        self.resize(room_for(self, 620, 480))
        self.search.setFocus()

    @staticmethod
    def _beginning() -> str:
        return tr("Notes, tasks, projects and check-ins. The first letters are enough.")

    # ---- finding ------------------------------------------------------------------------------------------
    @Slot()
    def _ask(self) -> None:
        self.desk.bridge.ask(queries.search, self.search.text(), then=self._show)

    def _show(self, answer: Search) -> None:
        if answer.text != self.search.text():
            return  # a later letter asks anew
        self.list.clear()
        for kind, words in GROUPS.items():
            some = [one for one in answer.found if one.kind == kind]
            if some:
                self._head(tr(words))
            for one in some:
                self._add(one)
        self._step(1)
        found = len(answer.found)
        if not answer.text.strip():
            self.said.setText("")
            self.nothing.set(tr("Find what you wrote"), self._beginning())
        elif not found:
            self.said.setText("")
            self.nothing.set(tr("Nothing that you wrote has these words."), tr("Fewer or other words may find it. The first letters are enough."))
        else:
            self.said.setText(trn("{n} hit", "{n} hits", found, shown=numbers.digits(found)))
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)

    def _head(self, words: str) -> None:
        item = QListWidgetItem(words)
        item.setData(HIT, Hit(None, "", head=words))
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def _add(self, found: Found) -> None:
        name = week_words(found.ref) if found.kind == "checkin" else found.title
        when = self._when(found)
        item = QListWidgetItem(numbers.join((name, found.line, when)))
        item.setData(HIT, Hit(found, name, when))
        self.list.addItem(item)

    def _when(self, found: Found) -> str:
        if found.kind == "note" and found.at:
            day = self.desk.moment(found.at).date()
            return times.day(day) if day.year == self.desk.today().year else f"{times.short_day(day)} {day.year}"
        return found.ref[:4] if found.kind == "checkin" and found.ref[:4] != str(self.desk.today().year) else ""

    # ---- keys ---------------------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(Qt.Key(event.key()))
            if step is not None:
                for _ in range(abs(step)):
                    self._step(1 if step > 0 else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _step(self, way: int) -> None:
        """To the next hit; heads of groups are no hits."""
        place = self.list.currentRow() + way
        while 0 <= place < self.list.count():
            if self.list.item(place).flags() & Qt.ItemFlag.ItemIsSelectable:
                self.list.setCurrentRow(place)
                return
            place += way

    @Slot(QListWidgetItem)
    def _take(self, item: QListWidgetItem | None) -> None:
        hit: Hit | None = item.data(HIT) if item is not None else None
        if hit is None or hit.found is None:
            return
        found = hit.found
        page, shown = {
            "note": ("sessions", found.ref), "task": ("tasks", int(found.ref) if found.kind == "task" else 0),
            "checkin": ("check-in", found.ref), "project": ("sessions", Filter(projects=(found.ref,))),
        }[found.kind]  # fmt: skip
        self.accept()
        self.chosen.emit(page, shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), color("card"))
        p.end()
