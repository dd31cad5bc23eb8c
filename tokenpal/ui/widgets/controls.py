"""Choices and one-line input: segmented control, phrase combo, line edit, search field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLineEdit, QRadioButton, QSizePolicy, QWidget

from tokenpal.ui import paint
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.palette import ColorName
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.theme import CONTROL_HEIGHT, CONTROL_INSET, RADIUS_CONTROL, RADIUS_FIELD, color, font, px, theme
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.choices import OptionPainter
from tokenpal.ui.widgets.painted import Ringed
from tokenpal.ui.widgets.text import as_tip


class _Part(Ringed, QRadioButton):
    """One part of a segmented control: a radio button to the keyboard and to screen readers."""

    radius = RADIUS_CONTROL - 1

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(24)

    def hitButton(self, pos) -> bool:
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        return QSize(paint.wide(self.text(), font("small", 500)) + 2 * px(11) + 2, px(CONTROL_HEIGHT) - 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.isChecked():
            paint.box(p, rect, RADIUS_CONTROL - 1, color("card"), color("accent" if self.keyboard_focus else "line-strong"))
        elif self.underMouse() and self.isEnabled():
            paint.box(p, rect, RADIUS_CONTROL - 1, theme().ink(0.04))
        p.setFont(font("small", 500))
        p.setPen(color("text" if self.isChecked() else "text-2" if self.isEnabled() else "text-3"))
        p.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text())
        p.end()


class Segmented(QWidget):
    """A row of exclusive choices on `sunk`. `chosen(key)` only when the person chooses; `choose` is silent."""

    chosen = Signal(str)

    def __init__(self, parts: Sequence[tuple[str, str]], name: str, parent: QWidget | None = None) -> None:
        """`parts` are (key, words); `name` says to a screen reader what is chosen here."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._keys: list[str] = []
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(2, 2, 2, 2)
        self._row.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for key, words in parts:
            part = _Part(words, self)
            part.setAccessibleDescription(name)
            self._group.addButton(part, len(self._keys))
            self._keys.append(key)
            self._row.addWidget(part)
        if self._keys:
            self._group.button(0).setChecked(True)
        self._group.idClicked.connect(self._clicked)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        self.setFixedHeight(px(CONTROL_HEIGHT))
        for b in self._group.buttons():
            b.updateGeometry()
        self.update()

    @Slot(int)
    def _clicked(self, index: int) -> None:
        self.chosen.emit(self._keys[index])

    def key(self) -> str:
        """Key of the chosen part; "" when there is none."""
        index = self._group.checkedId()
        return self._keys[index] if index >= 0 else ""

    def choose(self, key: str) -> None:
        """Show `key` as chosen, without a signal. An unknown key changes nothing."""
        if key in self._keys:
            self._group.button(self._keys.index(key)).setChecked(True)

    def set_words(self, key: str, words: str) -> None:
        """Other words for one part (`Custom` becomes `3 to 9 Nov`)."""
        self._group.button(self._keys.index(key)).setText(words)
        self._theme_changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("sunk"), color("line"))
        p.end()


