"""The panes of the journal follow in slices: no key is lost, none goes to another session, and in the end all is shown."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.ui.conftest import App
from tokenpal.engine import listing
from tokenpal.model.report import Moment, SessionRow
from tokenpal.model.tokens import Tokens
from tokenpal.ui import still
from tokenpal.ui.sessions.cuts import BARS, Cuts
from tokenpal.ui.turns import Turns

KEY = Qt.Key


@pytest.fixture(name="page")
def _page(sample: App) -> Iterator[Any]:
    shown = sample.page("sessions")
    shown.list.setFocus()
    sample.desktop.beforehand = True
    yield shown
    sample.desktop.beforehand = False


def rest(app: App, page: Any) -> None:
    app.settle()
    app.wait(lambda: not any(one.busy for one in app.window.findChildren(Turns)) and not getattr(still.of(page), "busy", False), "all is shown")
    app.settle()


def turn(turns: int) -> None:
    for _ in range(turns):
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)


def chosen(page: Any) -> int:
    """The id of the session under the cursor."""
    return page.list.sessions.columns.ids[page.list.current_place()]


def rows(app: App, ids: Any) -> dict[int, SessionRow]:
    return app.ask(listing.session_page, tuple(ids))


def said(pane: Any) -> list[str]:
    """All words but an age, which goes on."""
    return [one.text() for one in pane.findChildren(QLabel) if one.isVisible() and "last use" not in one.text()]


@pytest.mark.parametrize("turns", [0, 1, 2, 5])
def test_every_label_goes_to_the_session_that_was_chosen_when_the_key_was_pressed(sample: App, page: Any, turns: int) -> None:
    wanted: dict[int, str] = {}
    for number in range(12):
        key, label = ((KEY.Key_E, "exploration"), (KEY.Key_D, "delivered"), (KEY.Key_W, "waste"))[number % 3]
        row = page.list.current()
        wanted[chosen(page)] = "" if row.label == label else label
        QTest.keyClick(page.list, key)
        turn(turns)
        QTest.keyClick(page.list, KEY.Key_Down)
        turn(turns)
    rest(sample, page)
    assert {id_: row.label for id_, row in rows(sample, wanted).items()} == wanted


@pytest.mark.parametrize("turns", [0, 1, 2, 5])
def test_a_note_goes_to_the_session_that_was_chosen_just_before(sample: App, page: Any, turns: int) -> None:
    wanted: dict[int, str] = {}
    for number in range(4):
        QTest.keyClick(page.list, KEY.Key_Down)
        turn(turns)
        wanted[chosen(page)] = f"note {number}"
        QTest.keyClick(page.list, KEY.Key_N)
        page.detail.note_edit.selectAll()
        turn(turns)
        QTest.keyClicks(page.detail.note_edit, f"note {number}")
        QTest.keyClick(page.detail.note_edit, KEY.Key_Return)
    rest(sample, page)
    assert {id_: row.note for id_, row in rows(sample, wanted).items()} == wanted


def test_what_is_being_typed_is_kept_when_another_session_comes(sample: App, page: Any) -> None:
    first = chosen(page)
    page.detail.tags.setFocus()
    page.detail.tags.setText("parser")
    page.list.choose_place(3)
    second = chosen(page)
    before = rows(sample, [second])[second].tags
    rest(sample, page)
    assert rows(sample, [first])[first].tags == ("parser",)
    assert rows(sample, [second])[second].tags == before
    assert page.detail.tags.text() == " ".join(before)


def test_an_offer_for_one_session_is_never_taken_for_another(sample: App, page: Any) -> None:
    for _ in range(len(page.list.sessions.columns)):
        if page._offer is not None:
            break
        QTest.keyClick(page.list, KEY.Key_Down)
        rest(sample, page)
    assert page._offer is not None
    before = rows(sample, page.list.sessions.columns.ids)
    QTest.keyClick(page.list, KEY.Key_Down)
    QTest.keyClick(page.list, KEY.Key_Return)
    QTest.keyClick(page.list, KEY.Key_Down)
    page.triage.suggestion.taken.emit()
    rest(sample, page)
    assert rows(sample, page.list.sessions.columns.ids) == before


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_after_a_walk_the_pane_says_what_it_says_without_slices(sample: App, page: Any, turns: int) -> None:
    for _ in range(9):
        QTest.keyClick(page.list, KEY.Key_Down)
        turn(turns)
    rest(sample, page)
    sample.wait(lambda: page.detail.timeline.cuts is not None, "its details come")
    rest(sample, page)
    in_slices = [*said(page.detail), *said(page.triage)]
    session = page.list.current().id
    sample.desktop.beforehand = False
    page.list.choose_place(0)
    sample.settle()
    page.list.choose(session)
    sample.settle()
    assert page.detail.row.id == session
    at_once = [*said(page.detail), *said(page.triage)]
    assert [pair for pair in zip_longest(at_once, in_slices) if pair[0] != pair[1]] == []


def test_the_places_of_a_cut_are_the_first_moments_of_the_bars() -> None:
    start, end = 1_000, 99_000
    moments = [Moment(at, "m", Tokens(fresh_input=1)) for at in sorted({start, *(start + n * n % 90_000 for n in range(700))})]
    cuts = Cuts(moments, (), (), start, end)
    for bar in range(BARS):
        first = next((m.at for m in moments if cuts.bar_of(m.at) == bar), None)
        assert cuts.at_of(bar) == (None if first in {None, start} else first)


def test_what_comes_between_the_last_slice_and_its_showing_is_not_lost(page: Any) -> None:
    done: list[str] = []

    def slow(name: str) -> Iterator[None]:
        yield
        end = time.perf_counter() + 0.01  # the turn is over when the work is: what follows gets one of its own
        while time.perf_counter() < end:
            pass
        done.append(name)

    page.following.add(slow("first"))
    while not done:
        turn(1)
    page.following.add(slow("second"))
    end = time.monotonic() + 20
    while len(done) < 2:
        assert time.monotonic() < end, "it never comes"
        turn(1)
