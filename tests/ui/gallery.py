"""Pictures of every widget and chart, to be looked at: `python -m tests.ui.gallery OUTDIR [NAME ...]`.

Renders light and dark at 1x and 2x on the offscreen platform. Nothing here asserts; see test_widgets.py and test_charts.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.ui import numbers, times
from tokenpal.ui.charts.data import Bucket, Series, StackedSeries
from tokenpal.ui.charts.panel import ChartPanel
from tokenpal.ui.charts.timeline import Timeline
from tokenpal.ui.theme import CARD_GAP, color, theme
from tokenpal.ui.widgets.buttons import Button, IconButton, LabelButton, Link, PrimaryButton
from tokenpal.ui.widgets.card import Card, DayHeader, EmptyState, Scroll
from tokenpal.ui.widgets.choices import CheckBox, DateField, NumberField
from tokenpal.ui.widgets.controls import LineEdit, PhraseCombo, SearchField, Segmented
from tokenpal.ui.widgets.fields import ByteLine, BytePreview, Field
from tokenpal.ui.widgets.focus import FocusRing
from tokenpal.ui.widgets.legend import LabelLegend, Legend, LegendItem
from tokenpal.ui.widgets.marks import Chip, KeyHint, LabelGlyph, SwatchLabel
from tokenpal.ui.widgets.meters import ContextRing, LineMeter, Meter, MeterBar
from tokenpal.ui.widgets.notices import Banner, Toast
from tokenpal.ui.widgets.sidebar import Sidebar
from tokenpal.ui.widgets.strips import HeatMap, LabelStrip, Strip14, WeekStrips
from tokenpal.ui.widgets.table import Table, TableView
from tokenpal.ui.widgets.text import Rule, Text

PAGES = (
    ("overview", "Overview", "overview"), ("sessions", "Sessions", "sessions"), ("tasks", "Tasks", "tasks"),
    ("check-in", "Check-in", "check-in"), ("sharing", "Sharing", "sharing"), ("accounts", "Accounts", "accounts"),
    ("settings", "Settings", "settings"),
)  # fmt: skip
DAYS14 = (0.08e6, 0.08e6, 1.05e6, 0.8e6, 1.0e6, 0.85e6, 0.9e6, 0.13e6, 0.1e6, 0.7e6, 1.2e6, 1.6e6, 1.1e6, 0.9e6)


def sidebar() -> QWidget:
    bar = Sidebar(PAGES)
    bar.choose("overview")
    bar.set_count("sessions", 2, "2 sessions to label")
    bar.set_running("Checkout retry", "1 h 12 min · 214 k")
    bar.set_foot("Read 2 min ago · 4 sources")
    bar.setFixedHeight(560)
    return bar


def controls() -> QWidget:
    page = QWidget()
    grid = QVBoxLayout(page)
    top = QHBoxLayout()
    top.addWidget(Text("Overview", "title"))
    top.addStretch(1)
    ranges = Segmented([(k, k) for k in ("Today", "7 d", "30 d", "90 d", "12 mo", "Custom")], "Range")
    ranges.choose("30 d")
    top.addWidget(ranges)
    for word, words in (("show", "Tokens"), ("by", "Task"), ("per", "Day")):
        top.addWidget(PhraseCombo(word, [(words, words), ("x", "Something longer")]))
    top.addWidget(Button("Export"))
    grid.addLayout(top)
    row = QHBoxLayout()
    for w in (PrimaryButton("Save"), Button("Copy as Markdown"), Button("Test again", icon_name="refresh"), Link("Show in Sessions"),
              IconButton("stop", "Stop", framed=True), IconButton("more", "More"), Chip("measured"), Chip("Borrow checker, second try", glyph="exploration"),
              KeyHint("n", "note"), KeyHint("space", "later"), KeyHint("↵")):
        row.addWidget(w)
    off = Button("Not now")
    off.setEnabled(False)
    row.addWidget(off)
    row.addStretch(1)
    grid.addLayout(row)
    row = QHBoxLayout()
    row.addWidget(SearchField("Search notes, tasks, projects"))
    row.addWidget(LineEdit("Name of the account"))
    filled = LineEdit("", "Key", mono=True)
    filled.setText("sk-admin-…41f2")
    row.addWidget(filled)
    grid.addLayout(row)
    row = QHBoxLayout()
    for label in ("exploration", "delivered", "waste"):
        row.addWidget(LabelButton(label))
    grid.addLayout(row)
    row = QHBoxLayout()
    for label in ("exploration", "delivered", "waste"):
        row.addWidget(LabelButton(label, compact=True))
    for label in ("exploration", "delivered", "waste", None):
        row.addWidget(LabelGlyph(label))
    for i in range(1, 9):
        row.addWidget(SwatchLabel(f"S{i}", i))
    row.addWidget(SwatchLabel("No task", "none"))
    row.addWidget(SwatchLabel("Else", "else"))
    grid.addLayout(row)
    type_row = QVBoxLayout()
    for role in ("display", "title", "big", "head", "body", "small", "cap", "mono"):
        type_row.addWidget(Text(f"{role} 31.3\u202fM tokens, 2,204,318 · 1:12:40", role))
    grid.addLayout(type_row)
    page.setFixedWidth(1080)
    return page


def focus() -> QWidget:
    """Every control as it looks while the keyboard is on it."""
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(12, 12, 12, 12)
    row.setSpacing(14)
    parts = Segmented([("a", "Week"), ("b", "Month")], "Range")
    row.addWidget(parts)
    for w in (Button("Export"), PrimaryButton("Save"), Link("Show"), IconButton("more", "More"), PhraseCombo("by", [("t", "Task")]), LabelButton("delivered"),
              CheckBox("Follow the system"), NumberField("Days", 0, 99), DateField("From")):  # fmt: skip
        row.addWidget(w)
    targets = [parts._group.button(0), *(row.itemAt(i).widget() for i in range(1, row.count()))]
    rings = []
    for target in targets:
        target.keyboard_focus = True
        ring = FocusRing(QApplication.instance())
        QApplication.instance().focusChanged.disconnect(ring._moved)
        ring.setWidget(target)
        rings.append(ring)
    page.rings = rings
    return page


def cards() -> QWidget:
    page = QWidget()
    grid = QGridLayout(page)
    grid.setSpacing(CARD_GAP)
    mix = Card("Label mix", "by week")
    inner = QHBoxLayout()
    weeks = WeekStrips()
    weeks.set([("W43", (27, 41, 9, 21)), ("W44", (31, 39, 8, 20)), ("W45", (22, 43, 11, 24)), ("W46", (36, 36, 5, 23)), ("W47", (31, 41, 5, 23))])
    legend = LabelLegend(column=True)
    legend.set((31, 41, 5, 23))
    inner.addWidget(weeks, 1)
    inner.addSpacing(14)
    inner.addWidget(legend, 0, Qt.AlignmentFlag.AlignTop)
    mix.body.addLayout(inner)
    mix.body.addStretch(1)
    limits = Card("Limits and budgets", "read 2 min ago")
    for args in (("Claude 5 hours", 0.62, "resets in 1 h 48 min", "reported"), ("Claude week", 0.88, "resets Mon 09:00", "reported"), ("Codex week", None, "", "")):
        m = Meter()
        m.set(*args)
        limits.body.addWidget(m)
    m = Meter()
    m.set_words("Own budget, month", 0.41, "10 days left", "$20.60 of $50.00 · estimated")
    limits.body.addWidget(m)
    when = Card("When", "weekday and hour")
    heat = HeatMap()
    heat.set([[max(0, (9 - abs(h - 11)) * (d < 5) * ((h * 7 + d * 3) % 5 + 1)) if 7 < h < 22 else 0 for h in range(24)] for d in range(7)])
    when.body.addWidget(heat)
    day = Card()
    day.set_title("Wednesday 18 November", "2.20 M in 6 sessions")
    day.set_qualifier("2 more")
    day.set_link("Show in Sessions")
    day.body.addWidget(Rule())
    day.body.addWidget(DayHeader("Today, Fri 20 November", "1.24 M"))
    strip = LabelStrip((31, 41, 5, 23))
    legend_row = LabelLegend()
    legend_row.set((31, 41, 5, 23))
    day.body.addWidget(strip)
    day.body.addWidget(legend_row)
    ring = ContextRing()
    ring.set(0.78, "24.4 M have a task and a label")
    unknown = ContextRing()
    unknown.set(None)
    rings = QHBoxLayout()
    rings.addWidget(ring)
    rings.addWidget(unknown)
    rings.addStretch(1)
    day.body.addLayout(rings)
    glance = Card()
    glance.body.addWidget(Text("1.24\u202fM", "display"))
    fortnight = Strip14()
    fortnight.set((*DAYS14[:5], None, *DAYS14[6:]), [f"{d} Nov" for d in range(7, 21)])
    glance.body.addWidget(fortnight)
    glance.body.addWidget(LineMeter("Claude 5 hours", 0.62, "in 1 h 48 min"))
    glance.body.addWidget(LineMeter("Claude week", 0.88, "Mon 09:00"))
    names = Legend("Tasks")
    names.set_items([LegendItem(n, n, t, s) for n, t, s in (("Checkout retry", 1, "9.84 M"), ("Search index", 2, "7.12 M"), ("Flaky CI hunt", 3, "3.96 M"),
                    ("Everything else", "else", "1.42 M"), ("No task", "none", "1.61 M"))])
    names._rows[1].setChecked(False)
    side = Card()
    side.body.addWidget(names)
    for i, w in enumerate((mix, limits, when)):
        grid.addWidget(w, 0, i)
    grid.addWidget(day, 1, 0, 1, 2)
    grid.addWidget(side, 1, 2)
    grid.addWidget(glance, 2, 0)
    empty = Card()
    blank = EmptyState("Nothing this week.", "tokenpal has read all logs of this machine.", ghosts=True)
    blank.foot.addWidget(Button("Add a provider account"))
    empty.body.addWidget(blank)
    grid.addWidget(empty, 2, 1, 1, 2)
    page.setFixedWidth(1080)
    return page


def notices() -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setSpacing(CARD_GAP)
    refused = Banner("problem", "OpenAI refused the key", "It answered 401 at 13:02: the key was revoked or belongs to another organisation. "
                     "Figures up to 12:58 are safe; nothing after that is read.")
    refused.add_button("Enter a new key", primary=True)
    refused.add_button("Test again")
    refused.add_button("Pause this account")
    column.addWidget(refused)
    column.addWidget(Banner("attention", "Checkout retry is at $52.10 of your $50.00 for November.", "Nothing was stopped.", dismissible=True))
    column.addWidget(Banner("info", "This is an example.", "No team is set up, so nothing is ever sent."))
    fields = QHBoxLayout()
    tried = Field("Tried", "what you explored")
    tried.set_text("A second pass at the Rust parser with an arena. A small model reading CI logs before the large one does.")
    tried.setFixedHeight(140)
    fields.addWidget(tried)
    empty = Field("Learned", "what to keep", "One thing you would tell yourself in March")
    empty.setFixedHeight(140)
    fields.addWidget(empty)
    column.addLayout(fields)
    column.addWidget(BytePreview([
        ByteLine('{"epoch":"2026-W47",', "the week, no finer time"), ByteLine('"policy":"5f0c91ad…0b3d",', "same for every member"), ByteLine('"q":['),
        ByteLine(' {"id":"label","k":4,"odds":7,"sent":0},', "one session: exploration", True),
        ByteLine(' {"id":"use","k":3,"odds":7,"sent":2}],', "three or more days", True), ByteLine('"team":"n3Yx…Qw"}', "same for every member")]))
    table = TableView()
    table.set_table(Table(("Day", "Checkout retry", "Search index", "No task"), (("Wed 18 Nov", "982,114", "214,380", "168,040"), ("Thu 19 Nov", "0", "730,004", "–"))))
    table.setFixedHeight(120)
    column.addWidget(table)
    bars = QHBoxLayout()
    for s in (0.61, 1.0, 0.0, 0.9, None):
        bars.addWidget(MeterBar(s))
    column.addLayout(bars)
    scroll = Scroll()
    long = QWidget()
    inner = QVBoxLayout(long)
    for i in range(12):
        inner.addWidget(Text(f"Line {i}", elide=True))
    scroll.setWidget(long)
    scroll.setFixedHeight(90)
    column.addWidget(scroll)
    column.addSpacing(60)
    page.setFixedWidth(900)
    toast = Toast(page)
    page.adjustSize()
    toast.say("Labelled 3 sessions as delivered.")
    return page


def sample(days: int = 30, scheme: str = "task") -> StackedSeries:
    """Made-up days: quiet week ends, six tasks, the rest and no task."""
    names = (("Checkout retry", 1, 9), ("Search index", 2, 7), ("Flaky CI hunt", 3, 4), ("Design tokens", 4, 3), ("Rust spike", 5, 3), ("Docs refresh", 6, 2),
             ("Everything else", "else", 2), ("No task", "none", 2))
    if scheme == "label":
        names = (("Exploration", "exploration", 8), ("Delivered", "delivered", 10), ("Waste", "waste", 3), ("Not labelled", "unlabelled", 5))
    first = date(2026, 11, 20) - timedelta(days=days - 1)
    buckets = tuple(Bucket(times.day(d), times.short_day(d), d.weekday() == 0) for d in (first + timedelta(days=i) for i in range(days)))

    def value(i: int, k: int, weight: int) -> int:
        quiet = 0.06 if (first + timedelta(days=i)).weekday() >= 5 else 1
        return round(quiet * weight * 30_011 * ((i * 7 + k * 5) % 9 + 1) / (1 + (i + k) % 3)) if (i + k) % 4 else 0

    series = tuple(Series(n, n, t, tuple(value(i, k, w) for i in range(days))) for k, (n, t, w) in enumerate(names))
    return StackedSeries(title="Tokens by task", buckets=buckets, series=series, today=days - 1, feet=("Measured · click to list 6 sessions",) * days)


def _charted(data: StackedSeries, hover: int = -1, height: int = 340, select: tuple[int, int] | None = None) -> QWidget:
    card = Card()
    row = QHBoxLayout()
    panel = ChartPanel()
    panel.set_series(data)
    panel.setMinimumSize(720, height)
    row.addWidget(panel, 1)
    names = Legend("Tasks")
    names.set_items([LegendItem(s.key, s.name, s.tint, numbers.short(sum(s.values))) for s in data.ordered()])
    names.setFixedWidth(200)
    row.addSpacing(24)
    row.addWidget(names)
    card.body.addLayout(row)
    card.setFixedWidth(1040)
    panel.chart._hover = hover
    if select:
        panel.chart.select(*select)
    card.chart = panel.chart
    return card


def chart() -> QWidget:
    board = _charted(sample(), hover=27)
    board.after = lambda: board.chart._show_tip()
    return board


def charts() -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    labels = sample(30, "label")
    column.addWidget(_charted(labels, height=200, select=(4, 9)))
    month = sample(30)
    hatched = tuple(replace(s, hatched=tuple(i > 24 for i in range(30))) for s in month.series)
    column.addWidget(_charted(replace(month, series=hatched, gaps=frozenset({10, 11}), pending=frozenset({0, 1, 2})), height=200))
    column.addWidget(_charted(sample(365), height=200))
    column.addWidget(_charted(sample(3000), height=160))
    column.addWidget(_charted(sample(1), height=160))
    week = sample(7)
    column.addWidget(_charted(replace(week, bare=True, today=-1, buckets=tuple(Bucket(b.long, b.long[:3]) for b in week.buckets)), height=170))
    column.addWidget(_charted(replace(sample(30), series=()), height=160))
    line = Timeline()
    busy = [(i * 37 % 11 + 3) * 900 for i in range(23)] + [0] * 6 + [(i * 29 % 13 + 4) * 700 for i in range(27)]
    line.set(busy, lambda i: f"14:{2 + i:02}", 60)
    card = Card()
    card.body.addWidget(line)
    card.setFixedWidth(640)
    column.addWidget(card)
    return page


BOARDS = {"sidebar": sidebar, "controls": controls, "focus": focus, "cards": cards, "notices": notices, "chart": chart, "charts": charts}


def shoot(widget: QWidget, ratio: float) -> QImage:
    """The widget on the window's ground, as a picture of `ratio` physical px per logical px."""
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.show()
    size = QSize(max(widget.sizeHint().width(), widget.width()), max(widget.sizeHint().height(), widget.height()))
    widget.resize(size)
    QApplication.processEvents()
    getattr(widget, "after", lambda: None)()
    QApplication.processEvents()
    picture = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(color("ground"))
    painter = QPainter(picture)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return picture


def main(argv: list[str]) -> int:
    out = Path(argv[0] if argv else "gallery")
    out.mkdir(parents=True, exist_ok=True)
    ratio = 2 if os.environ.get("QT_SCALE_FACTOR") == "2" else 1
    app = QApplication.instance() or QApplication([])
    wanted = argv[1:] or list(BOARDS)
    for scheme in ("light", "dark"):
        theme().apply(app, scheme=scheme)
        for name in wanted:
            board = BOARDS[name]()
            shoot(board, ratio).save(str(out / f"{name}-{scheme}-{ratio}x.png"))
            board.deleteLater()
    if ratio == 1:  # a scale factor counts from the start of a process only
        return subprocess.run([sys.executable, "-m", "tests.ui.gallery", *argv], env={**os.environ, "QT_SCALE_FACTOR": "2"}, check=False).returncode
    print("\n".join(sorted(p.name for p in out.glob("*.png"))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