class PhraseCombo(Ringed, QComboBox):
    """A choice that reads as a phrase: `by Task`. `chosen(key)` only when the person chooses; `choose` is silent."""

    chosen = Signal(str)
    radius = RADIUS_CONTROL

    def __init__(self, word: str, options: Sequence[tuple[str, str]] = (), name: str = "", parent: QWidget | None = None) -> None:
        """`word` stands before the choice ("by"); `options` are (key, words); `name` is the purpose for screen readers."""
        super().__init__(parent)
        self._word = word
        self.setAccessibleName(name or word)
        self.setAccessibleDescription(name or word)  # Linux names a combo by its text, so the purpose goes here too
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMaxVisibleItems(16)
        self.setItemDelegate(OptionPainter(self))
        self.view().setVerticalScrollBar(SlimBar())
        self.set_options(options)
        self.activated.connect(self._activated)
        self.currentIndexChanged.connect(self._theme_changed)
        theme().changed.connect(self._theme_changed)
        self._theme_changed()

    @Slot()
    def _theme_changed(self) -> None:
        self.view().setFont(font("body"))
        self.updateGeometry()
        self.update()

    @Slot(int)
    def _activated(self, index: int) -> None:
        self.chosen.emit(str(self.itemData(index)))

    def set_options(self, options: Sequence[tuple[str, str]]) -> None:
        """Replace the options; the choice is kept when its key is still there. No signal."""
        kept = self.key()
        self.blockSignals(True)
        self.clear()
        for key, words in options:
            self.addItem(words, key)
        index = self.findData(kept)
        self.setCurrentIndex(index if index >= 0 else 0 if options else -1)
        self.blockSignals(False)
        self.updateGeometry()
        self.update()

    def showPopup(self) -> None:
        self._fit_list()
        super().showPopup()

    def _fit_list(self) -> None:
        """Make the open list as wide as its longest words."""
        widest = max((self.view().sizeHintForIndex(self.model().index(i, 0)).width() for i in range(self.count())), default=0)
        self.view().setMinimumWidth(max(self.width(), min(widest, px(360)) + 4))

    def key(self) -> str:
        """Key of the choice; "" when there is none."""
        data = self.currentData()
        return "" if data is None else str(data)

    def choose(self, key: str) -> None:
        """Show `key` as chosen, without a signal."""
        index = self.findData(key)
        if index >= 0:
            self.blockSignals(True)
            self.setCurrentIndex(index)
            self.blockSignals(False)
            self._theme_changed()

    def sizeHint(self) -> QSize:
        word = paint.wide(self._word, font("small")) + px(5) if self._word else 0
        choice = paint.wide(self.currentText(), font("small", 500))
        return QSize(2 * px(CONTROL_INSET) + word + choice + px(6) + px(12), px(CONTROL_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint.box(p, rect, RADIUS_CONTROL, color("card"), color("accent" if self.keyboard_focus else "line-strong"))
        if self.underMouse() and self.isEnabled():
            paint.box(p, rect.adjusted(1, 1, -1, -1), RADIUS_CONTROL - 1, theme().ink(0.04))
        left = float(px(CONTROL_INSET))
        if self._word:
            p.setFont(font("small"))
            p.setPen(color("text-2"))
            p.drawText(QRectF(left, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self._word)
            left += paint.wide(self._word, font("small")) + px(5)
        side = px(14)
        right = self.width() - px(8) - side
        f = font("small", 500)
        p.setFont(f)
        p.setPen(color("text" if self.isEnabled() else "text-3"))
        p.drawText(QRectF(left, 0, right - left, self.height()), Qt.AlignmentFlag.AlignVCenter, paint.elided(self.currentText(), f, right - left))
        paint_icon(p, "chevron-down", QRectF(right, (self.height() - side) / 2, side, side), color("text-2"))
        p.end()


class LineEdit(QLineEdit):
    """A line of input in a rounded field; accent border while it has focus."""

    radius = RADIUS_FIELD
    always_ringed = True

    def __init__(self, placeholder: str = "", name: str = "", *, mono: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mono = mono
        self.setFrame(False)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        self.setFont(font("mono") if self._mono else font("small"))
        p = QPalette()
        p.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        p.setColor(QPalette.ColorRole.PlaceholderText, color("text-3"))
        self.setPalette(p)
        self.setFixedHeight(px(CONTROL_HEIGHT))
        self._set_margins()

    def _set_margins(self) -> None:
        inset = px(CONTROL_INSET) - 2
        self.setTextMargins(inset, 0, inset, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        border: ColorName = "accent" if self.hasFocus() else "line-strong" if self.isEnabled() else "line"
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("card" if self.isEnabled() else "sunk"), color(border))
        self._decorate(p)
        p.end()
        super().paintEvent(event)

    def _decorate(self, p: QPainter) -> None:
        """Room for a subclass to paint inside the field."""


class SearchField(LineEdit):
    """A search field with a glass and the key that jumps to it. `Esc` clears it."""

    def __init__(self, placeholder: str, key: str = "/", parent: QWidget | None = None) -> None:
        self._key = key
        super().__init__(placeholder, placeholder, parent=parent)
        self.setToolTip(as_tip(with_key(placeholder, key)))
        self.setClearButtonEnabled(False)
        self.textChanged.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(px(272), px(CONTROL_HEIGHT))

    def _set_margins(self) -> None:
        self.setTextMargins(px(32), 0, px(36), 0)

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            event.accept()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)

    def _decorate(self, p: QPainter) -> None:
        side = px(16)
        paint_icon(p, "search", QRectF(px(9), (self.height() - side) / 2, side, side), color("text-2"))
        if self._key and theme().show_key_hints and not self.text() and not self.hasFocus():
            paint.key(p, self.width() - px(5) - paint.key_width(self._key), self.height() / 2, self._key)
