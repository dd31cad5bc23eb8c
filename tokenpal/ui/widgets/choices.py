"""Native controls in the house's clothes: check box, number, date. Qt keeps their behaviour; only the picture is ours."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPalette, QTextCharFormat
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCalendarWidget,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionSpinBox,
    QStyleOptionViewItem,
    QWidget,
)

from tokenpal.ui import paint
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.palette import ColorName
from tokenpal.ui.theme import CONTROL_HEIGHT, CONTROL_INSET, RADIUS_FIELD, color, font, px, theme
from tokenpal.ui.widgets.painted import Ringed, follow_look


class CheckBox(Ringed, QCheckBox):
    """A box of 16 px and its words; the whole row can be pressed."""

    radius = 5.0

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        follow_look(self)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        return QSize(px(26) + paint.wide(self.text(), font("body")) + 4, px(26))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = px(16)
        box = QRectF(1, (self.height() - side) / 2, side, side)
        on = self.checkState() != Qt.CheckState.Unchecked
        border: ColorName = "accent" if self.keyboard_focus else "line-strong"
        if on and self.isEnabled():
            paint.box(p, box, 4, color("accent"))
        else:
            paint.box(p, box, 4, color("card" if self.isEnabled() else "sunk"), color(border))
        if self.checkState() == Qt.CheckState.PartiallyChecked:
            paint_icon(p, "minus", box.adjusted(2, 2, -2, -2), color("on-accent" if self.isEnabled() else "text-3"))
        elif on:
            paint_icon(p, "check", box.adjusted(2, 2, -2, -2), color("on-accent" if self.isEnabled() else "text-3"))
        f = font("body")
        p.setFont(f)
        p.setPen(color("text" if self.isEnabled() else "text-3"))
        room = self.width() - px(26)
        p.drawText(QRectF(px(26), 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, paint.elided(self.text(), f, room))
        p.end()


def _dress(widget: QAbstractSpinBox) -> None:
    """Font, height and a see-through inner line for a spin box."""
    widget.setFrame(False)
    widget.setFont(font("small"))
    widget.setFixedHeight(px(CONTROL_HEIGHT))
    p = QPalette()
    p.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
    widget.setPalette(p)


def _paint_spin(widget: QAbstractSpinBox, *, down_only: bool) -> None:
    option = QStyleOptionSpinBox()
    option.initFrom(widget)
    option.buttonSymbols = widget.buttonSymbols()
    option.subControls = QStyle.SubControl.SC_All
    p = QPainter(widget)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    focused = widget.hasFocus() or (widget.lineEdit() is not None and widget.lineEdit().hasFocus())
    border: ColorName = "accent" if focused else "line-strong" if widget.isEnabled() else "line"
    paint.box(p, QRectF(widget.rect()), RADIUS_FIELD, color("card" if widget.isEnabled() else "sunk"), color(border))
    side = px(12)
    x = widget.width() - px(8) - side
    if down_only:
        paint_icon(p, "chevron-down", QRectF(x, (widget.height() - side) / 2, side, side), color("text-2"))
    else:
        paint_icon(p, "chevron-up", QRectF(x, widget.height() / 2 - side + 1, side, side), color("text-2"))
        paint_icon(p, "chevron-down", QRectF(x, widget.height() / 2 - 1, side, side), color("text-2"))
    p.end()


class NumberField(QSpinBox):
    """A whole number with small steps up and down."""

    radius = RADIUS_FIELD
    always_ringed = True

    def __init__(self, name: str = "", least: int = 0, most: int = 99, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setRange(least, most)
        self.setKeyboardTracking(False)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        _dress(self)
        self.lineEdit().setTextMargins(px(CONTROL_INSET) - 4, 0, 0, 0)

    def sizeHint(self) -> QSize:
        m = QFontMetrics(font("small"))
        widest = max(m.horizontalAdvance(self.prefix() + self.textFromValue(v) + self.suffix()) for v in (self.minimum(), self.maximum()))
        return QSize(widest + px(CONTROL_INSET) + px(38), px(CONTROL_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        _paint_spin(self, down_only=False)


def _quiet(calendar: QCalendarWidget) -> None:
    """Qt writes weekends in red, and a week number where nobody asks for one."""
    day, head = QTextCharFormat(), QTextCharFormat()
    day.setForeground(QColor(color("text")))
    head.setForeground(QColor(color("text-3")))
    head.setBackground(QColor(color("card")))
    calendar.setHeaderTextFormat(head)
    for weekday in Qt.DayOfWeek:
        calendar.setWeekdayTextFormat(weekday, day)
    calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    bar = calendar.findChild(QWidget, "qt_calendar_navigationbar")
    if bar is not None:
        ground = bar.palette()
        ground.setColor(ground.ColorRole.Highlight, QColor(color("card")))
        ground.setColor(ground.ColorRole.HighlightedText, QColor(color("text")))
        bar.setPalette(ground)


class DateField(QDateEdit):
    """A date with a calendar behind its chevron; year, month, day in that order."""

    radius = RADIUS_FIELD
    always_ringed = True

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setCalendarPopup(True)
        self.setDisplayFormat("yyyy-MM-dd")
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        _dress(self)
        self.lineEdit().setTextMargins(px(CONTROL_INSET) - 4, 0, 0, 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        _quiet(self.calendarWidget())  # made when it is first opened
        super().mousePressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(paint.wide("0000-00-00", font("small")) + px(CONTROL_INSET) + px(38), px(CONTROL_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        _paint_spin(self, down_only=True)


class OptionPainter(QStyledItemDelegate):
    """The rows of an open combo: words, a tick at the chosen one, `accent-soft` under mouse and keys."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index) -> None:
        rect = QRectF(option.rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(rect, color("tip"))
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            paint.box(painter, rect.adjusted(3, 1, -3, -1), 5, color("accent-soft"))
        owner = self.parent()
        chosen = isinstance(owner, QComboBox) and owner.currentIndex() == index.row()
        side = px(12)
        if chosen:
            paint_icon(painter, "check", QRectF(rect.left() + px(9), rect.center().y() - side / 2, side, side), color("text-2"))
        f = font("small", 500 if chosen else 400)
        painter.setFont(f)
        painter.setPen(color("text" if option.state & QStyle.StateFlag.State_Enabled else "text-3"))
        inner = rect.adjusted(px(28), 0, -px(12), 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, paint.elided(str(index.data() or ""), f, inner.width()))

    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:
        return QSize(px(44) + paint.wide(str(index.data() or ""), font("small", 500)), px(28))
