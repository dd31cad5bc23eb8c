"""Widgets: names for screen readers, keyboard, signals only from the person, no clipping at 130 %."""

from __future__ import annotations

import gc
import sys
import threading

import pytest
from PySide6.QtCore import QCoreApplication, QDate, QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMenu, QVBoxLayout, QWidget

from tests.ui import gallery
from tokenpal.ui.collector import ENOUGH, MUCH, Collector, count
from tokenpal.ui.palette import LABELS
from tokenpal.ui.theme import Theme, font
from tokenpal.ui.widgets.buttons import Button, IconButton, LabelButton, Link
from tokenpal.ui.widgets.card import Card, EmptyState
from tokenpal.ui.widgets.choices import CheckBox, DateField, NumberField
from tokenpal.ui.widgets.controls import LineEdit, PhraseCombo, SearchField, Segmented
from tokenpal.ui.widgets.fields import ByteLine, BytePreview, Field
from tokenpal.ui.widgets.focus import FocusRing
from tokenpal.ui.widgets.legend import Legend, LegendItem
from tokenpal.ui.widgets.meters import ContextRing, LineMeter, Meter, MeterBar
from tokenpal.ui.widgets.notices import Banner, Toast
from tokenpal.ui.widgets.sidebar import Sidebar
from tokenpal.ui.widgets.strips import HeatMap, LabelStrip, Strip14, WeekStrips, label_segments
from tokenpal.ui.widgets.table import Table, TableView
from tokenpal.ui.widgets.text import Text

pytestmark = pytest.mark.usefixtures("look")


def spoken(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def described(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Description)


@pytest.mark.parametrize("board", ["sidebar", "controls", "cards", "notices"])
def test_everything_that_takes_focus_has_a_name(qtbot, board):
    page = gallery.BOARDS[board]()
    qtbot.addWidget(page)
    nameless = [type(w).__name__ for w in page.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isEnabled() and not spoken(w)]
    assert [name for name in nameless if name not in {"Scroll", "QListView"}] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("percent", [100, 130])
@pytest.mark.parametrize("board", list(gallery.BOARDS))
def test_every_board_paints(look: Theme, qapp: QApplication, qtbot, board, scheme, percent):
    look.apply(qapp, scheme=scheme, text_percent=percent)
    page = gallery.BOARDS[board]()
    qtbot.addWidget(page)
    picture = gallery.shoot(page, 1)
    assert len({picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}) > 3


@pytest.mark.parametrize("percent", [100, 130, 200])
def test_words_fit_their_buttons(look: Theme, qapp: QApplication, percent):
    look.apply(qapp, scheme="light", text_percent=percent)
    m = QFontMetrics(font("small", 500))
    for words in ("Export", "Pause this account", "Kopieren als Markdown-Datei"):
        assert Button(words).sizeHint().width() >= m.horizontalAdvance(words) + 20
        assert Link(words).sizeHint().width() >= m.horizontalAdvance(words)
    for label in LABELS[:3]:
        button = LabelButton(label, compact=True)
        assert button.sizeHint().width() > m.horizontalAdvance(button.text()) + 20


def test_targets_are_at_least_24_px(look: Theme, qapp: QApplication):
    for widget in (Link("Show"), IconButton("close", "Close", size=16), Button("x"), PhraseCombo("by", [("a", "A")]), LineEdit("Name")):
        assert max(widget.sizeHint().height(), widget.minimumHeight()) >= 24
        assert widget.sizeHint().width() >= 14


def test_buttons_work_by_keyboard(qtbot):
    for button in (Button("Save"), Link("Show"), IconButton("close", "Close"), LabelButton("waste")):
        qtbot.addWidget(button)
        with qtbot.waitSignal(button.clicked):
            QTest.keyClick(button, Qt.Key.Key_Space)


def test_enter_presses_the_button_that_has_the_keyboard_and_not_the_default_one(qtbot):
    dialog = QDialog()
    qtbot.addWidget(dialog)
    row, pressed = QVBoxLayout(dialog), []
    for name in ("Delete", "Keep"):
        button = Button(name)
        button.clicked.connect(lambda _checked, name=name: pressed.append(name))
        row.addWidget(button)
        button.setDefault(name == "Delete")
    dialog.show()
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert pressed == ["Keep"]


def test_segmented_says_only_what_the_person_chose(qtbot):
    parts = Segmented([("a", "One"), ("b", "Two"), ("c", "Three")], "Range")
    qtbot.addWidget(parts)
    parts.show()
    heard = []
    parts.chosen.connect(heard.append)
    parts.choose("b")
    assert (parts.key(), heard) == ("b", [])
    parts.choose("nothing of the kind")
    assert parts.key() == "b"
    chosen = parts._group.checkedButton()
    parts.activateWindow()
    chosen.setFocus()
    qtbot.waitUntil(chosen.hasFocus)
    QTest.keyClick(chosen, Qt.Key.Key_Right)
    assert (parts.key(), heard) == ("c", ["c"])
    QTest.mouseClick(parts._group.button(0), Qt.MouseButton.LeftButton)
    assert heard == ["c", "a"]
    assert QAccessible.queryAccessibleInterface(parts._group.button(0)).role() == QAccessible.Role.RadioButton


def test_combo_reads_as_a_phrase_and_keeps_its_choice(qtbot):
    combo = PhraseCombo("by", [("task", "Task"), ("model", "Model")], "Group by")
    qtbot.addWidget(combo)
    heard = []
    combo.chosen.connect(heard.append)
    combo.choose("model")
    combo.set_options([("model", "Model"), ("agent", "Agent")])
    assert (combo.key(), heard) == ("model", [])
    combo.set_options([("agent", "Agent")])
    assert combo.key() == "agent"
    assert described(combo) == "Group by"
    combo.set_options([])
    assert combo.key() == ""
    assert combo.sizeHint().width() > 0


def test_combo_speaks_when_the_person_walks(qtbot):
    combo = PhraseCombo("by", [("task", "Task"), ("model", "Model")])
    qtbot.addWidget(combo)
    combo.show()
    with qtbot.waitSignal(combo.chosen) as caught:
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert caught.args == ["model"]


def test_native_controls_keep_their_behaviour(qtbot):
    box, number, day = CheckBox("Follow the system"), NumberField("Days", 1, 365), DateField("From")
    for widget in (box, number, day):
        qtbot.addWidget(widget)
        widget.show()
        assert spoken(widget)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(box.width() - 3, 12))
    assert box.isChecked()
    number.setValue(7)
    QTest.keyClick(number, Qt.Key.Key_Up)
    assert number.value() == 8
    day.setDate(QDate(2026, 11, 20))
    assert day.text() == "2026-11-20"
    for widget in (box, number, day):
        widget.setEnabled(False)
        assert not widget.grab().isNull()


