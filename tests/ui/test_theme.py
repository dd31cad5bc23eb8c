"""The rules of the palette (design.md section 3), the type scale, and following the system."""

from __future__ import annotations

import ast
import itertools
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication

import tokenpal.ui
from tests.ui.colour_science import MACHADO, ciede2000, contrast, distance
from tokenpal.system.look import Look
from tokenpal.ui import fonts, icons
from tokenpal.ui.palette import DARK, HIGH_DARK, HIGH_LIGHT, LABELS, LIGHT, Palette, palette_of
from tokenpal.ui.theme import TYPE, Theme, color, font, px, theme
from tokenpal.ui.widgets.buttons import Button

BOTH = pytest.mark.parametrize("palette", [LIGHT, DARK, HIGH_LIGHT, HIGH_DARK], ids=["light", "dark", "high-light", "high-dark"])
HIGH = pytest.mark.parametrize("palette", [HIGH_LIGHT, HIGH_DARK], ids=["light", "dark"])


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [  # from the test data of Sharma, Wu and Dalal
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((50.0, 2.5, 0.0), (50.0, 3.2592, 0.3350), 1.0),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
        ((50.0, -1.0, 2.0), (50.0, 0.0, 0.0), 2.3669),
    ],
)
def test_the_measure_itself_is_right(one, two, expected):
    assert ciede2000(one, two) == pytest.approx(expected, abs=1e-4)


@BOTH
def test_series_stand_out_from_the_card(palette: Palette):
    assert {v: round(contrast(v, palette.named["card"]), 2) for v in palette.series if contrast(v, palette.named["card"]) < 3} == {}


@BOTH
@pytest.mark.parametrize("sight", list(MACHADO))
def test_any_two_series_differ_for_every_sight(palette: Palette, sight: str):
    near = {(i + 1, j + 1): round(distance(a, b, sight), 1) for (i, a), (j, b) in itertools.combinations(enumerate(palette.series), 2)}
    assert {pair: d for pair, d in near.items() if d < 12} == {}


@BOTH
@pytest.mark.parametrize("sight", list(MACHADO))
def test_label_fills_differ_for_every_sight(palette: Palette, sight: str):
    fills = [palette.named[name] for name in LABELS[:3]]
    assert min(distance(a, b, sight) for a, b in itertools.combinations(fills, 2)) >= 12


@BOTH
def test_exploration_and_delivered_look_like_equals(palette: Palette):
    card = palette.named["card"]
    assert contrast(palette.named["exploration"], card) == pytest.approx(contrast(palette.named["delivered"], card), rel=0.03)


@BOTH
@pytest.mark.parametrize("name", ["text", "text-2", "text-3", "accent", "attention", "problem"])
def test_words_are_readable_on_every_ground(palette: Palette, name):
    for ground in ("card", "ground", "side", "sunk"):
        assert contrast(palette.named[name], palette.named[ground]) >= 4.5
    if name in {"text", "text-2"}:
        assert contrast(palette.named[name], palette.named["accent-soft"]) >= 4.5


@BOTH
def test_words_on_the_primary_button_are_readable(palette: Palette):
    assert contrast(palette.named["on-accent"], palette.named["accent"]) >= 4.5


@HIGH
@pytest.mark.parametrize("name", ["text", "text-2", "text-3", "accent", "attention", "problem", "line", "line-strong", "unlabelled"])
def test_high_contrast_means_seven_to_one_for_words_and_lines(palette: Palette, name):
    low = {ground: round(contrast(palette.named[name], palette.named[ground]), 2) for ground in ("card", "ground", "side", "sunk", "tip")}
    assert {ground: ratio for ground, ratio in low.items() if ratio < 7} == {}


@HIGH
@pytest.mark.parametrize("name", ["text", "text-2", "accent", "attention", "problem"])
def test_high_contrast_holds_on_soft_grounds_too(palette: Palette, name):
    assert contrast(palette.named[name], palette.named["accent-soft"]) >= 7
    assert contrast(palette.named[name], palette.named["attention-soft"]) >= 7


@HIGH
def test_high_contrast_shows_borders_fills_and_buttons(palette: Palette):
    named = palette.named
    for name in ("line-strong", "else", "waste", "exploration", "delivered"):
        for ground in ("card", "sunk", "accent-soft"):
            assert contrast(named[name], named[ground]) >= 3, (name, ground)
    assert contrast(named["on-accent"], named["accent"]) >= 7
    assert contrast(named["accent"], named["line-strong"]) >= 1.05, "focus is a border of another colour and a ring"


def test_high_contrast_knows_the_same_series():
    assert (HIGH_LIGHT.series, HIGH_DARK.series) == (LIGHT.series, DARK.series)


def test_all_schemes_name_the_same_colours():
    assert LIGHT.named.keys() == DARK.named.keys() == HIGH_LIGHT.named.keys() == HIGH_DARK.named.keys()
    assert len(LIGHT.series) == len(DARK.series) == 8


