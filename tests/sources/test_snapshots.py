"""What files cannot show at rest: snapshots that grow between looks, tasks that are rewritten, places of the three systems."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.sources import own_cases
from tests.sources.reference import LATER, Ledger, scan
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import UsageRecord
from tokenpal.sources import cline, cline_cli, cumulative, droid, editors, hermes, openclaw, registry, roo_code, zed

T0 = 1_767_261_600_000  # 2026-01-01 10:00 UTC


def write(path: Path, content: Any, at: int) -> None:
    """A document as it is written at this time (epoch seconds)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    os.utime(path, (at, at))


def booked(ledger: Ledger) -> list[tuple[int, int]]:
    """When, and how much output."""
    return [(record.at, record.tokens.output) for record in ledger.counted()]


# ---------------------------------------------------------------------------------------------- running totals


def snapshot(output: int, **more: Any) -> dict[str, Any]:
    return {"model": "m", "providerLock": "anthropic", "providerLockTimestamp": "2026-01-01T10:00:00Z", "tokenUsage": {"inputTokens": 10 * output, "outputTokens": output, **more}}


def test_droid_books_what_was_added_when_it_was_seen(tmp_path: Path) -> None:
    file, ledger = tmp_path / "sessions" / "s.settings.json", Ledger(droid)
    for output, at in ((5, 1_767_262_000), (5, 1_767_262_100), (9, 1_767_348_000), (20, 1_767_434_400)):
        write(file, snapshot(output, factoryCredits=output / 2), at)
        scan(ledger, tmp_path)
    assert booked(ledger) == [(1_767_261_600, 5), (1_767_348_000, 4), (1_767_434_400, 11)]
    assert [record.money[0].amount for record in ledger.counted()] == [2.5, 2, 5.5]
    assert {record.money[0].currency for record in ledger.counted()} == {"credits"}


def test_a_copy_of_a_session_elsewhere_adds_nothing(tmp_path: Path) -> None:
    file, ledger = tmp_path / "sessions" / "s.settings.json", Ledger(droid)
    write(file, snapshot(5), 1_767_262_000)
    scan(ledger, tmp_path)
    write(file, snapshot(9), 1_767_348_000)
    scan(ledger, tmp_path)
    write(tmp_path / "sessions" / "archive" / "s.settings.json", snapshot(9), 1_767_350_000)
    scan(ledger, tmp_path)
    assert booked(ledger) == [(1_767_261_600, 5), (1_767_348_000, 4)]
    write(tmp_path / "sessions" / "other" / "s.settings.json", snapshot(30), 1_767_360_000)
    scan(ledger, tmp_path)
    assert sum(output for _, output in booked(ledger)) == 30, "the greatest total, once"


def test_a_total_that_falls_takes_nothing_back_and_adds_nothing_twice(tmp_path: Path) -> None:
    file, ledger = tmp_path / "sessions" / "s.settings.json", Ledger(droid)
    for output, at in ((50, 1_767_262_000), (10, 1_767_348_000), (40, 1_767_350_000), (60, 1_767_360_000)):
        write(file, snapshot(output), at)
        scan(ledger, tmp_path)
    assert sum(output for _, output in booked(ledger)) == 60


def test_a_lost_state_leads_to_the_same_sum(tmp_path: Path) -> None:
    file, ledger = tmp_path / "sessions" / "s.settings.json", Ledger(droid)
    for output in (5, 9):
        write(file, snapshot(output), 1_767_262_000 + output)
        scan(ledger, tmp_path)
    ledger.cursors.clear()
    write(file, snapshot(12), 1_767_262_100)
    scan(ledger, tmp_path)
    assert sum(output for _, output in booked(ledger)) == 12


