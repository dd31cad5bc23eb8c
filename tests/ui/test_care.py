"""Charts as tables with the same figures, reached by key; and nothing moves for those who asked for stillness."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QAbstractAnimation, Qt
from PySide6.QtTest import QTest

from tests.ui.conftest import App
from tokenpal.ui.charts.panel import ChartPanel
from tokenpal.ui.desktop import apply_look
from tokenpal.ui.theme import theme
from tokenpal.ui.window import PAGES


@pytest.mark.parametrize("key", ["overview", "check-in"])
def test_a_key_shows_the_chart_as_a_table_with_the_same_figures(sample: App, key: str) -> None:
    page = sample.page(key)
    if key == "check-in":
        page._step(-1)  # a whole week
        sample.settle()
    panel = next(one for one in page.findChildren(ChartPanel) if one.isVisibleTo(page))
    total = sum(sum(one.values) for one in panel.chart.series().series)
    panel.chart.setFocus()
    QTest.keyClick(panel.chart, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    sample.settle()
    assert panel.is_table()
    assert panel.table.hasFocus()
    table = panel.chart.as_table()
    sums = {words: sum(int(re.sub(r"\D", "", row[place]) or 0) for row in table.rows) for place, words in enumerate(table.headers) if place}
    each = {one.name: sum(one.values) for one in panel.chart.series().series}
    assert total > 0
    assert total in sums.values(), (sums, total)
    assert {name: sums[name] for name in each if name in sums} == {name: each[name] for name in each if name in sums}
    assert len(each) == 1 or len(set(each) & set(sums)) == len(each)
    QTest.keyClick(panel.table, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert not panel.is_table()


def test_nothing_moves_with_reduced_motion(sample: App) -> None:
    sample.settings.set("appearance.reduce_motion", True)
    apply_look(sample.settings)
    assert theme().reduce_motion
    for key, _, _ in PAGES:
        page = sample.page(key)
        assert [one for one in (*sample.window.findChildren(QAbstractAnimation), *page.findChildren(QAbstractAnimation)) if one.state() == QAbstractAnimation.State.Running] == []
    tray = sample.desktop.tray
    tray.show("idle", "")
    tray.show("reading", "Reading", animate=True)
    assert tray._steps.isActive(), "it moves without the setting"
    tray.show("reading", "Reading", animate=not theme().reduce_motion)
    assert not tray._steps.isActive(), "and stops at once with it"
