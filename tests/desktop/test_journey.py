"""Done-when 5: the real window on a real display, from log lines to a labelled bar that survives a restart."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.desktop.conftest import Desktop


def line(session: str, number: int, cwd: str, tokens: int, at: datetime) -> str:
    usage = {"input_tokens": tokens - 300, "output_tokens": 100, "cache_read_input_tokens": 200, "cache_creation_input_tokens": 0}
    message = {"id": f"msg_{session}_{number}", "role": "assistant", "model": "claude-sonnet-4-5", "usage": usage}
    record = {
        "type": "assistant", "sessionId": session, "requestId": f"req_{session}_{number}", "timestamp": at.isoformat().replace("+00:00", "Z"),
        "cwd": cwd, "gitBranch": "main", "version": "2.1.0", "isSidechain": False, "uuid": f"{session}-{number}", "message": message,
    }  # fmt: skip
    return json.dumps(record) + "\n"


def write_logs(home: Path) -> None:
    """Two sessions of today: 2,300 and 1,100 tokens."""
    now = datetime.now(UTC).replace(microsecond=0)
    start = max(now - timedelta(minutes=30), now.replace(hour=0, minute=0, second=0))
    folder = home / ".claude" / "projects" / "-code-shop"
    folder.mkdir(parents=True)
    (folder / "s-shop.jsonl").write_text(line("s-shop", 1, "/code/shop", 1300, start) + line("s-shop", 2, "/code/shop", 1000, start))
    (folder / "s-docs.jsonl").write_text(line("s-docs", 1, "/code/docs", 1100, start))


def run(desktop: Desktop, part: str) -> dict[str, object]:
    process = desktop.spawn(sys.executable, "-m", "tests.desktop.journey", part, log=f"{part}.log")
    assert desktop.ended(process, 180) == 0, desktop.logs()
    return dict(json.loads(desktop.text(f"{part}.log").splitlines()[-1]))


def test_scan_chart_click_label_assign_restart(desktop: Desktop) -> None:
    write_logs(desktop.folder / "home")
    seen = run(desktop, "first")
    assert seen["platform"] == "xcb"
    assert seen["before"] == {"No task": 3400}
    assert seen["after"] == {"Checkout": 2300, "No task": 1100}
    assert "68" in str(seen["covered"])
    seen = run(desktop, "again")
    assert (seen["label"], seen["task"]) == ("delivered", "Checkout")
    assert seen["after_undo"] == {"No task": 3400}
