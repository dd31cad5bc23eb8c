"""The Sharing page: every state, every button, live changes, the dialogs; against the real engine and in front of a sample one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.ui import sharing_samples as samples
from tests.ui.conftest import App, spin
from tests.ui.sharing_desk import SampleEngine
from tests.ui.test_pages import cut, too_wide
from tokenpal.engine.sharing import preview as engine_sharing, wording
from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.model.errors import UsageError
from tokenpal.settings import Settings
from tokenpal.ui import menu
from tokenpal.ui.bridge import Bridge
from tokenpal.ui.page import EVERYTHING, Desk
from tokenpal.ui.pages.sharing import SharingPage
from tokenpal.ui.sharing import words
from tokenpal.ui.sharing.invitation import InvitationDialog
from tokenpal.ui.sharing.publish import PublishDialog
from tokenpal.ui.sharing.start import StartDialog
from tokenpal.ui.theme import Theme

UI = Path(menu.__file__).parent
REFUSED = UsageError("llm.example.org does not answer.", "Try again later.")


class Shown:
    """The page alone, in a window, in front of a sample engine."""

    def __init__(self, qtbot: QtBot, folder: Path, view: SharingView) -> None:
        self.engine = SampleEngine(view)
        self.desk = Desk(Bridge(self.engine), Settings.load(folder / "settings.toml"), lambda: ZoneInfo("Europe/Berlin"), lambda: int(samples.NOW.timestamp()))  # type: ignore[arg-type]  # no accounts here
        self.page = SharingPage(self.desk)
        qtbot.addWidget(self.page)
        self.page.resize(1116, 934)
        self.page.show()
        self.said: list[str] = []
        self.page.toast.connect(lambda said, _: self.said.append(said))
        self.refresh()

    def refresh(self, view: SharingView | None = None) -> None:
        self.engine.view = view or self.engine.view
        self.page.refresh(EVERYTHING)
        self.settle()

    def settle(self) -> None:
        for _ in range(3):
            spin(5)
        assert self.desk.bridge.idle or self.engine.waiting

    def button(self, words_: str, where: QWidget | None = None) -> QAbstractButton:
        found = [one for one in (where or self.page).findChildren(QAbstractButton) if one.text() == words_ and one.isVisible()]
        assert len(found) == 1, f"{len(found)} buttons say {words_}"
        return found[0]

    def press(self, words_: str, where: QWidget | None = None) -> None:
        self.button(words_, where).click()
        self.settle()

    def dialog(self) -> Any:
        self.settle()
        return next(one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible())


@pytest.fixture
def show(qtbot: QtBot, look: object, tmp_path: Path) -> Iterator[Callable[[SharingView], Shown]]:
    yield lambda view: Shown(qtbot, tmp_path, view)
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog):
            widget.close()
    spin(5)


def texts(where: QWidget) -> list[str]:
    return [label.text() for label in where.findChildren(QLabel) if label.isVisible() and label.text()]


# ---------------------------------------------------------------------------------------------- every state


@pytest.mark.parametrize("name", list(samples.STATES))
def test_every_state_answers_the_five_questions_and_names_all_its_controls(show: Callable[[SharingView], Shown], name: str) -> None:
    view = samples.STATES[name]
    shown = show(view)
    said = texts(shown.page)
    assert view.headline in said
    for question in ("What leaves", "When", "To whom", "What they learn", "How you stop", "Never", "Not promised"):
        assert said.count(question) == 1
    for control in shown.page.findChildren(QAbstractButton):
        assert control.accessibleName() or control.text(), f"{name}: a control without a name"
        if control.isVisible() and (control.isChecked() or not control.autoExclusive()):  # arrows walk through the parts of a choice
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, f"{name}: {control.text()} cannot be reached by keyboard"
    assert shown.engine.asked == [], "looking at the page does nothing"


@pytest.mark.parametrize("percent", [100, 130])
def test_nothing_is_cut_in_any_state_in_the_smallest_window(show: Callable[[SharingView], Shown], look: Theme, qapp: QApplication, percent: int) -> None:
    look.apply(qapp, scheme="light", text_percent=percent)
    shown = show(samples.NEVER_ASKED)
    shown.page.resize(836, 600)
    for name, view in samples.STATES.items():
        shown.refresh(view)
        inner = shown.page._scroll.widget()
        assert inner.width() <= shown.page._scroll.viewport().width(), f"{name} would have to scroll sideways"
        assert too_wide(shown.page) == [], name
        assert cut(shown.page) == [], name


def test_the_limits_are_set_no_smaller_than_the_promise(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    found = {label.text(): label for label in shown.page.plain.findChildren(QLabel)}
    promises = [found[sentence] for _, sentence in words.answers(samples.SHARING)] + [found[words.NEVER]]
    limits = [found[sentence] for sentence in words.limits(samples.SHARING)]
    sizes = {(one.font().pixelSize(), one.font().weight(), one.palette().color(one.foregroundRole()).name()) for one in (*promises, *limits)}
    assert len(sizes) == 1


def test_how_many_may_collude_is_said_as_the_protocol_has_it() -> None:
    for members, needed, some in ((5, 4, "2 members of 5"), (6, 4, "1 member of 6"), (10, 7, "3 members of 10"), (25, 17, "8 members of 25")):
        assert some in words.limits(replace(samples.SHARING, counted=members, needed=needed))[0]
    assert "may open the seal" in words.limits(replace(samples.SHARING, counted=7, needed=4))[0]


def test_whoever_said_no_is_not_asked_again_but_can_come(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.NEVER_ASKED)
    shown.press("No thanks")
    assert shown.engine.asked == [("decline", ())]
    shown.refresh(samples.DECLINED)
    assert "No thanks" not in [button.text() for button in shown.page.findChildren(QAbstractButton) if button.isVisible()]
    assert not shown.button("Paste an invitation…")._primary  # type: ignore[attr-defined]  # it is offered, not urged


def test_what_is_managed_off_has_nothing_to_press_that_could_share(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.FORCED_OFF)
    left = {button.text() for button in shown.page.findChildren(QAbstractButton) if button.isVisible()}
    assert left <= {"Readable", "Bytes", "Sealed", "Copy"}


# ---------------------------------------------------------------------------------------------- the bytes


def test_the_bytes_are_shown_whole_and_the_readable_form_is_made_from_them(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    exact = shown.page.exact
    readable = "".join(line.code.strip() for line in exact.preview._lines)
    for part in ('"epoch":"2026-W47"', '{"id":"label","k":4,"odds":7,"sent":0}', '{"id":"use","k":3,"odds":7,"sent":2}', '"schema":"tokenpal-share/1"'):
        assert part in readable
        assert part in samples.TEXT
    shown.press("Bytes")
    assert exact.raw.isVisible()
    assert exact.raw.text() == samples.TEXT
    shown.press("Copy")
    assert QGuiApplication.clipboard().text() == samples.TEXT
    shown.press("Sealed")
    assert exact.sealed.text() == samples.ENVELOPE
    shown.press("Copy")
    assert QGuiApplication.clipboard().text() == samples.ENVELOPE
    assert words.size(samples.ENVELOPE) in exact.measure.text()


def test_before_it_goes_the_person_can_send_pause_or_take_back(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    assert any("Tue 15:32" in said and "llm.example.org" in said for said in texts(shown.page.exact)), "the drawn minute, in the person's zone"
    shown.press("Send now")
    assert shown.engine.asked == [("send_now", {})]
    assert shown.said
    shown.refresh(samples.SENT)
    shown.press("Withdraw it")
    assert shown.engine.asked[-1] == ("withdraw", {})
    assert not [one for one in shown.page.exact.buttons.values() if one.text() == "Send now"]


@pytest.mark.parametrize(("place", "weeks"), [(0, 1), (1, 4), (2, None)])
def test_pausing_takes_one_choice(show: Callable[[SharingView], Shown], place: int, weeks: int | None) -> None:
    shown = show(samples.SHARING)
    shown.page.pauses.actions()[place].trigger()
    shown.settle()
    assert shown.engine.asked == [("pause", (weeks,))]
    shown.refresh(samples.PAUSED)
    shown.press("Resume sharing")
    assert shown.engine.asked[-1] == ("resume", ())


def test_a_refusal_stays_on_the_page_as_a_sentence_and_a_next_step(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    shown.engine.answers["send_now"] = REFUSED
    shown.press("Send now")
    assert "llm.example.org does not answer. Try again later." in texts(shown.page)
    assert not shown.said


def test_something_slow_can_be_left_alone(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    shown.engine.answers["send_now"] = None
    shown.press("Send now")
    assert "Sending the report." in texts(shown.page)
    shown.page.do("withdraw")
    assert [name for name, _ in shown.engine.asked] == ["send_now"], "one thing at a time"
    shown.press("Cancel")
    assert shown.engine.waiting[0].cancelled()
    assert any(said.startswith("Stopped.") for said in texts(shown.page))


# ---------------------------------------------------------------------------------------------- results


def test_before_the_first_result_the_page_says_what_it_takes_and_which_weeks_are_missing(show: Callable[[SharingView], Shown]) -> None:
    gaps = {f"2026-W{week}": "too few members answered." for week in (41, 42, 43, 44, 46)}
    said = texts(show(replace(samples.SHARING, result=wording.so_far(2, 2, gaps))).page.result)
    assert "2 weeks have a sum; the first result is shown after 2 more. A few weeks alone would say nothing." in said
    assert [one for one in said if "has no result" in one] == [
        f"Week {week} has no result: too few members answered. Nobody can open it." for week in (42, 43, 44, 46)
    ]
    assert not any("in 9 of 10 cases" in one or "reports a week" in one for one in said)


def test_results_have_error_bars_of_those_who_share_and_no_person(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    said = " ".join(texts(shown.page.result))
    assert "10 to 12 reports a week, of those who share" in said
    assert "Week 45 has no result" in said
    described = " ".join(one.accessibleDescription() for one in shown.page.result.findChildren(QWidget))
    assert "Exploration: 34\u00a0%, between 22 to 46\u00a0%" in described
    assert "Waste: cannot be told from zero" in described
    assert not [one for one in shown.page.findChildren(QWidget) if one.metaObject().className() in {"QTableView", "QTableWidget", "TableView"}]


def test_a_trend_is_drawn_only_when_the_engine_gives_one(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    assert not any("changed by more than twice" in said for said in texts(shown.page))
    shown.refresh(samples.TRENDING)
    assert any("changed by more than twice its error" in said for said in texts(shown.page))


def test_the_results_page_opens_in_the_browser_by_the_link_the_engine_made(show: Callable[[SharingView], Shown], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("tokenpal.engine.outside.open_address", opened.append)
    shown = show(samples.SHARING)
    shown.press("Open the results page")
    assert opened == ["https://llm.example.org/t/x/results?pass=y"]


# ---------------------------------------------------------------------------------------------- members, rules, learnings


def test_vouching_is_for_words_that_match(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.ASKED)
    card = shown.page.urgent
    assert card.isVisible(), "it stands on top while somebody waits"
    assert not shown.page.joining.isVisible()
    buttons = [one for one in card.findChildren(QAbstractButton) if one.text() == "They match: vouch"]
    assert len(buttons) == 2, "not for whom this member has vouched already"
    assert "kivod-lomur-zutab-paneh" in buttons[0].accessibleName()
    buttons[0].click()
    shown.settle()
    assert shown.engine.asked == [("vouch", {"member": "m1"})]


def test_whoever_waits_for_vouchers_sees_the_words_and_can_ask_again(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.WAITING)
    assert {"2 members must vouch for you.", "lusab-babad-gutih-tugad"} <= set(texts(shown.page.urgent))
    shown.press("Look again")
    assert shown.engine.asked == [("join", {})]


def test_an_invitation_for_others_is_copied_from_its_dialog(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    shown.press("Invite…")
    dialog = shown.dialog()
    shown.settle()
    assert dialog.line.text() == samples.INVITATION
    shown.press("Copy the line", dialog)
    assert QGuiApplication.clipboard().text() == samples.INVITATION


def test_stale_shows_each_field_and_agreeing_is_one_button(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.STALE)
    said = texts(shown.page.changes)
    for line in samples.STALE.changes:
        assert {line.field, line.before, line.after} <= set(said)
    assert "3 fields would widen what you agreed to" in said
    assert "Send now" not in [one.text() for one in shown.page.findChildren(QAbstractButton) if one.isVisible()]
    shown.press("Agree and go on")
    assert shown.engine.asked == [("agree", {})]
    shown.press("Stay out")
    assert shown.dialog().windowTitle() == "Leave Payments?"


def test_a_change_that_widens_nothing_only_informs(show: Callable[[SharingView], Shown]) -> None:
    shown = show(replace(samples.SHARING, changes=samples.STALE.changes[-1:]))
    assert "nothing widens" in texts(shown.page.changes)
    assert "Agree and go on" not in [one.text() for one in shown.page.findChildren(QAbstractButton) if one.isVisible()]


def test_only_ones_own_learnings_can_be_retracted(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    shown.press("Retract")
    assert shown.engine.asked == [("retract", {"id": "l2"})]


# ---------------------------------------------------------------------------------------------- the log


def test_the_log_is_searched_shown_and_verified(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    history = shown.page.history
    assert len(history.found()) == len(samples.LOG) - 1
    history.notes.click()
    assert len(history.found()) == len(samples.LOG), "what stayed here is shown when asked for"
    history.notes.click()
    shown.settle()
    assert [one for one in texts(history) if one.startswith("Report, week")] == ["Report, week 46", "Report, week 45"]
    history.search.setText("week 45")
    assert [one.n for one in history.found()] == [25, 22]
    history.search.setText("nothing like it")
    shown.settle()
    assert "No entry has these words." in texts(history)
    history.search.setText("report 46 sum")
    shown.settle()
    shown.press("Show")
    dialog = shown.dialog()
    said = texts(dialog)
    assert samples.ENTRY.request in said
    assert samples.ENTRY.seed in said
    assert {samples.ENTRY.truth, samples.ENTRY.sent} <= set(said), "the truth stands beside what was sent"
    assert dialog.bytes.text() == samples.ENTRY.body
    dialog.close()
    shown.press("Verify byte for byte")
    assert "Everything is as it was sent" in texts(shown.dialog())


def test_a_long_log_shows_its_newest_and_more_when_asked(show: Callable[[SharingView], Shown]) -> None:
    many = tuple(replace(samples.LOG[0], n=n) for n in range(100, 0, -1))
    shown = show(replace(samples.SHARING, log=many))

    def rows() -> int:
        return len([one for one in shown.page.history.findChildren(QAbstractButton) if one.text() == "Show" and one.isVisible()])

    assert rows() == 8
    shown.press("Show 40 more")
    assert rows() == 48


def test_who_looks_for_an_old_entry_is_given_the_whole_log(show: Callable[[SharingView], Shown]) -> None:
    many = tuple(replace(samples.LOG[2], n=n) for n in range(500, 0, -1))
    shown = show(replace(samples.SHARING, log=many[:200]))
    shown.engine.answers["lines"] = many
    shown.page.history.search.setText("week 46")
    shown.settle()
    assert len(shown.page.history.found()) == 500


def test_a_log_that_was_changed_outside_says_so(show: Callable[[SharingView], Shown]) -> None:
    shown = show(replace(samples.SHARING, log_ok=False))
    assert any("chain does not hold" in said for said in texts(shown.page.history))


def test_the_log_is_exported_where_the_person_says(show: Callable[[SharingView], Shown], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokenpal.ui.pages.sharing.QFileDialog.getSaveFileName", lambda *_: (str(tmp_path / "log.jsonl"), ""))
    shown = show(samples.SHARING)
    shown.press("Export…")
    assert shown.engine.asked == [("export_log", (tmp_path / "log.jsonl",))]


# ---------------------------------------------------------------------------------------------- dialogs


def test_an_invitation_is_read_here_before_anything_is_fetched(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.NEVER_ASKED)
    shown.press("Paste an invitation…")
    dialog = shown.dialog()
    assert isinstance(dialog, InvitationDialog)
    dialog.line.setText("https://llm.example.org")
    assert not dialog.look.isEnabled()
    assert any("not an invitation" in said for said in texts(dialog))
    dialog.line.setText(samples.INVITATION)
    said = texts(dialog)
    assert "llm.example.org" in said
    assert any(samples.TEAM in one for one in said)
    assert shown.engine.asked == [], "so far nothing has been asked of anybody"
    shown.engine.answers["look"] = REFUSED
    shown.press("Look at the team's rules", dialog)
    assert "llm.example.org does not answer. Try again later." in texts(dialog)
    assert dialog.line.text() == samples.INVITATION, "what was pasted stays"
    shown.engine.answers["look"] = ""
    shown.engine.view = samples.PREVIEW
    shown.press("Look at the team's rules", dialog)
    assert shown.engine.asked == [("look", {"invitation": samples.INVITATION})] * 2
    assert {rule.words for rule in samples.RULES} <= set(texts(dialog))
    shown.press("Begin the preview", dialog)
    assert samples.PREVIEW.headline in texts(shown.page)


def test_starting_needs_every_tick_and_none_is_set_before(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.PREVIEW)
    shown.press("Start without waiting…")
    dialog = shown.dialog()
    assert isinstance(dialog, StartDialog)
    assert dialog.ticks() == ()
    assert not dialog.start.isEnabled()
    for box in dialog.boxes.values():
        assert not dialog.start.isEnabled()
        QTest.keyClick(box, Qt.Key.Key_Space)
    shown.press("Start without waiting", dialog)
    assert shown.engine.asked == [("start", {"ticks": ("label", "use"), "skip": True})]
    shown.refresh(samples.READY)
    shown.press("Start sharing…")
    dialog = shown.dialog()
    for box in dialog.boxes.values():
        box.click()
    shown.press("Start sharing", dialog)
    assert shown.engine.asked[-1] == ("start", {"ticks": ("label", "use"), "skip": False})


def test_no_line_of_a_dialog_is_cut(show: Callable[[SharingView], Shown], look: Theme, qapp: QApplication) -> None:
    look.apply(qapp, scheme="light", text_percent=130)
    shown = show(samples.PREVIEW)
    shown.press("Start without waiting…")
    dialog = shown.dialog()
    dialog.resize(dialog.minimumWidth(), 100)
    shown.settle()
    for label in dialog.findChildren(QLabel):
        if label.isVisible() and label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()


def test_leaving_says_what_cannot_be_taken_back_and_return_stays(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    shown.press("Leave the team")
    dialog = shown.dialog()
    assert any("Sums that are out already stay" in said for said in texts(dialog))
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    shown.settle()
    assert shown.engine.asked == []
    shown.press("Leave the team")
    dialog = shown.dialog()
    shown.press("Leave the team", dialog)
    assert shown.engine.asked == [("leave", {})]
    assert not isValid(dialog) or not dialog.isVisible()


def test_a_line_is_published_only_after_what_stands_out_was_read(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    dialog = PublishDialog(shown.desk, "learned", "PAY-142 needed the schema first.", "2026-W47", shown.page)
    dialog.open()
    shown.settle()
    assert dialog.name.text() == "Jon", "the name chosen last time"
    assert not dialog.publish.isEnabled()
    assert any("PAY-142" in said and "ticket" in said for said in texts(dialog))
    assert dialog.text.extraSelections()[0].cursor.selectedText() == "PAY-142"
    dialog.anyway.click()
    assert dialog.publish.isEnabled()
    dialog.text.setPlainText("Give the agent the schema first, and /home/mira/notes.")
    assert not dialog.publish.isEnabled(), "other words, another look"
    dialog.text.setPlainText("Give the agent the schema first.")
    assert dialog.shown.text() == "Give the agent the schema first."
    dialog.name.clear()
    assert not dialog.publish.isEnabled()
    dialog.name.setText("Mira")
    shown.press("Publish", dialog)
    assert shown.engine.asked == [("publish", {"part": "learned", "text": "Give the agent the schema first.", "name": "Mira"})]


def test_without_a_team_there_is_nobody_to_publish_to(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.NEVER_ASKED)
    dialog = PublishDialog(shown.desk, "tried", "Something plain.", "2026-W47", shown.page)
    dialog.name.setText("Mira")
    dialog.open()
    shown.settle()
    assert not dialog.publish.isEnabled()


def test_closing_a_dialog_that_waits_stops_waiting(show: Callable[[SharingView], Shown]) -> None:
    shown = show(samples.SHARING)
    shown.engine.answers["leave"] = None
    shown.press("Leave the team")
    dialog = shown.dialog()
    shown.press("Leave the team", dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    shown.settle()
    assert shown.engine.waiting[0].cancelled()


# ---------------------------------------------------------------------------------------------- in the app


def test_the_page_of_the_real_engine_opens_no_connection(sample: App, internet_sockets: list[str]) -> None:
    page = sample.page("sharing")
    preview = sample.ask(engine_sharing.share_preview)
    assert page.exact.raw.text() == preview.text
    assert [line for line in page.exact.preview._lines if line.answer]
    assert page.view.state == "never asked"
    spin(100)
    assert internet_sockets == []


def test_the_tray_offers_a_pause_while_sharing_and_its_end_after(monkeypatch: pytest.MonkeyPatch, sample: App) -> None:
    desktop = sample.desktop
    did: list[object] = []
    do = replaced(desktop.side._actions(), pause_sharing=did.append, resume_sharing=lambda: did.append("resume"))

    def entries(line: str) -> dict[str, Any]:
        return {entry.name: entry for entry in menu.entries(None, [], False, desktop.desk.moment, 0, do, line)}

    assert entries("Sharing: off")["sharing"].text == "Sharing: off"
    assert not {"pause-sharing", "resume-sharing"} & set(entries("Sharing: off"))
    on = entries("Sharing: on, next report by Wednesday")
    assert on["sharing"].text == "Sharing: on, next report by Wednesday"
    for entry in on["pause-sharing"].entries:
        entry.trigger()
    entries("Sharing: paused until Mon 21 Dec")["resume-sharing"].trigger()
    assert did == [1, 4, 0, "resume"]


def test_that_sharing_is_on_is_seen_without_opening_anything(sample: App) -> None:
    sample.settle()
    sample.desktop.standing._know_sharing("Sharing: on, next report by Wednesday")
    assert sample.desktop.tray.icon.toolTip().endswith("Sharing: on, next report by Wednesday")
    sample.desktop.standing._know_sharing("Sharing: off")
    assert "Sharing" not in sample.desktop.tray.icon.toolTip()


def test_a_check_in_line_offers_publishing_only_to_whoever_shares(sample: App) -> None:
    page = sample.page("check-in")
    assert not [link for link in page.writing.publishing if link.isVisible()]
    page._know_sharing("Sharing: on, next report by Wednesday")
    assert all(link.isVisible() for link in page.writing.publishing)
    page.fields["learned"].insert("First line.\nSecond line.")
    page.fields["learned"].area.moveCursor(QTextCursor.MoveOperation.Start)
    page.writing.publishing[3].click()
    dialog = sample.dialog()
    assert isinstance(dialog, PublishDialog)
    assert dialog.part.key() == "learned"
    assert dialog.text.toPlainText() == "First line."
    dialog.reject()


def test_the_window_knows_nothing_of_the_protocol() -> None:
    for path in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.startswith(("tokenpal.share", "tokenpal.team", "tokenpal.system.net"))], path


# ---------------------------------------------------------------------------------------------- words and samples agree


def test_what_leaves_is_the_same_list_before_and_after_deciding() -> None:
    for view in (samples.NEVER_ASKED, samples.PREVIEW, samples.SHARING, samples.SENT):
        said = " ".join(sentence for _, sentence in words.answers(view))
        for part in (words.TWO[1:], words.COIN, words.BESIDE, words.ADDRESS, words.TAKES_PART, words.STOP[1:], words.STAYS, "whoever your team or company chose"):
            assert said.count(part) == 1, f"{view.state}: {part}"


@pytest.mark.parametrize("name", list(samples.STATES))
def test_the_log_of_a_sample_is_what_its_state_says(name: str) -> None:
    view = samples.STATES[name]
    left = [one for one in view.log if one.left]
    assert len({one.fingerprint for one in view.log}) == len(view.log)
    assert [one.at for one in view.log] == sorted((one.at for one in view.log), reverse=True)
    assert view.log_size == sum(one.size for one in left)
    assert all(one.size == len(samples.ENVELOPE) for one in left if one.what.startswith("Report"))
    if view.sent:
        assert left[0].what == f"Report, week {words.week_number(view.week)}"


def test_a_sealed_sample_is_as_long_as_a_real_one() -> None:
    for members in (3, 12):
        assert len(samples.envelope(members)) == samples.envelope_size(members)
