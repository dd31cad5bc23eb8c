"""The catalogues of ``resources/translations``: ``python3 dev.py translate``.

Finds every sentence given to ``tokenpal.translation`` (tr, trn, trc, mark, Words, WordBook) and to ``numbers.count`` in the program,
and those that are data: the table of settings and what the sources say of themselves. Writes ``tokenpal.pot``, brings every
``<code>.po`` up to date (a sentence that went takes its translation along; nothing is guessed) and compiles it to ``<code>.mo``.
``--check`` writes nothing and says what is out of date.

Files name the modules a sentence is from, without line numbers, so that they change only when a sentence does.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import tokenpal
from tokenpal.translation import LANGUAGES, folder

ROOT = Path(tokenpal.__file__).parent
SILENT = ("cli", "selftest", "team", "sources")  # English by design: scripts read them, or they are data that is taken as data below


@dataclass(frozen=True)
class Sentence:
    """``many`` for a counted one, ``context`` for a word that means several things."""

    text: str
    many: str = ""
    context: str = ""


@dataclass
class Found:
    """Sentences with the files they are from, and calls that no extraction can read."""

    places: dict[Sentence, set[str]] = field(default_factory=lambda: defaultdict(set))
    unreadable: list[str] = field(default_factory=list)


def find(root: Path = ROOT) -> Found:
    """Every sentence of the program."""
    found = Found()
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root.parent).as_posix()
        if path.relative_to(root).parts[0] not in SILENT:
            for sentence in _in_code(ast.parse(path.read_text("utf-8")), place, found):
                found.places[sentence].add(place)
    for place, text in _data():
        found.places[Sentence(text)].add(place)
    return found


def _in_code(tree: ast.AST, place: str, found: Found) -> Iterator[Sentence]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        words = [_constant(argument) for argument in node.args]
        if name in {"tr", "mark"} and words:
            if words[0]:
                yield Sentence(words[0])
            elif isinstance(node.args[0], ast.JoinedStr):
                found.unreadable.append(f"{place}:{node.lineno}: {name}(f…) has no key that stays the same")
        elif name == "trn" and len(words) >= 2:
            if words[0] and words[1]:
                yield Sentence(words[0], words[1])
            elif any(isinstance(argument, ast.JoinedStr) for argument in node.args[:2]) and not place.endswith("insight/numbers.py"):
                found.unreadable.append(f"{place}:{node.lineno}: trn(f…) has no key that stays the same")
        elif name == "trc" and len(words) >= 2 and words[0]:
            if words[1]:
                yield Sentence(words[1], context=words[0])
        elif name == "count" and len(words) >= 2 and words[1] and isinstance(node.func, ast.Name | ast.Attribute):
            yield Sentence(f"{{n}} {words[1]}", f"{{n}} {words[2] if len(words) > 2 and words[2] else words[1] + 's'}")
        elif name in {"Words", "WordBook"} and len(node.args) == 2:
            table = node.args[1]
            inside = table.values if isinstance(table, ast.Dict) else table.elts if isinstance(table, ast.Tuple | ast.List) else []
            for word in filter(None, (_constant(one) for one in inside)):
                yield Sentence(word, context=words[0] or "")


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _data() -> Iterator[tuple[str, str]]:
    from tokenpal.settings import GROUPS, SETTINGS
    from tokenpal.sources.registry import sources

    for words in GROUPS.values():
        yield "tokenpal/settings.py", words
    for setting in SETTINGS:
        if not setting.key.startswith("state."):
            own_names = setting.key in {"appearance.language", "general.currency"}  # a language and a currency are called what they call themselves
            spoken = [words for value, words in setting.choices if isinstance(value, str) and not (own_names and value)]
            yield from (("tokenpal/settings.py", words) for words in (setting.label, setting.help, *spoken) if words)
    for source in sources().values():
        info = source.INFO
        place = f"tokenpal/sources ({info.id})"
        for words in (info.key, info.tells, info.silent, info.unofficial, *(words for option in info.options for words in _of_option(option))):
            if words:
                yield place, words


def _of_option(option: object) -> Iterator[str]:
    for name in ("name", "help"):
        value = getattr(option, name, "")
        if isinstance(value, str) and value:
            yield value
    for _, words in getattr(option, "choices", ()):
        yield words


_DATED = ('"POT-Creation-Date', '"PO-Revision-Date', '"Last-Translator', '"Language-Team', '"Generated-By', '"Report-Msgid')
_ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)  # compiled files hold a date: the same one, so that they change only when a sentence does


# ---- catalogues ---------------------------------------------------------------------------------------------------


def template(found: Found) -> Catalog:
    """All sentences, sorted."""
    catalog = _catalog(None)
    for one in sorted(found.places, key=lambda one: (one.text.lower(), one.text, one.context)):
        catalog.add((one.text, one.many) if one.many else one.text, context=one.context or None, locations=[(place, 0) for place in sorted(found.places[one])])
    return catalog


def updated(catalog: Catalog, fresh: Catalog, code: str) -> Catalog:
    """``catalog`` with exactly the sentences of ``fresh``; what was translated stays so, nothing is guessed."""
    result = _catalog(code)
    for message in fresh:
        if message.id:
            known = catalog.get(message.id, message.context)
            kept = known.string if known is not None and known.id == message.id else None
            result.add(message.id, kept or message.string, context=message.context, locations=message.locations)
    return result


def as_text(catalog: Catalog) -> str:
    """The file, without the dates that would make every run differ."""
    out = io.BytesIO()
    write_po(out, catalog, width=140, include_lineno=False, sort_output=False)
    return "".join(f"{line}\n" for line in out.getvalue().decode("utf-8").splitlines() if not line.startswith(_DATED))


def as_binary(catalog: Catalog) -> bytes:
    """The compiled file; what is not translated is left out, so that the English is shown."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def read(path: Path, code: str | None = None) -> Catalog:
    """A catalogue, empty where there is none yet."""
    if not path.exists():
        return _catalog(code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def files(found: Found, where: Path) -> dict[Path, bytes]:
    """What each file of the folder should hold."""
    fresh = template(found)
    wanted = {where / "tokenpal.pot": as_text(fresh).encode()}
    for code in LANGUAGES:
        if code != "en":
            catalog = updated(read(where / f"{code}.po", code), fresh, code)
            wanted[where / f"{code}.po"] = as_text(catalog).encode()
            wanted[where / f"{code}.mo"] = as_binary(catalog)
    return wanted


def _catalog(code: str | None) -> Catalog:
    return Catalog(locale=code, project="tokenpal", version="1", fuzzy=False, creation_date=_ALWAYS, revision_date=_ALWAYS, header_comment="# tokenpal: every sentence of the window. Made by: python3 dev.py translate")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something is out of date")
    options = parser.parse_args()
    found = find()
    for line in found.unreadable:
        print(line, file=sys.stderr)
    stale = []
    for path, data in files(found, folder()).items():
        if not path.exists() or path.read_bytes() != data:
            stale.append(path.name)
            if not options.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
    for code in LANGUAGES:
        if code != "en" and not options.check:
            catalog = read(folder() / f"{code}.po", code)
            missing = sum(1 for message in catalog if message.id and not (all(message.string) if isinstance(message.string, tuple | list) else message.string))
            print(f"{LANGUAGES[code]}: {len(catalog) - missing} of {len(catalog)} sentences")
    print(("Out of date: " if options.check else "Written: ") + ", ".join(stale) if stale else "All catalogues are up to date.")
    return 1 if found.unreadable or (options.check and stale) else 0


if __name__ == "__main__":
    raise SystemExit(main())
