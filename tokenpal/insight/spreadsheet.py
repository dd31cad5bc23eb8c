"""Cells that a spreadsheet shows as they are: a text that begins like a formula gets an apostrophe before it (OWASP, CSV injection)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH COMMERCIAL AT}")


def safe(cell: str) -> str:
    """``cell``, or ``'cell`` when a spreadsheet would take it for a formula. Plain numbers stay numbers."""
    if not cell.startswith(DANGEROUS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def line(cells: Iterable[object]) -> list[str]:
    """A line of a table, each cell safe: names of branches, models and folders are anybody's. None is an empty cell."""
    return ["" if cell is None else safe(str(cell)) for cell in cells]
