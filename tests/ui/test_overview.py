"""The Overview with the real engine: zoom and its way back, marks, cards as tables, what is taken away, words."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.ui.conftest import App
from tokenpal.engine import budgets, commands
from tokenpal.insight.series import Measure
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import Bucket, iso_week, iso_week_days
from tokenpal.model.report import Correction
from tokenpal.model.tokens import Tokens
from tokenpal.ui import numbers
from tokenpal.ui.charts.tables import cells_csv
from tokenpal.ui.overview import notes, spans


# ---- zoom ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "bucket", "measure", "wanted"),
    [
        (1, Bucket.DAY, Measure.TOKENS, Bucket.HOUR),
        (14, Bucket.DAY, Measure.TOKENS, Bucket.HOUR),
        (15, Bucket.DAY, Measure.TOKENS, Bucket.DAY),
        (1, Bucket.DAY, Measure.BILLED, Bucket.DAY),  # no provider bills by the hour
        (7, Bucket.WEEK, Measure.TOKENS, Bucket.DAY),
        (31, Bucket.MONTH, Measure.TOKENS, Bucket.WEEK),
        (7, Bucket.MONTH, Measure.TOKENS, Bucket.DAY),
        (1, Bucket.HOUR, Measure.TOKENS, Bucket.HOUR),
    ],
)
def test_zooming_takes_the_next_shorter_bar_that_fits(days: int, bucket: Bucket, measure: Measure, wanted: Bucket) -> None:
    first = date(2026, 11, 1)
    assert spans.closer(first, first + timedelta(days=days), bucket, measure) is wanted


def test_zooming_in_twice_and_back_again(sample: App) -> None:
    page = sample.page("overview")
    chart = page.chart.panel.chart
    before = (page._view.report.first, page._view.report.until)
    assert page.chart.way_back.isHidden()
    chart.setFocus()
    chart.select(10, 16)
    chart._cursor.at = 12
    QTest.keyClick(chart, Qt.Key.Key_Return)
    sample.settle()
    week = (page._view.report.first, page._view.report.until)
    assert week == (before[0] + timedelta(days=10), before[0] + timedelta(days=17))
    assert page._bucket.key() == "hour"
    assert page._range.key() == "custom"
    assert page.chart.way_back.text() == "Back to 30 d"
    chart._walk(30)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    sample.settle()
    assert page._view.report.until - page._view.report.first == timedelta(days=1)
    assert page.chart.way_back.text().startswith("Back to ")
    chart._walk(3)
    QTest.keyClick(chart, Qt.Key.Key_Plus)  # an hour of one day: there is nothing closer
    sample.settle()
    assert len(page._trail._places) == 2
    QTest.keyClick(chart, Qt.Key.Key_Minus)
    sample.settle()
    assert (page._view.report.first, page._view.report.until) == week
    QTest.keyClick(chart, Qt.Key.Key_Backspace)
    sample.settle()
    assert (page._view.report.first, page._view.report.until) == before
    assert (page._range.key(), page._bucket.key()) == ("30", "day")
    assert page.chart.way_back.isHidden()
    QTest.keyClick(chart, Qt.Key.Key_Minus)  # no way back: nothing happens
    sample.settle()
    assert (page._view.report.first, page._view.report.until) == before


def test_another_range_by_hand_forgets_the_way_back(sample: App) -> None:
    page = sample.page("overview")
    page._zoom(3, 5)
    sample.settle()
    page._range.choose("7")
    page._range_chosen("7")
    sample.settle()
    assert page.chart.way_back.isHidden()
    page.zoom_back()
    assert page._range.key() == "7"


def test_the_link_zooms_to_what_is_selected(sample: App) -> None:
    page = sample.page("overview")
    assert page.chart.closer.isHidden()
    page.chart.panel.chart.select(4, 6)
    page.chart.panel.chart.range_selected.emit(4, 6)
    assert page.chart.closer.isVisible()
    page.chart.closer.click()
    sample.settle()
    assert page._view.report.until - page._view.report.first == timedelta(days=3)
    assert page.chart.closer.isHidden()


def test_hours_list_the_sessions_of_these_hours_alone(sample: App) -> None:
    page = sample.page("overview")
    busy = max(range(len(page._view.chart.totals)), key=page._view.chart.totals.__getitem__)
    page._zoom(busy, busy)
    sample.settle()
    hour = max(range(len(page._view.chart.totals)), key=page._view.chart.totals.__getitem__)
    page._pick(hour, hour)
    sample.settle()
    slot = page._view.chart.slots[hour]
    assert page._hours == (slot.start, slot.end)
    assert page.day.note.text().startswith(numbers.short(page._view.chart.totals[hour]))
    lines = [line for line in page.day._lines if not line.isHidden()]
    assert lines
    assert all(line._row.started < slot.end and line._row.ended >= slot.start for line in lines)


# ---- marks --------------------------------------------------------------------------------------------------------
def test_notes_and_check_ins_stand_at_their_days_and_open(sample: App) -> None:
    page = sample.page("overview")
    today = sample.desktop.desk.today()
    week = iso_week(today - timedelta(days=7))
    sample.ask(commands.save_checkin, CheckIn(week, learned="\n=cmd()|' /C calc'!A0\nmore"))
    chart = page.chart.panel.chart
    sample.wait(lambda: any(one.ref == week and "cmd" in one.words for one in chart.series().marks), "the check-in is marked")
    one = next(one for one in chart.series().marks if one.ref == week)
    sunday = iso_week_days(week)[1] - timedelta(days=1)
    assert chart.series().buckets[one.bucket].long.endswith(f"{sunday.day} {sunday:%b}")
    assert one.words.endswith("=cmd()|' /C calc'!A0")
    notes_ = [one for one in chart.series().marks if one.kind == "note"]
    assert notes_, "the sample data has notes"
    assert chart.as_table().headers[-1] == "Notes"
    assert notes_[0].words[:20] in chart.as_table().rows[notes_[0].bucket][-1]
    gone: list[tuple[str, object]] = []
    page.go.connect(lambda key, item: gone.append((key, item)))
    chart.mark_opened.emit(notes_[0])
    chart.mark_opened.emit(one)
    assert gone == [("sessions", notes_[0].ref), ("check-in", week)]


# ---- words --------------------------------------------------------------------------------------------------------
def test_a_correction_reads_like_a_sentence() -> None:
    one = Correction(3, "usage", date(2026, 11, 16), 1_795_000_000, "gpt-5-mini", Tokens(output=328_847), Tokens(output=327_507))
    said = notes.corrected([one], {3: "OpenAI"}, "UTC")
    assert said == "On 18 November “OpenAI” corrected gpt-5-mini of 16 November: 328,847 tokens became 327,507."
    assert notes.corrected([one, one, one], {}, "UTC").endswith("2 more corrections.")
    assert notes.corrected([], {}, "UTC") == ""


def test_the_usual_range_is_a_band_behind_today_and_never_a_target(sample: App) -> None:
    page = sample.page("overview")
    band = page.chart.panel.chart.series().band
    around = page._around_seen
    if around.usual is None:
        assert band is None
        return
    assert band is not None
    assert band.bucket == page.chart.panel.chart.series().today
    assert (band.low, band.high) == (around.usual.low, around.usual.high)
    assert numbers.exact(around.usual.high) in page.chart.panel.chart.tip_content(band.bucket).foot
    for words in (page.chart.pace.text(), band.words):
        assert not any(wrong in words.lower() for wrong in ("target", "goal", "behind", "only"))
    page._measure.choose("requests")
    page._choice_made("")
    sample.settle()
    assert page.chart.panel.chart.series().band is None, "the range is one of tokens"


def test_a_budget_is_a_line_where_bars_are_as_long_as_its_period(sample: App) -> None:
    page = sample.page("overview")
    assert [level.value for level in page.chart.panel.chart.series().levels] == []
    sample.ask(commands.set_budget, Budget(measure=BudgetMeasure.TOKENS, amount=3_000_000, period=BudgetPeriod.DAY))
    sample.wait(lambda: page.chart.panel.chart.series().levels, "the line of the budget")
    level = page.chart.panel.chart.series().levels[0]
    assert (level.value, level.words.replace("\u202f", " ")) == (3e6, "Your budget: 3.00 M a day")
    assert len(sample.ask(budgets.budgets)) >= 1
    page._bucket.choose("week")
    page._choice_made("")
    sample.settle()
    assert page.chart.panel.chart.series().levels == ()


# ---- cards --------------------------------------------------------------------------------------------------------
def test_every_small_picture_is_a_table_too(sample: App) -> None:
    page = sample.page("overview")
    view = page._around_seen
    wanted = {page.mix: len(view.mixes), page.cache: len(view.cache), page.when: 24, page.limits: len(view.limits) + len(view.balances) + len(view.budgets)}
    sample.wait(lambda: page.limits._rows, "limits come in a turn of their own")
    for card, rows in wanted.items():
        card.more.setFocus()
        QTest.keyClick(sample.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
        assert card.is_table()
        assert not page.chart.panel.is_table(), "the card with the focus is meant"
        table = card._table.figures.table
        assert len(table.rows) == rows
        assert all(len(row) == len(table.headers) for row in table.rows)
        QTest.keyClick(card._table, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
        assert not card.is_table()
    mix = page.mix._rows
    assert [sum(row[1:-1]) for row in mix] == [row[-1] for row in mix]
    assert sum(sum(row[1:]) for row in page.when._rows) == sum(map(sum, view.week_map))


def test_the_map_tells_its_cells_to_the_keyboard(sample: App) -> None:
    page = sample.page("overview")
    map_ = page.when._map
    summary = map_.accessibleDescription()
    map_.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(map_, Qt.Key.Key_Home)
    QTest.keyClick(map_, Qt.Key.Key_Right)
    QTest.keyClick(map_, Qt.Key.Key_Down)
    assert map_.accessibleDescription() == f"Tuesday 01:00, {numbers.exact(int(page._around_seen.week_map[1][1]))}"
    page.chart.panel.chart.setFocus()
    assert map_.accessibleDescription() == summary


# ---- taken away ---------------------------------------------------------------------------------------------------
def test_what_is_taken_away_says_what_it_is(sample: App, tmp_path: Path) -> None:
    page = sample.page("overview")
    page.export_to(tmp_path / "out.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    about = [row[0] for row in rows if len(row) == 1]
    assert about[0] == "# Tokens by task"
    text = "\n".join(about).replace("\u202f", " ")
    for words in (str(page._view.report.first.year), "per day", "measured", "context covered", "at list price", "As of"):
        assert words in text
    table = [row for row in rows if len(row) > 1]
    assert len(table) == len(page._view.chart.slots) + 1
    figures = sum(int(cell) for row in table[1:] for cell in row[1 : len(page._view.chart.series) + 1])
    assert figures == page._view.chart.total, "exact figures, without separators"
    page.export_to(tmp_path / "out.svg")
    assert "Tokens by task" in (tmp_path / "out.svg").read_text(encoding="utf-8")


def test_the_clipboard_has_the_picture_and_the_table(sample: App) -> None:
    page = sample.page("overview")
    sample.wait(lambda: page.chart.legend._shown_rows(), "a legend")
    page._take_chart("picture")
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert "Total" in data.text()
    assert "context covered" in data.text()
    page.mix.taken_as("table")
    assert QGuiApplication.clipboard().text().startswith("Label mix")


@pytest.mark.qt_log_ignore("does not support grabbing", "QObject::connect: No such signal", "does not support raise")
def test_menus_of_export_open_below_their_buttons(sample: App) -> None:
    page = sample.page("overview")
    for button in (page._export_button, page.when.more):
        button.click()
        menu = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QMenu) and one.isVisible())
        assert any(action.text() == "Copy table" for action in menu.actions())
        menu.close()


def test_no_cell_of_a_small_table_is_a_formula() -> None:
    said = cells_csv(("=head", "Share"), [("=cmd()", 0.5), ("+1", None), ("fine", 3)])
    assert said.splitlines() == ["'=head,Share", "'=cmd(),0.5000", "+1,", "fine,3"]