def test_only_the_palette_holds_hex_values():
    """No widget, page or chart writes a colour of its own, nor a style sheet (design.md section 8)."""
    found = []
    for path in Path(tokenpal.ui.__file__).parent.rglob("*.py"):
        if path.name == "palette.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"#[0-9A-Fa-f]{6}\b", node.value):
                found.append((path.name, node.lineno, node.value))
            if isinstance(node, ast.Attribute) and node.attr == "setStyleSheet":
                found.append((path.name, node.lineno, "setStyleSheet"))
    assert found == []


def test_shipped_fonts_are_used(look: Theme):
    assert fonts.missing() == ()
    for role, (size, weight, _) in TYPE.items():
        info = QFontInfo(font(role))
        assert info.family() == fonts.family(role, size), role
        assert info.pixelSize() == size
        assert info.weight() == weight


@pytest.mark.parametrize("role", ["display", "body", "small", "cap"])
def test_figures_have_one_width(look: Theme, role):
    m = QFontMetricsF(font(role))
    assert len({round(m.horizontalAdvance(d * 4), 2) for d in "0123456789"}) == 1


def test_hyphens_in_words_are_not_as_wide_as_figures(look: Theme):
    m = QFontMetricsF(font("body"))
    assert m.horizontalAdvance("-") < m.horizontalAdvance("0") * 0.8


def test_text_size_scales_type_and_controls(look: Theme, qapp: QApplication):
    button = Button("Export")
    before = (font("body").pixelSize(), px(30), button.sizeHint().height())
    look.apply(qapp, scheme="light", text_percent=130)
    assert (font("body").pixelSize(), px(30)) == (17, 39)
    assert button.sizeHint().height() == 39 > before[2]


@pytest.mark.parametrize(("asked", "held"), [(10, 80), (500, 200)])
def test_absurd_text_sizes_are_held(look: Theme, qapp: QApplication, asked, held):
    look.apply(qapp, scheme="light", text_percent=asked)
    assert look.text_percent == held


def test_system_font_leaves_inter_alone(look: Theme, qapp: QApplication):
    look.apply(qapp, scheme="light", system_font=True)
    assert QFontInfo(font("body")).family() != "Inter"


class Hearer(QObject):
    heard = Signal()

    def hear(self) -> None:
        self.heard.emit()


@pytest.fixture
def hearer(qapp: QApplication) -> Callable[[Theme], Hearer]:
    made: list[Hearer] = []

    def make(look: Theme) -> Hearer:
        made.append(Hearer())
        look.changed.connect(made[-1].hear)
        return made[-1]

    return make


def test_change_of_scheme_is_live(look: Theme, qapp: QApplication, qtbot, hearer):
    with qtbot.waitSignal(hearer(look).heard):
        look.apply(qapp, scheme="dark")
    assert look.dark
    assert color("card").name().upper() == DARK.named["card"]
    assert qapp.palette().color(QPalette.ColorRole.Window) == color("ground")
    assert qapp.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text) == color("text-3")


def test_unknown_system_scheme_counts_as_light(look: Theme, qapp: QApplication):
    look.apply(qapp, scheme="system")
    assert qapp.styleHints().colorScheme() in {Qt.ColorScheme.Unknown, Qt.ColorScheme.Light}
    assert not look.dark


