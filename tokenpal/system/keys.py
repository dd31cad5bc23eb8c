"""A shortcut as the person writes it: ``Ctrl+Alt+T``. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.translation import tr

MODIFIERS: Final = {"ctrl": "Ctrl", "control": "Ctrl", "strg": "Ctrl", "alt": "Alt", "shift": "Shift", "umschalt": "Shift", "super": "Super", "meta": "Super", "win": "Super"}
ORDER: Final = ("Ctrl", "Alt", "Shift", "Super")
NAMED: Final = ("Space", "Tab", "Home", "End", "Insert", "Delete", "PgUp", "PgDown", "Left", "Right", "Up", "Down", "Pause")


class Key(msgspec.Struct, frozen=True):
    """``modifiers`` in the order of ``ORDER``; ``key``: a capital letter, a digit, F1 to F24, or a name of ``NAMED``."""

    modifiers: tuple[str, ...]
    key: str

    def __str__(self) -> str:
        return "+".join((*self.modifiers, self.key))


def parse(text: str) -> Key:
    """Raises UsageError with a sentence on what is missing."""
    parts = [part.strip() for part in text.split("+")]
    held = {MODIFIERS[part.casefold()] for part in parts if part.casefold() in MODIFIERS}
    rest = [part for part in parts if part.casefold() not in MODIFIERS]
    example = tr("Write it like Ctrl+Alt+T.")
    if len(rest) != 1 or not rest[0]:
        raise UsageError(tr("{text} is no shortcut.", text=repr(text)), example)
    name = next((one for one in NAMED if one.casefold() == rest[0].casefold()), rest[0].upper())
    function = name[1:].isdigit() and name[0] == "F" and 1 <= int(name[1:]) <= 24
    if not (function or name in NAMED or (len(name) == 1 and name.isascii() and name.isalnum())):
        raise UsageError(tr("{key} cannot be the key of a shortcut.", key=rest[0]), tr("Use a letter, a digit or a function key."))
    if not held - {"Shift"} and not function:
        raise UsageError(tr("A shortcut for the whole desktop needs Ctrl, Alt or Super."), example)
    return Key(tuple(one for one in ORDER if one in held), name)


def taken(key: Key) -> UsageError:
    """The sentence for a key that somebody else has."""
    return UsageError(tr("Another program has {key} already.", key=str(key)), tr("Choose another one in Settings."))