def test_open_combo_shows_whole_words(qtbot):
    combo = PhraseCombo("by", [("a", "A"), ("b", "A much longer choice than the combo is wide")])
    qtbot.addWidget(combo)
    combo.show()
    combo._fit_list()
    assert combo.view().minimumWidth() >= QFontMetrics(font("small")).horizontalAdvance(combo.itemText(1))


def test_search_is_cleared_with_escape(qtbot):
    field = SearchField("Search notes")
    qtbot.addWidget(field)
    QTest.keyClicks(field, "retry")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_sidebar_walks_and_counts(qtbot):
    bar = Sidebar(gallery.PAGES)
    qtbot.addWidget(bar)
    bar.show()
    heard = []
    bar.chosen.connect(heard.append)
    bar.choose("tasks")
    bar.set_count("sessions", 2, "2 sessions to label")
    assert heard == []
    assert described(bar._rows["sessions"]) == "2 sessions to label"
    QTest.mouseClick(bar._rows["accounts"], Qt.MouseButton.LeftButton)
    assert heard == ["accounts"]
    assert [k for k, row in bar._rows.items() if row.isChecked()] == ["accounts"]
    bar.set_running("Checkout retry", "48 min · 12 k")
    assert bar._running.isVisible()
    bar.set_running("")
    assert not bar._running.isVisible()


def items(*keys: str) -> list[LegendItem]:
    return [LegendItem(k, k.upper(), i + 1, "1 k") for i, k in enumerate(keys)]


def test_legend_toggles_and_solos(qtbot):
    legend = Legend("Tasks")
    qtbot.addWidget(legend)
    legend.set_items(items("a", "b", "c"))
    legend.show()
    heard = []
    legend.hidden_changed.connect(heard.append)
    QTest.mouseClick(legend._rows[1], Qt.MouseButton.LeftButton)
    assert heard[-1] == {"b"}
    QTest.keyClick(legend._rows[0], Qt.Key.Key_Return)
    assert heard[-1] == {"b", "c"}
    QTest.keyClick(legend._rows[0], Qt.Key.Key_Return)
    assert heard[-1] == frozenset()
    QTest.mouseClick(legend._rows[2], Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier)
    assert heard[-1] == {"a", "b"}


