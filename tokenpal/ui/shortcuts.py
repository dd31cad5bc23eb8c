"""Every key that does something, page by page: the one list behind the sheet of ``?`` and behind tooltips.

Who gives a page a key adds its line here; a test compares the list with the keys of the real window and finds two that collide.
Pure data, in Qt's portable names, so that it is read without a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from tokenpal.translation import mark, tr

if TYPE_CHECKING:
    from PySide6.QtGui import QKeySequence


@dataclass(frozen=True, slots=True)
class Shortcut:
    """``page`` is a key of ``window.PAGES``, "" for everywhere in the window, or one of ``GROUPS``; ``keys`` are alternatives
    with a space between ("/ Ctrl+F"); ``words`` say what happens, for ``tr``.
    """

    page: str
    keys: str
    words: str

    @property
    def each(self) -> tuple[str, ...]:
        """The alternatives, each alone."""
        return tuple(self.keys.split())


GROUPS: Final = {
    "": mark("Everywhere"),
    "overview": mark("Overview"),
    "chart": mark("Charts"),
    "sessions": mark("Sessions"),
    "tasks": mark("Tasks"),
    "check-in": mark("Check-in"),
    "accounts": mark("Accounts"),
    "settings": mark("Settings"),
    "table": mark("Tables"),
    "glance": mark("Glance window"),
}
"""Groups of the sheet in order. ``chart`` and ``table`` have their keys only while the focus is in one."""

SHORTCUTS: Final[tuple[Shortcut, ...]] = (
    Shortcut("", "Ctrl+1", mark("Overview")),
    Shortcut("", "Ctrl+2", mark("Sessions")),
    Shortcut("", "Ctrl+3", mark("Tasks")),
    Shortcut("", "Ctrl+4", mark("Check-in")),
    Shortcut("", "Ctrl+5", mark("Sharing")),
    Shortcut("", "Ctrl+6", mark("Accounts")),
    Shortcut("", "Ctrl+7", mark("Settings")),
    Shortcut("", "Ctrl+K", mark("Find notes, tasks, check-ins, projects")),
    Shortcut("", "Ctrl+Z", mark("Undo the last edit")),
    Shortcut("", "Ctrl+Shift+Z Ctrl+Y", mark("Do it again")),
    Shortcut("", "Ctrl+Shift+N", mark("Notices")),
    Shortcut("", "Ctrl+Shift+H", mark("Hide or show the numbers")),
    Shortcut("", "F5", mark("Read now")),
    Shortcut("", "F1", mark("Help for this page")),
    Shortcut("", "?", mark("Show this list")),
    Shortcut("", "Ctrl+W", mark("Close the window")),
    Shortcut("", "Ctrl+Q", mark("Quit tokenpal")),
    Shortcut("overview", "Ctrl+T", mark("Chart or table")),
    Shortcut("overview", "Alt+Left", mark("Back to where you zoomed in")),
    Shortcut("chart", "Left Right", mark("Walk along the bars")),
    Shortcut("chart", "PgUp PgDown", mark("Seven bars at once")),
    Shortcut("chart", "Home End", mark("First or last bar")),
    Shortcut("chart", "Shift+Left Shift+Right", mark("Select a range")),
    Shortcut("chart", "Space", mark("Select the bar")),
    Shortcut("chart", "Return", mark("List its sessions; of a range: zoom in")),
    Shortcut("chart", "+", mark("Zoom in")),
    Shortcut("chart", "- Backspace", mark("Back to where you zoomed in")),
    Shortcut("chart", "N", mark("Open what was written then")),
    Shortcut("chart", "Esc", mark("Clear the selection")),
    Shortcut("sessions", "E", mark("Label as exploration")),
    Shortcut("sessions", "D", mark("Label as delivered")),
    Shortcut("sessions", "W", mark("Label as waste")),
    Shortcut("sessions", "N", mark("Write a note")),
    Shortcut("sessions", "T", mark("Choose a task")),
    Shortcut("sessions", "Space", mark("Later: go to the next session")),
    Shortcut("sessions", "Return", mark("Take the suggestion")),
    Shortcut("sessions", "Z", mark("Undo the last label")),
    Shortcut("sessions", "Ctrl+L", mark("Label one session after the other")),
    Shortcut("sessions", "1 2 3 4 5 6", mark("Say why it was waste")),
    Shortcut("sessions", "S", mark("Split the session")),
    Shortcut("sessions", "M", mark("Merge with the part before")),
    Shortcut("sessions", "F", mark("Filter")),
    Shortcut("sessions", "Ctrl+A", mark("Choose all")),
    Shortcut("sessions", "Ctrl+C", mark("Copy as a table")),
    Shortcut("sessions", "Ctrl+E", mark("Write what is listed as CSV")),
    Shortcut("sessions", "Ctrl+H", mark("Last edits")),
    Shortcut("sessions", "/ Ctrl+F", mark("Search sessions")),
    Shortcut("tasks", "Ctrl+N", mark("New task")),
    Shortcut("tasks", "/ Ctrl+F", mark("Filter tasks")),
    Shortcut("tasks", "Ctrl+T", mark("Tasks as a table")),
    Shortcut("tasks", "Ctrl+E", mark("Export as CSV")),
    Shortcut("tasks", "Alt+Up Alt+Down", mark("Try the rule earlier or later")),
    Shortcut("tasks", "F2", mark("Change the rule")),
    Shortcut("tasks", "Del", mark("Remove the rule, or dismiss the suggestion")),
    Shortcut("tasks", "Return", mark("Take the suggestion, or change the rule")),
    Shortcut("check-in", "Ctrl+T", mark("Chart or table")),
    Shortcut("check-in", "Ctrl+I", mark("Insert the next note")),
    Shortcut("check-in", "1 2 3 4", mark("On a note: into tried, worked, failed or learned")),
    Shortcut("check-in", "Alt+Left", mark("The week before")),
    Shortcut("check-in", "Alt+Right", mark("The week after")),
    Shortcut("check-in", "Ctrl+Shift+C", mark("Copy as Markdown")),
    Shortcut("check-in", "Ctrl+Shift+E", mark("Templates and export")),
    Shortcut("check-in", "Ctrl+S", mark("Save now (it is saved while you type, too)")),
    Shortcut("accounts", "Ctrl+N", mark("Add an account")),
    Shortcut("accounts", "Esc", mark("Back to the accounts")),
    Shortcut("settings", "/ Ctrl+F", mark("Search settings")),
    Shortcut("table", "Ctrl+C", mark("Copy the chosen rows")),
    Shortcut("table", "Return", mark("Open or close a group of rows")),
    Shortcut("glance", "E D W", mark("Label the chosen session")),
    Shortcut("glance", "Space", mark("The other session")),
    Shortcut("glance", "T", mark("Choose a task")),
    Shortcut("glance", "Z", mark("Undo the last label")),
    Shortcut("glance", "Ctrl+Shift+H", mark("Hide or show the numbers")),
    Shortcut("glance", "Return", mark("Open the window")),
    Shortcut("glance", "Esc", mark("Close it")),
)


def of_page(page: str) -> tuple[Shortcut, ...]:
    """What a page offers, in the order of the list."""
    return tuple(one for one in SHORTCUTS if one.page == page)


@cache
def _sequence() -> type[QKeySequence]:
    from PySide6.QtGui import QKeySequence  # to import it again takes longer than what it does, and a sheet shows a hundred keys

    return QKeySequence


def shown(key: str) -> str:
    """One key as this machine writes it: "Ctrl+F", on a Mac "⌘F"."""
    sequence = _sequence()
    return sequence(key).toString(sequence.SequenceFormat.NativeText) or key


def with_key(words: str, key: str) -> str:
    """A tooltip with its key: "Export (Ctrl+E)"."""
    return tr("{words} ({key})", words=words, key=shown(key)) if key else words
