"""The stacked chart: what is drawn where, hover, keys, odd data, and the table with the same figures."""

from __future__ import annotations

import csv
import gc
import io
import itertools
import math
import sys
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QAccessible, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tests.ui.gallery import sample
from tokenpal.ui.charts.bars import StackedChart
from tokenpal.ui.charts.cursor import Cursor
from tokenpal.ui.charts.data import Band, Bucket, Level, Mark, Series, StackedSeries
from tokenpal.ui.charts.panel import ChartPanel
from tokenpal.ui.charts.scale import level_words, nice_levels, thin
from tokenpal.ui.charts.sheet import About
from tokenpal.ui.charts.stack import lay_out
from tokenpal.ui.charts.tables import as_csv, as_table, summary
from tokenpal.ui.charts.timeline import Timeline, pieces
from tokenpal.ui.charts.tip import SHADOW
from tokenpal.ui.theme import color
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.legend import LegendItem

pytestmark = pytest.mark.usefixtures("look")

PLOT = QRectF(40, 10, 600, 200)


def data(*rows: tuple[float, ...], tints=(1, 2, "else", "none"), **more) -> StackedSeries:
    n = len(rows[0]) if rows else 0
    return StackedSeries(
        title="Tokens by task",
        buckets=tuple(Bucket(f"Day {i}", str(i)) for i in range(n)),
        series=tuple(Series(f"s{k}", f"Series {k}", tints[k], values) for k, values in enumerate(rows)),
        **more,
    )


def chart_of(qtbot, given: StackedSeries, width: int = 700, height: int = 300) -> StackedChart:
    chart = StackedChart()
    qtbot.addWidget(chart)
    chart.resize(width, height)
    chart.set_series(given)
    chart.show()
    return chart


def middle(chart: StackedChart, bucket: int) -> QPoint:
    layout = chart._ensure_layout()
    return QPoint(round(layout.left(layout.column_of(bucket)) + layout.step / 2), round(layout.plot.center().y()))


# ---- scale --------------------------------------------------------------------------------------------------------
@given(st.floats(min_value=1e-9, max_value=1e18))
def test_levels_are_few_nice_and_high_enough(top):
    levels = nice_levels(top)
    assert levels[0] == 0
    assert 2 <= len(levels) <= 6
    assert levels[-1] >= top * (1 - 1e-9)
    assert levels[-2] < top
    step = levels[1]
    assert any(math.isclose(step / 10 ** math.floor(math.log10(step) + 1e-9), nice, rel_tol=1e-9) for nice in (1, 2, 2.5, 5))


@pytest.mark.parametrize("top", [0, -3, float("nan"), float("inf")])
def test_no_levels_without_figures(top):
    assert nice_levels(top) == (0.0,)


def test_levels_share_one_unit():
    words = [w.replace("\u202f", " ") for w in level_words((0, 500_000, 1_000_000, 1_500_000))]
    assert words == ["0", "0.5 M", "1 M", "1.5 M"]
    assert level_words((0.0, 250.0, 500.0)) == ("0", "250", "500")


@given(st.integers(min_value=1, max_value=400), st.floats(min_value=5, max_value=80), st.floats(min_value=50, max_value=1200))
def test_words_on_the_axis_never_touch(count, width, room):
    kept = thin((), count, lambda i: (i + 0.5) * room / count, lambda i: width, (room - 40, room))
    spans = [((i + 0.5) * room / count - width / 2, (i + 0.5) * room / count + width / 2) for i in kept]
    assert all(a[1] < b[0] for a, b in itertools.pairwise(spans))
    assert all(s[1] < room - 40 or s[0] > room for s in spans)


