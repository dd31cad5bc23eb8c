"""One account: what is known of it, what it can and cannot tell, what of it counts, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine import providers, queries
from tokenpal.insight import reconcile_words
from tokenpal.insight.corrections import correction_words
from tokenpal.insight.health import Health
from tokenpal.insight.limit_words import balance_words, limit_words
from tokenpal.insight.limits import Standing, own_name
from tokenpal.model.report import AccountRow, Correction, Report
from tokenpal.translation import mark, tr, trn
from tokenpal.ui import numbers, times
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import PANE_PAD, px
from tokenpal.ui.widgets.buttons import Button, Link
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.controls import PhraseCombo
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.text import Rule, Text, as_tip

SHOWN_PROBLEMS = 20
SHOWN_CORRECTIONS = 5
HEALTH, TODAY, BALANCE, LIMITS, CORRECTED = mark("Health"), mark("Today"), mark("Balance"), mark("Limits"), mark("Corrected")

TIPS = {
    "test": mark("Asks the provider once with what is kept. Nothing is changed."), "key": mark("A new key takes the place of the old one once it works."),
    "options": mark("Which part of the provider's figures is read."), "read": mark("Reads what is new now, instead of at the next turn."),
    "compare": mark("Day by day: what it reports, what the logs of this machine have, and why they differ."),
    "remove": mark("Asks first whether its history stays."), "statusline": mark("Lets Claude Code hand its official limits to tokenpal."),
}  # fmt: skip
KINDS = {"log": mark("logs on this machine"), "inbox": mark("handed over")}


class AccountCard(Card):
    """``acted(what)``: test, key, options, read, remove. ``counted(counts)`` and ``mirrored(account id or "")`` when the rule changes."""

    acted = Signal(str)
    counted = Signal(str)
    mirrored = Signal(str)

    def __init__(self, desk: Desk, row: AccountRow, parent: QWidget) -> None:
        super().__init__(pad=(PANE_PAD, PANE_PAD), parent=parent)
        self.row = row
        self._desk = desk

    def parts(self, others: Sequence[AccountRow]) -> Iterator[None]:
        """Make what is in it, once; every yield is a place to stop and go on later. ``others``: all accounts."""
        row = self.row
        head = QHBoxLayout()
        head.addWidget(Text(row.name, "big", wrap=True), 1)
        head.addWidget(Chip(tr(KINDS.get(row.kind, mark("provider account")))), 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(28))
        self._grid.setVerticalSpacing(px(7))
        self._grid.setColumnStretch(1, 1)
        self._facts: dict[str, Text] = {}
        for name, words in self._known():
            self._fact(name, words)
            yield
        if row.kind != "log":
            self._rules(others)
            yield
        self.body.addLayout(self._grid)
        info = providers.info(row.source)
        self._docs = info.docs if info is not None else ""
        if self._docs:
            link = Link(tr("Documentation"))
            link.setObjectName("account-docs")
            link.setToolTip(self._docs)
            link.clicked.connect(self._open_docs)
            self.body.addWidget(link)
        self._problems = QVBoxLayout()
        self._problems.setSpacing(px(6))
        self.body.addLayout(self._problems)
        self.body.addWidget(Rule())
        foot = Flow()
        for what, words in self._actions():
            button = Button(words, danger=what == "remove")
            button.setProperty("what", what)
            button.setAccessibleDescription(row.name)
            if what in TIPS:
                button.setToolTip(tr(TIPS[what]))
            button.setObjectName(f"account-{what}")
            button.clicked.connect(self._pressed)
            foot.addWidget(button)
            yield
        self.body.addLayout(foot)

    def _known(self) -> list[tuple[str, str]]:
        row = self.row
        facts: list[tuple[str, str]] = []
        facts += [(name, "") for name in (HEALTH, TODAY, BALANCE, LIMITS, CORRECTED)]
        if row.root and row.kind != "inbox":
            facts.append((mark("Folder") if row.kind == "log" else mark("Address"), row.root))
        info = providers.info(row.source)
        if info is not None:
            facts += [(option.name, "") for option in info.options]
            facts += [(mark("Tells"), tr(info.tells) if info.tells else ""), (mark("Cannot tell"), tr(info.silent) if info.silent else "")]
        return facts

    def _fact(self, name: str, words: str) -> None:
        """A line of the card; without words it waits, unseen."""
        line = self._grid.rowCount()
        told = (Text(tr(name), "small", "text-2", wrap=True), Text(words, "small", wrap=True, selectable=True))
        told[1].setAccessibleDescription(tr(name))
        for column, text in enumerate(told):
            self._grid.addWidget(text, line, column, Qt.AlignmentFlag.AlignTop if column == 0 else Qt.AlignmentFlag(0))
            if not words:
                text.hide()  # never shown before it has a place: that would be a window of its own
        self._facts[name] = told[1]
        told[1].setProperty("name", told[0])

    def _tell(self, name: str, words: str) -> None:
        value = self._facts[name]
        value.setText(words)
        for text in (value, value.property("name")):
            text.setVisible(bool(words))

    def _rules(self, others: Sequence[AccountRow]) -> None:
        row = self.row
        ways = [(way, tr(text)) for way, text in reconcile_words.WAYS.items()]
        counts = PhraseCombo(tr("counts"), ways, tr("What counts of this account"))
        counts.setObjectName("account-counts")
        counts.choose(row.counts)
        counts.setToolTip(tr("Logs and reports can show the same requests; this decides, so that nothing is counted twice."))
        counts.chosen.connect(self.counted)
        line = self._grid.rowCount()
        self._grid.addWidget(Text(tr("In totals"), "small", "text-2"), line, 0)
        self._grid.addWidget(counts, line, 1, Qt.AlignmentFlag.AlignLeft)
        upstream = [other for other in others if other.kind == "api" and other.id != row.id]
        info = providers.info(row.source)
        if info is not None and info.gateway and upstream:
            options = [("", tr("no other account")), *((str(other.id), other.name) for other in upstream)]
            mirror = PhraseCombo(tr("shows the same as"), options, tr("Which account this gateway mirrors"))
            mirror.setMaximumWidth(px(360))
            mirror.choose(str(row.mirror_of or ""))
            mirror.setToolTip(tr("Requests that a gateway passes on are reported twice. Then its tokens are left out and its bills still count."))
            mirror.chosen.connect(self.mirrored)
            self._grid.addWidget(Text(tr("Gateway"), "small", "text-2"), line + 1, 0)
            self._grid.addWidget(mirror, line + 1, 1, Qt.AlignmentFlag.AlignLeft)

    def _actions(self) -> list[tuple[str, str]]:
        if self.row.kind == "log":
            line = [("statusline", tr("Status line"))] if self.row.source == "claude-code" else []
            return [("read", tr("Read again")), *line, ("remove", tr("Remove"))]
        compare = ("compare", tr("Compare with the logs"))
        if self.row.kind == "inbox":
            return [compare, ("remove", tr("Remove"))]
        info = providers.info(self.row.source)
        needs = bool(self.row.secret) or info is None or info.needs_key
        test = ("test", tr("Test the key") if needs else tr("Test the connection"))
        key = [("key", tr("Enter a new key") if needs else tr("Enter a key"))] if needs or (info is not None and info.needs_base_url) else []
        options = [("options", tr("Change options"))] if info is not None and info.options else []
        return [test, *key, *options, ("read", tr("Read now")), compare, ("remove", tr("Remove"))]

    @Slot()
    def _pressed(self) -> None:
        button = self.sender()
        if button is not None:
            self.acted.emit(button.property("what"))

    @Slot()
    def _open_docs(self) -> None:
        if self._desk.actions is not None:
            self._desk.actions.open_page_in_browser(self._docs)

    # ---- what takes a question of its own -----------------------------------------------------------------
    def set_options(self, given: Mapping[str, str]) -> None:
        """What the person chose of the source's options: whose use is read."""
        info = providers.info(self.row.source)
        for option in info.options if info is not None else ():
            value = given.get(option.id, "")
            words = dict(option.choices).get(value, "")
            self._tell(option.name, tr(words) if words else value)

    def set_health(self, found: Sequence[Health]) -> None:
        """How it is doing and what to do: the words of ``tokenpal doctor``."""
        mine = next((one for one in found if one.account == self.row.id), None)
        if mine is not None:
            self._tell(HEALTH, "\n".join(part for part in (mine.sentence, mine.next_step) if part))

    def set_corrections(self, found: Sequence[Correction]) -> None:
        """What the provider said otherwise later of days it had told."""
        year = self._desk.today().year
        days = [times.day(one.day) + (f" {one.day.year}" if one.day.year != year else "") for one in found[:SHOWN_CORRECTIONS]]
        self._tell(CORRECTED, "\n".join(correction_words(one, day) for one, day in zip(found, days, strict=False)))

    def set_today(self, answer: Report) -> None:
        """Today's use of this account."""
        tokens = answer.total.tokens.total
        said = tr("{n} tokens", n=numbers.short(tokens)) if tokens else tr("nothing")
        last = self._desk.moment(self.row.last_success) if self.row.last_success else None
        if not tokens and self.row.state != "ok" and last is not None and last.date() < self._desk.today():
            said = tr("unknown since {when}", when=times.moment(last, self._desk.moment()))
        elif self.row.state == "stale" and last is not None:
            said = times.stale(said, last, self._desk.moment())
        self._tell(TODAY, said)

    def set_standing(self, standing: Standing) -> None:
        """Plan windows and prepaid money left, with reset and age; the pace that leads to the outlook on hover."""
        now, zone = self._desk.now(), self._desk.zone()
        mine = [one for one in standing.windows if one.account_id == self.row.id]
        names = [own_name(one.state.reading.name) for one in mine]
        said = [(name[:1].upper() + name[1:], limit_words(one, now, zone)) for name, one in zip(names, mine, strict=True)]
        self._tell(LIMITS, "\n".join(f"{name}: {numbers.join((one.head, one.reset, one.outlook, one.source))}" for name, one in said))
        self._facts[LIMITS].setToolTip(as_tip("\n".join(f"{name}: {numbers.join((one.pace, one.even))}" for name, one in said if one.pace or one.even)))
        left = [one for one in standing.balances if one.account_id == self.row.id]
        self._tell(BALANCE, "\n".join(f"{own_name(one.balance.name)}: {balance_words(one, now, zone).line}" for one in left))

    def set_problems(self, rows: Sequence[queries.ProblemRow]) -> None:
        """What could not be read: each reason once, with its places."""
        reasons: dict[str, list[queries.ProblemRow]] = {}
        for row in rows:
            if row.account == self.row.id:
                reasons.setdefault(row.reason, []).append(row)
        if not reasons:
            return
        count = sum(len(places) for places in reasons.values())
        self._problems.addWidget(Rule())
        self._problems.addWidget(Text(
            trn("{n} place left out; everything else was read", "{n} places left out; everything else was read", count, shown=numbers.digits(count)),
            "small", "text-2", weight=500, wrap=True))
        shown = 0
        for reason, places in reasons.items():
            self._problems.addWidget(Text(tr(reason), "small", weight=500, wrap=True, selectable=True))
            for place in places[: max(3, SHOWN_PROBLEMS // len(reasons))]:
                where = Text(f"\u00a0\u00a0{place.source.replace(chr(92), '/').rsplit('/', 1)[-1]}, {place.position}", "mono", "text-2", elide=True)
                where.setAccessibleName(place.source)
                self._problems.addWidget(where)
                shown += 1
        if count > shown:
            self._problems.addWidget(Text(tr("and {n} more", n=numbers.digits(count - shown)), "small", "text-3"))
