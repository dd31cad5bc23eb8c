"""What a person may not have meant to publish: a look at a learning's text before it leaves (sharing-protocol 5.10).

It only points; it never changes or forbids anything. These are rules of thumb: they miss a first name on its own, a project's
code name or a number in words, and they stop at a product's name in two capitalised words. The text stays on this machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from tokenpal.translation import mark


class Finding(msgspec.Struct, frozen=True):
    """A place to look at again: ``text[start:end]``."""

    start: int
    end: int
    kind: str  # number, money, path, ticket, name or code
    sentence: str


SENTENCES: Final = {
    "number": mark("This number looks like a count of tokens or something else that can be measured. Words such as “half” say enough."),
    "money": mark("This looks like an amount of money. The team does not need it to learn from this."),
    "path": mark("This looks like a file, a folder or an address, which may name a customer or a project."),
    "ticket": mark("This looks like the number of a ticket. Whoever can open it knows more than you write here."),
    "name": mark("This looks like a person. Ask them first, or write “a colleague”."),
    "code": mark("This looks like code. Describe it in words instead."),
}

_CURRENCY: Final = r"(?:USD|EUR|GBP|CHF|JPY|CNY|INR|dollars?|euros?|pounds?|cents?|bucks)"
_NUMBER: Final = r"(?<!\d)\d+(?:[.,' _\u00a0\u202f]\d{1,20}){0,9}"  # bounded, so that a long text takes no longer for its length
_FILES: Final = r"(?:py|js|ts|tsx|jsx|go|rs|java|kt|rb|php|cs?|cpp|h|hpp|swift|sql|sh|ps1|json|jsonl|ya?ml|toml|ini|cfg|env|xml|html|css|md|txt|csv|xlsx?|docx?|pdf|log|lock)"
_PATTERNS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("path", re.compile(r"\b[a-z][a-z0-9+.-]{0,15}://[^\s<>\"']{1,400}", re.IGNORECASE)),
    ("path", re.compile(r"\bwww\.[^\s<>\"']{1,400}", re.IGNORECASE)),
    ("path", re.compile(r"(?<![\w./~])(?:(?:~|\.{1,2})/[\w.@+-]{0,100}|/[\w.@+-]{1,100}/)[\w.@+/-]{0,1000}")),
    ("path", re.compile(r"(?<!\w)[A-Za-z]:[\\/][^\s\"'<>|]{0,400}|\\\\[\w.$-]{1,100}\\[^\s\"'<>|]{0,400}")),
    ("path", re.compile(r"(?<![\w./])[\w.-]{1,100}(?:[/\\][\w.-]{1,100}){2,40}")),
    ("path", re.compile(rf"(?<![\w./])[\w-]{{1,80}}(?:[./\\][\w-]{{1,80}}){{0,10}}\.{_FILES}(?!\w)")),
    ("path", re.compile(r"(?<![\w.@])(?:[a-z0-9-]{1,63}\.){1,8}(?:com|org|net|io|dev|ai|app|local|internal|corp|lan|de|fr|uk|eu|ch|at)(?![\w-])", re.IGNORECASE)),
    ("money", re.compile(rf"[$€£¥₹]\s?{_NUMBER}(?:\s?[kKmM]\b)?|{_NUMBER}\s?(?:[kKmM]\s?)?(?:[$€£¥₹]|{_CURRENCY}\b)|\b{_CURRENCY}\s{_NUMBER}", re.IGNORECASE)),
    ("number", re.compile(rf"(?<![\w.]){_NUMBER}\s?(?:k|m|bn|mio|thousand|million|billion)?[\s-]?(?:tokens?|toks?)\b", re.IGNORECASE)),
    ("number", re.compile(rf"(?<![\w.]){_NUMBER}\s?(?:k|m|bn|mio|thousand|million|billion)(?!\w)", re.IGNORECASE)),
    ("number", re.compile(rf"(?<![\w.]){_NUMBER}(?!\w)")),
    ("ticket", re.compile(r"(?<![\w-])[A-Z][A-Z0-9]{1,9}-\d{1,7}(?![\w-])")),
    ("ticket", re.compile(r"(?<![\w&])[#!]\d{2,7}(?!\w)")),
    ("ticket", re.compile(r"\b(?:ticket|issue|bug|PR|MR|story|incident)\s?(?:no\.?|number|#|!)?\s?\d{1,7}(?!\w)", re.IGNORECASE)),
    ("name", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    ("name", re.compile(r"(?<![\w@.])@[\w][\w.-]{1,38}")),
    ("name", re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau)\.?\s[^\W\d_][\w'’-]{1,40}")),
    ("code", re.compile(r"```.{0,2000}?(?:```|\Z)|`[^`\n]{1,400}`?", re.DOTALL)),
    ("code", re.compile(r"[{}]|</?[A-Za-z][\w-]{0,40}>|=>|[=!]==?|&&|\|\||::")),
    ("code", re.compile(r"(?<!\w)[A-Za-z_]\w{0,60}(?:\.[A-Za-z_]\w{0,60}){0,8}\([^()\n]{0,80}\)?")),
    ("code", re.compile(r"(?<![\w/.@-])_{0,2}[A-Za-z][A-Za-z0-9]{0,60}(?:_[A-Za-z0-9]{1,60}){1,12}(?!\w)")),
    ("code", re.compile(r"(?<![\w/.@-])[a-z][a-z0-9]{0,40}(?:[A-Z][a-z0-9]{1,40}){1,12}(?!\w)")),
    ("code", re.compile(r";[ \t]*(?=\n|\Z)")),
)
_NO_TICKET: Final = frozenset(["AES", "BASE", "COVID", "CP", "ECMA", "ES", "GPT", "HTTP", "IEEE", "ISO", "MD", "PEP", "RFC", "RSA", "SHA", "TLS", "UCS", "USB", "UTF"])
_NO_PATH: Final = frozenset(["asp.net", "d3.js", "next.js", "node.js", "nuxt.js", "socket.io", "three.js", "vue.js"])
_YEARS: Final = range(1900, 2100)
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_BETWEEN: Final = re.compile(r" (?:[^\W\d_]\. )?")
_COMMON: Final = (
    "a after again all also although always an and another as ask asking at because before both but by can don each even every finally "
    "first for from give given had has have he her his how however i if in instead is it its just keep last later let like made make "
    "many maybe more most much my never next no not nothing now of often on once one only or our over please she since so some "
    "sometimes still telling that the their then there these they this those to today tried two under until use used using very was we "
    "were what when where which while who why with without yes you your january february march april may june july august september "
    "october november december monday tuesday wednesday thursday friday saturday sunday claude code codex visual studio gemini copilot "
    "cursor chat github gitlab google microsoft openai anthropic api python java type script react docker linux windows mac stack "
    "overflow opus sonnet haiku machine learning continuous integration pull request merge unit test tests"
)
_NO_NAME: Final = frozenset(_COMMON.split())
"""Words that begin a sentence or belong to products: with one of them two capitalised words are taken for no person."""


def problems(text: str, names: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Places worth a second look, in their order, none overlapping. Never raises.

    ``names``: words of which the caller knows that they are a person's, such as the login or the name in git's settings.
    """
    found = [*_named(text, names), *((kind, *hit.span()) for kind, pattern in _PATTERNS for hit in pattern.finditer(text) if _tells(kind, hit[0]))]
    found += [("name", *span) for span in _two_words(text)]
    kept: list[Finding] = []
    for kind, start, end in sorted(found, key=lambda one: (one[1], -one[2])):  # the longest of those that begin together
        if not kept or start >= kept[-1].end:
            kept.append(Finding(start, end, kind, SENTENCES[kind]))
    return tuple(kept)


