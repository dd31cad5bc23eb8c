"""Which tool's journal a file is, by what it holds."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from tokenpal.engine.journals import jrnl, timewarrior, toggl
from tokenpal.engine.journals.base import Parse

KINDS: Final[dict[str, ModuleType]] = {"timewarrior": timewarrior, "toggl": toggl, "jrnl": jrnl}
"""By the word of ``tokenpal import --as``."""


ENOUGH: Final = 65_536
"""Bytes of a file that say which it is."""


def kind_of(data: bytes) -> str:
    """The kind of a file, from its beginning; "" when it is none of them."""
    return next((kind for kind, module in KINDS.items() if module.is_mine(data)), "")


def parser(kind: str) -> Parse:
    """The parser of a kind."""
    found: Parse = KINDS[kind].parse
    return found


def name(kind: str) -> str:
    """How the tool calls itself."""
    return str(KINDS[kind].NAME)
