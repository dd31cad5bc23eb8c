"""One session after the other, until each has a label or waits for later. No widgets: where one is, and the way back."""

from __future__ import annotations

from collections.abc import Sequence


class Run:
    """A queue that stays as it was when it began, so that "3 of 53" means the same all along."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = tuple(ids)
        self.at = 0
        self.later: list[int] = []
        self._past: list[tuple[int, int]] = []  # place, and how many edits were made there

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def current(self) -> int | None:
        """The session in question; None at the end."""
        return self.ids[self.at] if self.at < len(self.ids) else None

    def coming(self, count: int = 10) -> tuple[int, ...]:
        """The sessions from here on."""
        return self.ids[self.at : self.at + count]

    def edited(self) -> None:
        """The session in question was changed: ``back`` has that to undo."""
        self._past.append((self.at, 1))

    def go_on(self) -> None:
        """To the next one."""
        self.at = min(len(self.ids), self.at + 1)

    def put_off(self) -> None:
        """Later: to the next one, without an answer."""
        if (id_ := self.current) is not None:
            self.later.append(id_)
            self._past.append((self.at, 0))
            self.go_on()

    def back(self) -> bool:
        """To where the last answer was given; whether there is an edit to undo."""
        if not self._past:
            return False
        self.at, edits = self._past.pop()
        if (id_ := self.current) in self.later:
            self.later.remove(id_)
        return bool(edits)
