"""The legend beside a chart: rows that toggle and solo; and the words under a label strip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.palette import LABEL_WORDS, LABELS, LabelName
from tokenpal.ui.reflow import together
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.painted import Ringed, follow_look
from tokenpal.ui.widgets.text import Text, as_tip


@dataclass(frozen=True, slots=True)
class LegendItem:
    """One series in the legend. `total` is written as given; `exact` is shown on hover."""

    key: str
    name: str
    tint: paint.Tint
    total: str = ""
    exact: str = ""


class LegendRow(Ringed, QCheckBox):
    """A row: swatch, name, total. Click or Space hides and shows; double click, Alt+click or Enter shows it alone."""

    soloed = Signal(str)
    radius = 5.0

    def __init__(self, item: LegendItem, parent: QWidget | None = None) -> None:
        super().__init__(item.name, parent)
        self.setChecked(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_item(item)

    def set_item(self, item: LegendItem) -> None:
        """Show another series in this row."""
        if getattr(self, "item", None) == item:
            return
        self.item = item
        self.setText(item.name)
        self.setAccessibleName(f"{item.name}, {item.total}" if item.total else item.name)
        self.setAccessibleDescription(tr("Space hides or shows this series, Enter shows it alone"))
        self.setToolTip(as_tip(f"{item.name}  {item.exact}") if item.exact else "")
        self.update()

    def hitButton(self, pos) -> bool:
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        small = font("small")
        return QSize(px(18) + paint.wide(self.item.name, small) + px(16) + paint.wide(self.item.total, small), px(25))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(110), px(25))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.soloed.emit(self.item.key)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.soloed.emit(self.item.key)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.soloed.emit(self.item.key)
            event.accept()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.underMouse() or self.keyboard_focus:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 5, theme().ink(0.04), color("accent") if self.keyboard_focus else None)
        on = self.isChecked()
        side = px(10)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # boxes are mirrored by hand below
        starts, ends = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        if self.isRightToLeft():
            starts, ends = ends, starts
        paint.swatch(p, _mirrored(self, QRectF(px(2), (self.height() - side) / 2, side, side)), self.item.tint, off=not on)
        f = font("small")
        quiet = not on or self.item.tint in ("none", "unlabelled")
        total_w = paint.wide(self.item.total, f) if self.item.total else 0
        p.setFont(f)
        p.setPen(color("text-2" if on else "text-3"))
        p.drawText(rect.adjusted(px(2), 0, -px(2), 0), Qt.AlignmentFlag.AlignVCenter | ends, self.item.total)
        p.setPen(color("text-3" if not on else "text-2" if quiet else "text"))
        left = px(20)
        room = self.width() - left - total_w - px(10)
        p.drawText(_mirrored(self, QRectF(left, 0, room, self.height())), Qt.AlignmentFlag.AlignVCenter | starts, paint.elided(self.item.name, f, room))
        p.end()


class Legend(QWidget):
    """Rows of series with their totals. `hidden_changed(frozenset of keys)` after a toggle or a solo."""

    hidden_changed = Signal(object)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.title = Text(title, "cap", "text-3")
        self._column.addWidget(self.title)
        self._column.addStretch(1)
        self._rows: list[LegendRow] = []
        self._hidden: frozenset[str] = frozenset()
        self.setAccessibleName(title)
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        for row in self._rows:
            row.updateGeometry()
            row.update()

    def set_items(self, items: Sequence[LegendItem], title: str | None = None) -> None:
        """Show these series, in this order; rows are kept and reused. What was hidden and is still there stays hidden."""
        if title is not None:
            self.title.setText(title)
            self.setAccessibleName(title)
        with together(self, now=False):
            while len(self._rows) < len(items):
                row = LegendRow(items[len(self._rows)])
                row.toggled.connect(self._toggled)
                row.soloed.connect(self._solo)
                self._column.insertWidget(len(self._rows) + 1, row)
                self._rows.append(row)
            self._hidden &= {item.key for item in items}
            for i, row in enumerate(self._rows):
                row.setVisible(i < len(items))
                if i < len(items):
                    row.set_item(items[i])
        self._show_hidden()

    def hidden(self) -> frozenset[str]:
        """Keys of the series that are hidden."""
        return self._hidden

    def _shown_rows(self) -> list[LegendRow]:
        return [row for row in self._rows if not row.isHidden()]

    def _show_hidden(self) -> None:
        for row in self._shown_rows():
            row.blockSignals(True)
            row.setChecked(row.item.key not in self._hidden)
            row.blockSignals(False)

    def _set_hidden(self, hidden: frozenset[str]) -> None:
        keys = frozenset(row.item.key for row in self._shown_rows())
        if hidden >= keys:  # hiding the last one shows all again: an empty chart helps nobody
            hidden = frozenset()
        if hidden != self._hidden:
            self._hidden = hidden
            self._show_hidden()
            self.hidden_changed.emit(hidden)
        else:
            self._show_hidden()

    @Slot()
    def _toggled(self) -> None:
        self._set_hidden(frozenset(row.item.key for row in self._shown_rows() if not row.isChecked()))

    @Slot(str)
    def _solo(self, key: str) -> None:
        others = frozenset(row.item.key for row in self._shown_rows()) - {key}
        self._set_hidden(frozenset() if self._hidden == others else others)


class LabelLegend(QWidget):
    """Glyph, word and share of the four labels, in a row under a strip or in a column beside strips."""

    def __init__(self, *, column: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._as_column = column
        self._shares: tuple[str, ...] = ("",) * 4
        policy = QSizePolicy(QSizePolicy.Policy.Minimum if column else QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed if column else QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(not column)
        self.setSizePolicy(policy)
        follow_look(self)

    def set(self, amounts: Sequence[float]) -> None:
        """Amounts of exploration, delivered, waste, not labelled; the shares written add up to 100."""
        self._shares = numbers.shares(list(amounts)) if sum(amounts) > 0 else (numbers.DASH,) * 4
        self.setAccessibleName(", ".join(f"{LABEL_WORDS[x]} {s}" for x, s in zip(LABELS, self._shares, strict=True)))
        self.update()

    def _width(self, i: int) -> int:
        word = paint.wide(LABEL_WORDS[LABELS[i]], font("small"))
        return px(18) + word + px(5) + paint.wide(self._shares[i] or "00 %", font("small", 500))

    def sizeHint(self) -> QSize:
        if self._as_column:
            return QSize(max(self._width(i) for i in range(4)) + px(6), px(22) * 4)
        return QSize(self._row_width(), px(22))

    def _row_width(self) -> int:
        return sum(self._width(i) for i in range(4)) + 3 * px(14)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() if self._as_column else QSize(2 * max(self._width(i) for i in range(4)), px(22))

    def hasHeightForWidth(self) -> bool:
        return not self._as_column

    def heightForWidth(self, width: int) -> int:
        """Two rows of two where one row of four does not fit."""
        return px(22) if self._as_column or width >= self._row_width() else 2 * px(22)

    def _one(self, p: QPainter, rect: QRectF, label: LabelName, share: str, *, spread: bool) -> None:
        starts, ends = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        if self.isRightToLeft():
            starts, ends = ends, starts
        glyph = _mirrored(self, QRectF(rect.left() + px(2), rect.top() + rect.height() / 2 - px(5), px(10), px(10)))
        paint.glyph(p, label, glyph.center(), px(10))
        p.setFont(font("small"))
        p.setPen(color("text-2"))
        left = rect.left() + px(18)
        word = paint.wide(LABEL_WORDS[label], font("small")) + 2
        p.drawText(_mirrored(self, QRectF(left, rect.top(), word, rect.height())), Qt.AlignmentFlag.AlignVCenter | starts, LABEL_WORDS[label])
        p.setFont(font("small", 500))
        p.setPen(color("text"))
        if spread:
            p.drawText(_mirrored(self, rect), Qt.AlignmentFlag.AlignVCenter | ends, share)
        else:
            box = QRectF(left + word + px(3), rect.top(), rect.width(), rect.height())
            p.drawText(_mirrored(self, box), Qt.AlignmentFlag.AlignVCenter | starts, share)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # boxes are mirrored by hand
        if self._as_column:
            for i, label in enumerate(LABELS):
                self._one(p, QRectF(0, i * px(22), self.width(), px(22)), label, self._shares[i], spread=True)
        elif self.width() < self._row_width():
            for i, label in enumerate(LABELS):
                self._one(p, QRectF(i % 2 * self.width() / 2, i // 2 * px(22), self._width(i), px(22)), label, self._shares[i], spread=False)
        else:
            free = max(0.0, (self.width() - sum(self._width(i) for i in range(4))) / 3)
            x = 0.0
            for i, label in enumerate(LABELS):
                self._one(p, QRectF(x, 0, self._width(i), self.height()), label, self._shares[i], spread=False)
                x += self._width(i) + min(free, px(28))
        p.end()


def _mirrored(widget: QWidget, box: QRectF) -> QRectF:
    """The box where it stands in the direction of reading."""
    return QRectF(widget.width() - box.right(), box.top(), box.width(), box.height()) if widget.isRightToLeft() else box
