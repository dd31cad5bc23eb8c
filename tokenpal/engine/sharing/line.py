"""How sharing stands in one line, for the tray's menu. Imports next to nothing while there is no team: the tray asks at every start."""

from __future__ import annotations

from tokenpal.store import sharing as rows
from tokenpal.store.database import Store


def sharing_line(store: Store) -> str:
    """Such as ``Sharing: on, next report by Wednesday``; begins with ``Sharing: off`` whenever nothing could be sent."""
    if not rows.teams(store):
        return "Sharing: off"
    from tokenpal.engine.sharing.page import team_line

    return team_line(store)
