"""Colours, type, spacing and motion for every widget (design.md sections 1 to 3).

One `Theme` lives for the whole process: `theme()`. The app calls `theme().apply(app, ...)` once at start and again
when a setting changes; widgets read `color()`, `font()` and `px()` while painting, and connect a bound method to
`theme().changed` (`ui.listeners`) only if they keep something derived from them (a font of a label, a picture in a cache).

    painter.setPen(color("text-2"))
    painter.setFont(font("small", 500))
    row.setFixedHeight(px(32))          # logical px at text size 100 %, scaled with the setting
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from shiboken6 import isValid

from tokenpal.system.look import Look
from tokenpal.ui import fonts
from tokenpal.ui.listeners import Listeners
from tokenpal.ui.palette import LIGHT, ColorName, LabelName, Palette, Scheme, palette_of

SchemeChoice = Literal["system", "light", "dark"]
ContrastChoice = Literal["system", "normal", "high"]
Role = Literal["display", "title", "big", "head", "body", "small", "cap", "mono"]

# role -> (px at 100 %, weight, tracking in px); Qt takes whole px (design.md section 1)
TYPE: dict[Role, tuple[int, int, float]] = {
    "display": (30, 600, -0.6),
    "title": (21, 600, -0.3),
    "big": (22, 600, -0.3),
    "head": (14, 600, -0.1),
    "body": (13, 400, 0.0),
    "small": (12, 400, 0.0),
    "cap": (11, 500, 0.1),
    "mono": (11, 400, 0.0),
}

# spacing and shape (design.md section 2), logical px at text size 100 %
PAGE_TOP, PAGE_SIDE, PAGE_FOOT = 22, 28, 24
CARD_GAP, CARD_PAD_Y, CARD_PAD_X, PANE_PAD = 14, 16, 18, 22
SIDEBAR_WIDTH, SIDEBAR_ROW = 204, 32
ROW_ONE_LINE, ROW_TWO_LINES = 36, 54
CONTROL_HEIGHT, CONTROL_INSET, TARGET = 30, 12, 24
RADIUS_WINDOW, RADIUS_CARD, RADIUS_FIELD, RADIUS_CONTROL = 12.0, 10.0, 8.0, 7.0
RADIUS_CHIP, RADIUS_SWATCH, RADIUS_BAR = 5.0, 3.0, 3.0


class Theme(QObject):
    """The look in force. `changed` is emitted after colours, fonts or sizes have changed."""

    told = Signal(object)  # `system.look.Look`, from any thread

    def __init__(self) -> None:
        super().__init__()
        self.changed = Listeners()
        self.in_turns: Callable[[Iterator[None]], object] | None = None  # does such work in slices; None = in the call (`ui.relook`)
        self.told.connect(self.hear)
        self.palette: Palette = LIGHT
        self.text_percent = 100
        self.system_font = False
        self.reduce_motion = False
        self.show_key_hints = True
        self._choice: SchemeChoice = "system"
        self._contrast: ContrastChoice = "system"
        self._still = False  # the person's own wish; the system may have it too
        self._system = Look()  # what the desktop says where Qt does not hear it
        self._app: QApplication | None = None
        self._hints: QStyleHints
        self._colors: dict[str, QColor] = {}
        self._fonts: dict[tuple[str, int], QFont] = {}
        self._system_family: str = ""
        self._fill_colors()

    # ---- set up -------------------------------------------------------------------------------------------
    def apply(
        self,
        app: QApplication,
        *,
        scheme: SchemeChoice = "system",
        contrast: ContrastChoice = "system",
        text_percent: int = 100,
        system_font: bool = False,
        reduce_motion: bool = False,
        show_key_hints: bool = True,
    ) -> None:
        """Put the look on `app`. `text_percent` is held to 80..200. Safe to call again with new settings."""
        if self._app is not app:
            self._app = app
            self._system_family = app.font().family()
            app.setStyle("Fusion")  # native styles mix badly with own palettes (architecture 2.2)
            self._hints = app.styleHints()  # kept: the half in Python of what hangs on it dies with it
            self._hints.colorSchemeChanged.connect(self._system_changed)
            self._hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)
        self._choice, self._contrast, self._still = scheme, contrast, reduce_motion
        self.text_percent = min(200, max(80, text_percent))
        self.system_font = system_font
        self.show_key_hints = show_key_hints
        if not system_font:
            fonts.load()
        self._refresh()

    @Slot(object)
    def hear(self, look: Look) -> None:
        """The desktop says how it wants to look (`system.look`); in force at once where the person follows it."""
        if look == self._system:
            return
        self._system = look
        self._refresh()

    @property
    def dark(self) -> bool:
        """True while the dark scheme is in force."""
        return self.palette.scheme == "dark"

    # ---- what widgets ask ---------------------------------------------------------------------------------
    def color(self, name: ColorName, alpha: float = 1.0) -> QColor:
        """The colour `name` of the scheme in force; `alpha` 0..1."""
        c = QColor(self._colors[name])  # a copy: callers may change it
        if alpha < 1.0:
            c.setAlphaF(alpha)
        return c

    def ink(self, share: float) -> QColor:
        """Text colour at `share` 0..1: hover columns, tracks, empty cells."""
        return self.color("text", share)

    def series(self, slot: int) -> QColor:
        """Colour of series slot 1..8; any other number wraps round."""
        return QColor(self._colors[f"series-{(slot - 1) % 8 + 1}"])

    def label(self, name: LabelName) -> QColor:
        """Colour of a label's glyph and fill."""
        return QColor(self._colors[name])

    def font(self, role: Role, weight: int | None = None) -> QFont:
        """The font of `role`, tabular figures on; `weight` 400, 500 or 600 overrides the role's own."""
        w = weight or TYPE[role][1]
        cached = self._fonts.get((role, w))
        if cached is None:
            cached = self._fonts[(role, w)] = self._make_font(role, w)
        return QFont(cached)  # a copy: callers may underline it

    def px(self, size: float) -> int:
        """`size` (logical px at 100 %) scaled with the text size."""
        return round(size * self.text_percent / 100)

    # ---- inside -------------------------------------------------------------------------------------------
    def _make_font(self, role: Role, weight: int) -> QFont:
        size, _, tracking = TYPE[role]
        family = fonts.family(role, size) if not self.system_font else self._system_family
        if role == "mono" and self.system_font:
            family = "monospace"
        f = QFont()
        f.setFamilies([family, *([self._system_family] if self._system_family else [])])
        f.setPixelSize(max(8, self.px(size)))
        f.setWeight(QFont.Weight(weight))
        if role == "mono":
            f.setStyleHint(QFont.StyleHint.Monospace)
        elif not self.system_font:
            f.setFeature(QFont.Tag("tnum"), 1)
        if tracking:
            f.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, tracking * self.text_percent / 100)
        f.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return f

    def _scheme_in_force(self) -> Scheme:
        if self._choice != "system":
            return self._choice
        if self._system.scheme:
            return self._system.scheme
        hint = self._hints.colorScheme()
        return "dark" if hint == Qt.ColorScheme.Dark else "light"  # Unknown counts as light (architecture 2.2)

    def _high_in_force(self) -> bool:
        if self._contrast != "system":
            return self._contrast == "high"
        return self._system.high_contrast or self._hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast

    def _fill_colors(self) -> None:
        self._colors = {name: QColor(value) for name, value in self.palette.named.items()}
        self._colors.update({f"series-{i}": QColor(v) for i, v in enumerate(self.palette.series, 1)})

    def _refresh(self) -> None:
        app = self._app
        if app is None:
            return
        self.palette = palette_of(self._scheme_in_force(), high=self._high_in_force())
        self.reduce_motion = self._still or self._system.less_motion
        self._fill_colors()
        self._fonts.clear()
        if self.in_turns is not None:
            self.in_turns(self._put_on(app))
        else:
            for _ in self._put_on(app):
                pass

    def _put_on(self, app: QApplication) -> Iterator[None]:
        """The look on everything there is, window by window and part by part."""
        colors = self._qpalette()
        if colors != app.palette():
            yield from self._color(colors)
            app.setPalette(colors)
            yield
        for current, wanted, put in ((app.font(), self.font("body"), app.setFont), (QToolTip.font(), self.font("small"), QToolTip.setFont)):
            if current != wanted:
                put(wanted)
                yield
        yield from self.changed.turns()

    def _color(self, colors: QPalette) -> Iterator[None]:
        """Qt hands colours on from a window to all that is in it, in one call: large parts are given theirs before."""
        for window in QApplication.topLevelWidgets():
            if isValid(window):
                yield from _colored(window, colors)

    @Slot()
    def _system_changed(self) -> None:
        if self.palette is not palette_of(self._scheme_in_force(), high=self._high_in_force()):
            self._refresh()

    def _qpalette(self) -> QPalette:
        group, role, c = QPalette.ColorGroup, QPalette.ColorRole, self.color
        p = QPalette()
        for r, name in _ROLES.items():
            p.setColor(r, c(name))
        for r in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText, role.BrightText):
            p.setColor(group.Disabled, r, c("text-3"))
        p.setColor(group.Disabled, role.Highlight, c("sunk"))
        p.setColor(group.Disabled, role.Accent, c("line-strong"))
        return p


