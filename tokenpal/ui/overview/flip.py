"""A card with a picture that can be read as a table and taken away (design.md section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QPainter, QRegion
from PySide6.QtWidgets import QMenu, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui.charts.panel import FigureTable
from tokenpal.ui.charts.sheet import About, Exhibit
from tokenpal.ui.charts.tables import Cell, cells_csv, cells_table
from tokenpal.ui.icons import icon
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import IconButton
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.table import TableView

TARGET = 24
TALL = 214  # px of a table: its head and six rows


class FlipCard(Card):
    """Put the picture into `picture_column`; `set_cells` gives the same figures for the table and for what is taken away."""

    taken = Signal(object, str)  # an Exhibit, and how: "save", "picture", "table"

    def __init__(self, title: str, qualifier: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, qualifier, parent=parent)
        self._headers: Sequence[str] = ()
        self._rows: tuple[tuple[Cell, ...], ...] = ()
        self._lines: tuple[str, ...] = ()
        self.range_words = qualifier  # what is taken away says it
        self.picture = QWidget()
        self.picture.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.picture_column = QVBoxLayout(self.picture)
        self.picture_column.setContentsMargins(0, 0, 0, 0)
        self.picture_column.setSpacing(px(8))
        self.body.addWidget(self.picture)
        self._table: TableView | None = None
        self.more = IconButton("more", tr("More for {card}", card=title), size=TARGET)
        self.more.clicked.connect(self._open_menu)
        self.add_to_head(self.more)

    def set_cells(self, headers: Sequence[str], rows: Iterable[Sequence[Cell]], lines: Sequence[str] = ()) -> None:
        """The figures of the picture; `lines` say their range and origin where they are taken away."""
        self._headers, self._rows, self._lines = headers, tuple(tuple(row) for row in rows), tuple(lines)
        if self._table is not None and self.is_table():
            self._fill(self._table)

    def is_table(self) -> bool:
        """Whether the table is shown."""
        return self._table is not None and not self._table.isHidden()

    @Slot()
    def toggle_table(self) -> None:
        """Picture or table."""
        shown = not self.is_table()
        if self._table is None:
            self._table = FigureTable()
            self.body.addWidget(self._table)
        if shown:
            self._table.setFixedHeight(max(px(TALL), self.picture.height()))
            self._fill(self._table)
        self.picture.setVisible(not shown)
        self._table.setVisible(shown)
        (self._table if shown else self.more).setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self, table: TableView) -> None:
        table.set_table(cells_table(self._headers, self._rows, self.title.text()))

    def exhibit(self) -> Exhibit:
        """What is seen, to be taken away."""
        made = cells_table(self._headers, self._rows, self.title.text())
        about = About(self.title.text(), (self.range_words, *self._lines))
        return Exhibit(about, self.picture.size(), self._paint, made, partial(cells_csv, self._headers, self._rows))

    def _paint(self, p: QPainter, rect: QRectF) -> None:
        p.save()
        p.translate(rect.topLeft())
        self.picture.render(p, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        p.restore()

    @Slot()
    def _open_menu(self) -> None:
        menu = take_menu(self, self.taken_as)
        flip = menu.addAction(icon("table"), tr("Show as picture") if self.is_table() else tr("Show as table"))
        flip.setShortcut(QKeySequence("Ctrl+T"))
        flip.triggered.connect(self.toggle_table)
        menu.insertAction(menu.actions()[0], flip)
        self.more.drop(menu, at_end=True)

    def taken_as(self, how: str) -> None:
        """The person wants to take it away."""
        if self.is_table():
            self.toggle_table()  # a picture of what cannot be seen has no size yet
        self.taken.emit(self.exhibit(), how)


def take_menu(parent: QWidget, taken: object) -> QMenu:
    """Ways to take a picture away; `taken(how)` with "save", "picture" or "table"."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName(tr("Export"))
    for how, name, words in (
        ("save", "export", tr("Save as PNG, SVG or CSV…")),
        ("picture", "copy", tr("Copy picture and table")),
        ("table", "table", tr("Copy table")),
    ):
        action = menu.addAction(icon(name), words)
        action.triggered.connect(partial(_call, taken, how))
    return menu


def _call(taken, how: str, _checked: bool = False) -> None:
    taken(how)
