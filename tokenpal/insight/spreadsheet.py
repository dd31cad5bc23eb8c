"""Tables for a spreadsheet, as CSV. A text that begins like a formula gets an apostrophe before it (OWASP, CSV injection)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final, TextIO

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


def write(out: TextIO, rows: Iterable[Iterable[object]]) -> None:
    """Write rows as CSV, each cell safe."""
    csv.writer(out, lineterminator="\n").writerows(line(row) for row in rows)


def text(rows: Iterable[Iterable[object]]) -> str:
    """The same as one text."""
    out = io.StringIO()
    write(out, rows)
    return out.getvalue()