def test_system_scheme_is_followed(look: Theme, qapp: QApplication, monkeypatch):
    """What the platform says after a change decides, unless the person chose a scheme."""
    look.apply(qapp, scheme="system")
    monkeypatch.setattr(look, "_scheme_in_force", lambda: "dark")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert look.dark
    monkeypatch.undo()
    look.apply(qapp, scheme="light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not look.dark


def test_contrast_can_be_chosen_and_follows_the_desktop(look: Theme, qapp: QApplication, qtbot, hearer):
    for scheme, contrast_, palette in (("light", "high", HIGH_LIGHT), ("dark", "high", HIGH_DARK), ("dark", "normal", DARK)):
        look.apply(qapp, scheme=scheme, contrast=contrast_)
        assert look.palette is palette
    look.apply(qapp, scheme="light", contrast="system")
    assert look.palette is LIGHT
    with qtbot.waitSignal(hearer(look).heard):
        look.told.emit(Look(high_contrast=True))
    assert look.palette is HIGH_LIGHT
    look.apply(qapp, scheme="light", contrast="normal")
    assert look.palette is LIGHT
    look.hear(Look())


def test_what_the_desktop_says_is_live_from_any_thread(look: Theme, qapp: QApplication, qtbot, hearer):
    look.apply(qapp, scheme="system")
    for told, dark in ((Look("dark"), True), (Look("light"), False), (Look("dark"), True)):
        with qtbot.waitSignal(hearer(look).heard):
            threading.Thread(target=look.told.emit, args=(told,)).start()
        assert look.dark is dark
        assert look.palette is palette_of("dark" if dark else "light")
    with qtbot.assertNotEmitted(hearer(look).heard):
        look.hear(Look("dark"))
    look.hear(Look())
    assert not look.dark


def test_less_motion_of_the_desktop_is_honoured(look: Theme, qapp: QApplication):
    look.hear(Look(less_motion=True))
    assert look.reduce_motion
    look.hear(Look())
    assert not look.reduce_motion
    look.apply(qapp, scheme="light", reduce_motion=True)
    look.hear(Look())
    assert look.reduce_motion


def test_motion_can_be_switched_off(look: Theme, qapp: QApplication):
    assert not look.reduce_motion
    look.apply(qapp, scheme="light", reduce_motion=True)
    assert look.reduce_motion


def test_every_icon_paints_something_in_the_asked_ink(look: Theme):
    for name in icons.names():
        picture = icons.pixmap(name, 32, color("problem")).toImage()
        inked = [picture.pixelColor(x, y) for x in range(32) for y in range(32) if picture.pixelColor(x, y).alpha() > 250]
        assert inked or name in {"mark", "more"}, name
        for pixel in inked:
            assert abs(pixel.red() - color("problem").red()) <= 2, name


def test_icons_follow_the_theme(look: Theme, qapp: QApplication):
    icon = icons.icon("key", "text")

    def darkest() -> int:
        picture = icon.pixmap(16, 16).toImage()
        return min(picture.pixelColor(x, y).lightness() for x in range(16) for y in range(16) if picture.pixelColor(x, y).alpha() > 200)

    light = darkest()
    look.apply(qapp, scheme="dark")
    assert darkest() > light + 100


@pytest.mark.parametrize("variant", ["light", "dark", "colour"])
def test_tray_pictures_differ_by_state_and_have_all_sizes(look: Theme, variant):
    pictures = {}
    for state, frames in icons.TRAY_PICTURES.items():
        for frame in range(len(frames)):
            icon = icons.tray_icon(state, variant, frame)
            assert {s.width() for s in icon.availableSizes()} == set(icons.TRAY_SIZES)
            image = icon.pixmap(16, 16).toImage()
            pictures[state, frame] = bytes(image.constBits())
    assert len(set(pictures.values())) == len(pictures)


def test_meter_in_the_icon_fills_from_below(look: Theme):
    def full_rows(share: float) -> int:
        image = icons.tray_icon("idle", "dark", meter=share).pixmap(32, 32).toImage()
        return sum(1 for y in range(32) if max(image.pixelColor(x, y).alpha() for x in range(32)) > 200)

    assert full_rows(0) == 0
    assert 0 < full_rows(0.2) < full_rows(0.62) < full_rows(1) == full_rows(7.5)
    assert icons.tray_icon("idle", "dark", meter=1).cacheKey() == icons.tray_icon("idle", "dark").cacheKey()


def test_reading_steps_come_round_again(look: Theme):
    assert icons.tray_icon("reading", "dark", 0).cacheKey() == icons.tray_icon("reading", "dark", 3).cacheKey()


def test_app_icon_has_every_size(look: Theme):
    assert {s.width() for s in icons.app_icon().availableSizes()} == set(icons.APP_SIZES)


def test_windows_and_macos_have_the_same_icon():
    """``python -m tests.ui.app_pictures`` makes both files from the pictures."""
    from tests.ui import app_pictures

    assert (app_pictures.FOLDER / "tokenpal.ico").read_bytes() == app_pictures.ico()
    assert (app_pictures.FOLDER / "tokenpal.icns").read_bytes() == app_pictures.icns()


def test_every_icon_that_is_named_is_there():
    found = set()
    for path in Path(tokenpal.ui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                place = {"IconButton": 0, "Sign": 0, "point": 0, "paint_icon": 1}.get(name)
                words = node.args[place] if place is not None and len(node.args) > place else None
                words = next((one.value for one in node.keywords if one.arg == "icon_name"), words)
                if isinstance(words, ast.Constant) and words.value:
                    found.add(words.value)
    assert found - set(icons.names()) == set()
    assert {"bell", "search", "undo", "redo", "help", "eye", "eye-off", "timer", "language", "contrast"} <= set(icons.names())


def test_licences_lie_beside_the_fonts():
    from tokenpal.system.paths import resource

    for name in ("Inter-LICENSE.txt", "JetBrainsMono-LICENSE.txt"):
        assert "SIL OPEN FONT LICENSE Version 1.1" in (resource("fonts") / name).read_text(encoding="utf-8")


def test_what_the_theme_hands_out_can_be_changed_without_harm(look: Theme):
    font("small").setUnderline(True)
    color("text").setAlphaF(0.1)
    look.series(1).setAlphaF(0.1)
    assert not font("small").underline()
    assert color("text").alphaF() == 1
    assert look.series(1).alphaF() == 1


def test_there_is_one_theme():
    assert theme() is theme()
