"""The way to a sentence in another language: what is found, what is filled in, and that nothing missing or broken is fatal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import translate
from tokenpal import translation
from tokenpal.translation import LANGUAGES, PSEUDO, WordBook, Words, folder, mark, pseudo, tr, trc, trn, use

COMPLETE = True
"""True once German is filled in: from then on no sentence may lack its translation."""
CODES = pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
VALUE = re.compile(r"\{(\w+)\}")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    use("en")


def test_english_is_the_source() -> None:
    assert use("en_GB") == "en"
    assert tr("Read {age}", age="3 h ago") == "Read 3 h ago"
    assert tr("{literal}") == "{literal}"
    assert trn("{n} session", "{n} sessions", 1) == "1 session"
    assert trn("{n} session", "{n} sessions", 1204, shown="1,204") == "1,204 sessions"
    assert trc("field", "Failed") == mark("Failed") == "Failed"


def test_counted_nouns_are_translated_too() -> None:
    from tokenpal.insight.numbers import count, money_line, unpriced

    assert (count(1, "session"), count(1204, "session"), count(2, "entry", "entries")) == ("1 session", "1,204 sessions", "2 entries")
    use(PSEUDO)
    assert all("‹" in said for said in (count(3, "session"), money_line(3, "USD", "cash"), unpriced(2)))


def test_german_says_dates_ages_and_counts() -> None:
    from datetime import date, datetime

    from tokenpal.insight import moments
    from tokenpal.insight.numbers import Marks, count, marks, use_marks

    before = marks()
    assert use("de_AT") == "de"
    use_marks(Marks(",", ".", hours_24=True))
    try:
        assert moments.short_day(date(2026, 3, 18)) == "18. März"
        assert moments.day(date(2026, 11, 18)) == "Mi 18. Nov."
        assert moments.age(7300) == "vor 2\u00a0Std"
        assert moments.until(datetime(2026, 11, 18, 12), datetime(2026, 11, 18, 11, 30)) == "in 30\u00a0min"
        assert (count(1, "session"), count(1204, "session")) == ("1 Sitzung", "1.204 Sitzungen")
    finally:
        use_marks(before)


def test_a_value_is_never_a_pattern() -> None:
    assert tr("On {branch}", branch="{0}{evil}") == "On {0}{evil}"


def test_pseudo_is_longer_and_keeps_values() -> None:
    use(PSEUDO)
    said = tr("Show {count} sessions", count="{x}")
    assert said.startswith("‹")
    assert said.endswith("›")
    assert "{x}" in said
    assert "sessions" not in said
    assert len(said) > len("Show {x} sessions") * 1.25
    assert pseudo("  ") == "  "
    assert tr("") == ""


@pytest.mark.parametrize("code", ["xx", "", "C", "posix", "zh_CN"])
def test_an_unknown_language_is_english(code: str) -> None:
    assert use(code) == "en"


def test_a_damaged_catalogue_is_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "de.mo").write_bytes(b"\xde\x12\x04\x95 nothing of use")
    monkeypatch.setattr(translation, "folder", lambda: tmp_path)
    assert use("de") == "en"
    assert tr("Settings") == "Settings"


def test_tables_translate_what_is_taken_out() -> None:
    words, book = Words("month", ("May", "June")), WordBook("", {"waste": "Waste"})
    assert (words[0], list(words), book["waste"], dict(book), words[:1]) == ("May", ["May", "June"], "Waste", {"waste": "Waste"}, ("May",))
    use(PSEUDO)
    assert words[0].startswith("‹")
    assert all(word.startswith("‹") for word in (*words, *book.values(), *words[1:]))
    assert book.get("nothing", "") == ""


# ---- the catalogues ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found() -> translate.Found:
    return translate.find()


def test_every_sentence_can_be_found(found: translate.Found) -> None:
    """An f-string inside tr() has another key each time."""
    assert found.unreadable == []
    texts = {one.text for one in found.places}
    assert {"Read {age} · {what}", "Start at login", "{n} session", "Overview"} <= texts
    assert translate.Sentence("May", context="month, short") in found.places


def test_the_extraction_reads_all_forms() -> None:
    code = """
tr("a " "b {c}", c=f(tr("inner"))); trn("{n} x", "{n} xs", n); trc("role", "y"); mark("z"); numbers.count(n, "apple"); count(n, "entry", "entries")
Words("w", ("p", "q")); WordBook("", {"k": "v"}); tr(CONSTANT); "text".count("no"); tr(f"bad {one}")
"""
    gone = translate.Found()
    Sentence = translate.Sentence
    assert set(translate._in_code(ast.parse(code), "x.py", gone)) == {
        Sentence("a b {c}"), Sentence("inner"), Sentence("{n} x", "{n} xs"), Sentence("y", context="role"), Sentence("z"),
        Sentence("{n} apple", "{n} apples"), Sentence("{n} entry", "{n} entries"), Sentence("p", context="w"), Sentence("q", context="w"), Sentence("v"),
    }  # fmt: skip
    assert len(gone.unreadable) == 1


def test_the_catalogues_are_up_to_date(found: translate.Found) -> None:
    """``python3 dev.py translate`` makes them so."""
    assert [path.name for path, data in translate.files(found, folder()).items() if not path.exists() or path.read_bytes() != data] == []


@CODES
def test_translations_keep_the_values(code: str) -> None:
    wrong = []
    for message in translate.read(folder() / f"{code}.po", code):
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        wanted = set(VALUE.findall(" ".join(message.id) if isinstance(message.id, tuple | list) else message.id))
        wrong += [(message.id, form) for form in forms if message.id and form and not set(VALUE.findall(form)) <= wanted]
        wrong += [(message.id, form) for form in forms if message.id and form and wanted - set(VALUE.findall(form)) - {"n"}]
    assert wrong == []


@CODES
def test_translations_are_whole_and_sure(code: str) -> None:
    catalog = translate.read(folder() / f"{code}.po", code)
    assert [message.id for message in catalog if message.id and message.fuzzy] == []
    lacking = [message.id for message in catalog if message.id and not all(message.string if isinstance(message.string, tuple | list) else (message.string,))]
    begun = [one for one in lacking if isinstance(one, tuple | list) and any(catalog.get(one).string)]
    assert begun == [], "one form of a counted sentence is missing"
    if COMPLETE:
        assert lacking == []


@CODES
def test_a_translation_is_no_longer_than_the_window_bears(code: str) -> None:
    """Words on controls may be 40 % longer (and 12 letters, for the short ones)."""
    for message in translate.read(folder() / f"{code}.po", code):
        if message.id and isinstance(message.id, str) and message.string and len(message.id) > 30:
            assert len(message.string) <= len(message.id) * 1.7 + 12, message.id
