"""Use by weekday and hour: the map, and the same as a table with hours down and weekdays across (product 5.1)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from tokenpal.engine.overview import Around
from tokenpal.translation import tr
from tokenpal.ui import numbers, times
from tokenpal.ui.overview.flip import FlipCard
from tokenpal.ui.theme import color
from tokenpal.ui.widgets.painted import Ringed
from tokenpal.ui.widgets.strips import HeatMap

STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Home: (0, -23), Qt.Key.Key_End: (0, 23)}


class WhenMap(Ringed, HeatMap):
    """The map with a keyboard cursor that tells each cell. Hours run from left to right in every language, as all time does."""


    radius = 4.0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._at = (0, 9)  # row as shown, hour
        self._summary = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

    def cell(self) -> str:
        """Words for where the cursor is."""
        row, hour = self._at
        day = (self._first + row) % 7
        figure = self._unit(self._values[day][hour])
        return tr("{weekday} {hour}:00, {figure}", weekday=times.LONG_WEEKDAYS[day], hour=f"{hour:02}", figure=figure)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self._at = (min(6, max(0, self._at[0] + step[0])), min(23, max(0, self._at[1] + step[1])))
        self._tell()

    def _tell(self) -> None:
        self.setAccessibleDescription(self.cell())
        self.setToolTip(self.cell())
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._summary = self.accessibleDescription()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setAccessibleDescription(self._summary)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.keyboard_focus:
            left, wide, high, _ = self._grid()
            p = QPainter(self)
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setPen(QPen(color("accent"), 1.5))
            p.drawRoundedRect(QRectF(left + self._at[1] * wide, self._at[0] * high, wide, high), 3, 3)
            p.end()


class WhenCard(FlipCard):
    """Use by weekday and hour over four weeks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("When"), tr("weekday and hour, four weeks"), parent)
        self._map = WhenMap()
        self.picture_column.addWidget(self._map)
        self.picture_column.addStretch(1)

    def set_around(self, around: Around, week_start: int) -> None:
        """Cells of the map."""
        self._map.set(around.week_map, week_start=week_start)
        days = [(week_start + place) % 7 for place in range(7)]
        rows: list[tuple[str | int, ...]] = [(f"{hour:02}:00", *(around.week_map[day][hour] for day in days)) for hour in range(24)]
        total = sum(map(sum, around.week_map))
        self.set_cells((tr("Hour"), *(times.WEEKDAYS[day] for day in days)), rows, (tr("{tokens} tokens in all", tokens=numbers.exact(total)),))