# ---- layout -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_segments_stand_on_one_another_on_whole_pixels(ratio):
    layout = lay_out(data((5, 0, 3), (2, 4, 1), (1, 1, 1), (3, 0, 2)), data((5, 0, 3), (2, 4, 1), (1, 1, 1), (3, 0, 2)).ordered(), PLOT, ratio)
    assert layout.totals == [11, 5, 7]
    by_left: dict[float, list[QRectF]] = {}
    for layer in layout.layers:
        for box in layer.boxes:
            by_left.setdefault(box.left(), []).append(box)
            assert (box.left() * ratio) == pytest.approx(round(box.left() * ratio), abs=1e-6)
            assert (box.top() * ratio) == pytest.approx(round(box.top() * ratio), abs=1e-6)
    for boxes in by_left.values():
        for lower, upper in itertools.pairwise(boxes):
            assert lower.top() - upper.bottom() == pytest.approx(1.0)
    tops = [(layer.series.key, box.left()) for layer in layout.layers for box, top in zip(layer.boxes, layer.tops, strict=True) if top]
    assert len(tops) == 3


def test_the_rest_and_no_task_stand_on_top():
    order = data((1,), (1,), (1,), (1,), tints=("none", 3, "else", 1)).ordered()
    assert [s.tint for s in order] == [3, 1, "else", "none"]


def test_traces_are_left_out_of_the_picture_but_not_of_the_sum():
    given_data = data((1e6,), (1.0,))
    layout = lay_out(given_data, given_data.ordered(), PLOT)
    assert [len(layer.boxes) for layer in layout.layers] == [1, 0]
    assert layout.totals == [1_000_001]


def test_narrow_bars_take_the_full_step():
    n = 400
    given_data = data(tuple(range(1, n + 1)))
    layout = lay_out(given_data, given_data.ordered(), PLOT)
    assert layout.bar == layout.step
    wide = data((1, 2, 3))
    assert lay_out(wide, wide.ordered(), PLOT).bar <= 56


def test_more_bars_than_pixels_keep_the_highest():
    n = 10_000
    values = [1.0] * n
    values[5_555] = 100.0
    given_data = data(tuple(values))
    layout = lay_out(given_data, given_data.ordered(), PLOT)
    assert len(layout.columns) == 300
    assert 5_555 in layout.columns
    assert layout.columns[layout.column_of(5_555)] == 5_555


# ---- odd data -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "given_data",
    [
        StackedSeries(),
        data(()),
        data((5,)),
        data((0, 0, 0)),
        data((float("nan"), float("inf"), -4, 3)),
        data((1, 2, 3), (1,)),  # a series that is shorter than the axis
        data(tuple(float(i % 97) for i in range(10_000)), tuple(float(i % 31) for i in range(10_000))),
        data((10**15, 1, 10**12)),
        data((1, 2, 3), gaps=frozenset({0, 7}), pending=frozenset({1, -2}), today=9, feet=("a",)),
    ],
    ids=["none", "no buckets", "one", "zero", "odd", "short", "10000", "huge", "out of range"],
)
def test_any_data_is_safe(qtbot, given_data):
    chart = chart_of(qtbot, given_data)
    assert not chart.grab().isNull()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_Escape):
        QTest.keyClick(chart, key)
    QTest.mouseMove(chart, QPoint(300, 100))
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    chart.resize(30, 20)
    assert not chart.grab().isNull()
    assert chart.to_image(1.5).width() == 45
    as_table(given_data)
    as_csv(given_data)
    assert summary(given_data)


# ---- picture ------------------------------------------------------------------------------------------------------
def test_bars_are_painted_in_their_colour(qtbot):
    chart = chart_of(qtbot, data((4, 5), (4, 4)))
    picture = chart.to_image(1)
    layout = chart._ensure_layout()
    x = middle(chart, 0).x()
    assert picture.pixelColor(x, int(layout.plot.top()) + 2) == color("card")
    assert picture.pixelColor(x, int(layout.y(2))).name() == "#538ce7"
    assert picture.pixelColor(x, int(layout.y(6))).name() == "#af8e46"


def test_hidden_series_leave_the_picture_and_the_scale(qtbot):
    chart = chart_of(qtbot, data((1, 2), (100, 200)))
    chart.set_hidden(frozenset({"s1"}))
    assert chart.totals() == [1, 2]
    assert chart._ensure_layout().levels[-1] == 2
    assert list(chart.as_table().headers) == ["Day", "Series 0", "Total"]


