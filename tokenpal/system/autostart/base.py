"""What the three systems share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Launch:
    """The words of the command that starts the program into the tray."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """What the system says. ``sentence`` is for the settings page when the checkbox cannot do it all."""

    on: bool
    command: tuple[str, ...] | None = None
    possible: bool = True
    sentence: str = ""