def test_hermes_books_growth_and_its_cost(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes((own_cases.DATA / "hermes" / "profiles" / "state.db").read_bytes())
    os.utime(path, (1_767_262_000, 1_767_262_000))
    ledger = Ledger(hermes)
    scan(ledger, tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE sessions SET output_tokens = 320, actual_cost_usd = 0.40 WHERE id = 'h1'")
        connection.commit()
    os.utime(path, (1_767_348_000, 1_767_348_000))
    scan(ledger, tmp_path)
    mine = [record for record in ledger.counted() if record.session == "hermes:h1"]
    assert [(record.at, record.tokens.output, str(record.money[0].amount)) for record in mine] == [(1_767_261_600, 300, "0.34"), (1_767_348_000, 20, "0.06")]
    assert {record.money[0].kind for record in mine} == {"cash"}


def test_zed_unpacks_only_what_changed_and_books_it_at_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "threads" / "threads.db"
    path.parent.mkdir()
    path.write_bytes((own_cases.DATA / "zed" / "threads" / "threads" / "threads.db").read_bytes())
    ledger = Ledger(zed)
    scan(ledger, tmp_path)
    before = ledger.tokens().output
    data = json.dumps({"model": {"model": "claude-sonnet-4-5"}, "cumulative_token_usage": {"input_tokens": 300, "output_tokens": 77}}).encode()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT OR REPLACE INTO threads(id, summary, updated_at, data_type, data) VALUES('z1', 'x', '2026-01-05T10:00:00Z', 'json', ?)", (data,))
        connection.commit()
    unpacked: list[Any] = []
    table = zed.THREADS

    def counting(stored: Any) -> Any:
        unpacked.append(stored)
        return zed.used(stored)

    columns = tuple(column if column.pick is None else msgspec.structs.replace(column, pick=counting) for column in table.columns)
    monkeypatch.setattr(zed, "THREADS", msgspec.structs.replace(table, columns=columns))
    scan(ledger, tmp_path)
    assert ledger.tokens().output == before + 47
    assert max(record.at for record in ledger.counted()) == 1_767_607_200
    assert len(unpacked) < 5, "threads from before the newest known are left alone"


def test_intervals_add_up_whatever_the_order() -> None:
    total, kept = None, []
    for counts in (Tokens(3, output=1), Tokens(5, output=4, reasoning=4), Tokens(5, output=4), Tokens(9, 1, output=9, reasoning=5)):
        found = cumulative.interval("x", total, counts, 0, 7)
        assert found is not None
        total = found.total
        kept.append(found)
    assert [found.again for found in kept] == [False, False, True, False]
    fresh = {found.key: found for found in kept}.values()
    assert sum((found.tokens for found in fresh), Tokens()) == Tokens(9, 1, output=9, reasoning=4)


# ---------------------------------------------------------------------------------------------- tasks that are rewritten


def entry(at: int, said: Mapping[str, Any], say: str = "api_req_started") -> dict[str, Any]:
    return {"ts": T0 + at, "type": "say", "say": say, "text": json.dumps(said)}


def counts(given: int, output: int, cost: float = 0) -> dict[str, Any]:
    return {"tokensIn": given, "tokensOut": output, "cacheReads": 0, "cacheWrites": 0, "cost": cost}


def test_deleted_messages_that_were_seen_keep_their_times(tmp_path: Path) -> None:
    file, ledger = tmp_path / "tasks" / "t" / "ui_messages.json", Ledger(cline)
    first, second, third = entry(0, counts(10, 1)), entry(60_000, counts(20, 2)), entry(120_000, counts(30, 3))
    write(file, [first, second, third], 1_767_262_000)
    scan(ledger, tmp_path)
    write(file, [first, entry(300_000, counts(50, 5), "deleted_api_reqs")], 1_767_262_400)
    scan(ledger, tmp_path)
    assert booked(ledger) == [(1_767_261_600, 1), (1_767_261_660, 2), (1_767_261_720, 3)], "the sum is not counted besides them"
    write(file, [entry(600_000, counts(60, 6), "deleted_api_reqs")], 1_767_262_800)
    scan(ledger, tmp_path)
    assert ledger.tokens().output == 6
    write(file, [entry(600_000, counts(60, 6), "deleted_api_reqs"), entry(700_000, counts(5, 5))], 1_767_262_900)
    scan(ledger, tmp_path)
    assert ledger.tokens().output == 11


def test_a_sum_that_holds_more_than_was_seen_counts_in_their_place(tmp_path: Path) -> None:
    file, ledger = tmp_path / "tasks" / "t" / "ui_messages.json", Ledger(cline)
    write(file, [entry(0, counts(10, 1)), entry(60_000, counts(20, 2))], 1_767_262_000)
    scan(ledger, tmp_path)
    write(file, [entry(0, counts(10, 1)), entry(300_000, counts(90, 9), "deleted_api_reqs")], 1_767_262_400)
    scan(ledger, tmp_path)
    assert booked(ledger) == [(1_767_261_600, 1), (1_767_261_900, 9)]


def test_messages_deleted_without_a_sum_stay_counted(tmp_path: Path) -> None:
    """Roo Code drops them; they were paid all the same."""
    file, ledger = tmp_path / "tasks" / "t" / "ui_messages.json", Ledger(roo_code)
    write(file, [entry(0, counts(10, 1)), entry(60_000, counts(20, 2))], 1_767_262_000)
    scan(ledger, tmp_path)
    write(file, [entry(0, counts(10, 1))], 1_767_262_400)
    scan(ledger, tmp_path)
    assert ledger.tokens().output == 3


def test_a_file_that_is_half_written_keeps_what_is_known_and_is_tried_again(tmp_path: Path) -> None:
    file, ledger = tmp_path / "tasks" / "t" / "ui_messages.json", Ledger(cline)
    write(file, [entry(0, counts(10, 1))], 1_767_262_000)
    scan(ledger, tmp_path)
    file.write_text('[{"ts": 1')
    os.utime(file, (1_767_262_100, 1_767_262_100))
    assert scan(ledger, tmp_path, now=1_767_262_101) == 0
    assert not ledger.problems
    scan(ledger, tmp_path, now=LATER)
    assert len(ledger.problems) == 1
    assert ledger.tokens().output == 1


def test_a_model_that_is_noted_later_comes_to_its_request(tmp_path: Path) -> None:
    folder, ledger = tmp_path / "tasks" / "t", Ledger(roo_code)
    write(folder / "ui_messages.json", [entry(0, counts(10, 1))], 1_767_262_000)
    scan(ledger, tmp_path)
    assert [record.model for record in ledger.counted()] == [""]
    text = "<environment_details>\n<model>kimi-k2</model>\n</environment_details>"
    write(folder / "api_conversation_history.json", [{"role": "user", "ts": T0 + 5, "content": text}], 1_767_262_010)
    scan(ledger, tmp_path)
    assert [record.model for record in ledger.counted()] == ["kimi-k2"]
    assert scan(ledger, tmp_path) == 0


def test_messages_replace_a_roll_up(tmp_path: Path) -> None:
    folder, ledger = tmp_path / "sessions" / "s", Ledger(cline_cli)
    usage = {"inputTokens": 9, "outputTokens": 9}
    write(folder / "s.json", {"session_id": "s", "started_at": "2026-01-01T10:00:00Z", "metadata": {"usage": usage}}, 1_767_262_000)
    write(folder / "s.messages.json", {"messages": []}, 1_767_262_000)
    scan(ledger, tmp_path)
    assert ledger.tokens().output == 9
    message = {"id": "a", "role": "assistant", "ts": T0, "metrics": {"inputTokens": 5, "outputTokens": 4}}
    write(folder / "s.messages.json", {"messages": [message]}, 1_767_262_100)
    scan(ledger, tmp_path)
    assert [(record.tokens.output, record.quality) for record in ledger.counted()] == [(4, "exact")]


def test_a_session_that_is_renamed_while_it_is_watched_adds_nothing(tmp_path: Path) -> None:
    whole = own_cases.DATA / "openclaw" / "renamed" / "agents" / "main" / "sessions" / "5c0ffee1.jsonl"
    log = tmp_path / "agents" / "main" / "sessions" / "5c0ffee1.jsonl"
    log.parent.mkdir(parents=True)
    log.write_bytes(whole.read_bytes())
    ledger = Ledger(openclaw)
    scan(ledger, tmp_path)
    before: list[UsageRecord] = ledger.counted()
    log.rename(log.with_name(log.name + ".deleted.2026-01-02T10-00-00.000Z"))
    scan(ledger, tmp_path)
    assert ledger.counted() == before


# ---------------------------------------------------------------------------------------------- places

PLACES: dict[str, tuple[tuple[dict[str, str], str], ...]] = {
    "cline": (
        ({}, "~/.config/Code/User/globalStorage/saoudrizwan.claude-dev"), ({}, "~/Library/Application Support/Cursor/User/globalStorage/saoudrizwan.claude-dev"),
        ({"APPDATA": "~/R"}, "~/R/Code - Insiders/User/globalStorage/saoudrizwan.claude-dev"), ({}, "~/.vscode-server/data/User/globalStorage/saoudrizwan.claude-dev"),
        ({}, "~/.cline/data/tasks"), ({"CLINE_DIR": "~/c"}, "~/c/data/tasks"), ({"XDG_CONFIG_HOME": "~/x"}, "~/x/VSCodium/User/globalStorage/saoudrizwan.claude-dev"),
    ),
    "roo-code": (({}, "~/.config/Windsurf/User/globalStorage/rooveterinaryinc.roo-cline"), ({}, "~/.vscode-mock/global-storage")),
    "kilo-code": (({}, "~/.cursor-server/data/User/globalStorage/kilocode.kilo-code"), ({"VSCODE_PORTABLE": "~/p"}, "~/p/user-data/User/globalStorage/kilocode.kilo-code")),
    "cline-cli": (({}, "~/.cline/data/sessions"), ({"CLINE_SESSION_DATA_DIR": "~/s"}, "~/s"), ({"CLINE_DATA_DIR": "~/d"}, "~/d/sessions")),
    "pi": (({}, "~/.pi/agent"), ({"PI_AGENT_DIR": "~/p"}, "~/p")),
    "omp": (({}, "~/.omp/agent"),),
    "droid": (({}, "~/.factory"), ({"FACTORY_DIR": "~/f"}, "~/f"), ({"DROID_SESSIONS_DIR": "~/d"}, "~/d")),
    "amp": (({}, "~/.local/share/amp"), ({"AMP_DATA_DIR": "~/a,~/b"}, "~/b"), ({"XDG_DATA_HOME": "~/x"}, "~/x/amp")),
    "crush": (({"CRUSH_GLOBAL_DATA": "~/c"}, "~/c"), ({}, "~/.local/share/crush"), ({"LOCALAPPDATA": "~/L"}, "~/L/crush")),
    "zed": (({}, "~/.local/share/zed"), ({}, "~/Library/Application Support/Zed"), ({"LOCALAPPDATA": "~/L"}, "~/L/Zed")),
    "grok": (({}, "~/.grok"), ({"GROK_HOME": "~/g"}, "~/g")),
    "hermes": (({}, "~/.hermes"), ({"HERMES_HOME": "~/h"}, "~/h")),
    "openclaw": (({}, "~/.openclaw"), ({}, "~/.clawdbot"), ({}, "~/.moltbot"), ({"OPENCLAW_DIR": "~/o"}, "~/o")),
    "codebuff": (({}, "~/.config/manicode"), ({}, "~/.config/manicode-staging"), ({"CODEBUFF_DATA_DIR": "~/c"}, "~/c")),
}


@pytest.mark.parametrize("agent", PLACES)
def test_places(agent: str, tmp_path: Path) -> None:
    found = registry.sources()[agent]
    for env, place in PLACES[agent]:
        said = {name: ",".join(str(tmp_path / part[2:]) for part in value.split(",")) for name, value in env.items()}
        assert tmp_path / place[2:] in found.roots(tmp_path, said), (env, place)
    assert len(set(found.roots(tmp_path, {}))) == len(found.roots(tmp_path, {}))


def test_an_editor_that_keeps_its_folder_elsewhere_is_one_place(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    real.mkdir()
    (tmp_path / ".config").symlink_to(real)
    (tmp_path / ".config2").mkdir()
    found = editors.roots(tmp_path, {"XDG_CONFIG_HOME": str(real)}, "a.b")
    assert len([path for path in found if path.parts[-4] == "Code"]) == 4, "roaming, macOS, the two names of one, Flatpak"


def test_no_agent_folder_is_read_beyond_its_logs(tmp_path: Path) -> None:
    """Credentials and settings lie beside them."""
    for agent, folder, name in (("amp", "amp", "secrets.json"), ("grok", ".grok", "auth.json"), ("openclaw", ".openclaw", "openclaw.jsonl"), ("codebuff", "manicode", "credentials.json")):
        root = tmp_path / folder
        root.mkdir()
        (root / name).write_text('{"usage": {"input": 5, "output": 5}, "messages": []}')
        assert scan(Ledger(registry.sources()[agent]), root) == 0