def test_hiding_the_last_series_shows_all_again(qtbot):
    legend = Legend()
    qtbot.addWidget(legend)
    legend.set_items(items("a", "b"))
    for row in legend._rows[:2]:
        QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert legend.hidden() == frozenset()
    assert all(row.isChecked() for row in legend._rows)


def test_legend_keeps_what_is_hidden_when_figures_change(qtbot):
    legend = Legend()
    qtbot.addWidget(legend)
    legend.set_items(items("a", "b", "c"))
    QTest.mouseClick(legend._rows[1], Qt.MouseButton.LeftButton)
    legend.set_items(items("c", "b"))
    assert legend.hidden() == {"b"}
    assert [row.isChecked() for row in legend._rows[:2]] == [True, False]
    legend.set_items(items("c", "d"))
    assert legend.hidden() == frozenset()
    assert len(legend._rows) == 3  # kept for next time, never rebuilt


def test_meter_says_near_the_limit_in_words(qtbot):
    meter = Meter()
    qtbot.addWidget(meter)
    meter.set("Claude week", 0.88, "resets Mon 09:00", "reported")
    assert "near the limit" in spoken(meter)
    meter.set("Claude week", 0.62, "resets Mon 09:00", "reported")
    assert "near the limit" not in spoken(meter)
    meter.set("Codex", None)
    assert "not known" in spoken(meter)
    assert "0" not in spoken(meter)


@pytest.mark.parametrize("share", [-1.0, 0.0, 0.5, 1.0, 7.0, None])
def test_meters_paint_any_share(qtbot, share):
    meter, line, bar, ring = Meter(), LineMeter("Week", share, "Mon"), MeterBar(share), ContextRing()
    meter.set("x", share)
    ring.set(share)
    for widget in (meter, line, bar, ring):
        qtbot.addWidget(widget)
        assert not widget.grab().isNull()


def test_banner_has_a_way_out_and_can_be_dismissed(qtbot):
    banner = Banner("attention", "Over budget.", "Nothing was stopped.", dismissible=True)
    qtbot.addWidget(banner)
    button = banner.add_button("Change the budget")
    banner.show()
    assert spoken(banner) == "Over budget."
    with qtbot.waitSignal(button.clicked):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    close = next(b for b in banner.findChildren(IconButton))
    with qtbot.waitSignal(banner.dismissed):
        close.click()
    assert banner.isHidden()


def test_toast_undoes_and_goes(qtbot):
    host = QWidget()
    host.resize(600, 400)
    qtbot.addWidget(host)
    host.show()
    toast = Toast(host)
    toast.say("Labelled 3 sessions as delivered.")
    assert toast.isVisible()
    assert toast._timer.interval() == 6000
    before = toast.pos()
    host.resize(900, 500)
    qtbot.waitUntil(lambda: toast.pos() != before)
    with qtbot.waitSignal(toast.undone):
        toast._undo.click()
    assert toast.isHidden()
    toast.say("Again")
    toast._timer.timeout.emit()
    assert toast.isHidden()


def test_field_saves_while_typing_and_on_leaving(qtbot):
    host = QWidget()
    column = QVBoxLayout(host)
    field, other = Field("Tried", "what you explored"), LineEdit("Other")
    column.addWidget(field)
    column.addWidget(other)
    qtbot.addWidget(host)
    heard = []
    field.changed.connect(heard.append)
    field.set_text("from the store")
    assert not field._timer.isActive()
    field._timer.setInterval(1)
    with qtbot.waitSignal(field.changed):
        QTest.keyClicks(field.area, "x")
    assert heard[-1] == field.text()
    field._timer.setInterval(60_000)
    field.insert("a note")
    assert field.text().endswith("\na note")
    field._focus_changed(False)
    assert heard[-1].endswith("\na note")


def test_byte_preview_reads_its_lines(qtbot):
    preview = BytePreview([ByteLine('{"v":1,', "the version"), ByteLine('"a":2}', "an answer", True)])
    qtbot.addWidget(preview)
    assert "the version" in described(preview)
    preview.resize(120, 60)
    assert not preview.grab().isNull()


def test_table_copies_with_tabs(qtbot):
    view = TableView()
    qtbot.addWidget(view)
    view.set_table(Table(("Day", "Tokens"), (("Mon", "1,000"), ("Tue", "2,000")), "Tokens by day"))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Day\tTokens\nMon\t1,000\nTue\t2,000"
    view.selectRow(1)
    view.copy()
    assert QGuiApplication.clipboard().text() == "Day\tTokens\nTue\t2,000"
    assert spoken(view) == "Tokens by day"


