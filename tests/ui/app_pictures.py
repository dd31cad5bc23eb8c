"""The app icon for Windows and macOS, from its PNG files: ``python -m tests.ui.app_pictures``. Both are containers of PNGs."""

from __future__ import annotations

import struct
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "resources" / "icons" / "app"
WINDOWS = (16, 24, 32, 48, 64, 128, 256)
MAC = {b"icp4": 16, b"icp5": 32, b"icp6": 64, b"ic07": 128, b"ic08": 256, b"ic09": 512}


def png(size: int) -> bytes:
    """One size, as it is shipped."""
    return (FOLDER / f"tokenpal-{size}.png").read_bytes()


def ico() -> bytes:
    """All sizes that Windows asks for; 256 is written as 0 there."""
    head, body = struct.pack("<HHH", 0, 1, len(WINDOWS)), b""
    start = len(head) + 16 * len(WINDOWS)
    for size in WINDOWS:
        data = png(size)
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), start + len(body))
        body += data
    return head + body


def icns() -> bytes:
    """All sizes that macOS asks for."""
    body = b"".join(kind + struct.pack(">I", len(png(size)) + 8) + png(size) for kind, size in MAC.items())
    return b"icns" + struct.pack(">I", len(body) + 8) + body


if __name__ == "__main__":
    (FOLDER / "tokenpal.ico").write_bytes(ico())
    (FOLDER / "tokenpal.icns").write_bytes(icns())
