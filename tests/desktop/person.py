"""A person with a keyboard and a screen reader: presses keys, hears what is there, and has no mouse."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.desktop.keyboards import Keyboard
from tests.desktop.screen import ACTIVE, FOCUSED, PRESSED, Screen, Seen

PATIENCE = 60.0
WINDOWS = frozenset({"frame", "dialog", "window", "file chooser"})


@dataclass(slots=True)
class Person:
    """``screen`` tells what is there; ``keyboard`` is all there is to act with; ``say`` runs the command line on the same profile."""

    keyboard: Keyboard
    screen: Screen
    say: Callable[..., str]
    logs: Callable[[], str]

    def press(self, *keys: str) -> None:
        """Press these, one after the other."""
        self.keyboard.press(*keys)

    def write(self, text: str) -> None:
        """Type a text where the focus is."""
        self.keyboard.write(text)

    def until(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """Poll until it holds; its value. Fails with what was on the screen."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > end:
                shown = "\n".join(f"{node.role}{' *' if node.has(FOCUSED) else ''}: {node.words}" for node in self.screen.look() if node.words)
                raise AssertionError(f"never: {what}\n--- on the screen\n{shown}\n{self.logs()}")
            time.sleep(0.03)
        return value

    def hears(self, *words: str, seconds: float = PATIENCE) -> None:
        """Wait until all of these are somewhere on the screen."""

        def said() -> bool:
            everything = "\n".join(node.words for node in self.screen.look())
            return all(one in everything for one in words)

        self.until(said, f"on the screen: {words}", seconds)

    def hears_no_more(self, words: str) -> None:
        """Wait until this is gone from the screen."""
        self.until(lambda: not any(words in node.words for node in self.screen.look()), f"gone from the screen: {words}")

    def is_back(self) -> None:
        """Wait until the dialog is gone and the window has the keyboard again."""
        self.until(lambda: [node.role for node in self.screen.look() if node.has(ACTIVE) and node.role in WINDOWS] == ["frame"], "the window is in front again")

    def is_at(self, words: str, role: str = "") -> Seen:
        """Wait until the focus is on what says ``words``."""

        def there() -> Seen | None:
            node = self.screen.focus()
            return node if node is not None and words in node.words and role in node.role else None

        return self.until(there, f"the focus at {role} {words!r}")  # type: ignore[no-any-return]

    def opens_menu(self, words: str, key: str) -> None:
        """Press ``key`` until the menu of the button that says ``words`` is open. Qt shows no open menu in the tree, only what opened it.

        Under load weston takes a menu away at once: it came too late after its key.
        """

        def is_open() -> bool:
            return any(words in node.words and node.has(PRESSED) for node in self.screen.look())

        def stays() -> bool:
            self.press(key)
            end = time.monotonic() + 5
            while not is_open():
                if time.monotonic() > end:
                    return False
                time.sleep(0.03)
            time.sleep(1.5)  # until it is on weston's screen
            return is_open()

        self.until(stays, f"the menu {words}")

    def goes_to(self, words: str, role: str = "", *, key: str = "Tab", most: int = 40) -> Seen:
        """Press ``key`` until the focus is on what says ``words``; every step has to move it."""
        met: list[str] = []
        for _ in range(most):
            node = self.screen.focus()
            if node is not None and words in node.words and role in node.role:
                return node
            before = node and (node.place, node.words)
            self.press(key)
            self.until(lambda: (now := self.screen.focus()) is None or (now.place, now.words) != before, f"{key} moves the focus away from {node}")  # noqa: B023 - it is called before the next turn
            met.append(str(node and f"{node.role}: {node.words}"))
        raise AssertionError(f"{most} times {key} and never at {role} {words!r}, but at\n" + "\n".join(met))

    def told(self, *command: str) -> Any:
        """What ``tokenpal COMMAND --json`` says of the profile the window is on."""
        return json.loads(self.say(*command, "--json"))
