"""Every page, state and dialog, rendered, as people with other eyes see them: series and labels in one picture differ, words stand out from their ground."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.colour_science import MACHADO, contrast, distance
from tests.ui.conftest import App, spin
from tests.ui.everywhere import everywhere
from tokenpal.ui import paint
from tokenpal.ui.charts.bars import StackedChart
from tokenpal.ui.desktop import apply_look
from tokenpal.ui.palette import LABELS
from tokenpal.ui.theme import Theme, theme
from tokenpal.ui.widgets.notices import Toast
from tokenpal.ui.widgets.picture import Picture
from tokenpal.ui.widgets.text import Text

pytestmark = pytest.mark.timeout(900)  # every page, state and dialog there is
LEAST = 12.0  # CIEDE2000 in tenths, design 3
LOOKS = (("light", "normal"), ("dark", "normal"), ("light", "high"))
PATIENCE = 4.0  # seconds
looks = pytest.mark.parametrize(("scheme", "strength"), LOOKS, ids=lambda one: one)


def colours(image: QImage, box: QRect | None = None) -> Counter[str]:
    """How many pixels have which colour."""
    part = image.copy(box) if box is not None else image
    part = part.convertToFormat(QImage.Format.Format_RGB32)
    words = memoryview(part.constBits()).cast("B").cast("I")
    return Counter({f"#{word & 0xFFFFFF:06X}": count for word, count in Counter(words).items()})


def dressed(app: App, scheme: str, strength: str) -> None:
    app.settings.set("appearance.theme", scheme)
    app.settings.set("appearance.contrast", strength)
    apply_look(app.settings)


@looks
def test_pictures_differ_for_every_sight_and_words_stand_out(make_app: Callable[..., App], sample_profile: Path, scheme: str, strength: str) -> None:
    app = make_app(sample_profile)
    dressed(app, scheme, strength)
    known = {theme().series(place + 1).name().upper() for place in range(8)} | {theme().color(name).name().upper() for name in LABELS[:3]}
    near, pictures, pale, looked = [], 0, [], 0
    for where, face in everywhere(app):
        window = face.window()
        for part in window.findChildren(Picture):
            if not part.isVisibleTo(window) or part.width() < 4:
                continue
            drawn = {colour for colour, count in colours(part.grab().toImage()).items() if count >= 12 and colour in known}
            pictures += len(drawn) > 1
            near += [
                f"{where}: {part.accessibleName()}: {one} and {other} for {sight}: {distance(one, other, sight):.1f}"
                for one, other in itertools.combinations(sorted(drawn), 2) for sight in MACHADO if round(distance(one, other, sight), 1) < LEAST
            ]  # fmt: skip
        found, many = faint(window)
        end = time.monotonic() + PATIENCE
        while found and time.monotonic() < end:  # rows that are made little by little find their place a turn later
            for toast in window.findChildren(Toast):
                toast.hide()  # a message with its way back lies over some words for a while
            spin(50)
            found, many = faint(window)
        pale += [f"{where}: {line}" for line in found]
        looked += many
        if where == "overview":
            chart = app.window.findChild(StackedChart)
            shown = set(colours(chart.grab().toImage()))
            assert {theme().series(one.tint).name().upper() for one in chart.series().series if isinstance(one.tint, int) and sum(one.values)} & shown
    assert pictures >= 3, "the sample shows pictures of several colours"
    assert near == []
    assert looked > 1000
    assert pale == []


def faint(window: QWidget) -> tuple[list[str], int]:
    """Words with less than 4.5 : 1 to what they really stand on, and how many were looked at."""
    image, found, looked = window.grab().toImage(), [], 0
    for part in window.findChildren(QWidget):
        ink = ink_of(part)
        if ink is None or not part.isVisible() or not part.isEnabled():
            continue
        box = visible(part, window)
        if box.width() < 8 or box.height() < 8:
            continue
        seen = colours(image, box)
        ground, _ = seen.most_common(1)[0]
        looked += 1
        ratio = contrast(ink, ground) if ink in seen else max(contrast(one, ground) for one in seen)
        if ratio < 4.5:
            found.append(f"{type(part).__name__} {part.property('text')!r} {ink} on {ground}: {ratio:.2f}")
    return found, looked


def test_the_measure_finds_words_that_are_too_pale(look: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    pale, plain = Text("Hardly to be read", "body"), Text("Easily read", "body")
    column.addWidget(plain)
    column.addWidget(pale)
    palette = pale.palette()
    palette.setColor(pale.foregroundRole(), theme().color("line-strong"))
    pale.setPalette(palette)
    window.show()
    found, looked = faint(window)
    assert looked == 2
    assert len(found) == 1
    assert "Hardly" in found[0]


@looks
def test_labels_differ_by_their_glyph_without_any_colour(make_app: Callable[..., App], scheme: str, strength: str) -> None:
    from PySide6.QtCore import QPointF, Qt
    from PySide6.QtGui import QPainter, QPixmap

    app = make_app()
    dressed(app, scheme, strength)
    drawn = []
    for label in LABELS:
        pixmap = QPixmap(24, 24)
        pixmap.fill(Qt.GlobalColor.white)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.glyph(painter, label, QPointF(12, 12), 16)
        painter.end()
        image = pixmap.toImage()
        drawn.append({(x, y) for x in range(24) for y in range(24) if image.pixelColor(x, y) != QColor("white")})
    for one, other in itertools.combinations(drawn, 2):
        assert len(one ^ other) > 20


def ink_of(part: QWidget) -> str | None:
    """The colour that its words are written in; buttons paint their own, which is found in the picture."""
    if isinstance(part, Picture):
        return None
    if isinstance(part, Text) and part.text().strip():
        return part.palette().color(part.foregroundRole()).name().upper()
    if isinstance(part, (QAbstractButton, QLabel)) and part.text().strip():
        return ""
    return None


def visible(part: QWidget, window: QWidget) -> QRect:
    """What of it is not scrolled away."""
    box, around = QRect(part.mapTo(window, QPoint(0, 0)), part.size()), part.parentWidget()
    while around is not None and around is not window:
        box = box.intersected(QRect(around.mapTo(window, QPoint(0, 0)), around.size()))
        around = around.parentWidget()
    return box
