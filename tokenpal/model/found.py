"""What a search through everything the person wrote comes to."""

from __future__ import annotations

import msgspec

Marks = tuple[tuple[int, int], ...]
"""(first character, number of characters) of what matched."""


class Found(msgspec.Struct, frozen=True):
    """One hit: plain text with places to mark, never markup."""

    kind: str  # note, task, checkin, project
    ref: str  # session key, task id, ISO week, project folder
    title: str
    line: str = ""  # a piece of the text around the hit, when the title does not show it
    at: int = 0  # epoch seconds it belongs to, 0 = none
    title_marks: Marks = ()
    line_marks: Marks = ()
