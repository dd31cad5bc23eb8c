"""Every sentence in the person's language, with the standard library's gettext.

    tr("Read {age}", age=age)                                       a sentence; the English is the key
    trn("{n} session to label", "{n} sessions to label", waiting)   with a number; ``n`` is written as ``shown`` if that is given
    trc("check-in field", "Failed")                                 a word that means several things: the first says which
    mark("Not labelled")                                            a constant of a module: found by the extraction, passed to ``tr`` where it is used
    Words("month", ("January", ...)), WordBook("", {"waste": "Waste"})  tables that translate what is taken out of them

English is the source text, so nothing has to be loaded for it. Other languages are ``resources/translations/<code>.po``, compiled
beside it by ``python3 dev.py translate``. Only the desktop calls ``use``: scripts read the command line's words, so it speaks English.

May import nothing of tokenpal. Names of models, folders and people are values, never part of a sentence's key.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, overload

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
"""Code and its own name for itself. Each but English has a catalogue."""

PSEUDO: Final = "pseudo"
"""Accented, longer and in ‹ ›: whatever on the screen is not, was never given to translation."""

_ACCENTS: Final = str.maketrans("AEIOUYaeiouycnsSCN", "ÅÉÎÖÛÝåéîöûýçñšŠÇÑ")
_VALUES: Final = re.compile(r"(\{[^{}]*\})")

_language = "en"
_catalogue: NullTranslations | None = None


def use(code: str) -> str:
    """Speak this language from now on ("de_AT" is German); the code that is spoken. An unknown one is English."""
    global _language, _catalogue
    base = code if code == PSEUDO else code.replace("-", "_").partition("_")[0].lower()
    _language, _catalogue = (base if base in {*LANGUAGES, PSEUDO} else "en"), None
    if _language not in {"en", PSEUDO}:
        _catalogue = _load(folder() / f"{_language}.mo")
        _language = _language if _catalogue is not None else "en"
    return _language


def language() -> str:
    """The language spoken now."""
    return _language


def folder() -> Path:
    """Where the catalogues lie: inside the package when installed, at the top level in the repository, in the bundle when frozen."""
    if bundle := getattr(sys, "_MEIPASS", None):
        return Path(bundle) / "resources" / "translations"
    inside = Path(__file__).parent / "resources" / "translations"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "resources" / "translations"


def mark(text: str) -> str:
    """The text itself: says to the extraction that it is translated where it is used."""
    return text


def tr(text: str, /, **values: object) -> str:
    """The sentence in the language in use, with its values filled in."""
    if _language == PSEUDO:
        text = pseudo(text)
    elif _catalogue is not None and text:  # the empty key is the catalogue's own head
        text = _catalogue.gettext(text)
    return text.format(**values) if values else text


def trn(one: str, many: str, n: int, /, *, shown: str | None = None, **values: object) -> str:
    """The form that fits ``n``; ``{n}`` in it is ``shown`` (a written number), else the plain digits."""
    if _catalogue is not None:
        text = _catalogue.ngettext(one, many, n)
    else:
        text = one if n == 1 else many
        text = pseudo(text) if _language == PSEUDO else text
    return text.format(n=str(n) if shown is None else shown, **values)


def trc(context: str, text: str, /, **values: object) -> str:
    """As ``tr``, of a word that needs its context to be translated."""
    if _language == PSEUDO:
        text = pseudo(text)
    elif _catalogue is not None:
        text = _catalogue.pgettext(context, text)
    return text.format(**values) if values else text


class Words(Sequence[str]):
    """A list of words (names of weekdays), each translated when it is asked for; ``context`` as in ``trc``, "" for none."""

    def __init__(self, context: str, words: Sequence[str]) -> None:
        self._context, self._words = context, tuple(words)

    def __len__(self) -> int:
        return len(self._words)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple(_say(self._context, word) for word in self._words[index])
        return _say(self._context, self._words[index])


class WordBook(Mapping[str, str]):
    """Words by key (names of labels), each translated when it is asked for."""

    def __init__(self, context: str, words: Mapping[str, str]) -> None:
        self._context, self._words = context, dict(words)

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __getitem__(self, key: str) -> str:
        return _say(self._context, self._words[key])


def pseudo(text: str) -> str:
    """``text`` as the pseudo language says it: a third longer, values in braces left alone."""
    if not text.strip():
        return text
    parts = [part if part.startswith("{") else part.translate(_ACCENTS) for part in _VALUES.split(text)]
    return f"‹{''.join(parts)}{'·' * (len(text) // 3)}›"


def _say(context: str, word: str) -> str:
    return trc(context, word) if context else tr(word)


def _load(path: Path) -> NullTranslations | None:
    import struct
    from gettext import GNUTranslations

    try:
        with path.open("rb") as file:
            return GNUTranslations(file)
    except (OSError, ValueError, struct.error):  # a damaged catalogue: English is better than no window
        return None
