"""Words of a person inside a Markdown page: they read as they were typed and never become a heading, a link or code by accident.

The rules are those of CommonMark 0.31 (and the tables, strikes and footnotes of GitHub): a backslash before the mark takes its meaning away.
Lists stay lists, since who begins a line with ``- `` means one.
"""

from __future__ import annotations

import re
from typing import Final

_ALWAYS: Final = re.compile(r"([\\`*\[<~|])")
_UNDERSCORE: Final = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ENTITY: Final = re.compile(r"&(?=#?\w+;)")
_LIST: Final = re.compile(r"^( {0,3})([-+*]|\d{1,9}[.)])( .*|)$")
_WORDS: Final = re.compile(r"^ (?![ #>+\-=*_]|\d{1,9}[.)])")
"""What follows the mark of a list that stays one: words, not another mark."""
_RULE: Final = re.compile(r"^ {0,3}([-=_*])(?:\s*\1)*\s*$")
_LEADING: Final = re.compile(r"^( {0,3})([#>])")
_INDENT: Final = re.compile(r"^ {4}")
_PUNCTUATION: Final = re.compile(r"\\([!-/:-@\[-`{-~])")


def inline(text: str) -> str:
    """Words within a line."""
    out = _ALWAYS.sub(r"\\\1", text)
    out = _UNDERSCORE.sub(r"\\_", out)
    return _ENTITY.sub(r"\\&", out)


def single(text: str) -> str:
    """A text as one line that begins a paragraph or follows a list mark."""
    flat = inline(" ".join(text.split()))
    if (flat[:1] in {"-", "=", "#", ">", "+"}) and (_RULE.match(flat) or _LEADING.match(flat) or re.match(r"[-+]( |$)", flat)):
        return f"\\{flat}"
    return re.sub(r"^(\d{1,9})([.)])(?= |$)", r"\1\\\2", flat)


def block(text: str) -> list[str]:
    """Lines of a field; each ends where the person ended it."""
    lines = [_line(line) for line in text.splitlines()]
    out = []
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        breaks = line.strip() and after.strip() and not _LIST.match(after)
        out.append(f"{line.rstrip()}  " if breaks else line.rstrip())
    return out


def _line(line: str) -> str:
    text = line.expandtabs(4).rstrip()
    if _RULE.match(text):
        kept = text.lstrip()
        return f"\\{inline(kept)}" if kept[0] in "-=" else inline(kept)
    found = _LIST.match(text)
    if found:
        indent, mark, rest = found.groups()
        return f"{indent}{mark if _WORDS.match(rest) else _escaped(mark)}{inline(rest)}"
    if _INDENT.match(text):
        return f"&#32;{inline(text[1:])}"  # else it would be code
    leading = _LEADING.match(text)
    return f"{leading.group(1)}\\{leading.group(2)}{inline(text[leading.end() :])}" if leading else inline(text)


def _escaped(mark: str) -> str:
    return f"{mark[:-1]}\\{mark[-1]}"


def plain(text: str) -> str:
    """The words of a Markdown line or text as they were typed, without the marks of ``inline`` and ``block``."""
    lines = [re.sub(r"^&#32;", " ", line.rstrip()) for line in text.splitlines()]
    return "\n".join(_PUNCTUATION.sub(r"\1", line) for line in lines)