def _tells(kind: str, text: str) -> bool:
    """Whether a match of a pattern says enough to point at it."""
    if kind == "number":
        return any(c.isalpha() for c in text) or (sum(c.isdigit() for c in text) >= 4 and not (text.isdecimal() and len(text) == 4 and int(text) in _YEARS))
    if kind == "ticket":
        return text.partition("-")[0] not in _NO_TICKET
    if kind == "path":
        return text.casefold() not in _NO_PATH
    return not text.endswith(("(s)", "(es)"))


def _named(text: str, names: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    words = {part for name in names for part in (name, *name.split()) if len(part) >= 3}
    for word in words:
        for hit in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            yield "name", *hit.span()


def _two_words(text: str) -> Iterator[tuple[int, int]]:
    """Two or more words beside each other that begin like names, perhaps with an initial between them."""
    words = [hit.span() for hit in _WORD.finditer(text) if _like_a_name(hit[0])]
    begin = 0
    for at, (_, end) in enumerate(words):
        following = words[at + 1][0] if at + 1 < len(words) else end
        if _BETWEEN.fullmatch(text, end, following):
            continue
        if at > begin:
            yield words[begin][0], end
        begin = at + 1


def _like_a_name(word: str) -> bool:
    return len(word) >= 2 and word[0].isupper() and not word.isupper() and word.casefold() not in _NO_NAME
