"""What a person does in the window, step by step, with keys alone. Each step ends when the screen says that it is done.

Nothing here knows how keys arrive (``keyboards``) or what desktop this is (``test_journeys``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.desktop.agents_at_work import SESSIONS
from tests.desktop.person import Person
from tests.desktop.screen import ENABLED

NOTE = "Retry needs an idempotency key"


def comes_in(person: Person, tokens: int) -> None:
    """The window is there by itself, and says what was found."""
    person.hears("Overview", f"{SESSIONS} sessions to label", "2 sources", f"{tokens:,}")
    person.is_back()  # what is on the screen need not have the keyboard yet


def adds_an_account(person: Person, provider: str, address: str, key: str, name: str) -> None:
    """A provider with an address of its own; the key goes into the dialog."""
    person.press("Ctrl+6")
    person.hears("Claude Code", "Codex")
    person.press("Ctrl+N")
    person.is_at("Search providers")
    person.write(provider)
    person.hears("Address", "Test and add")
    person.press("Return")
    person.is_at("Address", "text")
    person.write(address)
    person.goes_to("Key", "text")
    person.write(key)
    person.goes_to("Name of the account", "text", key="Shift+Tab")
    person.write(name)
    person.press("Return")
    person.is_back()
    person.until(lambda: any(node.role == "list item" and name in node.name and "answered just now" in node.name for node in person.screen.look()), "the account was asked")


def labels_ten(person: Person) -> None:
    """One session after the other: six delivered, three explorations, one waste with its reason; one is taken back on the way."""
    every = len(person.told("sessions", "--to-label"))
    person.press("Ctrl+2")
    person.hears("What was it?")
    person.is_at("Not labelled", "list item")
    person.press("Ctrl+L")
    person.hears(f"1 of {every}")
    person.press("D")
    person.hears(f"2 of {every}")
    person.press("N")
    person.is_at("Note", "text")
    person.write(NOTE)
    person.press("Return", "D")
    person.hears(f"3 of {every}")
    person.press("W")
    person.hears("Why?")
    person.press("2")
    person.hears(f"4 of {every}")
    person.press("E")
    person.hears(f"5 of {every}")
    person.press("Z")  # that was wrong
    person.hears(f"4 of {every}")
    for number, key in enumerate("DDDDEEE", 5):
        person.press(key)
        person.hears(f"{number} of {every}")
    person.press("Esc")
    person.hears(f"{every - 10} sessions to label")


def makes_a_rule(person: Person, task: str, pattern: str) -> None:
    """A task, and a rule for it whose effect is told before it is made."""
    person.press("Ctrl+3")
    person.hears("New task")
    person.press("Ctrl+N")
    person.is_at("Name", "text")
    person.write(task)
    person.press("Return")
    person.is_back()
    person.hears(f"{task} added.")
    person.goes_to("Pattern", "text")
    person.write(pattern)
    person.hears("session", pattern)
    person.until(lambda: any(node.name == "Add rule" and node.has(ENABLED) for node in person.screen.look()), "the rule can be added")
    person.press("Return")
    person.until(lambda: any(pattern in node.words and node.role != "text" for node in person.screen.look()), "the rule in the list")


def writes_a_checkin(person: Person, words: str, file: Path) -> None:
    """A note of the week goes in with its session, words follow, and the page is saved as Markdown."""
    person.press("Ctrl+4")
    person.hears(NOTE)
    person.press("Ctrl+I")
    person.is_at(NOTE, "text")
    person.press("Return")
    person.write(words)
    person.press("Ctrl+S")
    person.hears("Saved on this machine")
    person.opens_menu("Templates and export", "Ctrl+Shift+E")
    person.keyboard.press("Up", "Return", pause=500)  # the last entry
    saves_as(person, file)
    person.is_back()
    person.hears("1 week written to the file.")


def saves_as(person: Person, file: Path) -> None:
    """Qt's file dialog: the name has the focus."""
    person.is_at("File name", "text")
    person.press("Ctrl+A")
    person.write(str(file))
    person.press("Return")
    person.hears_no_more("File name")


def exports_everything(person: Person, file: Path) -> None:
    """Settings, found by a word."""
    does(person, "Export everything")
    saves_as(person, file)
    person.hears("Exported ")
    person.is_back()


def imports(person: Person, file: Path) -> None:
    """The file is looked at, then taken."""
    person.hears("Nothing to read yet")
    person.is_back()
    does(person, "Import")
    saves_as(person, file)
    person.hears("would be new or changed")
    person.is_at("Import", "push button")
    person.press("Return")
    person.hears("of yours new or newer")
    person.is_back()


def does(person: Person, action: str) -> None:
    """One of the things in Settings that are done with the data as a whole."""
    person.press("Ctrl+7")
    person.hears("Search settings")
    person.press("Ctrl+F")
    person.is_at("Search settings", "text")
    person.write(action)
    person.goes_to(action, "push button")
    person.press("Space")


def sets_a_budget(person: Person, tokens: str) -> None:
    """A ceiling in tokens for the month, from the Overview."""
    person.press("Ctrl+1")
    person.goes_to("Set a budget", "push button")
    person.press("Space")
    person.is_at("Amount", "text")
    person.write(tokens)
    person.goes_to("What is counted", "combo box")
    person.press("Down")
    person.is_at("tokens", "combo box")
    person.goes_to("Set budget", "push button")
    person.press("Space")
    person.hears("Budget set.")
    person.press("Esc")
    person.is_back()


def labels(person: Person) -> dict[str, int]:
    """How many sessions have each label, by the command line."""
    counted: dict[str, int] = {}
    for session in person.told("sessions"):
        label = str(session["label"] or "")
        counted[label] = counted.get(label, 0) + 1
    return counted


def figures(say: Callable[..., str]) -> list[Any]:
    """The reports that an import has to give again."""
    return [json.loads(say("report", "--by", by, "--since", "60d", "--json")) for by in ("task", "label", "day")]
