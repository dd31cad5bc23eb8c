"""Report against logs in the window: the same words as on the command line, changed with undo, used by keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import time_machine
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QScrollArea

from tests.cli.runner import Machine
from tests.ui import huge
from tests.ui.conftest import App
from tests.ui.test_pages import cut, too_wide
from tokenpal.engine import commands, health, queries
from tokenpal.engine.reconciliation import reconciliation
from tokenpal.insight import reconcile_words as words
from tokenpal.system.paths import inside
from tokenpal.ui.accounts.comparemodel import APART, NAME, WHY


@pytest.fixture
def terminal(sample: App, tmp_path: Path) -> Machine:
    """The command line on the profile that the window shows."""
    home = tmp_path / "terminal"
    home.mkdir()
    return Machine(home, sample.folder)


def compare(app: App, name: str = "OpenAI, team") -> Any:
    page = app.page("accounts")
    page.show_item(next(row.id for row in app.ask(queries.accounts) if row.name == name))
    app.settle()
    page.card.findChild(QAbstractButton, "account-compare").click()
    app.settle()
    return page.pane


def test_window_and_terminal_say_the_same(sample: App, terminal: Machine) -> None:
    for name in ("OpenAI, team", "Anthropic, side project"):
        pane = compare(sample, name)
        since = pane.found.first.isoformat()
        (told,) = terminal.json("reconcile", "--account", name, "--since", since)["accounts"]
        assert pane.rule.text() == told["rule"]
        assert pane.headline.text() == told["headline"]
        said = terminal.run("reconcile", "--account", name, "--since", since).out
        shown = [pane._causes.itemAt(place).widget().text() for place in range(pane._causes.count())]
        assert shown == [words.told(part) for part in pane.found.total.parts]
        assert len(shown) >= 2
        for line in (pane.rule.text(), pane.headline.text(), *shown):
            assert line in said, "word for word"
        pane.copy.click()
        assert QGuiApplication.clipboard().text() == terminal.run("reconcile", "--account", name, "--since", since, "--csv").out
        lines = {(words.day(line.day), line.model): line for line in pane.found.lines}
        assert len(lines) == len(told["rows"])
        for row in told["rows"]:
            line = lines[row["day"], row["model"]]
            assert tuple(row["difference"].values()) == line.difference
            assert [cause["sentence"] for cause in row["causes"]] == [words.sentence(part) for part in line.parts]
        pane.closed.emit()


def test_the_rule_is_changed_with_undo_and_the_same_words(sample: App, terminal: Machine) -> None:
    pane = compare(sample)
    before = pane.rule.text()
    assert pane.choice.key() == "remainder"
    combo = sample.page("accounts").pane.findChild(QComboBox, "compare-rule")
    combo.activated.emit(1)
    sample.wait(lambda: pane.rule.text() != before, "the rule changes")
    sample.settle()
    assert pane.rule.text() == terminal.json("reconcile", "--account", "OpenAI, team")["accounts"][0]["rule"]
    assert "counts twice" in pane.rule.text()
    assert sample.window.toasts.isVisible()
    sample.window.undo()
    sample.wait(lambda: pane.rule.text() == before, "undo takes it back")
    assert sample.page("accounts").pane is pane, "and the page stays where it is"
    done = terminal.run("reconcile", "--set", "OpenAI, team=mirror:OpenRouter")
    assert done.code == 0, done.err
    sample.wait(lambda: "same requests as OpenRouter" in pane.rule.text(), "the window hears of it")
    assert pane.rule.text() in done.out
    assert pane.choice.key().startswith("mirror:")
    assert terminal.run("undo").code == 0
    sample.wait(lambda: pane.rule.text() == before, "undo on the command line")


def test_the_table_by_keyboard(sample: App) -> None:
    pane = compare(sample)
    tree = pane.table
    assert tree.hasFocus()
    model = tree.model()
    top = model.index(0, 0)
    tree.setCurrentIndex(top)
    assert model.rowCount() == len({line.day for line in pane.found.lines})
    QTest.keyClick(tree, Qt.Key.Key_Right)
    assert tree.isExpanded(top)
    inner = model.index(0, 0, top)
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert tree.currentIndex() == inner
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert tree.isExpanded(inner)
    cause = model.index(0, 0, inner)
    line = model.node(inner).line
    assert cause.data() == words.told(line.parts[0])
    assert cause.data(Qt.ItemDataRole.ToolTipRole) == words.detail(line.parts[0])
    assert inner.siblingAtColumn(WHY).data() == words.why(line.parts)
    QTest.keyClick(tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert inner.siblingAtColumn(APART).data() in QGuiApplication.clipboard().text()
    pane.group.chosen.emit("model")
    pane.group.choose("model")
    pane._fill()
    assert {model.index(row, NAME).data() for row in range(model.rowCount())} == {words.model(line.model) for line in pane.found.lines}
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            model.index(row, column, model.index(0, 0)).data()
    QTest.keyClick(pane, Qt.Key.Key_Escape)
    page = sample.page("accounts")
    assert page.pane is None
    assert page.card.isVisible()


def test_what_is_open_stays_open_while_use_goes_on(sample: App) -> None:
    pane = compare(sample)
    tree, model = pane.table, pane.table.model()
    top = model.index(2, 0)
    tree.expand(top)
    tree.expand(model.index(0, 0, top))
    tree.setCurrentIndex(model.index(0, 0, top))
    name = top.data()
    pane._came(msgspec.structs.replace(pane.found, lines=tuple(line for line in pane.found.lines if line.day != pane.found.lines[-1].day)))
    again = next(model.index(row, 0) for row in range(model.rowCount()) if model.index(row, 0).data() == name)
    assert again.row() == 1
    assert tree.isExpanded(again)
    assert tree.isExpanded(model.index(0, 0, again))
    assert tree.currentIndex() == model.index(0, 0, again)
    assert not tree.isExpanded(model.index(0, 0))


def test_longer_spans_and_nothing_to_compare(sample: App) -> None:
    pane = compare(sample)
    few = len(pane.found.lines)
    pane.span.choose("all")
    pane.refresh()
    sample.settle()
    assert len(pane.found.lines) > few
    pane.closed.emit()
    pane = compare(sample, "OpenRouter")
    assert pane._empty.isVisible()
    assert (pane._empty.title.text(), pane._empty.sentence.text()) == pane.found.empty
    assert not pane.table.isVisible()


@pytest.mark.parametrize(("width", "height", "percent"), [(900, 600, 130), (1320, 934, 100)])
def test_nothing_is_cut_with_awkward_names(make_app: Callable[..., App], tmp_path: Path, width: int, height: int, percent: int) -> None:
    huge.fill(inside(tmp_path / "awkward"), sessions=300)
    app = make_app(tmp_path / "awkward")
    app.settings.set("appearance.text_size", percent)
    app.desktop.settings_changed("appearance.text_size")
    app.window.resize(width, height)
    page = app.page("accounts")
    for row in [row for row in page._rows if row.kind != "log"][:3]:
        page.show_item(row.id)
        app.settle()
        page.compare()
        app.settle()
        assert app.window.size().width() == width
        assert too_wide(page.pane) == []
        assert cut(page.pane) == []
        for scroll in page.pane.findChildren(QScrollArea):
            assert scroll.widget() is None or scroll.widget().width() <= scroll.viewport().width()
        page.pane.closed.emit()


def test_an_account_that_goes_takes_its_comparison_along(sample: App) -> None:
    pane = compare(sample)
    sample.ask(commands.remove_account, pane.row.id)
    page = sample.page("accounts")
    sample.wait(lambda: page.pane is None, "nothing to compare any more")
    assert page.list.isVisible()


def test_health_is_told_in_the_words_of_doctor(sample: App, terminal: Machine) -> None:
    page = sample.page("accounts")
    zone = page.desk.zone().key

    def now() -> dict[str, tuple[str, str, str]]:
        return {one.name: (one.sentence, one.next_step, one.command) for one in sample.ask(health.health, zone)}

    with time_machine.travel(time_machine.escape_hatch.time.time()):  # a process of its own has the machine's clock
        before = now()
        found = terminal.run("doctor", "--json").out
        after = now()
    told = {one["what"].removeprefix("account "): (one["sentence"], one["next_step"]) for one in json.loads(found) if one["what"].startswith("account ")}
    assert told.keys() == before.keys()
    for name, words_ in told.items():
        both = [(sentence, f"Read it now with: {command}" if command else step) for sentence, step, command in (before[name], after[name])]
        assert words_ in both, "a minute may pass between the two"
    for row in sample.ask(queries.accounts):
        page.show_item(row.id)
        sample.settle()
        shown = page.card._facts["Health"].text()
        assert shown in {"\n".join(filter(None, each[row.name][:2])) for each in (before, after, now())}


def test_the_query_is_the_one_of_the_page(sample: App) -> None:
    pane = compare(sample)
    assert sample.ask(reconciliation, pane.row.id, pane.found.first, None) == pane.found
