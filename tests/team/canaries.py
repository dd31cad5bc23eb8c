"""Words that must never come back: planted in everything a member's profile holds, searched for in everything an endpoint has.

A word is looked for as it is and in the spellings in which it might hide: hex, base64 at each of the three offsets, per cent
signs, JSON escapes, UTF-16, and each of these reversed, in either case of letters.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

LEAST = 6
"""Shorter pieces turn up by chance in sealed bytes."""


def spellings(word: str) -> dict[str, bytes]:
    """How a word may be written, by name of the spelling, in lower case where case says nothing."""
    plain = word.encode()
    found = {
        "plain": plain,
        "hex": plain.hex().encode(),
        "utf-16": word.encode("utf-16-le")[:-1],  # of either byte order
        "url": quote(word, safe="").encode(),
        "every byte as %": "".join(f"%{byte:02x}" for byte in plain).encode(),
        "json": json.dumps(word)[1:-1].encode(),
    }
    for offset in range(3):
        found[f"base64+{offset}"] = _base64(plain, offset)
        found[f"base64url+{offset}"] = _base64(plain, offset).translate(bytes.maketrans(b"+/", b"-_"))
    found |= {f"{name} reversed": data[::-1] for name, data in found.items()}
    return found


def search(words: Mapping[str, str], places: Mapping[str, bytes]) -> list[str]:
    """What of ``words`` (what it is -> the word) is in ``places`` (where -> bytes), in any spelling; a line each."""
    assert all(len(word.encode()) >= LEAST for word in words.values())
    wanted = [(what, spelling, data) for what, word in words.items() for spelling, data in spellings(word).items()]
    hits = []
    for where, held in places.items():
        lower = held.lower()
        for what, spelling, data in wanted:
            if data in held or (not spelling.startswith("base64") and data.lower() in lower):
                hits.append(f"{what} ({spelling}) in {where}")
    return hits


def columns(database: str, tables: Mapping[str, list[tuple[object, ...]]]) -> Iterator[tuple[str, bytes]]:
    """Every value of every row as bytes: decoded, so that nothing hides in the way a dump is written."""
    for table, rows in tables.items():
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if value is not None:
                    yield (
                        f"{database}.{table}[{number}][{place}]",
                        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode(),
                    )


def _base64(plain: bytes, offset: int) -> bytes:
    """The characters that stand for ``plain`` wherever it begins ``offset`` bytes after a multiple of three."""
    encoded = base64.b64encode(bytes(offset) + plain + bytes(-(offset + len(plain)) % 3))
    first = -(-offset * 8 // 6)
    last = (offset + len(plain)) * 8 // 6
    return encoded[first:last]
