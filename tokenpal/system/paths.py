"""Where files lie."""

from __future__ import annotations

import sys
from pathlib import Path


def resource(name: str) -> Path:
    """A shipped file or folder: beside the package in the repository, inside it when installed, in the bundle when frozen."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle:
        return Path(bundle) / "resources" / name
    package = Path(__file__).resolve().parent.parent
    inside = package / "resources" / name
    return inside if inside.exists() else package.parent / "resources" / name
