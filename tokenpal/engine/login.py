"""Start with the session, as the system says it is; the window may not ask the system by itself."""

from __future__ import annotations

from tokenpal.model.errors import UsageError
from tokenpal.system import autostart


def state() -> autostart.State:
    """Whether tokenpal starts at login, as the system says now."""
    return autostart.state()


def set_on(on: bool) -> autostart.State:
    """Turn it on or off; returns what the system says afterwards. Raises UsageError when the system refuses."""
    try:
        return autostart.enable() if on else autostart.disable()
    except OSError as error:
        raise UsageError(f"The system did not take the change: {error.strerror}.", "Look at the permissions of its autostart folder.") from error
