"""Tasks: use and label mix of each over time, the timer, and the rules that sort use by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import UNSET
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu, QVBoxLayout, QWidget

from tokenpal.engine import budgets, commands, queries, sorting
from tokenpal.engine.sorting import TaskStanding, TaskTable
from tokenpal.insight.suggestions import Suggestion
from tokenpal.insight.tickets import Tickets
from tokenpal.model.budget import BudgetScope, Standing
from tokenpal.model.journal import Task
from tokenpal.model.report import AccountRow, Filter
from tokenpal.settings import week_start
from tokenpal.system.opener import open_url
from tokenpal.translation import mark, tr
from tokenpal.ui.dialogs.task import TaskDialog, TaskWords
from tokenpal.ui.dialogs.trackers import TrackersDialog
from tokenpal.ui.numbers import plain
from tokenpal.ui.page import Page
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.tasks import trackers
from tokenpal.ui.tasks.actions import DeleteQuestion, MergeDialog
from tokenpal.ui.tasks.listing import TaskListing
from tokenpal.ui.tasks.nearby import Nearby
from tokenpal.ui.tasks.resting import Keyboard, Resting
from tokenpal.ui.tasks.rules import RulesCard
from tokenpal.ui.tasks.suggestions import SuggestionsCard
from tokenpal.ui.tasks.table import SORTS, as_csv
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.throttle import Throttle
from tokenpal.ui.widgets.buttons import IconButton, Pressable, PrimaryButton
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.controls import PhraseCombo, SearchField, Segmented

RANGES = (("30", mark("30 d"), 30), ("90", mark("90 d"), 90), ("365", mark("12 mo"), 365), ("all", mark("All"), None))
HISTORY_MS = 5000  # while logs are read, usage changes several times a second; what reads the whole history follows at most this often
ASKS = frozenset({"usage", "labels", "tasks", "budgets", "settings", "accounts"})


class TasksPage(Page):
    """Tasks by falling use; suggestions and rules below."""

    title = "Tasks"

    def _make(self) -> Iterator[None]:
        desk = self.desk
        self._rows: list[TaskStanding] = []
        self._table: TaskTable | None = None
        self._budgets: dict[int, tuple[Standing, ...]] = {}
        self._trackers: tuple[Tickets, ...] = ()
        self._suggested: tuple[Suggestion, ...] = ()
        self._days: int | None = RANGES[0][2]
        self._asked = 0
        self._sorting = Throttle(self._ask_sorting, self, HISTORY_MS)
        self._fill_head()
        yield
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        scroll = self.scroller = Scroll()
        scroll.setWidget(body)
        scroll.on_ground()
        self.listing = TaskListing(desk, scroll.viewport())
        yield
        self.card, self.finished = self.listing.card, self.listing.finished
        self.suggestions = SuggestionsCard()
        yield
        self.rules = RulesCard(desk, scroll.viewport())
        yield
        Keyboard(body)
        self._nearby = Nearby(scroll, self._resting, lambda: self.listing.busy)
        for widget in (self.listing, self.suggestions, self.rules):
            column.addWidget(widget)
            widget.placed.connect(self._nearby.look)
        column.addStretch(1)
        for signal, slot in (
            (self.listing.opened, self._open), (self.listing.timer, self._timer), (self.listing.edited, self._edit),
            (self.listing.done, self._done), (self.listing.more, self._menu), (self.listing.linked, self._link),
            (self.listing.budgets, self._open_budgets), (self.listing.cleared, self.filter.clear), (self.rules.said, self.toast),
            (self.suggestions.taken, self._take), (self.suggestions.dismissed, self._dismiss), (self.suggestions.trackers, self.set_up_trackers),
            (self.suggestions.brought_back, self._bring_back), (self.listing.to_rules.clicked, self._go_to_rules),
        ):  # fmt: skip
            signal.connect(slot)
        self.column.addWidget(scroll, 1)

    def _resting(self) -> list[Resting]:
        return [*self.listing.resting(), *self.suggestions.resting(), *self.rules.resting()]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if hasattr(self, "_nearby"):  # all is made
            self._nearby.look()

    def _fill_head(self) -> None:
        self.filter = SearchField(tr("Filter tasks"), "/")
        self.filter.setToolTip(with_key(tr("Words of a name, a ticket or a tag"), "Ctrl+F"))
        self.filter.textChanged.connect(self._narrow)
        self.filter.setMinimumWidth(px(170))
        self.filter.setMaximumWidth(px(220))
        self.range = self.main = Segmented([(key, tr(words)) for key, words, _ in RANGES], tr("Range"))
        self.range.chosen.connect(self._range_chosen)
        self.sort = PhraseCombo(tr("sort by"), [(key, tr(words)) for key, (words, _) in SORTS.items()], tr("Order of the tasks"))
        self.sort.chosen.connect(self._sorted)
        self.as_table = IconButton("table", tr("Show as table"), framed=True)
        self.as_table.setCheckable(True)
        self.as_table.setToolTip(with_key(tr("Show as table"), "Ctrl+T"))
        self.as_table.toggled.connect(self._show_table)
        export = IconButton("export", tr("Export as CSV"), framed=True)
        export.setToolTip(with_key(tr("Export as CSV"), "Ctrl+E"))
        export.clicked.connect(self._export)
        add = PrimaryButton(tr("New task"))
        add.setObjectName("task-new")
        add.setToolTip(with_key(tr("New task"), "Ctrl+N"))
        add.clicked.connect(self._new)
        for control in (self.filter, self.range, self.sort, self.as_table, export, add):
            self.head.addWidget(control)
        for key, slot in (("Ctrl+N", self._new), ("/", self._find), ("Ctrl+F", self._find), ("Ctrl+T", self.as_table.toggle), ("Ctrl+E", self._export)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(slot)

    # ---- figures ------------------------------------------------------------------------------------------
    def refresh(self, what: frozenset[str]) -> None:
        if "settings" in what:
            self._trackers = trackers.chosen(self.desk.settings)
        if what & ASKS:
            self._ask_table()
            self.desk.bridge.ask(queries.accounts, then=self._accounts_found)
            self.desk.bridge.ask(queries.rules, then=self.rules.set_rules)
            if what & ASKS == {"usage"}:
                self._sorting.call(what)
            else:
                self._ask_sorting(what)

    def _ask_sorting(self, _what: frozenset[str]) -> None:
        """What reads the whole history."""
        self.desk.bridge.ask(sorting.rule_standings, then=self.rules.set_standings)
        self.desk.bridge.ask(sorting.suggestions, self._trackers, then=self._suggestions_found)

    def _accounts_found(self, rows: list[AccountRow]) -> None:
        self.rules.set_accounts([(str(row.id), row.name) for row in rows])

    def _week_start(self) -> int:
        return week_start(self.desk.settings.get("general.week_start"))

    def _ask_table(self) -> None:
        zone = self.desk.zone().key
        self.desk.bridge.ask(budgets.standings, zone, self._week_start(), self.desk.today(), then=self._budgets_found)
        self._asked += 1
        self.desk.bridge.ask(sorting.task_table, zone, self._week_start(), self._days, then=self._filled)

    def _budgets_found(self, found: list[Standing]) -> None:
        own: dict[int, tuple[Standing, ...]] = {}
        for one in found:
            if one.budget.scope is BudgetScope.TASK and one.budget.of is not None:
                own[one.budget.of] = (*own.get(one.budget.of, ()), one)
        self._budgets = own

    def _filled(self, table: TaskTable) -> None:
        self._asked -= 1
        if self._asked:
            return  # a newer answer is on its way
        self._table, self._rows = table, [row for row in table.rows if row.task is None or not row.task.archived]
        self.listing.set(table, self._budgets, self._trackers)
        words = {key: words for key, words, _ in RANGES}[self.range.key()]
        self.card.set_qualifier(tr("all time, cost at list price") if self._days is None else tr("last {range}, cost at list price", range=tr(words)))
        self.rules.set_tasks([row.task for row in self._rows if row.task and not row.task.done])
        self._show_suggestions()

    def _suggestions_found(self, found: tuple[Suggestion, ...]) -> None:
        self._suggested = found
        self.desk.bridge.ask(sorting.dismissed_count, then=self._dismissed_found)

    def _dismissed_found(self, count: int) -> None:
        self._dismissed_ones = count
        self._show_suggestions()

    def _show_suggestions(self) -> None:
        names = {row.task.id: row.task.name for row in self._table.rows if row.task} if self._table else {}
        self.suggestions.set_found(self._suggested, names, getattr(self, "_dismissed_ones", 0))

    @Slot(str)
    def _range_chosen(self, key: str) -> None:
        self._days = next(days for known, _, days in RANGES if known == key)
        self._ask_table()

    @Slot(str)
    def _sorted(self, key: str) -> None:
        self.listing.show_as(sort=key)

    @Slot(str)
    def _narrow(self, text: str) -> None:
        self.listing.show_as(wanted=text.strip())

    @Slot(bool)
    def _show_table(self, on: bool) -> None:
        if self.listing.table.hasFocus():
            self.as_table.setFocus(Qt.FocusReason.OtherFocusReason)  # what it is in goes
        self.listing.show_as(table=on)

    @Slot()
    def _find(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    @Slot()
    def _go_to_rules(self) -> None:
        self.scroller.verticalScrollBar().setValue(self.rules.y())
        (self.rules._lines[0] if self.rules._lines else self.rules.pattern).setFocus(Qt.FocusReason.ShortcutFocusReason)  # noqa: SLF001  # its own card

    @Slot()
    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Export as CSV"), "tokenpal-tasks.csv", tr("Table (*.csv)"))
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write the tasks that are shown, in their order."""
        if self._table is None:
            return
        try:
            with plain():
                path.write_text(as_csv(self.listing.rows(), self._table), encoding="utf-8")
        except OSError as error:
            why = error.strerror or str(error)
            self.desk.bridge.failed.emit(tr("Not exported"), tr("{file} could not be written: {why}.", file=path.name, why=why), tr("Choose another place."))
            return
        self.toast.emit(tr("Written to {file}.", file=path.name), False)

    # ---- tasks --------------------------------------------------------------------------------------------
    def _task(self, id_: int) -> Task | None:
        return next((row.task for row in self._table.rows if row.task and row.task.id == id_), None) if self._table else None

    def show_item(self, item: object) -> None:
        """A task (its id) that a notice speaks of."""
        task = self._task(item) if isinstance(item, int) else None
        if task is not None:
            self.filter.setText(task.name)

    @Slot(str)
    def _open(self, name: str) -> None:
        self.go.emit("sessions", Filter(tasks=(name,)))

    @Slot(str)
    def _link(self, address: str) -> None:
        if not open_url(address):
            self.desk.bridge.failed.emit(tr("Not opened"), tr("{address} could not be opened.", address=address), tr("Change the link of the task."))

    @Slot(int, bool)
    def _timer(self, task: int, start: bool) -> None:
        if start:
            self.desk.bridge.ask(commands.start_timer, task)
        else:
            self.desk.bridge.ask(commands.stop_timer)

    @Slot(int, bool)
    def _done(self, task: int, done: bool) -> None:
        self.desk.bridge.ask(commands.finish_task, task, done)
        self.toast.emit(tr("Done.") if done else tr("Open again."), True)

    @Slot()
    def _new(self) -> None:
        dialog = TaskDialog(None, self, self._trackers)
        dialog.written.connect(self._add)
        self._show(dialog)

    @Slot(object)
    def _add(self, words: TaskWords) -> None:
        self.desk.bridge.ask(commands.add_task, words.name, words.tags, words.ticket, words.link, words.color)
        self.toast.emit(tr("{task} added.", task=words.name), True)

    @Slot(int)
    def _edit(self, id_: int) -> None:
        task = self._task(id_)
        if task is not None:
            self._editing = id_
            dialog = TaskDialog(task, self, self._trackers)
            dialog.written.connect(self._keep)
            self._show(dialog)

    @Slot(object)
    def _keep(self, words: TaskWords) -> None:
        color = UNSET if words.color is None else words.color
        self.desk.bridge.ask(commands.edit_task, self._editing, words.name, words.tags, words.ticket, words.link, UNSET, UNSET, color)

    def _show(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(int, QWidget)
    def _menu(self, id_: int, button: Pressable) -> None:
        menu = self.menu_of(id_)
        if menu is not None:
            button.drop(menu)

    def menu_of(self, id_: int) -> QMenu | None:
        """What can be done with a task besides its buttons."""
        task = self._task(id_)
        if task is None:
            return None
        self._chosen = task
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, slot in (
            (tr("Budgets…"), self._menu_budgets), (tr("Merge into another task…"), self._menu_merge),
            (tr("Bring back") if task.archived else tr("Archive"), self._menu_archive), (tr("Delete…"), self._menu_delete),
        ):  # fmt: skip
            action = QAction(words, menu)
            action.triggered.connect(slot)
            menu.addAction(action)
        return menu

    @Slot()
    def _menu_budgets(self) -> None:
        self._open_budgets(self._chosen.id)

    @Slot(int)
    def _open_budgets(self, task: int) -> None:
        from tokenpal.ui.dialogs.budgets import BudgetsDialog

        self._show(BudgetsDialog(self.desk, scope="task", of=task, parent=self))

    @Slot()
    def _menu_archive(self) -> None:
        task = self._chosen
        self.desk.bridge.ask(commands.edit_task, task.id, UNSET, UNSET, UNSET, UNSET, UNSET, not task.archived)
        said = tr("{task} is back.", task=task.name) if task.archived else tr("{task} archived.", task=task.name)
        self.toast.emit(said, True)

    @Slot()
    def _menu_merge(self) -> None:
        others = [row.task for row in self._table.rows if row.task and row.task.id != self._chosen.id and not row.task.archived] if self._table else []
        dialog = MergeDialog(self.desk, self._chosen, others, self)
        dialog.merged.connect(self._said)
        self._show(dialog)

    @Slot()
    def _menu_delete(self) -> None:
        dialog = DeleteQuestion(self.desk, self._chosen, self)
        dialog.deleted.connect(self._said)
        self._show(dialog)

    @Slot(str)
    def _said(self, words: str) -> None:
        self.toast.emit(words, True)

    # ---- suggestions --------------------------------------------------------------------------------------
    @Slot(object)
    def _take(self, one: Suggestion) -> None:
        self.desk.bridge.ask(sorting.take_suggestion, one)
        self.toast.emit(tr("{name} added, with a rule for its use.", name=one.name), True)

    @Slot(object)
    def _dismiss(self, one: Suggestion) -> None:
        self.desk.bridge.ask(sorting.dismiss_suggestion, one)
        self.toast.emit(tr("{name} is not suggested any more.", name=one.name), True)

    @Slot()
    def _bring_back(self) -> None:
        self.desk.bridge.ask(sorting.bring_back_suggestions)

    @Slot()
    def set_up_trackers(self) -> None:
        """Choose which tickets are looked for and where they open."""
        dialog = TrackersDialog(self.desk.settings, self)
        dialog.kept.connect(self._trackers_kept)
        self._show(dialog)

    @Slot()
    def _trackers_kept(self) -> None:
        self.refresh(frozenset({"settings"}))
