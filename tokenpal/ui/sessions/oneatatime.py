"""One session after the other with full attention: the rows of the queue, the place in it, and what the keys do there."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from msgspec import structs
from PySide6.QtCore import QObject, Signal

from tokenpal.engine import commands, listing
from tokenpal.model.report import SessionRow
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.page import Desk
from tokenpal.ui.sessions.run import Run


class OneAtATime(QObject):
    """``changed`` when it begins, moves, or ends; ``row_came(SessionRow)`` when the session in question was read."""

    changed = Signal()
    row_came = Signal(object)
    said = Signal(str, bool)

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._run: Run | None = None
        self._rows: dict[int, SessionRow] = {}

    @property
    def on(self) -> bool:
        """Whether sessions are gone through."""
        return self._run is not None

    @property
    def done(self) -> bool:
        """Whether the queue is at its end."""
        return self._run is not None and self._run.current is None

    @property
    def later(self) -> tuple[int, ...]:
        """The sessions that were put off."""
        return tuple(self._run.later) if self._run is not None else ()

    def words(self) -> str:
        """``3 of 53``."""
        if self._run is None or self._run.current is None:
            return ""
        return tr("{at} of {all}", at=numbers.exact(self._run.at + 1), all=numbers.exact(len(self._run)))

    def share(self) -> float:
        """How far one got, 0..1."""
        return self._run.at / max(1, len(self._run)) if self._run is not None else 0.0

    def begin(self, ids: Sequence[int]) -> None:
        """Go through these."""
        self._run = Run(ids)
        self._rows = {}
        self._moved()

    def end(self) -> None:
        """Back to the list."""
        self._run = None
        self._rows = {}
        self.changed.emit()

    def row(self) -> SessionRow | None:
        """The session in question; None until it is read."""
        return self._rows.get(self._run.current) if self._run is not None and self._run.current is not None else None

    def ids(self) -> array[int]:
        """Its id, alone; nothing until it is read."""
        return array("q", [self._run.current] if self._run is not None and self._run.current in self._rows else [])

    def read(self) -> None:
        """The session in question and those after it, as they are now."""
        if self._run is not None and (coming := self._run.coming()):
            self._desk.bridge.ask(listing.session_page, coming, then=self._came)

    def _came(self, rows: dict[int, SessionRow]) -> None:
        before = self.row()
        self._rows |= rows
        if (row := self.row()) is not None and row != before:
            self.row_came.emit(row)

    def _moved(self) -> None:
        row = self.row()
        self.changed.emit()
        if row is not None:
            self.row_came.emit(row)
        self.read()

    # ---- keys ---------------------------------------------------------------------------------------------
    def labelled(self, name: str) -> None:
        """An answer was given: on to the next; waste stays, to be asked why."""
        if self._run is None:
            return
        self._run.edited()
        if name != "waste":
            self.go_on()
        elif (row := self.row()) is not None and self._run.current is not None:
            self._rows[self._run.current] = structs.replace(row, label=name, reason="")  # the store says the same in a moment
            self.row_came.emit(self.row())

    def reasoned(self) -> None:
        """The reason was given: on to the next; it is undone with the label."""
        if self._run is not None:
            self._run.edited()
            self.go_on()

    def edited(self) -> None:
        """Something else was written of the session in question."""
        if self._run is not None:
            self._run.edited()

    def go_on(self) -> None:
        """To the next one."""
        if self._run is not None:
            self._run.go_on()
            self._moved()

    def put_off(self) -> None:
        """Later; a session that has its label by now is simply done."""
        if self._run is None:
            return
        row = self.row()
        if row is not None and row.label:
            self.go_on()
        else:
            self._run.put_off()
            self._moved()

    def back(self) -> None:
        """Undo the last answer and return to it."""
        if self._run is None:
            return
        if self._run.back():
            self._desk.bridge.ask(commands.undo, then=self._undone)
        self._moved()

    def _undone(self, title: str | None) -> None:
        self.said.emit(tr("Undone: {title}", title=title) if title else tr("Nothing to undo."), False)
        self.read()