def test_drawn_part_by_part_it_is_the_same_picture(qtbot):
    """As one painter would: no part leans on what the painter was told by the part before."""
    chart = StackedChart()
    qtbot.addWidget(chart)
    chart.resize(700, 300)
    chart.set_series(sample(30))
    assert chart._cache is None
    assert sum(1 for _ in chart.drawing()) > 5
    whole = QPixmap(chart.size())
    whole.fill(Qt.GlobalColor.transparent)
    painter = QPainter(whole)
    chart.paint_to(painter, QRectF(chart.rect()))
    painter.end()
    assert chart._cache.toImage() == whole.toImage()
    assert list(chart.drawing()) == [], "nothing is drawn twice"


def test_what_is_still_read_has_its_outlines_before_any_figure(qtbot):
    chart = chart_of(qtbot, data((0, 0), pending=frozenset({1})))
    chart.draw()
    assert chart._cache is not None


def test_other_figures_end_a_picture_that_is_half_drawn(qtbot):
    chart = StackedChart()
    qtbot.addWidget(chart)
    chart.resize(700, 300)
    chart.set_series(sample(30))
    drawing = chart.drawing()
    next(drawing)
    chart.set_series(data((4, 5), (4, 4)))
    assert list(drawing) == []
    assert chart._cache is None


# ---- mouse --------------------------------------------------------------------------------------------------------
def test_hover_shows_exact_figures_largest_first(qtbot):
    chart = chart_of(qtbot, data((982_114, 5), (421_006, 5), (94_037, 5), (168_040, 5), feet=("Measured · click to list 6 sessions", "")))
    QTest.mouseMove(chart, middle(chart, 0))
    content = chart.tip_content(0)
    assert chart._tip.isVisible()
    assert (content.head, content.total) == ("Day 0", "1,665,197")
    assert [row[2] for row in content.rows] == ["982,114", "421,006", "168,040", "94,037"]
    assert content.foot.startswith("Measured")
    chart._walk(-1)
    assert not chart._tip.isVisible()


@pytest.mark.parametrize("bucket", [0, 14, 29])
def test_tooltip_never_covers_the_hovered_bar(qtbot, bucket):
    chart = chart_of(qtbot, sample(30), 900, 360)
    chart._walk(bucket)
    column = chart._column_rect(chart._ensure_layout(), bucket, bucket)
    tip = QRectF(chart._tip.geometry()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
    assert not tip.intersects(column)
    assert chart.rect().contains(tip.toRect())


def test_click_selects_and_escape_clears(qtbot):
    chart = chart_of(qtbot, data((1, 2, 3)))
    with qtbot.waitSignal(chart.bucket_selected) as caught:
        QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=middle(chart, 1))
    assert caught.args == [1]
    assert chart.selection() == (1, 1)
    with qtbot.waitSignal(chart.selection_cleared):
        QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.selection() is None


@pytest.mark.parametrize(("start", "end"), [(2, 7), (7, 2)])
def test_drag_selects_a_range_either_way(qtbot, start, end):
    chart = chart_of(qtbot, data(tuple(float(i + 1) for i in range(10))))
    alone = []
    chart.bucket_selected.connect(alone.append)
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=middle(chart, start))
    with qtbot.waitSignal(chart.range_selected) as caught:
        QTest.mouseMove(chart, middle(chart, 5))
        QTest.mouseMove(chart, middle(chart, end))
        QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=middle(chart, end))
    assert caught.args == [2, 7]
    assert alone == []


def test_drag_over_the_edge_ends_at_the_last_bar(qtbot):
    chart = chart_of(qtbot, data(tuple(float(i + 1) for i in range(10))))
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=middle(chart, 8))
    with qtbot.waitSignal(chart.range_selected) as caught:
        QTest.mouseMove(chart, QPoint(5000, 50))
        QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=QPoint(5000, 50))
    assert caught.args == [8, 9]


def test_click_outside_the_plot_selects_nothing(qtbot):
    chart = chart_of(qtbot, data((1, 2, 3)))
    heard = []
    chart.bucket_selected.connect(heard.append)
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(2, 50))
    assert heard == []


