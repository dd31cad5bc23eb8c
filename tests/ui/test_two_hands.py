"""The window and the command line on one profile, by turns: each takes back what was done last, whoever did it, and says so."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Final

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.cli.runner import Machine
from tests.engine.test_undo import state
from tests.ui.conftest import App
from tokenpal.engine import listing
from tokenpal.store import edits

STEPS: Final = 36
KEYS: Final = {"delivered": Qt.Key.Key_D, "exploration": Qt.Key.Key_E, "waste": Qt.Key.Key_W}
Frame = tuple[str, dict[str, list[Any]]]


@pytest.fixture
def terminal(sample: App, tmp_path: Path) -> Machine:
    """Another process on the profile that the window shows."""
    home = tmp_path / "terminal"
    home.mkdir()
    return Machine(home, sample.folder)


class Told:
    """What should be there: the edits that hold, with the state after each, and those that were taken back."""

    def __init__(self, first: dict[str, list[Any]]) -> None:
        self.first = first
        self.done: list[Frame] = []
        self.undone: list[Frame] = []

    @property
    def now(self) -> dict[str, list[Any]]:
        return self.done[-1][1] if self.done else self.first

    def undo(self) -> str:
        if not self.done:
            return ""
        self.undone.append(self.done.pop())
        return self.undone[-1][0]

    def redo(self) -> str:
        if not self.undone:
            return ""
        self.done.append(self.undone.pop())
        return self.done[-1][0]


def newest(app: App) -> tuple[int, str]:
    """How many edits hold, and the title of the last."""
    held = [title for _, title, undone in app.ask(edits.history) if not undone]
    return len(held), held[0] if held else ""


@pytest.mark.parametrize("seed", [5, 47])
def test_each_takes_back_what_was_last(sample: App, terminal: Machine, seed: int) -> None:
    sample.engine.ask(lambda store: store.execute("DELETE FROM edit")).result(60)
    page, dice = sample.page("sessions"), random.Random(seed)
    told = Told(sample.ask(state))
    sessions = [row["id"] for row in terminal.json("sessions")][:12]
    for step in range(STEPS):
        what = dice.choices(("window label", "terminal label", "terminal task", "window undo", "terminal undo", "window redo", "terminal redo"), (4, 3, 2, 4, 4, 2, 2))[0]
        who, _, action = what.partition(" ")
        if action in {"undo", "redo"}:
            title = told.undo() if action == "undo" else told.redo()
            said = by_window(sample, action) if who == "window" else terminal.run(action).out.strip()
            assert said == sentence(who, action, title), f"step {step}: {what}"
        else:
            before = sample.ask(state)
            name = f"task {step}"
            if what == "window label":
                label_by_key(sample, page, dice.choice(sessions), dice)
            elif what == "terminal label":
                done = terminal.run("label", dice.choice(sessions), dice.choice(list(KEYS)), "--note", f"note {step}")
                assert done.code == 0, done.err
            else:
                assert terminal.run("task", "add", name).code == 0
            after = sample.ask(state)
            if after != before:
                told.done.append((newest(sample)[1], after))
                told.undone.clear()
        assert sample.ask(state) == told.now, f"step {step}: {what}"
        assert newest(sample) == (len(told.done), told.done[-1][0] if told.done else "")
    while title := told.undo():
        assert terminal.run("undo").out.strip() == f"Taken back: {title}"
    assert sample.ask(state) == told.first
    shows_what_is_kept(sample, page, sessions)


def by_window(app: App, action: str) -> str:
    """Ctrl+Z or Ctrl+Y in the window; what it says then."""
    words = app.window.toasts._words
    words.setText("")
    (app.window.undo if action == "undo" else app.window.redo)()
    return str(app.wait(words.text, f"it says what {action} did"))


def sentence(who: str, action: str, title: str) -> str:
    if who == "window":
        done = {"undo": "Undone", "redo": "Done again"}[action]
        return f"{done}: {title}" if title else {"undo": "Nothing to undo.", "redo": "Nothing to redo."}[action]
    done = {"undo": "Taken back", "redo": "Done again"}[action]
    return f"{done}: {title}" if title else {"undo": "Nothing to take back.", "redo": "Nothing to do again."}[action]


def label_by_key(app: App, page: Any, session: str, dice: random.Random) -> None:
    """Choose it in the list and press a letter, unless it has that label: the same key again would take it off."""
    app.settle()
    page.list.choose(session)
    app.settle()
    row = page.detail.row
    assert row.id == session
    label = dice.choice([one for one in KEYS if one != row.label])
    QTest.keyClick(page.list, KEYS[label])
    app.wait(lambda: kept(app, session) == label, f"{session} is {label}")
    app.settle()


def kept(app: App, session: str) -> str:
    return str(app.engine.ask(lambda store: (store.execute("SELECT label FROM session WHERE key = ?", (session,)).fetchone() or ("",))[0]).result(60))


def shows_what_is_kept(app: App, page: Any, sessions: list[str]) -> None:
    """The rows of the window say what the profile says, though another process wrote last."""
    ids = app.ask(listing.session_index).ids

    def same() -> bool:
        rows = {row.id: row.label for row in app.ask(listing.session_page, ids[:200]).values()}
        shown = {one: page.list.sessions.session(page.list.sessions.place(one)) for one in sessions}
        return all(row is None or row.label == rows[one] for one, row in shown.items()) and any(shown.values())

    app.wait(same, "the window shows what the command line did")
