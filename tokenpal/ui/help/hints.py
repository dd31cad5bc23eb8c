"""One hint a page, the first time it is opened with something on it; remembered in the settings, never twice."""

from __future__ import annotations

from typing import Final

from tokenpal.settings import Settings
from tokenpal.translation import mark, tr

HINTS: Final = {
    "sessions": (mark("One key labels a session"), mark("e for exploration, d for delivered, w for waste; z takes it back. Nothing is labelled by itself.")),
    "tasks": (mark("Rules sort your use into tasks"), mark("The first rule that matches wins, and you see what would change before it does. What you assign by hand stays.")),
    "check-in": (mark("Four lines a week"), mark("Insert puts a session's note into a field. It is saved on this machine while you type, and nothing is sent.")),
    "accounts": (mark("What was read, and what counts"), mark("When a log and a provider's report saw the same use, it counts once. Compare shows both sides.")),
}
"""Page to sentence and consequence. The Overview has its first run instead, and its tooltip says what a click does."""


def due(settings: Settings, page: str) -> tuple[str, str] | None:
    """The hint of a page in the language in use, if it was never shown."""
    if page not in HINTS or page in settings.get("state.hints"):
        return None
    sentence, more = HINTS[page]
    return tr(sentence), tr(more)


def remember(settings: Settings, page: str) -> None:
    """It was shown. Raises UsageError when the settings cannot be written."""
    seen = settings.get("state.hints")
    if page not in seen:
        settings.set("state.hints", [*seen, page])
