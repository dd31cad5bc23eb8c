"""Where the mouse or the keyboard is in a row of bars, and which of them are chosen. No Qt."""

from __future__ import annotations


class Cursor:
    """`at` is a bar or -1; `chosen` the first and last chosen bar, both inside, or None."""

    def __init__(self) -> None:
        self.at = -1
        self.chosen: tuple[int, int] | None = None
        self._anchor = -1

    def begin(self, count: int, wanted: int = -1) -> int:
        """Where the keyboard enters: the last chosen bar, else `wanted`, else the last of all; -1 without bars."""
        if not count:
            return -1
        if self.chosen is not None and self.chosen[1] < count:
            return self.chosen[1]
        return wanted if 0 <= wanted < count else count - 1

    def step(self, by: int, count: int, *, entering: int = -1) -> int:
        """The bar that lies `by` from here, inside of all. The first step only enters, at `entering`."""
        start = self.at if self.at >= 0 else entering
        here = start if self.at >= 0 or self.chosen is not None else None
        return start if here is None else min(count - 1, max(0, here + by))

    def extend(self, to: int) -> tuple[int, int]:
        """Choose all from where extending began up to `to`."""
        if self._anchor < 0:
            if self.chosen is not None and self.at in self.chosen:  # go on from the other end
                self._anchor = self.chosen[0] if self.at == self.chosen[1] else self.chosen[1]
            else:
                self._anchor = self.at if self.at >= 0 else to
        self.chosen = (min(self._anchor, to), max(self._anchor, to))
        return self.chosen

    def choose(self, first: int, last: int | None = None) -> tuple[int, int]:
        """Choose a bar or several."""
        self._anchor = -1
        self.chosen = (min(first, first if last is None else last), max(first, first if last is None else last))
        return self.chosen

    def loosen(self) -> None:
        """A step without Shift: the next one with it begins anew."""
        self._anchor = -1

    def clear(self) -> bool:
        """Nothing is chosen any more; whether something was."""
        had, self.chosen, self._anchor = self.chosen is not None, None, -1
        return had

    @property
    def wide(self) -> bool:
        """Whether several bars are chosen."""
        return self.chosen is not None and self.chosen[0] != self.chosen[1]

    def around(self, bar: int) -> tuple[int, int] | None:
        """What zooming at a bar means: the chosen ones if it is among them, else itself; None for no bar."""
        if self.chosen is not None and (bar < 0 or self.chosen[0] <= bar <= self.chosen[1]):
            return self.chosen
        return (bar, bar) if bar >= 0 else None
