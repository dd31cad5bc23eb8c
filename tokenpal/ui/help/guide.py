"""The guide: Markdown files, one a subject, the same that the README links to. Pure but for reading them.

A language has its own folder (``resources/guide/de``); a subject it lacks is shown in English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tokenpal.system.paths import resource

ORDER: Final = ("start", "overview", "sessions", "tasks", "check-in", "accounts", "tray", "words", "import-export", "privacy", "command-line")
OF_PAGE: Final = {"sharing": "privacy", "settings": "import-export"}
"""What F1 opens where a page has no subject of its own name."""

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Subject:
    """``key`` is the file's name, ``title`` its first line, ``text`` the rest as Markdown."""

    key: str
    title: str
    text: str


@lru_cache(maxsize=4)
def subjects(language: str = "en") -> tuple[Subject, ...]:
    """All subjects in order."""
    return tuple(_read(key, language) for key in ORDER)


def of_page(page: str) -> str:
    """The subject that belongs to a page."""
    return page if page in ORDER else OF_PAGE.get(page, ORDER[0])


def matching(among: Iterable[Subject], words: str) -> list[Subject]:
    """Subjects in which every word occurs, as a word's beginning; those with it in the title first. Nothing asked: all."""
    asked = [_plain(word) for word in _WORD.findall(words)]
    found = [one for one in among if all(_has(f"{one.title} {one.text}", word) for word in asked)]
    return sorted(found, key=lambda one: not (asked and all(_has(one.title, word) for word in asked)))


def _has(text: str, beginning: str) -> bool:
    return any(word.startswith(beginning) for word in _WORD.findall(_plain(text)))


def _plain(text: str) -> str:
    """Without case and accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))


def _read(key: str, language: str) -> Subject:
    folder = resource("guide")
    path = folder / language / f"{key}.md"
    text = (path if path.is_file() else folder / f"{key}.md").read_text("utf-8")
    title, _, rest = text.partition("\n")
    return Subject(key, title.removeprefix("#").strip(), rest.strip())
