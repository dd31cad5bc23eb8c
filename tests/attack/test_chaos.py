"""Everything at once: logs that grow in pieces, scans killed at any instant, and a person who edits meanwhile."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.attack.conftest import Victim
from tests.cli.runner import Machine, codex_lines, response

FILES, LINES = 60, 40


def contents(victim: Victim) -> dict[Path, bytes]:
    """What all logs hold in the end."""
    found = {}
    for number in range(FILES):
        lines = [response(f"s{number}", line, f"2026-11-{1 + number % 20:02}T{line % 24:02}:00:00Z") for line in range(LINES)]
        found[victim.claude / f"s{number}.jsonl"] = ("\n".join(lines) + "\n").encode()
    for number in range(5):
        thread = f"0197cccc-0000-7000-8000-00000000000{number}"
        path = victim.codex / f"rollout-2026-11-20T10-00-0{number}-{thread}.jsonl"
        found[path] = ("\n".join(codex_lines(thread, f"2026-11-20T10:00:0{number}.000Z")) + "\n").encode()
    return found


def figures(machine: Machine) -> Any:
    """What a person sees, without what the edits may change."""
    kept = ("id", "started", "ended", "requests", "fresh_input", "cache_read", "output")
    sessions = sorted([row[name] for name in kept] for row in machine.json("sessions"))
    return sessions, machine.json("report", "--by", "agent")["total"], machine.json("report", "--by", "project")["rows"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_pieces_kills_and_edits_at_once(victim: Victim, tmp_path: Path) -> None:
    rnd = random.Random(1)
    whole = contents(victim)
    left = dict(whole)
    victim.scan()
    assert victim.run("task", "add", "shop").code == 0
    while left:
        for path in rnd.sample(sorted(left), min(len(left), 25)):  # what comes comes in any order and is cut anywhere
            size = rnd.randrange(1, len(whole[path]))
            with path.open("ab") as file:
                file.write(left[path][:size])
            left[path] = left[path][size:]
            if not left[path]:
                del left[path]
        scan = subprocess.Popen(victim.command("scan"), env=victim.env(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        words = rnd.choice((["label", "claude-code:healthy", "waste"], ["task", "start", "shop"], ["task", "stop"], ["undo"], ["scan"]))
        edit = subprocess.Popen(victim.command(*words), env=victim.env(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if rnd.random() < 0.7:
            threading.Event().wait(rnd.random() * 0.6)  # any instant will do
            scan.send_signal(signal.SIGKILL)
        errors = scan.communicate(timeout=60)[1], edit.communicate(timeout=60)[1]
        assert edit.returncode in ({0, 3} if words == ["scan"] else {0}), errors
        assert scan.returncode in {0, 3, -signal.SIGKILL}, errors
        assert "Traceback" not in "".join(errors)
    victim.scan()
    other = Machine(victim.home, tmp_path / "undisturbed")
    assert other.run("scan").code == 0
    assert figures(victim) == figures(other)
    assert victim.json("report", "--by", "agent")["total"]["requests"] == FILES * LINES + 5 + 6


def test_four_scans_at_once_count_once(victim: Victim) -> None:
    for path, data in contents(victim).items():
        path.write_bytes(data)
    scans = [
        subprocess.Popen(victim.command("scan", "--json"), env=victim.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    ended = [(*scan.communicate(timeout=60), scan.returncode) for scan in scans]
    assert {code for *_, code in ended} <= {0, 3}, [err for _, err, code in ended if code not in {0, 3}]
    assert sum(json.loads(out)["records"] for out, _, code in ended if code == 0) == FILES * LINES + 5 + 6
    for _, err, code in ended:
        assert code == 0 or len(err.splitlines()) == 2, err
    assert victim.json("report", "--by", "agent")["total"]["requests"] == FILES * LINES + 5 + 6


def test_a_log_that_is_replaced_and_cut_while_it_is_read(victim: Victim) -> None:
    """Somebody moves, truncates and rewrites the same name again and again; what stands there in the end counts, whole and once."""
    path = victim.claude / "restless.jsonl"
    lines = [response("restless", number, "2026-11-20T15:00:00Z") for number in range(400)]
    rnd = random.Random(3)
    stop = threading.Event()

    def restless() -> None:
        while not stop.is_set():
            count = rnd.randrange(len(lines))
            if rnd.random() < 0.5:
                path.write_text("\n".join(lines[:count]))  # cut, and without an end
            else:
                fresh = path.with_suffix(".new")
                fresh.write_text("\n".join(lines[:count]) + "\n")
                os.replace(fresh, path)

    worker = threading.Thread(target=restless)
    worker.start()
    try:
        for _ in range(3):
            assert victim.run("scan").code == 0
    finally:
        stop.set()
        worker.join()
    path.write_text("\n".join(lines) + "\n")
    victim.scan()
    victim.assert_healthy(restless=400)
