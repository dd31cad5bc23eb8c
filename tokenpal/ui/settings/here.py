"""What this system cannot do for a setting, in a sentence: a row says so instead of promising it (decisions 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final


def _shortcut() -> str:
    from tokenpal.system import hotkey

    return hotkey.why_not()


def _idle() -> str:
    from tokenpal.system import idle

    return idle.why_not()


def _onlookers() -> str:
    from tokenpal.system import onlookers

    return onlookers.why_not()


_ASKED: Final[dict[str, Callable[[], str]]] = {
    "general.shortcut": _shortcut, "general.idle_minutes": _idle, "notifications.hide_while_shared": _onlookers,
}  # fmt: skip


def missing_here(key: str) -> str:
    """The sentence for this setting; "" where nothing is known to be missing. Asks nobody that may be slow."""
    found = _ASKED.get(key)
    return found() if found is not None else ""