def test_elided_words_are_whole_on_hover(qtbot):
    text = Text("feature/PAY-142-a-very-long-branch-name", elide=True)
    qtbot.addWidget(text)
    text.resize(60, 20)
    text.grab()
    assert text.toolTip() == text.text()
    text.resize(600, 20)
    text.grab()
    assert text.toolTip() == ""


def test_markup_in_a_note_stays_words(qtbot):
    text = Text("<b>not bold</b>")
    qtbot.addWidget(text)
    assert text.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize(
    "amounts", [(), (0, 0, 0, 0), (1, 0, 0, 0), (1e12, 1, 1, 1), (float("nan"), 3, float("inf"), -2), (31, 41, 5, 23)]
)
def test_label_parts_fill_the_strip_exactly(amounts):
    segments = label_segments(amounts, 200.0, 3.0)
    if segments:
        assert segments[0][1] == 0
        assert segments[-1][1] + segments[-1][2] == pytest.approx(200.0)
        assert min(w for _, _, w in segments) >= 3
    else:
        assert not any(a > 0 for a in amounts if a == a and a != float("inf"))


def test_strips_paint_nothing_and_odd_figures(qtbot):
    strip, weeks, fortnight, heat = LabelStrip(), WeekStrips(), Strip14(), HeatMap()
    for widget in (strip, weeks, fortnight, heat):
        qtbot.addWidget(widget)
        assert not widget.grab().isNull()
    weeks.set([("W1", (0, 0, 0, 0)), ("W2", (1, 2, 3, 4))])
    fortnight.set((None, float("nan"), -3, 0, 5e12), ("a", "b", "c", "d", "e"))
    heat.set([[float("nan")] * 24] * 7, week_start=6)
    for widget in (weeks, fortnight, heat):
        assert not widget.grab().isNull()
    assert described(heat) == "Nothing yet"
    values = [[0.0] * 24 for _ in range(7)]
    values[3][14] = 9
    heat.set(values)
    assert described(heat) == "Most on Thu between 14 and 15 o'clock"


def test_card_head_shows_only_when_it_says_something(qtbot):
    card = Card()
    qtbot.addWidget(card)
    assert card._head.isHidden()
    card.set_title("Wednesday", "2.20 M")
    assert not card._head.isHidden()
    link = card.set_link("Show")
    with qtbot.waitSignal(link.clicked):
        link.click()


def test_empty_state_speaks(qtbot):
    empty = EmptyState("Nothing this week.", ghosts=True)
    qtbot.addWidget(empty)
    assert empty.title.text() == "Nothing this week."
    assert not empty.grab().isNull()


def test_focus_ring_follows_the_keyboard_only(qtbot, qapp):
    ring = FocusRing(qapp)
    host = QWidget()
    column = QVBoxLayout(host)
    first, second = Button("One"), Button("Two")
    column.addWidget(first)
    column.addWidget(second)
    qtbot.addWidget(host)
    host.show()
    host.activateWindow()
    qtbot.waitUntil(host.isActiveWindow)
    first.setFocus(Qt.FocusReason.MouseFocusReason)
    assert ring.widget() is None
    second.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.widget() is second
    qapp.focusChanged.disconnect(ring._moved)
    ring.setWidget(None)


def test_the_ring_outlives_the_dialog_it_was_in(qtbot, qapp):
    ring = FocusRing(qapp)
    for kept in (True, False):
        dialog = QDialog()
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(dialog)
        button = Button("Close")
        column.addWidget(button)
        dialog.open()
        dialog.activateWindow()
        button.setFocus(Qt.FocusReason.TabFocusReason)
        ring.setWidget(button)
        if kept:
            dialog.close()
        dialog.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert ring.widget() is None
    qapp.focusChanged.disconnect(ring._moved)


def test_widgets_let_go_of_the_theme(qtbot, look: Theme, qapp: QApplication):
    """A widget that is gone hears no more of the theme, and nothing raises."""
    for _ in range(20):
        page = gallery.controls()
        page.deleteLater()
    qtbot.wait(0)
    gc.collect()
    look.apply(qapp, scheme="dark")


@pytest.fixture
def collector(qapp):
    hidden = [False]
    collecting = Collector(lambda: hidden[0])
    collecting.hide = lambda state: hidden.__setitem__(0, state)
    yield collecting
    collecting.stop()


def test_collector_rests_when_nothing_happens(collector):
    assert not gc.isenabled()
    assert collector.idle()
    collector.touch()
    assert not collector.idle()
    collector._small.stop()
    collector._collect_small()
    assert collector.idle()


