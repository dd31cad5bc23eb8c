"""How far a source was read: kept by the store beside the usage it covers."""

from __future__ import annotations

import msgspec


class Cursor(msgspec.Struct, frozen=True):
    """How far one file or report was read. Saved in the same transaction as the items it covers (agent-logs 2.3)."""

    name: str  # file path, or the endpoint's name
    device: int = 0
    inode: int = 0
    size: int = 0
    mtime_ns: int = 0
    offset: int = 0  # after the last complete line
    head: bytes = b""  # hash of the first bytes
    tail: bytes = b""  # hash of the bytes before the offset
    state: bytes = b""  # msgpack of the source's State after the last item
