"""Hundreds of places where agents may lie, and what it costs that they are not there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tokenpal.sources.base import Kind
from tokenpal.sources.registry import sources
from tokenpal.sources.roots import Resolver, once


def test_what_the_resolver_says_is_what_the_system_says(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "real" / "file").write_bytes(b"")
    if sys.platform != "win32":
        (tmp_path / "link").symlink_to(tmp_path / "real")
        (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
    places = [
        "real", "real/deep", "real/file", "real/file/below", "real/none", "none", "none/deeper/still", "link", "link/deep", "link/none",
        "link/none/x", "link/../real", "link/deep/../../none", "none/../real", "dangling", "dangling/x", "loop", "loop/x",
    ]  # fmt: skip
    real = Resolver()
    for place in [*places, *reversed(places)]:
        path = tmp_path / place
        assert real(path) == (os.path.realpath(path), os.path.exists(os.path.realpath(path))), place
    assert real(tmp_path / "a\0b")[1] is False
    assert real(Path("tokenpal-none")) == (os.path.realpath("tokenpal-none"), False)
    assert real(Path(tmp_path.anchor)) == (os.path.realpath(tmp_path.anchor), True)


def test_one_place_by_two_names_is_one(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert once([tmp_path / "here", tmp_path / "here" / ".." / "here", tmp_path / "x", tmp_path / "x"]) == (tmp_path / "here", tmp_path / "x")


def test_looking_for_agents_that_are_not_there_costs_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some five hundred places lie in a dozen folders: those are asked for, not every step to every place."""
    agents = [source for source in sources().values() if source.INFO.kind is Kind.LOG]
    looks: list[str] = []

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **more: Any) -> Any:
            looks.append(os.fspath(path))
            return original(path, *rest, **more)

        return call

    for name in ("stat", "lstat", "scandir", "listdir"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    real = Resolver()
    found = [real(root) for agent in agents for root in agent.roots(tmp_path, {})]
    monkeypatch.undo()
    assert not any(there for _, there in found)
    assert len(looks) < 20 * len(agents), f"{len(looks)} looks for {len(agents)} agents"
    assert len([path for path in looks if path.startswith(str(tmp_path))]) < 10 * len(agents)
