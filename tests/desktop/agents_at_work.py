"""Logs of two agents as they leave them: fourteen sessions, most of them of today, in four folders."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

TODAY = 10
SESSIONS = 14
FOLDERS = ("shop", "docs", "pay", "site")


def write(home: Path) -> int:
    """Write them below ``home``; how many tokens they hold."""
    now = datetime.now(UTC).replace(microsecond=0)
    midnight = now.replace(hour=0, minute=0, second=0)
    total = 0
    for number in range(SESSIONS):
        at = max(now - timedelta(minutes=8 * (number + 1)), midnight) if number < TODAY else midnight - timedelta(days=2 * (number - TODAY) + 1, hours=-10)
        folder = FOLDERS[number % len(FOLDERS)]
        tokens = 1000 * (number + 1)
        (_codex if number % 3 == 2 else _claude)(home, f"00000000-0000-4000-8000-{number:012}", folder, tokens, at)
        total += tokens
    return total


def works_on(home: Path, number: int, tokens: int) -> None:
    """A session more, now."""
    _claude(home, f"00000000-0000-4000-9000-{number:012}", "docs", tokens, datetime.now(UTC).replace(microsecond=0))


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _branch(folder: str) -> str:
    return "pay/PAY-7-retry" if folder == "pay" else "main"


def _claude(home: Path, session: str, folder: str, tokens: int, at: datetime) -> None:
    place = home / ".claude" / "projects" / f"-code-{folder}"
    place.mkdir(parents=True, exist_ok=True)
    usage = {"input_tokens": tokens - 600, "output_tokens": 200, "cache_read_input_tokens": 400, "cache_creation_input_tokens": 0}
    record = {
        "type": "assistant", "sessionId": session, "requestId": f"req_{session}", "timestamp": _stamp(at), "cwd": f"/code/{folder}",
        "gitBranch": _branch(folder), "version": "2.1.0", "isSidechain": False, "uuid": session,
        "message": {"id": f"msg_{session}", "role": "assistant", "model": "claude-sonnet-4-5", "usage": usage},
    }  # fmt: skip
    (place / f"{session}.jsonl").write_text(json.dumps(record) + "\n")


def _codex(home: Path, session: str, folder: str, tokens: int, at: datetime) -> None:
    place = home / ".codex" / "sessions" / f"{at:%Y/%m/%d}"
    place.mkdir(parents=True, exist_ok=True)
    usage = {"input_tokens": tokens - 200, "cached_input_tokens": 300, "output_tokens": 200, "reasoning_output_tokens": 0, "total_tokens": tokens}
    lines = (
        ("session_meta", {"id": session, "timestamp": _stamp(at), "cwd": f"/code/{folder}", "cli_version": "0.150.0", "git": {"branch": _branch(folder)}}),
        ("turn_context", {"model": "gpt-5.5"}),
        ("event_msg", {"type": "token_count", "info": {"total_token_usage": usage, "last_token_usage": usage}}),
    )
    text = "".join(json.dumps({"timestamp": _stamp(at), "type": kind, "payload": payload}) + "\n" for kind, payload in lines)
    (place / f"rollout-{at:%Y-%m-%dT%H-%M-%S}-{session}.jsonl").write_text(text)
