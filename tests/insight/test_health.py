"""The sentence of each source: what is, since when, what is missing, what to do."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tokenpal.insight.health import TROUBLE, WAITING, Grade, Health, LeftOut, Newest, health
from tokenpal.model.events import AccountState
from tokenpal.model.report import AccountRow

NOW = 1_763_726_400  # 2025-11-21 12:00 UTC
BERLIN = ZoneInfo("Europe/Berlin")
ROW = AccountRow(3, "openai", "Work", "openai", "api", "https://x", "remainder", None, "", "ok", "", "", NOW - 300, NOW + 600, 0)
WIDE = {ord("\u00a0"): " ", ord("\u202f"): " "}


def told(newest: Newest | None = None, left_out: tuple[LeftOut, ...] = (), **changes: Any) -> Health:
    found = health(msgspec.structs.replace(ROW, **changes), newest, left_out, NOW, BERLIN)
    return msgspec.structs.replace(found, sentence=found.sentence.translate(WIDE), next_step=found.next_step.translate(WIDE))


def test_a_source_that_is_well() -> None:
    assert told(Newest(NOW - 3 * 3600)) == Health(3, "Work", Grade.WELL, "Last good answer 5 min ago. Its newest figure is from 3 h ago.")
    assert told(Newest(NOW), kind="log").sentence == "Read 5 min ago. Its newest figure is from just now."
    day = NOW // 86_400 * 86_400
    assert told(Newest(day, whole_days=True)).sentence.endswith("Its newest figures are those of 20 Nov, a UTC day.")
    assert told(Newest(day - 400 * 86_400, whole_days=True)).sentence.endswith("16 Oct 2024, a UTC day.")


def test_a_refused_key_says_what_is_safe_and_what_to_do() -> None:
    found = told(Newest(NOW - 7_200), state="key refused", sentence="OpenAI refused the key.", next_step="Enter a new key.")
    assert found.grade is Grade.PROBLEM
    assert found.sentence == "OpenAI refused the key. Last good answer 5 min ago. Figures up to 12:55 are safe; nothing after that is read. Its newest figure is from 2 h ago."
    assert found.next_step == "Enter a new key."


def test_what_could_not_be_read_is_told_with_its_reasons() -> None:
    reasons = (LeftOut("not JSON", 2), LeftOut("ends in the middle of a record", 40), LeftOut("b", 1), LeftOut("a", 1), LeftOut("c", 1))
    found = told(Newest(NOW), reasons, kind="log")
    assert found.grade is Grade.NOTE
    assert "45 places in its logs could not be read: ends in the middle of a record (40); not JSON (2); a (1); and 2 other reasons. Everything else was." in found.sentence
    assert found.next_step
    one = told(Newest(NOW), (LeftOut("not JSON.", 1),))
    assert one.sentence.endswith("1 place in its answers could not be read: not JSON. Everything else was.")


def test_nothing_yet() -> None:
    assert told(state="new", last_success=None, next_try=None).sentence == "No answer yet. It has no figures so far."
    assert told(state="new", last_success=None, next_try=None).command == "tokenpal poll"
    assert told(state="new", kind="log", last_success=None, next_try=None).command == "tokenpal scan"
    assert told(state="new", kind="inbox", last_success=None, next_try=None).sentence.startswith("Nothing was handed over yet.")


def test_waiting_says_until_when() -> None:
    found = told(Newest(NOW), state="rate limited", sentence="", next_try=NOW + 900)
    assert (found.grade, found.next_step) == (Grade.NOTE, "tokenpal asks again in 15 min.")
    assert found.sentence.startswith("Waiting, as the provider asked.")
    assert told(Newest(NOW), state="offline", next_try=NOW + 3 * 86_400).next_step == "tokenpal asks again on Mon 13:00."
    stale = told(Newest(NOW), state="stale", next_try=None)
    assert "tokenpal poll" not in stale.next_step
    assert stale.command == "tokenpal poll"


@pytest.mark.parametrize("state", list(AccountState))
@pytest.mark.parametrize("kind", ["log", "api", "inbox"])
def test_every_state_has_a_whole_sentence_and_a_grade(state: AccountState, kind: str) -> None:
    found = told(Newest(NOW - 99), state=state.value, kind=kind, sentence="", next_try=NOW + 60)
    assert found.sentence.endswith(".")
    assert ".." not in found.sentence
    assert found.sentence[0].isupper()
    assert found.grade is (Grade.PROBLEM if state in TROUBLE else Grade.NOTE if state in WAITING else Grade.WELL)
    assert found.next_step or state is AccountState.OK or (kind == "inbox" and state is AccountState.NEW)
    assert told(state="a state of tomorrow").grade is Grade.PROBLEM
