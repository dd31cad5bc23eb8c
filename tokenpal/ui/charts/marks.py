"""What was written, as small signs between the baseline and the words of the time axis (product 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from tokenpal.translation import tr
from tokenpal.ui.charts.data import Mark
from tokenpal.ui.charts.stack import Layout
from tokenpal.ui.icons import icon, paint_icon
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

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which signs it needs."""
        return tuple(kind for kind in KINDS if any(one.kind == kind for one in self.marks))

    def width(self) -> float:
        """Px its signs take."""
        return float(px(SIZE) * len(self.kinds) + px(2) * (len(self.kinds) - 1))

    def lane(self, layout: Layout) -> QRectF:
        """Where it is drawn."""
        return QRectF(self.x - self.width() / 2, layout.plot.bottom() + px(4), self.width(), px(SIZE))


def spots(layout: Layout, marks: Sequence[Mark]) -> list[Spot]:
    """Signs from left to right that do not touch one another."""
    by_column: dict[int, list[Mark]] = {}
    for one in marks:
        if 0 <= one.bucket < len(layout.totals):
            by_column.setdefault(layout.column_of(one.bucket), []).append(one)
    found: list[Spot] = []
    for column in sorted(by_column):
        spot = Spot(layout.left(column) + layout.step / 2, tuple(by_column[column]))
        if spot.x + spot.width() / 2 > layout.plot.right():
            spot = Spot(layout.plot.right() - spot.width() / 2, spot.marks)
        last = found[-1] if found else None
        if last is not None and spot.x - spot.width() / 2 < last.x + last.width() / 2 + 1:
            found[-1] = Spot(last.x, (*last.marks, *spot.marks))
        else:
            found.append(spot)
    return found


def spot_at(layout: Layout, marks: Sequence[Mark], at: QPointF) -> Spot | None:
    """The signs under the mouse; targets reach a little further than what is drawn."""
    lane = QRectF(layout.plot.left(), layout.plot.bottom() + 1, layout.plot.width() + px(6), px(LANE) + px(4))
    if not marks or not lane.contains(at):
        return None
    near = [spot for spot in spots(layout, marks) if abs(at.x() - spot.x) <= max(spot.width() / 2 + px(3), px(10))]
    return min(near, key=lambda spot: abs(at.x() - spot.x)) if near else None


def paint_spot(p: QPainter, layout: Layout, spot: Spot, ink: QColor) -> None:
    """Its signs, check-ins first."""
    box = spot.lane(layout)
    for place, kind in enumerate(spot.kinds):
        paint_icon(p, kind, QRectF(round(box.left() + place * (px(SIZE) + px(2))), round(box.top()), px(SIZE), px(SIZE)), ink)


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