def _colored(widget: QWidget, colors: QPalette) -> Generator[None, None, int]:
    """Give colours to the parts until few are left that will take on those of the widget; returns how many."""
    if own := widget.property(_OWN):
        widget.setPalette(colors)
        yield
    parts = []
    for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if isValid(child) and not child.isWindow():
            parts.append(((yield from _colored(child, colors)), child))
    left = sum(count for count, _ in parts)
    for count, child in sorted(parts, key=lambda one: -one[0]):
        if left <= FEW:
            break
        if isValid(child) and not child.testAttribute(Qt.WidgetAttribute.WA_SetPalette):
            child.setProperty(_OWN, True)
            child.setPalette(colors)
            left -= count
            yield
    yield
    return 0 if own else left + 1


_OWN: Final = "ownColors"
FEW: Final = 120  # widgets that take on other colours in one go
_R = QPalette.ColorRole
_ROLES: dict[QPalette.ColorRole, ColorName] = {
    _R.Window: "ground", _R.WindowText: "text", _R.Base: "card", _R.AlternateBase: "sunk", _R.Text: "text",
    _R.Button: "card", _R.ButtonText: "text", _R.BrightText: "on-accent", _R.ToolTipBase: "tip", _R.ToolTipText: "text",
    _R.PlaceholderText: "text-3", _R.Highlight: "accent-soft", _R.HighlightedText: "text", _R.Link: "accent",
    _R.LinkVisited: "accent", _R.Accent: "accent", _R.Light: "card", _R.Midlight: "line", _R.Mid: "line-strong",
    _R.Dark: "line-strong", _R.Shadow: "line-strong",
}  # fmt: skip

_theme: Theme | None = None


def theme() -> Theme:
    """The one theme of this process. Made on first use; needs no QApplication until `apply`."""
    global _theme
    if _theme is None:
        _theme = Theme()
    return _theme


def color(name: ColorName, alpha: float = 1.0) -> QColor:
    """Short for `theme().color(...)`."""
    return theme().color(name, alpha)


def font(role: Role, weight: int | None = None) -> QFont:
    """Short for `theme().font(...)`."""
    return theme().font(role, weight)


def px(size: float) -> int:
    """Short for `theme().px(...)`."""
    return theme().px(size)
