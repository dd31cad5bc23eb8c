"""Things to press: button, primary button, link, icon button, label button. All painted from the palette."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.palette import LABEL_KEYS, LABEL_WORDS, ColorName, LabelName
from tokenpal.ui.theme import CONTROL_HEIGHT, CONTROL_INSET, RADIUS_CONTROL, RADIUS_FIELD, color, font, px, theme
from tokenpal.ui.widgets.painted import Ringed, follow_look
from tokenpal.ui.widgets.text import as_tip

LEAST_LINK = 72  # px: words that are cut say something only if some are left


class Pressable(Ringed, QPushButton):
    """Common ground of all own buttons: remembers whether focus came by keyboard, repaints and resizes with the theme."""

    radius = RADIUS_CONTROL  # read by the focus frame

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        follow_look(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses what has the keyboard, as space does: in a dialog it would press the default button, or nothing."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            event.accept()
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def drop(self, menu: QMenu, *, at_end: bool = False) -> None:
        """Open a menu below it, from where it begins to be read or up to where it ends. It stays pressed as long, to a screen reader too."""
        menu.aboutToHide.connect(self._menu_gone, Qt.ConnectionType.SingleShotConnection)
        self.setDown(True)
        right = at_end is not (self.layoutDirection() == Qt.LayoutDirection.RightToLeft)
        corner = self.mapToGlobal(QPoint(self.width() if right else 0, self.height() + px(3)))
        menu.popup(corner - QPoint(menu.sizeHint().width() if right else 0, 0))

    @Slot()
    def _menu_gone(self) -> None:
        self.setDown(False)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _text_width(self, weight: int = 500) -> int:
        return paint.wide(self.text(), font("small", weight))


def control_ground(widget: QPushButton, *, primary: bool = False, sunk: bool = False) -> tuple:
    """Fill and border of a control in its present state: (QColor, QColor | None)."""
    if primary and widget.isEnabled():
        ground = color("accent")
        if widget.isDown():
            ground = ground.darker(112) if not theme().dark else ground.lighter(112)
        elif widget.underMouse():
            ground = ground.darker(106) if not theme().dark else ground.lighter(106)
        return ground, None
    ground = color("sunk") if sunk or not widget.isEnabled() else color("card")
    border = color("accent") if getattr(widget, "keyboard_focus", False) else color("line-strong")
    if not widget.isEnabled():
        border = color("line")
    return ground, border


class Button(Pressable):
    """A button of 30 px. `primary`: filled with accent, one per page at most. `icon_name` stands before the text."""

    def __init__(self, text: str, *, primary: bool = False, icon_name: str = "", danger: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._primary, self._icon_name, self._danger = primary, icon_name, danger
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_primary(self, primary: bool) -> None:
        """Fill with accent, or not."""
        self._primary = primary
        self.update()

    def sizeHint(self) -> QSize:
        extra = px(16) + px(6) if self._icon_name else 0
        return QSize(self._text_width() + 2 * px(CONTROL_INSET) + extra + 2, px(CONTROL_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        ground, border = control_ground(self, primary=self._primary)
        paint.box(p, rect, RADIUS_CONTROL, ground, border)
        if not self._primary and self.isEnabled() and (self.isDown() or self.underMouse()):
            paint.box(p, rect.adjusted(1, 1, -1, -1), RADIUS_CONTROL - 1, theme().ink(0.08 if self.isDown() else 0.04))
        tone: ColorName = "on-accent" if self._primary else "problem" if self._danger else "text"
        ink = color(tone) if self.isEnabled() else color("text-3")
        left = float(px(CONTROL_INSET))
        if self._icon_name:
            side = px(16)
            paint_icon(p, self._icon_name, QRectF(left, (self.height() - side) / 2, side, side), ink)
            left += side + px(6)
        p.setPen(ink)
        p.setFont(font("small", 500))
        if self._icon_name:
            p.drawText(QRectF(left, 0, self.width() - left, self.height()), Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic, self.text())
        else:
            p.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic, self.text())
        p.end()


class PrimaryButton(Button):
    """The one filled button of a page."""

    def __init__(self, text: str, *, icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, primary=True, icon_name=icon_name, parent=parent)


class Link(Pressable):
    """Words in accent that act; underlined only while they have keyboard focus. At least 24 px high. Without room: an ellipsis, and all of it on hover."""

    radius = 5.0

    def __init__(self, text: str, *, tone: ColorName = "accent", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._tone: ColorName = tone
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._told = ""  # the tooltip that says what an ellipsis hides
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._text_width() + 2, px(24))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self._text_width() + 2, px(LEAST_LINK)), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        f = font("small", 500)
        if self.keyboard_focus:
            f.setUnderline(True)
        ink = color(self._tone) if self.isEnabled() else color("text-3")
        if self.isDown():
            ink = ink.darker(120) if not theme().dark else ink.lighter(120)
        p.setFont(f)
        p.setPen(ink)
        shown = paint.elided(self.text(), f, self.width() + 1)
        told = as_tip(self.text()) if shown != self.text() else ""
        if self.toolTip() in {"", self._told} and told != self.toolTip():
            self.setToolTip(told)
            self._told = told
        p.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, shown)
        p.end()


class IconButton(Pressable):
    """A square button with an icon only. `name` is read to people who do not see it and shown on hover."""

    def __init__(self, icon_name: str, name: str, *, size: int = CONTROL_HEIGHT, framed: bool = False, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._icon_name, self._size, self._framed = icon_name, max(24, size), framed
        self.setAccessibleName(name)
        self.setToolTip(as_tip(name))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_icon(self, icon_name: str, name: str) -> None:
        """Another icon for the next press; nothing happens when it is the same."""
        if (icon_name, name) != (self._icon_name, self.accessibleName()):
            self._icon_name = icon_name
            self.setAccessibleName(name)
            self.setToolTip(as_tip(name))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(self._size), px(self._size))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self._framed:
            paint.box(p, rect, RADIUS_CONTROL, *control_ground(self))
        if self.isEnabled() and (self.isDown() or self.underMouse()):
            paint.box(p, rect.adjusted(1, 1, -1, -1), RADIUS_CONTROL - 1, theme().ink(0.09 if self.isDown() else 0.05))
        if self.keyboard_focus and not self._framed:
            paint.box(p, rect, RADIUS_CONTROL, None, color("accent"))
        side = px(16)
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        paint_icon(p, self._icon_name, box, color("text-2") if self.isEnabled() else color("text-3", 0.6))
        p.end()


class LabelButton(Pressable):
    """A label to give: glyph, word, key. `compact` (glance) is 30 high, else 40 (triage bar). Never preselected."""

    radius = RADIUS_FIELD

    def __init__(self, label: LabelName, *, compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(LABEL_WORDS[label], parent)
        self.label, self._compact = label, compact
        self.setAccessibleDescription(tr("Key {key}", key=LABEL_KEYS.get(label, "")))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        key = LABEL_KEYS.get(self.label, "")
        inset = px(7 if self._compact else 16)
        word = paint.wide(self.text(), font("small" if self._compact else "body", 400 if self._compact else 500))
        hint = paint.key_width(key) if theme().show_key_hints else 0
        between = px(6) + px(4) if self._compact else px(12) + px(8)  # glyph to word, word to key
        return QSize(round(inset + px(10) + between + word + hint + (px(5) if self._compact else inset) + 2), px(CONTROL_HEIGHT if self._compact else 40))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint.box(p, rect, RADIUS_FIELD, *control_ground(self))
        if self.isEnabled() and (self.isDown() or self.underMouse()):
            paint.box(p, rect.adjusted(1, 1, -1, -1), RADIUS_FIELD - 1, theme().ink(0.08 if self.isDown() else 0.04))
        tight = self.width() < self.sizeHint().width()  # no room: the word stays, the key is told on hover
        inset = px(7 if self._compact or tight else 16)
        middle = self.height() / 2
        size = px(10)
        paint.glyph(p, self.label, QPointF(inset + size / 2, middle), size)
        key = LABEL_KEYS.get(self.label, "")
        right = float(self.width() - (px(5) if self._compact else inset - px(4)))
        if theme().show_key_hints and key and not tight:
            right -= paint.key_width(key)
            paint.key(p, right, middle, key, "card" if self._compact else "sunk")
        left = inset + size + px(6 if self._compact or tight else 12)
        f = font("small", 400) if self._compact else font("small" if tight else "body", 500)
        p.setFont(f)
        p.setPen(color("text") if self.isEnabled() else color("text-3"))
        p.drawText(QRectF(left, 0, right - left, self.height()), Qt.AlignmentFlag.AlignVCenter, paint.elided(self.text(), f, right - left))
        p.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()
