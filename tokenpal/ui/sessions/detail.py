"""The detail pane of one session: timeline with its parts, classes, facts, task and why, what came of it, where the figures are from."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.branches import is_inferred
from tokenpal.insight.why import Why
from tokenpal.model.journal import Split
from tokenpal.model.report import SessionDetail, SessionRow
from tokenpal.translation import tr
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import Flow
from tokenpal.ui.sessions import parts, words
from tokenpal.ui.sessions.cuts import Cuts
from tokenpal.ui.sessions.facts import Facts
from tokenpal.ui.sessions.outcome import Outcome
from tokenpal.ui.sessions.timeline import PartsTimeline
from tokenpal.ui.theme import PANE_PAD, px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.marks import Chip, KeyHint, SwatchLabel
from tokenpal.ui.widgets.text import Rule, Text, as_tip


class DetailPane(Card):
    """Shows one session and lets its words be changed; the page carries out what is asked."""

    task_wanted = Signal()
    split_wanted = Signal(int)  # from this instant on
    merge_wanted = Signal(int)  # the split at this instant goes

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(pad=(PANE_PAD, PANE_PAD), parent=parent)
        self._desk = desk
        self.row: SessionRow | None = None

    def make(self) -> Iterator[None]:
        """Its parts, once; every yield is a place to stop and go on later."""
        self._empty = EmptyState(tr("No session chosen."), tr("Choose one on the left."))
        self._filled = QWidget()
        column = QVBoxLayout(self._filled)
        column.setContentsMargins(0, 0, px(4), 0)
        column.setSpacing(px(10))
        head = QHBoxLayout()
        self._title = Text("", "big", elide=True)
        self._total = Text("", "big")
        head.addWidget(self._title, 1)
        head.addWidget(self._total)
        column.addLayout(head)
        under = QHBoxLayout()
        self._where = Text("", "small", "text-2", elide=True)
        self._exact = Text("", "small", "text-2")
        under.addWidget(self._where, 1)
        under.addWidget(self._exact)
        column.addLayout(under)
        yield
        self.timeline = PartsTimeline(self._desk)
        self.timeline.moved.connect(self._cursor_moved)
        self.timeline.key.connect(self.press)
        column.addWidget(self.timeline)
        yield
        column.addWidget(self._cutting())
        yield
        self.facts = Facts()
        column.addWidget(self.facts)
        yield
        column.addWidget(Rule())
        self._why = Text("", "small", "text-2", wrap=True)
        self._why.setObjectName("why-this-task")
        self.outcome = Outcome()
        self.outcome.lead(tr("Task"), self._task_line(), self._why)
        column.addWidget(self.outcome)
        yield
        self.note_edit, self.tags = self.outcome.note, self.outcome.tags
        self._models = parts.Lines(tr("Models"), "mono")
        self._segments = parts.Lines(tr("Parts"))
        self._rule = Rule()
        for widget in (self._rule, self._segments, self._models):
            column.addWidget(widget)
        self._from = Text("", "small", "text-3", wrap=True)
        column.addWidget(self._from)
        column.addStretch(1)
        self._scroll = Scroll()
        self._scroll.setWidget(self._filled)
        self.body.addWidget(self._empty, 1)
        self.body.addWidget(self._scroll, 1)
        self._scroll.hide()

    def _cutting(self) -> QWidget:
        self._cut_bar = QWidget()
        flow = Flow(self._cut_bar, gap=12)
        self._cut_words = Text("", "small", "text-2")
        self.split_link = Link(tr("Split here"))
        self.split_link.setToolTip(tr("The later part belongs to another task (S)"))
        self.split_link.clicked.connect(self._split)
        self.merge_link = Link(tr("Merge with the part before"))
        self.merge_link.setToolTip(tr("Take the split back (M)"))
        self.merge_link.clicked.connect(self._merge)
        for widget in (self._cut_words, self.split_link, KeyHint("s"), self.merge_link):
            flow.addWidget(widget)
        self._cut_bar.hide()
        return self._cut_bar

    def _task_line(self) -> QWidget:
        self._task = SwatchLabel(tr("No task"), "none", weight=500)
        self._via = Chip("")
        change = Link(tr("Change"))
        change.setAccessibleName(tr("Change the task"))
        change.setToolTip(tr("Choose a task (T)"))
        change.clicked.connect(self.task_wanted)
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(px(10))
        for widget in (self._task, self._via, change):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(KeyHint("t"))
        return holder

    # ---- what is shown ------------------------------------------------------------------------------------
    def take(self, row: SessionRow | None) -> None:
        """What is written, cut or joined from now on is about this session; ``fill`` shows it."""
        another = self.row is None or row is None or row.id != self.row.id
        if another:
            self.outcome.keep()
        self.row = row
        if row is not None:
            self.outcome.show_row(row, fresh=another)
        if another:  # nothing is left of the one before, whatever comes first
            self.timeline.show_cuts(None)
            self.facts.show_sub_agents(None)
            self._why.hide()
            self._set_parts([], [])
            self._scroll.verticalScrollBar().setValue(0)

    def fill(self) -> Iterator[None]:
        """Show the figures of the session taken; ``set_detail`` adds what takes a query of its own. Every yield is a place to stop."""
        row = self.row
        self._scroll.setVisible(row is not None)
        self._empty.setVisible(row is None)
        if row is not None:
            yield from self._say(row)
            yield
            yield from self.facts.fill(row)

    def _say(self, row: SessionRow) -> Iterator[None]:
        tokens = row.measures.tokens
        self._title.setText(words.title(row))
        self._total.setText(numbers.short(tokens.total))
        self._total.setToolTip(tr("{tokens} tokens", tokens=numbers.exact(tokens.total)))
        exact = numbers.exact(tokens.total)
        self._exact.setText(tr("{tokens} measured", tokens=exact) if row.grain == "request" else tr("{tokens} reported", tokens=exact))
        self._where.setText(self._place(row))
        yield
        self._task.set(row.task or tr("No task"), row.task_color + 1 if row.task_id is not None else "none")
        self._via.set_text(tr(words.VIA[row.via]) if row.via in words.VIA else "")
        self._from.setText(self._origin(row, self._desk.now()))

    def say_age(self) -> None:
        """Whether the session still runs, and how long ago it was used."""
        if self.row is not None:
            self._where.setText(self._place(self.row))
            self._from.setText(self._origin(self.row, self._desk.now()))

    def _place(self, row: SessionRow) -> str:
        now = self._desk.now()
        inferred = tr("branch inferred") if is_inferred(row.agent, row.branch) else ""
        day = times.day(self._desk.moment(row.started).date())
        running = tr("still running") if words.running(row, now) else ""
        where = (words.last_part(row.project), words.agent_name(row.agent, row.account), day, words.span(row, self._desk.moment, now), running, inferred)
        return "  ·  ".join(part for part in where if part)

    def _origin(self, row: SessionRow, now: int) -> str:
        agent = words.agent_name(row.agent, row.account)
        version = f"{agent} {row.version}".strip() if row.grain == "request" else agent
        last = times.age(max(0, now - row.ended))
        if row.grain == "request":
            return tr("Measured from the log of {agent}, account {account}; last use {age}.", agent=version, account=row.account, age=last)
        return tr("Reported by {agent}, account {account}; last use {age}.", agent=version, account=row.account, age=last)

    def say_empty(self, anything: bool) -> None:
        """What stands here while no session is chosen: nothing at all when there is none to choose."""
        self._empty.set(*((tr("No session chosen."), tr("Choose one on the left.")) if anything else ("",)))

    def add_detail(self, found: tuple[SessionDetail, tuple[Split, ...]] | None) -> Iterator[None]:
        """Show the timeline, parts and sub-agents of the session taken; every yield is a place to stop."""
        row = self.row
        if found is None or row is None or found[0].row.id != row.id:
            return
        detail, splits = found
        now = self._desk.now()
        self.outcome.show_outcome(detail.link, detail.minutes_saved)
        end = tr("now") if words.running(row, now) else times.clock(self._desk.moment(row.ended))
        tint: paint.Tint = row.task_color + 1 if row.task_id is not None else "grey"
        cuts = Cuts(detail.moments, detail.segments, splits, row.started, row.ended)
        yield
        if self.row is None or self.row.id != row.id:
            return
        self.timeline.show_cuts(cuts, end, tint)
        yield
        self.facts.show_sub_agents(detail.sub_agents)
        yield
        self._set_parts(parts.model_lines(detail.models), parts.segment_lines(detail.segments, self._desk.moment))

    def add_why(self, session: str, found: tuple[Why, ...]) -> Iterator[None]:
        """Show why the session has its task: one sentence for each of its parts, and what else spoke for another."""
        if self.row is None or self.row.id != session:
            return
        sentences = list(dict.fromkeys(one.words for one in found if one.words))
        others = list(dict.fromkeys(said for one in found for said in one.others))
        self._why.setText(" ".join(sentences))
        self._why.setToolTip(as_tip("\n".join(others)))
        self._why.setVisible(bool(sentences))
        yield

    def _set_parts(self, models: list[parts.Line], segments: list[parts.Line]) -> None:
        self._models.set(models)
        self._segments.set(segments)
        self._rule.setVisible(bool(models or segments))

    # ---- cutting ------------------------------------------------------------------------------------------
    @Slot()
    def _cursor_moved(self) -> None:
        cuts, at = self.timeline.cuts, self.timeline.at()
        merges = bool(cuts and any(part.by_hand for part in cuts.parts[1:]))
        self._cut_bar.setVisible(cuts is not None and (at is not None or merges))
        self.split_link.setEnabled(at is not None)
        self.merge_link.setVisible(merges)
        if cuts is not None and at is not None:
            before, after = (numbers.short(side) for side in cuts.sides(at))
            clock = times.clock(self._desk.moment(at))
            self._cut_words.setText(tr("{clock}: {before} before, {after} from there on", clock=clock, before=before, after=after))
        elif cuts is not None:
            self._cut_words.setText(tr("{parts} parts", parts=len(cuts.parts)))

    def press(self, key: str) -> None:
        """``s`` puts the cursor where a cut most likely belongs, then asks for the later part's task; ``m`` takes a split back."""
        cuts = self.timeline.cuts
        if cuts is None:
            return
        if key == "m":
            self._merge()
        elif self.timeline.at() is None:
            self.timeline.setFocus()
            self.timeline.put_cursor(cuts.best())
            self._scroll.ensureWidgetVisible(self.timeline)
        else:
            self._split()

    @Slot()
    def _split(self) -> None:
        at = self.timeline.at()
        if at is not None:
            self.split_wanted.emit(at)

    @Slot()
    def _merge(self) -> None:
        """The part at the cursor, or the newest that begins at a split, joins the one before."""
        cuts, at = self.timeline.cuts, self.timeline.at()
        if cuts is None:
            return
        number = cuts.part_at(at) if at is not None else len(cuts.parts) - 1
        here = [part for part in cuts.parts[1 : number + 1] if part.by_hand] or [part for part in cuts.parts[1:] if part.by_hand]
        if here:
            self.merge_wanted.emit(here[-1].start)