def test_full_collection_waits_for_a_hidden_window(collector, qtbot):
    class Ring:
        pass

    ring = Ring()
    ring.itself = ring
    seen = []
    import weakref

    weakref.finalize(ring, seen.append, True)
    gc.collect(1)
    del ring
    collector._full.setInterval(0)
    collector.window_hidden()
    qtbot.waitUntil(collector.idle)
    assert seen == []
    collector.hide(True)
    collector.window_hidden()
    qtbot.waitUntil(lambda: seen == [True])


def test_what_takes_long_to_look_through_waits_for_a_hidden_window(collector, qtbot):
    gc.collect()
    many = [[] for _ in range(MUCH + 1000)]
    for one in many:
        one.append(one)
    alive = gc.get_freeze_count()
    collector._collect_small()
    assert gc.get_freeze_count() > alive + MUCH, "they are left alone"
    del many, one
    collector.hide(True)
    collector._full.setInterval(0)
    collector.window_hidden()
    qtbot.waitUntil(collector.idle)
    assert gc.get_freeze_count() == 0
    assert not any(type(one) is list and one and one[0] is one for one in gc.get_objects()), "they went with the full collection"


def test_new_objects_count_however_many_old_ones_ended(collector):
    gc.collect()
    old = [[] for _ in range(MUCH + 1000)]
    collector.keep()
    new = [[] for _ in range(MUCH + 1000)]
    del old
    new += [[] for _ in range(ENOUGH[0] + 100)]
    assert gc.get_count()[0] < MUCH
    alive = gc.get_freeze_count()
    collector._collect_small()
    assert gc.get_freeze_count() > alive + MUCH


def test_counting_objects_spoils_no_tuple_of_another_thread():
    """As ``len(gc.get_objects())`` does, about one in a hundred under this much strain: a tuple that is being filled gets a second owner."""
    failed, over, made = [], threading.Event(), 0

    def make():
        nonlocal made
        while not over.is_set():
            try:
                tuple([i] for i in range(300))
                made += 1
            except SystemError as error:
                failed.append(error)

    pause = sys.getswitchinterval()
    thread = threading.Thread(target=make)
    sys.setswitchinterval(1e-6)
    try:
        thread.start()
        while made < 10_000 and not failed:
            count(2)
    finally:
        sys.setswitchinterval(pause)
        over.set()
        thread.join()
    assert failed == []


def test_automatic_collection_is_back_after_the_end(qapp):
    collecting = Collector(lambda: True)
    assert not gc.isenabled()
    collecting.stop()
    assert gc.isenabled()


def test_position_of_toast_is_inside_its_host(qtbot):
    host = QWidget()
    host.resize(500, 300)
    qtbot.addWidget(host)
    host.show()
    toast = Toast(host)
    toast.say("A")
    assert host.rect().contains(toast.geometry().center())
    assert toast.mapTo(host, QPoint(0, 0)).x() > 0


def test_words_are_as_tall_as_their_lines_whatever_they_were_before(qapp, qtbot, look):
    """How tall they are at a width is kept; other words and another text size are measured anew."""
    text = Text("One line.", "body", wrap=True)
    qtbot.addWidget(text)

    def right():
        fresh = Text(text.text(), "body", wrap=True)
        qtbot.addWidget(fresh)
        return [QLabel.heightForWidth(fresh, width) for width in (120, 300)]

    assert [text.heightForWidth(width) for width in (120, 300)] == right()
    one = text.heightForWidth(120)
    text.setText("Many more words than before, so that they stand on several lines.")
    assert [text.heightForWidth(width) for width in (120, 300)] == right()
    assert text.heightForWidth(120) > one
    look.apply(qapp, scheme="light", text_percent=150)
    assert [text.heightForWidth(width) for width in (120, 300)] == right()


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
@pytest.mark.parametrize("at_end", [True, False])
def test_a_button_stays_pressed_while_its_menu_is_open(qtbot, look, direction, at_end):
    button, menu = Button("A button wider than its menu, by far"), DroppedMenu()
    menu.addAction("One")
    for one in (button, menu):
        qtbot.addWidget(one)
        one.setLayoutDirection(direction)
    button.resize(button.sizeHint())
    for _ in range(2):
        button.drop(menu, at_end=at_end)
        assert button.isDown()
        menu.aboutToHide.emit()
        assert not button.isDown()
    left, right = button.mapToGlobal(QPoint(0, 0)).x(), button.mapToGlobal(QPoint(button.width(), 0)).x()
    ends = at_end is (direction == Qt.LayoutDirection.LeftToRight)
    assert menu.at.x() == (right - menu.sizeHint().width() if ends else left)


class DroppedMenu(QMenu):
    """Offscreen opens no menu."""

    at = QPoint()

    def popup(self, at):
        self.at = at