def test_select_is_silent_and_new_figures_keep_the_selection_by_name(qtbot):
    chart = chart_of(qtbot, data((1, 2, 3)))
    heard = []
    chart.bucket_selected.connect(heard.append)
    chart.selection_cleared.connect(heard.append)
    chart.select(1)
    chart.set_series(data((4, 5, 6)))
    assert chart.selection() == (1, 1)
    chart.set_series(replace(data((4, 5, 6)), buckets=tuple(Bucket(f"Other {i}") for i in range(3))))
    assert chart.selection() is None
    chart.select(99)
    assert chart.selection() is None
    assert heard == []


# ---- keys ---------------------------------------------------------------------------------------------------------
def test_arrows_walk_and_enter_activates(qtbot):
    host = QWidget()
    column = QVBoxLayout(host)
    first, chart = Button("First"), StackedChart()
    column.addWidget(first)
    column.addWidget(chart)
    qtbot.addWidget(host)
    chart.set_series(data(tuple(float(i + 1) for i in range(20)), today=19))
    host.show()
    host.activateWindow()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    walked, activated = [], []
    chart.walked.connect(walked.append)
    chart.activated.connect(activated.append)
    QTest.keyClick(first, Qt.Key.Key_Tab)
    qtbot.waitUntil(chart.hasFocus)
    assert walked == [19]
    for key in (Qt.Key.Key_Left, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Right):
        QTest.keyClick(chart, key)
    assert walked == [19, 18, 11, 0, 1]
    said = QAccessible.queryAccessibleInterface(chart).text(QAccessible.Text.Description)
    assert said.startswith("Day 1 2")
    QTest.keyClick(chart, Qt.Key.Key_Return)
    assert activated == [1]
    assert chart.selection() == (1, 1)


def test_shift_and_arrows_select_a_range(qtbot):
    chart = chart_of(qtbot, data(tuple(float(i + 1) for i in range(10))))
    chart.select(4)
    chart._walk(4)
    heard = []
    chart.range_selected.connect(lambda a, b: heard.append((a, b)))
    for _ in range(2):
        QTest.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert heard == [(4, 5), (4, 6)]


# ---- words --------------------------------------------------------------------------------------------------------
def test_table_has_the_same_figures_as_the_chart():
    given_data = sample(12)
    table = as_table(given_data)
    assert len(table.rows) == 12
    for i, row in enumerate(table.rows):
        figures = [int(cell.replace(",", "")) for cell in row[1:]]
        assert figures[-1] == sum(figures[:-1]) == sum(s.values[i] for s in given_data.series)


def test_gaps_are_not_zero_in_words():
    given_data = data((1, 2, 3), gaps=frozenset({1}))
    assert as_table(given_data).rows[1] == ("Day 1", "not read", "–")
    assert list(csv.reader(io.StringIO(as_csv(given_data))))[2] == ["Day 1", ""]
    chart = StackedChart()
    chart.set_series(given_data)
    assert chart.tip_content(1).total == ""
    assert "Not read" in chart.tip_content(1).foot


def test_overlapping_bars_have_no_sum():
    given_data = data((1, 2), (3, 4), overlapping=True)
    assert as_table(given_data).headers == ("Day", "Series 0", "Series 1")
    chart = StackedChart()
    chart.set_series(given_data)
    assert chart.tip_content(0).total == ""


def test_summary_is_one_sentence_with_the_peak():
    assert summary(data((1, 9, 2), (1, 1, 1))) == "3 bars, 15 in all; the highest is Day 1 with 10; the largest part is Series 0 with 12."
    assert summary(data((0, 0))) == "Nothing in this range."


