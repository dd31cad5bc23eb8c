"""Half a character, as a keyboard, the clipboard or a raw command line may hand it over: harmless wherever a person writes (issue 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tokenpal.engine import commands, prices, queries
from tokenpal.insight.tasks import attribute
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn, Template
from tokenpal.model.names import whole
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import UsageRecord, stable_key
from tokenpal.store import accounts, checkins, edits, journal, ledger, tasks
from tokenpal.store.database import Store

NOW = 1_795_000_000
HALF = "\ud83d"
RULES = ledger.Rules(None, None, None, attribute)
anything = st.text(st.characters(min_codepoint=1), min_size=1, max_size=30) | st.text(st.sampled_from(["a", " ", "\ud83d", "\ude00", "\udc80", "ü", "😀"]), min_size=1, max_size=8)
"""Every character there is, halves among them."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "t.db", now=lambda: NOW) as opened:
        log = accounts.ensure_log_account(opened, "claude-code", "/c", "Claude Code", "anthropic")
        ledger.apply(opened, ledger.Batch(log, [UsageRecord(stable_key("k"), "claude-code:one", NOW - 60, "m1", Tokens(output=9), folder="/shop")]), RULES)
        yield opened


def keepable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@given(anything)
def test_text_is_made_whole_once_and_for_all(text: str) -> None:
    made = whole(text)
    assert keepable(made)
    assert whole(made) == made
    assert made == text or not keepable(text)
    assert whole(text + "x").endswith("x")


def test_two_halves_are_one_and_a_lone_one_is_marked() -> None:
    assert whole("a\ud83d\ude00b") == "a😀b"
    assert whole("a\ude00\ud83db") == "a��b"
    assert whole("plain") == "plain"


PLACES: dict[str, Callable[[Store, str], Any]] = {
    "a note": lambda store, text: commands.note_session(store, "claude-code:one", note=text, link=text),
    "a tag": lambda store, text: journal.annotate(store, ["claude-code:one"], tags=[text[:40]]),
    "a session that is not there": lambda store, text: commands.label_sessions(store, [text], "delivered"),
    "a task": lambda store, text: commands.add_task(store, text, [text[:40]], text, text),
    "a check-in": lambda store, text: commands.save_checkin(store, CheckIn("2026-W47", text, text, text, text)),
    "a template": lambda store, text: commands.save_template(store, Template(text, text, text, text, text)),
    "an account": lambda store, text: commands.rename_account(store, 1, text),
    "a rule": lambda store, text: commands.add_rule(store, "branch", text, tasks.add_task(store, f"task {len(queries.tasks(store))}").id),
    "a project": lambda store, text: commands.set_project_default(store, text, None),
    "an alias": lambda store, text: prices.alias_model(store, text, text),
    "a price": lambda store, text: prices.set_price_override(store, text, {"output": "3"}),
    "a search": lambda store, text: queries.find(store, text),
    "a week": lambda store, text: checkins.written_weeks(store, text=text),
    "a session": lambda store, text: queries.find_session(store, text),
    "a budget": lambda store, text: commands.set_budget(store, Budget(BudgetMeasure.LIST_PRICE, 10, BudgetPeriod.DAY, currency=text)),
}


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=40)
@given(text=anything)
def test_half_a_character_is_harmless(place: str, store: Store, text: str) -> None:
    for _ in range(2):  # the same words again meet themselves
        with suppress(UsageError):
            PLACES[place](store, text)
    while edits.undo(store, attribute, lambda: prices.pricer_for(store)):
        pass
    while edits.redo(store, attribute, lambda: prices.pricer_for(store)):
        pass
    assert all(keepable(title) for _, title, _ in edits.history(store))
    while edits.undo(store, attribute, lambda: prices.pricer_for(store)):
        pass


def test_what_was_written_can_be_read_and_found_again(store: Store) -> None:
    commands.note_session(store, "claude-code:one", note=f"retry {HALF} works")
    assert store.execute("SELECT note FROM annotation").fetchone() == ("retry � works",)
    assert [one.kind for one in queries.find(store, "retry works")] == ["note"]
    commands.add_task(store, f"Pay{HALF}")
    with pytest.raises(UsageError, match="already"):
        commands.add_task(store, f"pay{HALF}")
    assert queries.task(store, f"Pay{HALF}").name == "Pay�"
    written = commands.save_checkin(store, CheckIn("2026-W47", tried=f"half {HALF}"))
    assert written.tried == "half �"
    before = edits.newest(store)
    commands.save_checkin(store, CheckIn("2026-W47", tried=f"half {HALF}"))
    assert edits.newest(store) == before, "nothing changed, so there is nothing to take back"
