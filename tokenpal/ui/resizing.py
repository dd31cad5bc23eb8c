"""A window of another size is painted in bands (issue 5: 16 ms): Qt would paint all of it in one call for every step of a drag.

Each band comes a turn later and shows until then what was there. A step of the drag that comes meanwhile begins with the band
that waits longest, so each of them is painted however fast the steps are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, QRect
from PySide6.QtWidgets import QWidget

from tokenpal.ui import still, veils
from tokenpal.ui.turns import Turns

BANDS: Final = 7


class Resizing(QObject):
    """One for a window; ``over`` is the part of it that is painted in bands."""

    def __init__(self, over: QWidget, window: QWidget) -> None:
        super().__init__(window)
        self._over, self._window = over, window
        self._veils: list[QWidget] = []
        self._next = 0
        self._turns = Turns(self, seconds=0.0)

    @property
    def busy(self) -> bool:
        """Whether a band still shows what was there."""
        return self._turns.busy

    def resized(self) -> None:
        """The window has another size and is not painted yet."""
        self._take_away()
        if not self._over.isVisible() or still.of(self._window) is None or (picture := veils.picture(self._window)) is None:
            self._turns.stop()
            return
        place = veils.place(self._over, self._window)
        tall = -(-place.height() // BANDS)
        bands = [QRect(place.left(), place.top() + n * tall, place.width(), tall) & place for n in range(BANDS)]
        order = [(self._next + n) % BANDS for n in range(BANDS)]
        above = veils.above(self._over, self._window)
        for n in order:
            shown = picture.copy(veils.pixels(bands[n], picture))
            self._veils.append(veils.veil(self._window, bands[n], picture=shown, above=above))
        self._turns.begin(self._shown(order), self._take_away)

    def _shown(self, order: list[int]) -> Iterator[None]:
        for veil, number in zip(list(self._veils), order, strict=True):
            yield
            band = veil.geometry()
            veil.resize(0, 0)
            self._window.repaint(band)
            self._next = (number + 1) % BANDS

    def _take_away(self) -> None:
        veils, self._veils = self._veils, []
        for veil in veils:
            veil.resize(0, 0)
            veil.deleteLater()
