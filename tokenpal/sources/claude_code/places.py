"""Where Claude Code keeps transcripts, and what a path tells (agent-logs 3.1)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from tokenpal.sources.roots import named, once, support

DESKTOP: Final = ("local-agent-mode-sessions", "claude-code-sessions")
DESKTOP_DEPTH: Final = 12  # 8 levels down to a configuration folder, then project, session and sub-agents
FOLDERS: Final = ("projects", "transcripts")
OWN_NAMES: Final = frozenset({".claude", "claude", "Claude"})  # without ``projects`` these hold prompts, never usage
PRIVATE: Final = frozenset({"history.jsonl"})


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``CLAUDE_CONFIG_DIR`` (may name several), ``.claude``, ``.config/claude`` and Claude Desktop; one place is one root."""
    said = named(home, env, "CLAUDE_CONFIG_DIR")
    found = [path.parent if path.name == "projects" else path for path in said]
    found += [home / ".claude", home / ".config" / "claude"]
    # Claude Desktop and Cowork: one configuration folder per session, deep below these.
    for base in _desktop(home, env):
        found += [base / name for name in DESKTOP]
    return once(found)


def _desktop(home: Path, env: Mapping[str, str]) -> list[Path]:
    bases = [support(home) / "Claude", home / ".config" / "Claude"]
    if env.get("APPDATA"):
        bases.append(Path(env["APPDATA"]) / "Claude")
    if env.get("LOCALAPPDATA"):
        packages = Path(env["LOCALAPPDATA"]) / "Packages"
        try:
            names = sorted(name for name in os.listdir(packages) if "claude" in name.lower())
        except OSError:
            names = []
        bases += [packages / name / "LocalCache" / "Roaming" / "Claude" for name in names]
    return bases


def bases(root: Path) -> tuple[list[str], int]:
    """What to walk for this root, and how deep. A root that is itself a folder of logs, or one log, works too."""
    if root.name in DESKTOP:
        return [str(path) for path in _projects_below(root, 8)], DESKTOP_DEPTH
    below = [root / name for name in FOLDERS if (root / name).is_dir()]
    if below or root.name in OWN_NAMES:
        return [str(path) for path in below], 40
    return [str(root)], 40


def _projects_below(root: Path, levels: int) -> list[Path]:
    """``**/.claude/projects``, at most so many levels down; other folders there hold only metadata."""
    found: list[Path] = []
    waiting = [(root, 0)]
    while waiting:
        folder, level = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        for name in names:
            if name == ".claude":
                if (folder / name / "projects").is_dir():
                    found.append(folder / name / "projects")
            elif level < levels and name not in {"node_modules", ".git"}:
                waiting.append((folder / name, level + 1))
    return sorted(found)


def wanted(name: str) -> bool:
    """Transcripts, and no file of prompts."""
    return name.endswith(".jsonl") and name not in PRIVATE


@lru_cache(maxsize=4096)
def path_facts(path: str) -> tuple[str, str, bool]:
    """(session, project folder's encoded name, is it a sub-agent's file) as the path tells them: rows know better."""
    parts = path.replace("\\", "/").split("/")
    stem = parts[-1].removesuffix(".jsonl")
    below = parts[:-1]
    session, sub_agent = stem, stem.startswith("agent-")
    if "subagents" in below:
        at = len(below) - 1 - below[::-1].index("subagents")
        session, sub_agent = below[at - 1] if at else stem, True
    elif stem == "chat" and below:
        session = below[-1]
    project = ""
    if "projects" in below:
        at = len(below) - 1 - below[::-1].index("projects")
        project = below[at + 1] if at + 1 < len(below) else ""
    return session, project, sub_agent
