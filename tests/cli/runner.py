"""Runs ``python -m tokenpal`` in a child process, and writes agent logs for it to read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 120


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True)
class Machine:
    """A home folder and a profile; commands see nothing else."""

    home: Path
    profile: Path

    def env(self, **more: str) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV"}
        }
        return kept | {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "TOKENPAL_HOME": str(self.profile),
            "TZ": "UTC",
            "PYTHONWARNINGS": "error",
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "tests.cli.file_keyring.FileKeyring",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            **more,
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tokenpal", *words]

    def run(self, *words: str, stdin: str | None = "", env: dict[str, str] | None = None) -> Done:
        done = subprocess.run(
            self.command(*words),
            cwd=self.home,
            env=self.env(**(env or {})),
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LIMIT,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def json(self, *words: str) -> Any:
        return self.run(*words, "--json").json


def response(
    session: str,
    number: int,
    at: str,
    model: str = "claude-sonnet-4-20250514",
    *,
    cwd: str = "/nowhere/shop",
    branch: str = "main",
    **usage: int,
) -> str:
    """One line of Claude Code: a billed response."""
    counts = {"input_tokens": 4, "output_tokens": 310, **usage}
    return json.dumps(
        {
            "type": "assistant", "uuid": f"{session}-{number}", "sessionId": session, "timestamp": at, "cwd": cwd, "gitBranch": branch,
            "version": "2.1.200", "isSidechain": False, "requestId": f"req_{session}_{number}",
            "message": {
                "id": f"msg_{session}_{number}", "type": "message", "role": "assistant", "model": model, "stop_reason": "end_turn",
                "content": [{"type": "text", "text": "a secret prompt"}], "usage": counts,
            },
        }
    )  # fmt: skip


def codex_lines(
    thread: str, at: str, *, model: str = "gpt-5", cwd: str = "/nowhere/shop", fresh: int = 69, cached: int = 2560, output: int = 14
) -> list[str]:
    """A Codex rollout with one response and its plan windows."""
    counts = {
        "input_tokens": fresh + cached, "cached_input_tokens": cached, "output_tokens": output, "reasoning_output_tokens": 4,
        "total_tokens": fresh + cached + output,
    }  # fmt: skip
    windows = {
        "limit_id": "codex", "primary": {"used_percent": 12.5, "window_minutes": 300, "resets_at": 1_795_300_000},
        "secondary": {"used_percent": 40.0, "window_minutes": 10_080, "resets_at": 1_795_700_000}, "plan_type": "plus",
    }  # fmt: skip
    rows = [
        ("session_meta", {"id": thread, "timestamp": at, "cwd": cwd, "cli_version": "0.150.0", "git": {"branch": "main"}}),
        ("turn_context", {"turn_id": "t", "cwd": cwd, "model": model}),
        ("event_msg", {"type": "token_count", "info": {"total_token_usage": counts, "last_token_usage": counts}, "rate_limits": windows}),
    ]
    return [json.dumps({"timestamp": at, "type": kind, "payload": payload}) for kind, payload in rows]


def write_claude(home: Path, name: str, lines: list[str]) -> Path:
    """A transcript of Claude Code."""
    path = home / ".claude" / "projects" / "-nowhere-shop" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    return path


def write_codex(home: Path, thread: str, lines: list[str]) -> Path:
    """A rollout of Codex."""
    path = home / ".codex" / "sessions" / "2026" / "11" / "20" / f"rollout-2026-11-20T10-00-00-{thread}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    return path