def test_panel_shows_the_table_with_control_t(qtbot, tmp_path):
    panel = ChartPanel()
    qtbot.addWidget(panel)
    panel.resize(600, 300)
    panel.set_series(sample(7))
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    QTest.keyClick(panel.chart, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert panel.is_table()
    assert panel.table.figures.rowCount() == 7
    panel.set_hidden(frozenset({"Rust spike"}))
    assert "Rust spike" not in panel.table.figures.table.headers
    with qtbot.waitSignal(panel.chart.bucket_selected) as caught:
        panel.table.selectRow(3)
        panel.table.setCurrentIndex(panel.table.figures.index(3, 0))
        panel._row_activated()
    assert caught.args == [3]
    panel.toggle_table()
    for ending, start in ((".png", b"\x89PNG"), (".svg", b"<?xml"), (".csv", b"# Tokens by task\nDay,")):
        panel.save(tmp_path / f"chart{ending}")
        assert (tmp_path / f"chart{ending}").read_bytes().startswith(start)
    with pytest.raises(ValueError, match=r"\.jpg"):
        panel.save(tmp_path / "chart.jpg")
    with pytest.raises(OSError, match="could not be written"):
        panel.save(tmp_path / "missing" / "chart.png")


def test_refresh_rebuilds_no_objects(qtbot):
    """New figures reuse the widget: the number of Python objects does not grow with refreshes."""
    chart = chart_of(qtbot, sample(30))
    both = (sample(30), replace(sample(30), title="Other"))
    for _ in range(3):
        for one in both:
            chart.set_series(one)
            chart.grab()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(20):
        for one in both:
            chart.set_series(one)
            chart.grab()
    gc.collect()
    assert len(gc.get_objects()) < before + 200


def test_charts_need_no_numpy():
    import subprocess

    code = "import sys, tokenpal.ui.charts.panel, tokenpal.ui.widgets.strips; print([m for m in ('numpy', 'pyqtgraph') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---- timeline -----------------------------------------------------------------------------------------------------
def test_pauses_cut_the_timeline_and_are_shortened():
    cut = pieces([1, 2, 0, 3] + [0] * 30 + [4, 5])
    assert [(p.first, p.until, p.pause, p.left, p.width) for p in cut] == [(0, 4, False, 0, 4), (4, 34, True, 4, 6), (34, 36, False, 10, 2)]
    assert pieces([]) == []
    assert sum(p.until - p.first for p in pieces([0, 0, 1, 0, 0, 0, 0, 0, 2])) == 9


def test_timeline_says_what_it_shows(qtbot):
    line = Timeline()
    qtbot.addWidget(line)
    assert not line.grab().isNull()
    line.set([5, 5, 0, 0, 0, 0, 0, 5], lambda i: f"14:{i:02}", 60)
    assert [p.pause for p in line._pieces] == [False, True, False]
    assert line.accessibleDescription() == "15 from 14:00 to now, with 1 pause"
    assert not line.grab().isNull()


def test_short_waits_between_requests_are_no_pauses(qtbot):
    line = Timeline()
    qtbot.addWidget(line)
    line.set([5, 0, 0, 0, 0, 0, 5], lambda i: str(i), 20)
    assert [p.pause for p in line._pieces] == [False]


def test_bare_bars_have_sums_and_no_scale(qtbot):
    week = replace(sample(7), bare=True)
    chart = chart_of(qtbot, week, 500, 170)
    layout = chart._ensure_layout()
    assert layout.plot.left() == 0
    assert layout.levels == (0.0, max(chart.totals()))
    assert layout.y(max(chart.totals())) >= 20  # room for the words above the highest bar
    assert not chart.grab().isNull()


# ---- zoom, marks, bands -------------------------------------------------------------------------------------------
def test_the_cursor_walks_extends_and_begins_anew():
    cursor = Cursor()
    assert cursor.begin(0) == -1
    assert cursor.begin(10) == 9
    assert cursor.begin(10, 4) == 4
    cursor.at = 4
    assert cursor.step(-10, 10) == 0
    assert cursor.extend(5) == (4, 5)
    cursor.at = 5
    assert cursor.extend(2) == (2, 4)  # over the bar it began at
    cursor.at = 2
    assert cursor.wide
    assert cursor.around(3) == (2, 4)
    assert cursor.around(7) == (7, 7)
    cursor.loosen()
    cursor.at = 8
    assert cursor.extend(9) == (8, 9)
    assert cursor.clear()
    assert not cursor.clear()
    assert cursor.around(-1) is None


@given(st.lists(st.tuples(st.sampled_from(["walk", "extend", "choose", "clear"]), st.integers(-12, 12)), max_size=30), st.integers(1, 9))
def test_the_cursor_never_leaves_the_bars(moves, count):
    cursor = Cursor()
    for what, by in moves:
        target = cursor.step(by, count, entering=cursor.begin(count))
        assert 0 <= target < count
        if what == "extend":
            first, last = cursor.extend(target)
            assert 0 <= first <= target <= last < count
        elif what == "choose":
            cursor.choose(target)
        elif what == "clear":
            cursor.clear()
        else:
            cursor.loosen()
        cursor.at = target


def test_double_click_zooms_to_a_bar_or_to_the_range_around_it(qtbot):
    chart = chart_of(qtbot, data(tuple(float(i + 1) for i in range(10))))
    zoomed = []
    chart.zoomed.connect(lambda a, b: zoomed.append((a, b)))
    QTest.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=middle(chart, 3))
    assert zoomed == [(3, 3)]
    chart.select(4, 7)
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=middle(chart, 5))
    QTest.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=middle(chart, 5))
    assert zoomed[1:] == [(4, 7)]


