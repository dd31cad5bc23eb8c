"""Worth a look: quiet lines by keyboard, arithmetic that adds up, put aside and brought back; another model's price."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.ui.conftest import App
from tokenpal.engine import commands
from tokenpal.model.insight import InsightKind
from tokenpal.model.report import Filter
from tokenpal.ui.dialogs.insight import InsightDialog
from tokenpal.ui.dialogs.modelswitch import ModelSwitchDialog
from tokenpal.ui.insights.card import InsightsCard


def card_of(app: App) -> InsightsCard:
    """The card in the window, with its answer."""
    card = InsightsCard(app.desktop.desk, app.window)
    card.resize(900, 400)
    card.ask()
    app.settle()
    return card


def test_at_most_three_quiet_lines(sample: App) -> None:
    card = card_of(sample)
    assert card.isVisibleTo(sample.window)
    assert 2 <= len(card.lines) <= 3
    for line in card.lines:
        assert line.accessibleName() == line.insight.sentence
        assert "!" not in line.insight.sentence
        assert line.how.accessibleName().startswith("How this is counted: ")
        assert line.away.accessibleName()
        assert line.how.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_absent_when_there_is_nothing(empty: App) -> None:
    card = card_of(empty)
    assert not card.lines
    assert card.isHidden()


def test_the_arithmetic_is_a_click_away(sample: App) -> None:
    card = card_of(sample)
    for line in card.lines:
        line.how.setFocus()
        QTest.keyClick(line.how, Qt.Key.Key_Space)
        dialog = sample.dialog()
        assert isinstance(dialog, InsightDialog)
        shown = [label.text() for label in dialog.findChildren(QLabel)]
        for step in line.insight.arithmetic:
            assert {step.label, step.figure} <= set(shown)
        assert line.insight.rule in shown
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        sample.settle()


def test_the_sessions_meant(sample: App) -> None:
    card = card_of(sample)
    gone: list[tuple[str, Any]] = []
    card.go.connect(lambda page, item: gone.append((page, item)))
    for line in card.lines:
        if line.insight.sessions:
            line.open.click()
    assert gone
    for page, item in gone:
        assert page == "sessions"
        assert isinstance(item, str) or isinstance(item[0], Filter)
        sample.page("sessions").show_item(item)
        sample.settle()


def test_put_aside_and_brought_back(sample: App) -> None:
    card = card_of(sample)
    said: list[tuple[str, bool]] = []
    card.toast.connect(lambda words, undo: said.append((words, undo)))
    first = card.lines[0].insight
    card.lines[0].away.click()
    sample.settle()
    assert said == [("Put aside.", True)]
    assert first.key not in [line.insight.key for line in card.lines]
    assert sample.ask(commands.undo) == "Put an insight aside"
    card.ask()
    sample.settle()
    assert card.lines[0].insight.key == first.key


def test_a_scan_does_not_ask_all_the_time(sample: App) -> None:
    card = card_of(sample)
    asked: list[object] = []
    bridge = sample.desktop.bridge
    ask = bridge.ask
    bridge.ask = lambda *args, **more: (asked.append(args), ask(*args, **more))  # type: ignore[assignment]  # counts
    for _ in range(20):
        card.refresh()
    assert len(asked) == 1
    bridge.ask = ask  # type: ignore[method-assign]  # as it was


def test_another_models_price(sample: App) -> None:
    card = card_of(sample)
    card.compare()
    dialog = sample.dialog()
    sample.settle()
    assert isinstance(dialog, ModelSwitchDialog)
    table = dialog.table.model().table
    assert table.rows[-1][0] == "Together"
    assert dialog.model.key() != dialog.other.key()
    assert dialog.words.text().startswith(f"{dialog.model.key()}: {table.rows[-1][2]} at list price.")
    dialog.other.choose(dialog.model.key())
    dialog.other.chosen.emit(dialog.model.key())
    sample.settle()
    last = dialog.table.model().table.rows[-1]
    assert last[2] == last[4]  # the same model costs the same
    assert "more or fewer tokens" in dialog.note.text()


def test_nothing_to_compare_is_said(empty: App) -> None:
    dialog = ModelSwitchDialog(empty.desktop.desk, empty.window)
    dialog.open()
    empty.settle()
    assert dialog.words.text().startswith("There is nothing to compare yet")
    assert not dialog.model.isEnabled()
    dialog.close()


def test_the_cache_leads_to_the_comparison(sample: App) -> None:
    from tokenpal.engine import insights

    card = card_of(sample)
    today = sample.desktop.desk.today()
    from datetime import timedelta

    found = sample.ask(insights.insights, "Europe/Berlin", today - timedelta(days=27), today + timedelta(days=1))
    card._explain(next(one for one in found if one.kind is InsightKind.CACHE))
    sample.dialog().switch.click()
    sample.settle()
    assert isinstance(sample.dialog(), ModelSwitchDialog)


def test_figures_are_hidden_with_all_others(sample: App) -> None:
    from tokenpal.insight import numbers
    from tokenpal.ui.theme import theme

    card = card_of(sample)
    shown = [line.insight.sentence for line in card.lines]
    numbers.hide(True)
    try:
        theme().changed.emit()
        sample.settle()
        hidden = [line.insight.sentence for line in card.lines]
        assert hidden != shown
        assert not any("$" in sentence or "%" in sentence for sentence in hidden)
    finally:
        numbers.hide(False)
    theme().changed.emit()
    sample.settle()
    assert [line.insight.sentence for line in card.lines] == shown
