"""Loads the shipped fonts: Inter, Inter Display, JetBrains Mono (SIL OFL 1.1, licences beside the files)."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase

from tokenpal.system.paths import resource

FILES = (
    "Inter-Regular.ttf",
    "Inter-Medium.ttf",
    "Inter-SemiBold.ttf",
    "InterDisplay-SemiBold.ttf",
    "JetBrainsMono-Regular.ttf",
)
DISPLAY_FROM_PX = 20  # Inter Display from here up (design.md section 1)

_loaded: list[int] = []


def load() -> None:
    """Register the font files with Qt, once. A file that is missing is left out: Qt then falls back by itself."""
    if _loaded:
        return
    folder = resource("fonts")
    _loaded.extend(QFontDatabase.addApplicationFont(str(folder / name)) for name in FILES)


def missing() -> tuple[str, ...]:
    """Names of font files that could not be loaded; empty before `load`."""
    return tuple(name for name, ident in zip(FILES, _loaded, strict=False) if ident < 0)


def family(role: str, px: int) -> str:
    """The shipped family for a role of the type scale."""
    if role == "mono":
        return "JetBrains Mono"
    return "Inter Display" if px >= DISPLAY_FROM_PX else "Inter"