def test_keys_zoom_and_go_back(qtbot):
    chart = chart_of(qtbot, data(tuple(float(i + 1) for i in range(10))))
    zoomed, backs, activated = [], [], []
    chart.zoomed.connect(lambda a, b: zoomed.append((a, b)))
    chart.back_asked.connect(lambda: backs.append(True))
    chart.activated.connect(activated.append)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    assert zoomed == []  # nothing is pointed at
    chart._walk(4)
    for _ in range(2):
        QTest.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(chart, Qt.Key.Key_Return)
    assert zoomed == [(4, 6)]
    assert activated == []
    QTest.keyClick(chart, Qt.Key.Key_End)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    assert zoomed == [(4, 6), (9, 9)]
    for key, held in ((Qt.Key.Key_Minus, False), (Qt.Key.Key_Backspace, False), (Qt.Key.Key_Left, True)):
        QTest.keyClick(chart, key, Qt.KeyboardModifier.AltModifier if held else Qt.KeyboardModifier.NoModifier)
    assert len(backs) == 3


def test_a_screen_reader_hears_each_step(qtbot):
    chart = chart_of(qtbot, data((1.0, 2.0, 3.0), marks=(Mark(1, "note", "Cut the pool to one writer", "s1"),)))
    chart._walk(2)
    interface = QAccessible.queryAccessibleInterface(chart)
    said = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(chart, key)
        said.append(interface.text(QAccessible.Text.Description))
    assert said == ["Day 1 2, Series 0 2, Cut the pool to one writer", "Day 0 1, Series 0 1", "Day 2 3, Series 0 3"]


def test_marks_open_by_click_and_by_key_and_never_touch(qtbot):
    marks = (Mark(0, "note", "one", "a"), Mark(0, "check-in", "two", "b"), Mark(5, "note", "three", "c"), Mark(99, "note", "outside", "d"))
    chart = chart_of(qtbot, data(tuple(float(i + 1) for i in range(10)), marks=marks))
    chart._ensure_layout()
    assert [(spot.kinds, len(spot.marks)) for spot in chart._spots] == [(("check-in", "note"), 2), (("note",), 1)]
    opened, chosen = [], []
    chart.mark_opened.connect(opened.append)
    chart.bucket_selected.connect(chosen.append)
    center = chart._spots[1].box.center().toPoint()
    QTest.mouseMove(chart, center)
    assert chart._tip.isVisible()
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=center)
    assert [one.ref for one in opened] == ["c"]
    assert chosen == []
    chart._walk(5)
    QTest.keyClick(chart, Qt.Key.Key_N)
    assert [one.ref for one in opened] == ["c", "c"]
    crowd = chart_of(qtbot, data((1.0,) * 400, marks=tuple(Mark(i, "note", str(i), str(i)) for i in range(400))))
    crowd._ensure_layout()
    assert sum(len(spot.marks) for spot in crowd._spots) == 400
    for left, right in itertools.pairwise(crowd._spots):
        assert left.box.right() <= right.box.left()


