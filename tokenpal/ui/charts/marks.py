"""What was written, as small signs between the baseline and the words of the time axis (product 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from tokenpal.translation import tr
from tokenpal.ui.charts.data import Mark
from tokenpal.ui.charts.stack import Layout
from tokenpal.ui.icons import icon, paint_icon, pixmap
from tokenpal.ui.theme import px

LANE = 15  # px below the baseline, at text size 100 %
SIZE = 11
MOST, LONGEST = 20, 60  # lines of the menu, and characters of each
KINDS = ("check-in", "note")


@dataclass(frozen=True, slots=True)
class Spot:
    """One sign, or two side by side: the marks of a bucket, or of neighbours too close to be told apart."""

    x: float
    marks: tuple[Mark, ...]
    kinds: tuple[str, ...]  # which signs it needs
    box: QRectF  # where they are drawn


def spots(layout: Layout, marks: Sequence[Mark]) -> list[Spot]:
    """Signs from left to right that do not touch one another."""
    size, space, end = px(SIZE), px(2), layout.plot.right()
    by_column: dict[int, list[Mark]] = {}
    for one in marks:
        if 0 <= one.bucket < len(layout.totals):
            by_column.setdefault(layout.column_of(one.bucket), []).append(one)
    groups: list[tuple[float, float, list[Mark], set[str]]] = []
    for column in sorted(by_column):
        found = by_column[column]
        kinds = {one.kind for one in found}
        wide = size * len(kinds) + space * (len(kinds) - 1)
        x = min(layout.left(column) + layout.step / 2, end - wide / 2)
        if groups and x - wide / 2 < groups[-1][0] + groups[-1][1] / 2 + 1:
            here, _, before, known = groups[-1]
            before.extend(found)
            known |= kinds
            groups[-1] = (here, size * len(known) + space * (len(known) - 1), before, known)
        else:
            groups.append((x, wide, found, kinds))
    top = layout.plot.bottom() + px(4)
    return [
        Spot(x, tuple(found), tuple(kind for kind in KINDS if kind in kinds), QRectF(x - wide / 2, top, wide, size))
        for x, wide, found, kinds in groups
    ]


def spot_at(layout: Layout, found: Sequence[Spot], at: QPointF) -> Spot | None:
    """The signs under the mouse; targets reach a little further than what is drawn."""
    lane = QRectF(layout.plot.left(), layout.plot.bottom() + 1, layout.plot.width() + px(6), px(LANE) + px(4))
    if not found or not lane.contains(at):
        return None
    nearest = min(found, key=lambda spot: abs(at.x() - spot.x))
    return nearest if abs(at.x() - nearest.x) <= max(nearest.box.width() / 2 + px(3), px(10)) else None


def paint_spot(p: QPainter, spot: Spot, ink: QColor) -> None:
    """Its signs, check-ins first: from a picture made once on the screen, as drawing in an SVG."""
    box = spot.box
    ratio = p.device().devicePixelRatioF() if isinstance(p.device(), (QPixmap, QImage)) else 0.0
    for place, kind in enumerate(spot.kinds):
        at = QRectF(round(box.left() + place * (px(SIZE) + px(2))), round(box.top()), px(SIZE), px(SIZE))
        if ratio:
            p.drawPixmap(at.topLeft(), _sign(kind, px(SIZE), ink.rgba(), ratio))
        else:
            paint_icon(p, kind, at, ink)


@lru_cache(maxsize=16)
def _sign(kind: str, size: int, rgba: int, ratio: float) -> QPixmap:
    return pixmap(kind, size, QColor.fromRgba(rgba), ratio)


def menu(parent: QWidget, marks: Sequence[Mark], opened: Callable[[Mark], object]) -> QMenu:
    """One line for each, when a sign stands for several."""
    made = QMenu(parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made.setAccessibleName(tr("Notes and check-ins"))
    for one in marks[:MOST]:
        words = one.words if len(one.words) <= LONGEST else f"{one.words[: LONGEST - 1]}…"
        action = made.addAction(icon(one.kind), words.replace("&", "&&"))
        action.triggered.connect(partial(_chosen, opened, one))
    return made


def _chosen(opened: Callable[[Mark], object], one: Mark, _checked: bool = False) -> None:
    opened(one)
