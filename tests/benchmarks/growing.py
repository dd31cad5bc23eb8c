"""Logs that grow while somebody reads them: ``python -m tests.benchmarks.growing HOME`` until it is ended.

Puts the files that wait in HOME/later where the agents have theirs, one after the other, and adds requests to a live one.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.decade import NOW

PAUSE = 0.15  # seconds between two files


def main() -> None:
    home = Path(sys.argv[1])
    waiting = sorted(path for path in (home / "later").rglob("*.jsonl"))
    live = home / ".claude" / "projects" / "-home-me-live" / "live.jsonl"
    live.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        if waiting:
            path = waiting.pop()
            to = home / path.relative_to(home / "later")
            to.parent.mkdir(parents=True, exist_ok=True)
            path.rename(to)
        number += 1
        with live.open("a") as file:
            file.write(line(number) + "\n")
        time.sleep(PAUSE)


def line(number: int) -> str:
    """One request of a running session."""
    at = datetime.fromtimestamp(NOW + 60 + number * PAUSE, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    usage = {"input_tokens": 10, "cache_read_input_tokens": 40_000, "output_tokens": number + 1}
    return json.dumps(
        {"type": "assistant", "sessionId": "live", "requestId": f"live_{number}", "timestamp": at, "cwd": "/home/me/code/project-3",
         "gitBranch": "main", "message": {"id": f"msg_live_{number}", "role": "assistant", "model": "claude-opus-5", "usage": usage}}
    )  # fmt: skip


if __name__ == "__main__":
    main()