def test_a_band_and_a_budget_reach_into_the_scale_but_do_not_flatten_the_bars(qtbot):
    band = Band(2, 5.0, 30.0, "Your usual range for a Friday: 5 to 30")
    chart = chart_of(qtbot, data((10.0, 12.0, 8.0), band=band, levels=(Level(15.0, "near"), Level(9_000.0, "far"))))
    assert chart._ensure_layout().levels[-1] >= 30
    assert chart._ensure_layout().levels[-1] < 100
    assert "usual range" in chart.tip_content(2).foot
    assert "usual range" not in chart.tip_content(1).foot
    said = chart.accessibleDescription()
    assert band.words in said
    assert "far" in said, "what is not drawn is said"
    picture = chart.to_image(1)
    layout = chart._ensure_layout()
    inside = picture.pixelColor(round(layout.middle(2) + layout.bar / 2 + 2), round(layout.y(20)))
    assert inside != color("card")
    chart.set_series(data((10.0, 12.0, 8.0), (1.0, 1.0, 1.0), band=band))
    chart.set_hidden(frozenset({"s1"}))
    assert chart.tip_content(2).foot == "", "the range is one of all series together"
    assert chart._ensure_layout().levels[-1] < 30


def test_rows_are_written_when_they_are_looked_at():
    written = []

    def exact(value):
        written.append(value)
        return str(int(value))

    table = as_table(data(tuple(float(i) for i in range(3_650)), exact=exact))
    assert len(table.rows) == 3_650
    assert written == []
    assert table.rows[3_649] == ("Day 3649", "3649", "3649")
    assert len(written) == 2
    assert table.rows[-1] == table.rows[3_649]
    assert [len(row) for row in table.rows[:2]] == [3, 3]


def test_notes_are_in_the_table_and_no_formula_in_the_file():
    given_data = data((1.0, 2.0), marks=(Mark(0, "note", "=HYPERLINK(1)", "a"), Mark(0, "note", "second", "b")))
    given_data = replace(given_data, series=(replace(given_data.series[0], name="=cmd()|'/C calc'!A0"),))
    assert as_table(given_data).headers == ("Day", "=cmd()|'/C calc'!A0", "Total", "Notes")
    assert as_table(given_data).rows[0][-1] == "=HYPERLINK(1); second"
    rows = list(csv.reader(io.StringIO(as_csv(given_data, about=("=a()", "two\nlines")))))
    assert rows[0] == ["# =a()"]
    assert rows[1] == ["# two lines"]
    assert rows[2] == ["Day", "'=cmd()|'/C calc'!A0", "Notes"]
    assert rows[3] == ["Day 0", "1", "'=HYPERLINK(1); second"]


def test_time_runs_from_left_to_right_where_one_reads_from_the_right(qtbot):
    host = QWidget()
    host.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    column = QVBoxLayout(host)
    chart = StackedChart()
    column.addWidget(chart)
    qtbot.addWidget(host)
    chart.set_series(data((1.0, 2.0, 3.0)))
    host.resize(500, 300)
    host.show()
    assert not chart.isRightToLeft()
    layout = chart._ensure_layout()
    assert layout.left(0) < layout.left(2)
    chart._walk(1)
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart._cursor.at == 2


def test_what_leaves_the_window_has_its_words(qtbot, tmp_path):
    panel = ChartPanel()
    qtbot.addWidget(panel)
    panel.resize(500, 260)
    panel.set_series(data((1.0, 2.0), (3.0, 4.0)))
    panel.chart.set_hidden(frozenset({"s1"}))
    legend = [LegendItem("s0", "Series 0", 1, "3"), LegendItem("s1", "Series 1", 2, "7")]
    exhibit = panel.exhibit(About("Tokens by task", ("1 to 2 Nov", "measured", "")), legend)
    assert [item.key for item in exhibit.legend] == ["s0"], "what is hidden stays hidden"
    assert exhibit.image(1.0).size() == exhibit.whole()
    assert exhibit.whole().height() > panel.chart.height()
    assert exhibit.text().splitlines()[:3] == ["Tokens by task", "1 to 2 Nov", "measured"]
    exhibit.save(tmp_path / "a.svg")
    assert "1 to 2 Nov" in (tmp_path / "a.svg").read_text(encoding="utf-8")
