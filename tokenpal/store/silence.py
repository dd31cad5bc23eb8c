"""What the person does not want to hear of any more: sessions that burn much, insights by their key. An edit like any other."""

from __future__ import annotations

from tokenpal.store.database import Store


def silence(store: Store, key: str, title: str) -> None:
    """Say nothing more of this session's unusual burn, or of the insight with this key."""
    from tokenpal.store.edits import editing  # what asks only whether something is silenced needs no edits

    with editing(store, title) as change:
        change.put("silenced", {"session": key, "at": change.now})
