"""Who is told of a change: like a Qt signal, but they can also be told a few a turn, those that are seen first (issue 5: 16 ms).

Qt calls everybody who is connected in one call, and two thousand words in new colours take longer than a frame.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid


class Listeners:
    """Bound methods of objects of Qt; an object that ends is forgotten."""

    def __init__(self) -> None:
        self._names: dict[weakref.ref[QObject], list[str]] = {}
        self._gone: list[weakref.ref[QObject]] = []

    def connect(self, method: Callable[[], object]) -> None:
        """Call it with every change, after those that were connected before."""
        owner = getattr(method, "__self__", None)
        if not isinstance(owner, QObject):
            raise TypeError("only a method of an object of Qt ends with it")
        self._forget()
        self._names.setdefault(weakref.ref(owner, self._gone.append), []).append(method.__name__)

    def emit(self) -> None:
        """Tell everybody now."""
        for _ in self.turns():
            pass

    def turns(self) -> Iterator[None]:
        """Tell one after the other, in the order in which they came, but what is on the screen before what is not."""
        self._forget()
        later = []
        for ref, names in list(self._names.items()):
            if _seen(ref()):
                yield from _told(ref, names)
            else:
                later.append((ref, names))
        for ref, names in later:
            yield from _told(ref, names)

    def _forget(self) -> None:
        while self._gone:  # an object may end at any moment, also while the others are gone through
            self._names.pop(self._gone.pop(), None)


def _seen(owner: QObject | None) -> bool:
    return isinstance(owner, QWidget) and isValid(owner) and owner.isVisible()


def _told(ref: weakref.ref[QObject], names: list[str]) -> Iterator[None]:
    for name in list(names):
        owner = ref()
        if owner is not None and isValid(owner):
            getattr(owner, name)()
            yield
