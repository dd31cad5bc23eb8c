"""What was told, newest first: the list behind the bell, and the only place that tells when the desktop has no notifications.

A notice is about one thing (its key); told again, it moves up and is new again. The list is of this run: what is told only once
is kept by the data file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from tokenpal.model.events import Notable
from tokenpal.translation import tr
from tokenpal.ui import numbers

MOST = 50


@dataclass(frozen=True, slots=True)
class Notice:
    """``at``: epoch seconds. ``seen``: the list was opened since."""

    at: int
    what: Notable
    seen: bool = False


class Notices(QObject):
    """The list; ``changed`` after every change."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: tuple[Notice, ...] = ()

    @property
    def unseen(self) -> int:
        """How many came since the list was last opened."""
        return sum(not one.seen for one in self.items)

    def add(self, what: Notable, at: int) -> None:
        """Put one on top."""
        self.items = (Notice(at, what), *(one for one in self.items if one.what.key != what.key))[:MOST]
        self.changed.emit()

    def dismiss(self, key: str) -> None:
        """Take one away."""
        self.items = tuple(one for one in self.items if one.what.key != key)
        self.changed.emit()

    def clear(self) -> None:
        """Take all away."""
        self.items = ()
        self.changed.emit()

    def see(self) -> None:
        """The person has seen them."""
        if self.unseen:
            self.items = tuple(replace(one, seen=True) for one in self.items)
            self.changed.emit()


def words(what: Notable) -> tuple[str, str]:
    """Title and sentence; without figures while they are hidden (a sentence may hold some)."""
    return discreet(what) if numbers.hidden() else (what.title, what.sentence)


def discreet(what: Notable) -> tuple[str, str]:
    """The same without figures, for a screen that others see."""
    if what.kind in {"problems", "checkin", "away"}:
        return what.title, what.sentence
    plain = {
        "limits": tr("A limit is near"),
        "budgets": tr("One of your budgets was passed"),
        "burn": tr("A session uses more than usual"),
    }.get(what.kind, tr("There is something to know"))
    return plain, tr("Its figures are hidden.")
