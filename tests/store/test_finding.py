"""Search while typing: every word a prefix, whatever the accents, nothing a person types is an error, and what it shows is plain text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.store.kit import log_account, open_store, put, record
from tokenpal.model.found import Found
from tokenpal.model.journal import CheckIn
from tokenpal.store import checkins, edits, journal, tasks
from tokenpal.store.database import Store
from tokenpal.store.finding import find, piece


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("find") / "t.db") as store:
        put(store, log_account(store), [record(session="claude-code:a", folder="/home/me/crème-parser")])
        journal.annotate(store, ["claude-code:a"], note="Borrow checker, second try\nArena works; the naïve visitor fights back", tags=["spike"], now=100)
        journal.annotate(store, ["claude-code:gone"], note="日本語のとても長いメモ", now=200)
        journal.annotate(store, ["claude-code:x"], note="<b>bold</b> & <img src=x> [link](http://x)", now=300)
        tasks.add_task(store, "Checkout retry", tags=["payments"], ticket="PAY-142", now=100)
        checkins.save_checkin(store, CheckIn("2026-W47", tried="A retry with jitter", learned="Ask the small model first"), now=100)
        yield store


def hits(store: Store, text: str) -> set[tuple[str, str]]:
    return {(one.kind, one.ref) for one in find(store, text)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("borr", {("note", "claude-code:a")}), ("NAIVE vis", {("note", "claude-code:a")}), ("naïve", {("note", "claude-code:a")}), ("spike", {("note", "claude-code:a")}),
        ("retry", {("task", "1"), ("checkin", "2026-W47")}), ("pay-142", {("task", "1")}), ("payments", {("task", "1")}), ("jitter small", {("checkin", "2026-W47")}),
        ("parser", {("project", "/home/me/crème-parser")}), ("日本", {("note", "claude-code:gone")}), ("長い", {("note", "claude-code:gone")}), ("zebra", set()), ("", set()), ('"', set()),
    ],
)  # fmt: skip
def test_everything_the_person_wrote_is_found(store: Store, text: str, wanted: set[tuple[str, str]]) -> None:
    assert hits(store, text) == wanted


def test_a_hit_is_plain_text_with_places_to_mark(store: Store) -> None:
    note = find(store, "visit")[0]
    assert note.title == "Borrow checker, second try"
    assert [note.line[start : start + length] for start, length in note.line_marks] == ["visit"]
    markup = find(store, "bold")[0]
    assert markup.title == "<b>bold</b> & <img src=x> [link](http://x)"
    assert [markup.title[start : start + length] for start, length in markup.title_marks] == ["bold"]
    assert find(store, "jitter")[0].at == 1_763_337_600 + 52 * 7 * 86_400


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30) | st.lists(st.sampled_from(["NEAR", "OR", "AND", '"', "*", "(", "^", ":", "retry", "-", "{", "\x00", "'"]), max_size=6).map(" ".join))
def test_nothing_that_can_be_typed_is_an_error(store: Store, text: str) -> None:
    for one in find(store, text, 5):
        assert isinstance(one, Found)
        assert all(0 <= start < start + length <= len(one.line) for start, length in one.line_marks)
        assert all(0 <= start < start + length <= len(one.title) for start, length in one.title_marks)


@given(st.text(max_size=3000), st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6))
def test_a_piece_is_short_and_one_line(text: str, word: str) -> None:
    shown = piece(text, [word.lower()])
    assert len(shown) <= 162
    assert len(shown.splitlines()) <= 1


def test_a_hit_goes_when_its_words_go_and_comes_back(tmp_path: Path) -> None:
    with open_store(tmp_path / "t.db") as store:
        journal.annotate(store, ["a"], note="quokka")
        assert hits(store, "quok") == {("note", "a")}
        edits.undo(store)
        assert hits(store, "quok") == set()
        edits.redo(store)
        assert hits(store, "quok") == {("note", "a")}


def test_the_newest_come_first_and_no_kind_hides_another(tmp_path: Path) -> None:
    with open_store(tmp_path / "t.db") as store:
        tasks.add_task(store, "word")
        checkins.save_checkin(store, CheckIn("2026-W01", tried="word"))
        for number in range(80):
            journal.annotate(store, [f"s{number}"], note=f"word {number}", now=number)
        found = find(store, "word", 40)
        assert len(found) == 40
        assert {one.kind for one in found} == {"task", "note", "checkin"}
        assert [one.ref for one in found if one.kind == "note"][:2] == ["s79", "s78"]
