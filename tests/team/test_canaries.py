"""The search finds what it is made to find."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from tests.team.canaries import search, spellings

WORD = "Zaunkönig/branch-7654321"


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("after", ["", "x", "yz"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_at_every_offset(before: str, after: str, encode: object) -> None:
    assert callable(encode)
    assert search({"word": WORD}, {"place": encode(f"{before}{WORD}{after}".encode())})


@pytest.mark.parametrize(
    "held",
    [
        WORD.encode(), WORD.upper().encode(), WORD.encode().hex().upper().encode(), quote(WORD, safe="").encode(), json.dumps(f"see {WORD}").encode(),
        WORD.encode()[::-1], WORD.encode().hex().encode()[::-1], WORD.encode("utf-16-be"), base64.b64encode(WORD.encode())[::-1],
    ],
)  # fmt: skip
def test_other_spellings(held: bytes) -> None:
    words = {"all of it": WORD, "its end": "branch-7654321"}
    assert search(words, {"place": b"..." + held + b"..."})


def test_other_words_are_not_found() -> None:
    assert not search({"word": WORD}, {"place": b"Zaunk branch-7654320 " * 50})
    assert len(set(spellings(WORD).values())) > 15
