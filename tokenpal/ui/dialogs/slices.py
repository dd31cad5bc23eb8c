"""Making a dialog a few milliseconds at a time, so that it opens at once (issue 5: no call takes longer than a frame)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtWidgets import QDialog, QWidget

from tokenpal.ui import still
from tokenpal.ui.turns import Turns


def fill(owner: QWidget, work: Iterator[None], then: Callable[[], object] | None = None) -> Turns:
    """Do ``work`` in slices after this call; all of it now where nothing is made gradually.

    It ends with ``owner``. ``finish()`` of what is given back does the rest at once.
    """
    turns = Turns(owner)
    turns.begin(work, then)
    if not still.gradual(owner):
        turns.finish()
    return turns


def opened(dialog: QDialog, work: Iterator[None], show: Callable[[], object]) -> None:
    """Open a dialog by ``show``: its ground and its size at once, then ``work`` makes what is in it, then it is seen part by part.

    From the first moment it has the keyboard and can be left.
    """
    still.change(dialog, work, blank=True)  # no work left in it where nothing is made gradually
    show()
