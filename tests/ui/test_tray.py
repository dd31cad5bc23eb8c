"""The tray's menu while it is open somewhere: what is still true stays the same entry, and does what it does now."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu

from tests.ui.conftest import App, spin
from tokenpal.ui.tray import Entry, Tray

Found = dict[str, QAction]


@pytest.fixture
def tray(qapp: QApplication) -> Iterator[Tray]:
    tray = Tray("light")
    yield tray
    tray.hide()
    tray.menu.deleteLater()
    tray.deleteLater()
    spin(20)


def delete_now() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()


def rows(menu: QMenu) -> list[str]:
    return ["-" if action.isSeparator() else action.objectName() for action in menu.actions()]


def named(menu: QMenu) -> Found:
    found: Found = {}
    for action in menu.actions():
        below = action.menu()
        found |= {action.objectName() or action.data(): action} | (named(below) if isinstance(below, QMenu) else {})
    return found


def entries(done: list[str], round_: int, tasks: str = "ab", limits: int = 2, about: str = "s1") -> tuple[Entry, ...]:
    """A menu as ``menu.entries`` makes it; every trigger tells its name and the round it was made in."""

    def do(name: str) -> Callable[[], None]:
        return partial(done.append, f"{name} {round_}")

    working = tuple(Entry(f"work-{task}", f"Task {task}", do(f"work-{task}"), checked=task == "a") for task in tasks)
    return (
        Entry("open", "Open", do("open")),
        Entry("today", f"Today {round_}", separator_before=True),
        Entry("work", "Working on", entries=(*working, Entry("work-new", "New", do("work-new"), separator_before=True))),
        Entry("label", "Label", entries=(Entry("label-waste", "Waste", do(f"label-{about}"), about=about),)),
        Entry("limits", "Limits", entries=tuple(Entry(f"limit-{n}", f"{n} {round_}") for n in range(limits)))
        if limits
        else Entry("limits", "No limit is known yet"),
        Entry("quit", "Quit", do("quit"), separator_before=True),
    )


def test_what_stays_is_the_same_entry_and_does_what_it_does_now(tray: Tray) -> None:
    done: list[str] = []
    tray.fill(entries(done, 1))
    before = named(tray.menu)
    tray.fill(entries(done, 2, tasks="cab", limits=3))
    after = named(tray.menu)
    assert {name: action for name, action in after.items() if name in before} == before
    assert after.keys() - before.keys() == {"work-c", "limit-2"}
    assert after["today"].text() == "Today 2"
    for name in ("open", "work-a", "work-c", "work-new", "label-waste", "quit", "today"):
        after[name].trigger()
    assert done == ["open 2", "work-a 2", "work-c 2", "work-new 2", "label-s1 2", "quit 2"], "once each, and only what can be chosen"


@pytest.mark.parametrize("tasks", ["", "a", "ba", "cab", "bca", "xyz", "dcba", "acbd"])
def test_entries_come_go_and_move_into_their_order(tray: Tray, tasks: str) -> None:
    done: list[str] = []
    tray.fill((Entry("open", "Open", partial(done.append, "first")), Entry("quit", "Quit", partial(done.append, "first"), separator_before=True)))
    first = named(tray.menu)
    for one in ("abc", tasks, "cab", tasks):
        tray.fill(entries(done, 1, one))
        below = named(tray.menu)["work"].menu()
        assert isinstance(below, QMenu)
        assert rows(below) == [*(f"work-{task}" for task in one), "-", "work-new"]
        assert rows(tray.menu) == ["open", "-", "today", "work", "label", "limits", "-", "quit"]
    assert named(tray.menu)["quit"] is first["quit"], "the number a host took at the start is still good"
    tray.fill(())
    assert rows(tray.menu) == []


def test_an_entry_that_is_about_something_else_is_another_entry(tray: Tray) -> None:
    done: list[str] = []
    tray.fill(entries(done, 1, about="s1"))
    chosen = named(tray.menu)["label-waste"]
    QTimer.singleShot(0, chosen, chosen.trigger)  # as a host's choice comes: later than the refill
    tray.fill(entries(done, 2, about="s2"))
    spin(20)
    assert done == [], "the label was meant for the other session"
    named(tray.menu)["label-waste"].trigger()
    assert done == ["label-s2 2"]


def test_a_refill_with_nothing_new_changes_nothing(tray: Tray) -> None:
    done: list[str] = []
    changes: list[str] = []
    tray.fill(entries(done, 1))
    for action in named(tray.menu).values():
        action.changed.connect(partial(changes.append, action.objectName()))
    tray.fill(entries(done, 1))
    assert changes == []
    named(tray.menu)["work-b"].trigger()
    assert named(tray.menu)["work-b"].isChecked(), "Qt checks what is chosen"
    tray.fill(entries(done, 1))
    assert not named(tray.menu)["work-b"].isChecked(), "but what is so is so"
    assert set(changes) == {"work-b"}


def test_an_entry_becomes_a_menu_and_one_again(tray: Tray) -> None:
    done: list[str] = []
    for limits in (0, 2, 0, 1):
        tray.fill(entries(done, 1, limits=limits))
        shown = named(tray.menu)["limits"]
        assert (shown.menu() is not None) is bool(limits)
        assert shown.isEnabled() is bool(limits)
        assert rows(tray.menu) == ["open", "-", "today", "work", "label", "limits", "-", "quit"]


def test_nothing_is_left_of_what_is_gone(tray: Tray) -> None:
    done: list[str] = []
    gone: list[weakref.ref[object]] = []
    tray.fill(entries(done, 0, tasks="", limits=0, about=""))
    delete_now()
    objects = len(tray.menu.findChildren(object))
    for round_ in range(20):
        full = entries(done, round_, tasks="abcdef"[: round_ % 6], limits=3, about=str(round_))
        trigger = full[0].trigger
        assert trigger is not None
        gone.append(weakref.ref(trigger))
        tray.fill(full)
        gone += [weakref.ref(action) for name, action in named(tray.menu).items() if name.startswith(("limit", "work-a"))]
        del full, trigger
        tray.fill(entries(done, 0, tasks="", limits=0, about=""))
    delete_now()
    assert len(tray.menu.findChildren(object)) == objects
    assert [one() for one in gone if one() is not None] == []


def test_the_apps_own_menu_keeps_its_entries(sample: App) -> None:
    menu = sample.desktop.tray.menu
    first = named(menu)
    assert {"open", "quit"} <= set(first)
    sample.desktop.standing.ask()
    sample.settle()
    after = named(menu)
    assert (after["open"], after["quit"]) == (first["open"], first["quit"])
    assert next(iter(after)) == "open"
    assert list(after)[-1] == "quit"
    quit_: list[int] = []
    sample.desktop.quitting.connect(lambda: quit_.append(1))
    first["quit"].trigger()
    assert quit_ == [1]
