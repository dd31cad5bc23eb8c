"""The key that opens the glance window from any program: the setting, the system, and what to say when it cannot be had."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from shiboken6 import isValid

from tokenpal.model.errors import UsageError
from tokenpal.translation import tr
from tokenpal.ui.desk import Desk

SETTING = "general.shortcut"


class GlanceKey(QObject):
    """One for the app. The system is asked in a thread: a portal asks the person first."""

    pressed = Signal()
    refused = Signal(str, str)  # what is so, what to do
    given = Signal(str)
    _answer = Signal(int, object, object)

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._turn = 0  # of several changes in a row the last one counts
        self._key: Any = None
        self._wanted = ""
        self._answer.connect(self._heard)

    @Slot()
    def apply(self) -> None:
        """Take the key of the setting; an earlier one is given back."""
        wanted = str(self._desk.settings.get(SETTING)).strip()
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._turn += 1
        old, self._key = self._key, None
        if wanted or old is not None:
            threading.Thread(target=self._take, args=(self._turn, wanted, old), name="hotkey-ask", daemon=True).start()

    def stop(self) -> None:
        """Give the key back at the end of the app."""
        self._turn += 1
        key, self._key = self._key, None
        if key is not None:
            key.close()

    def _take(self, turn: int, wanted: str, old: Any) -> None:
        from tokenpal.system import hotkey

        if old is not None:
            old.close()
        key, error = None, None
        try:
            key = hotkey.open_hotkey(_checked(wanted), self._press) if wanted else None
        except UsageError as said:
            error = said
        if isValid(self):
            self._answer.emit(turn, key, error)
        elif key is not None:
            key.close()

    def _press(self) -> None:
        if isValid(self):
            self.pressed.emit()

    @Slot(int, object, object)
    def _heard(self, turn: int, key: Any, error: UsageError | None) -> None:
        if turn != self._turn:
            if key is not None:
                threading.Thread(target=key.close, name="hotkey-close", daemon=True).start()
            return
        self._key = key
        if error is not None:
            self.refused.emit(error.sentence, error.next_step)
        elif key is not None:
            self.given.emit(self._wanted)


def _checked(text: str) -> str:
    """Not one that the window itself uses. Raises UsageError."""
    from tokenpal.system.keys import parse
    from tokenpal.ui.shortcuts import SHORTCUTS

    wanted = str(parse(text))
    for one in SHORTCUTS:
        if wanted.casefold() in {key.casefold() for key in one.each if "+" in key}:
            raise UsageError(
                tr("{key} is a key of tokenpal's own window: {words}.", key=wanted, words=tr(one.words)), tr("Choose another one, such as Ctrl+Alt+T.")
            )
    return wanted
