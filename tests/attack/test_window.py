"""The window beside hostile names, and on data files that fail: it opens, says what is wrong, and ends in time."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.attack.conftest import Victim, mount, needs_root, row
from tests.cli.runner import ROOT, codex_lines, write_claude, write_codex

MARKUP = '<img src="file:///etc/hostname"><b>R&D</b>'
THREAD = "0197aaaa-0000-7000-8000-00000000000e"


def opened(victim: Victim, **env: str) -> dict[str, list[str]]:
    """What every face of the app shows."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.whole_app"], cwd=ROOT, env=victim.env(**env), capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    assert found["ended"], "the engine left something behind"
    shown: dict[str, list[str]] = found["shown"]
    return shown


def test_names_are_text_everywhere(victim: Victim) -> None:
    """A branch, a model, a limit or a task is never markup, never a picture to load and never a key to press."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = row(f"s{MARKUP}", 1, now) | {"gitBranch": MARKUP, "cwd": f"/nowhere/{MARKUP}"}
    line["message"]["model"] = f"model {MARKUP}"
    write_claude(victim.home, "markup", [json.dumps(line)])
    rows = [json.loads(each) for each in codex_lines(THREAD, now)]
    rows[2]["payload"]["rate_limits"]["limit_id"] = MARKUP
    write_codex(victim.home, THREAD, [json.dumps(each) for each in rows])
    victim.scan()
    for words in (["task", "add", MARKUP], ["task", "start", MARKUP], ["label", "last", "waste", "--note", MARKUP]):
        assert victim.run(*words).code == 0
    shown = opened(victim)
    assert any(MARKUP in text for text in shown["sessions"])
    assert any("img" in tip for tip in shown["tips"]), "nothing to see"
    assert not [tip for tip in shown["tips"] if "<img" in tip]
    named = [text for text in shown["menu"] if "img" in text]
    assert named
    assert not [text for text in named if "R&&D" not in text]


def test_a_newer_data_file(victim: Victim) -> None:
    victim.scan()
    database = victim.profile / "tokenpal.db"
    connection = sqlite3.connect(database)
    connection.execute(f"PRAGMA user_version = {99 * 65536}")
    connection.commit()
    connection.close()
    before = database.read_bytes()
    assert any("newer tokenpal" in text for text in opened(victim)["window"])
    assert database.read_bytes() == before


def test_a_read_only_folder(victim: Victim, mounted: list[Path]) -> None:
    """What is there is shown; what cannot be saved is said."""
    needs_root()
    victim.scan()
    mount(mounted, "--bind", victim.profile, victim.profile)
    mount(mounted, "-o", "remount,ro,bind", victim.profile)
    shown = opened(victim)
    assert any("read-only" in text for text in shown["window"])
    assert any("shop" in text for text in shown["sessions"])
