"""How commands print: JSON for scripts, tables that fit the terminal, errors with a next step.

No library is needed for a table; only progress bars use rich, on a terminal.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final, TextIO

import msgspec

from tokenpal.insight.numbers import count, exact, money_line, short
from tokenpal.model.errors import TokenpalError
from tokenpal.model.money import Money
from tokenpal.model.names import HIDDEN

__all__ = ["count", "exact", "short"]

OK: Final = 0
PROBLEM: Final = 1
USAGE: Final = 2
BUSY: Final = 3
CANCELLED: Final = 130

EXIT_CODES: Final = """exit codes:
  0    done
  1    a problem, said on standard error with a next step
  2    the command was not understood, or names something that does not exist
  3    another tokenpal is at work on this data folder, or it is locked
  130  cancelled with Ctrl+C
"""

MIN_FLEXIBLE: Final = 10


class Column(msgspec.Struct, frozen=True):
    """One column. Narrow terminals cut ``flexible`` text short first, then leave out columns with the highest ``drop``."""

    title: str
    right: bool = False
    flexible: bool = False
    drop: int = 0  # 0 = never left out


def prepare_streams() -> None:
    """Print any character anywhere: JSON and paths may hold what the locale or a bad file name cannot spell."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            utf8 = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=utf8, errors="backslashreplace")
    if sys.stdout.isatty():
        sys.stdout = _Terminal(sys.stdout)  # all that print needs


class _Terminal:
    """Standard output without what would move the cursor or change colours: names may come from anybody's file."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write("\n".join(map(clean, text.split("\n"))))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def print_json(value: Any) -> None:
    """One value on standard output, indented, keys in the order given."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    print("\n".join(HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", line) for line in text.split("\n")))


def print_text(*lines: str) -> None:
    """Sentences on standard output, broken where the terminal ends."""
    width = terminal_width()
    for line in lines:
        indent = "  " if line.startswith("- ") else ""
        print("\n".join(textwrap.wrap(clean(line), width, subsequent_indent=indent)) if width else clean(line))


def say(*lines: str) -> None:
    """Remarks beside the data go to standard error, so that pipes get the data only."""
    for line in lines:
        print(clean(line), file=sys.stderr)


def left_out(reason: str) -> str:
    """What could not be read; some reasons say by themselves that it was left out."""
    return f"left out: {reason.replace('; it was left out', '')}"


def print_error(error: TokenpalError) -> None:
    """The sentence, then what to do."""
    say(f"tokenpal: {error.sentence}")
    if error.next_step:
        say(f"  {error.next_step}")


# ---------------------------------------------------------------------------------------------- tables


def terminal_width(stream: TextIO | None = None) -> int | None:
    """Columns of the terminal (or of COLUMNS); None = not a terminal: as wide as it needs."""
    stream = stream or sys.stdout
    if os.environ.get("COLUMNS", "").isdigit():
        return max(20, int(os.environ["COLUMNS"]))
    if stream.isatty():
        return max(20, shutil.get_terminal_size().columns)
    return None


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]], footer: Sequence[str] | None = None) -> None:
    """A table that fits: no line is wider than the terminal."""
    for line in table_lines(columns, [*rows], footer, terminal_width()):
        print(line)


def table_lines(columns: Sequence[Column], rows: list[Sequence[str]], footer: Sequence[str] | None, width: int | None) -> list[str]:
    """The lines of a table of at most ``width`` cells; None = no limit."""
    body = [[clean(cell) for cell in row] for row in (*rows, *([footer] if footer else []))]
    needed = [
        max(cells(column.title), *(cells(row[i]) for row in body)) if body else cells(column.title) for i, column in enumerate(columns)
    ]
    shown = list(range(len(columns)))
    if width is not None:
        shown, needed = _fit(columns, needed, width)
    head = "  ".join(_cell(columns[i].title, needed[i], columns[i].right) for i in shown).rstrip()
    lines = [head, "  ".join("─" * needed[i] for i in shown)]
    texts = ["  ".join(_cell(row[i], needed[i], columns[i].right) for i in shown).rstrip() for row in body]
    if footer:
        texts.insert(len(texts) - 1, lines[1])
    return [*lines, *texts]


def _fit(columns: Sequence[Column], needed: list[int], width: int) -> tuple[list[int], list[int]]:
    shown, needed = list(range(len(columns))), list(needed)

    def excess() -> int:
        return sum(needed[i] for i in shown) + 2 * (len(shown) - 1) - width

    def shrink(least: int) -> None:
        while excess() > 0:
            candidates = [i for i in shown if columns[i].flexible and needed[i] > least]
            if not candidates:
                return
            widest = max(candidates, key=lambda i: needed[i])
            needed[widest] -= 1

    shrink(2 * MIN_FLEXIBLE)
    while excess() > 0 and any(columns[i].drop for i in shown):
        shown.remove(max(shown, key=lambda i: (columns[i].drop, i)))
    shrink(MIN_FLEXIBLE)
    while excess() > 0 and max(needed[i] for i in shown) > 1:  # a terminal of a few columns: cut whatever is widest
        widest = max(shown, key=lambda i: needed[i])
        needed[widest] -= 1
    return shown, needed


def _cell(text: str, width: int, right: bool) -> str:
    text = shorten(text, width)
    space = " " * (width - cells(text))
    return space + text if right else text + space


def cells(text: str) -> int:
    """Terminal cells: wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def shorten(text: str, width: int) -> str:
    """At most ``width`` cells, with an ellipsis where something was cut. Paths lose their beginning, other text its end."""
    if cells(text) <= width:
        return text
    from_end = text.startswith(("/", "~", "…")) or text[1:3] == ":\\"
    kept = ""
    for character in reversed(text) if from_end else text:
        if cells(kept) + cells(character) > width - 1:
            break
        kept = character + kept if from_end else kept + character
    return "…" + kept if from_end else kept + "…"


def clean(text: str) -> str:
    """One line without control and direction characters: names come from files that others wrote."""
    return text if text.isprintable() else HIDDEN.sub(" ", text)


# ---------------------------------------------------------------------------------------------- figures


def money_words(money: Iterable[Money]) -> str:
    """``$3.10 at list price, €8.40 from credits``: every amount with its kind, never added up (product 2.4)."""
    return ", ".join(money_line(one.amount, one.currency, one.kind.value) for one in money)


def money_json(money: Iterable[Money]) -> dict[str, dict[str, str]]:
    """``{"list_price": {"USD": "0.0561"}}``: decimals as text, so that no reader rounds them."""
    found: dict[str, dict[str, str]] = {}
    for one in money:
        found.setdefault(one.kind.value, {})[one.currency] = f"{one.amount:f}"
    return found
