"""Into Claude Code's settings and out again: only when asked, twice is as once, and every other byte stays."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.cli.runner import Machine
from tokenpal.engine import statusline
from tokenpal.model.errors import UsageError

OWN = "/opt/tokenpal statusline"

names = st.text("abcxyz_-\"\\é😀", min_size=1, max_size=6)
values = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | names, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8)
lines = st.none() | st.fixed_dictionaries({"type": st.just("command"), "command": st.sampled_from(["~/line.sh", "jq -r '.model.id'", "echo \"it's\" | cat", ""])}, optional={"padding": st.integers(0, 3)})


@given(
    members=st.dictionaries(names, values, max_size=4), line=lines, place=st.integers(0, 4), indent=st.sampled_from([None, 2, 4, "\t"]), ascii_=st.booleans(),
    crlf=st.booleans(), tail=st.sampled_from(["", "\n", "  \n\n"]), edit=st.sampled_from(["", "add", "line"]), twice=st.booleans(),
)  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_out_is_what_was_there(tmp_path: Path, members: dict[str, Any], line: Any, place: int, indent: Any, ascii_: bool, crlf: bool, tail: str, edit: str, twice: bool) -> None:
    items = list(members.items())
    if line is not None:
        items.insert(min(place, len(items)), ("statusLine", line))
    text = json.dumps(dict(items), indent=indent, ensure_ascii=ascii_) + tail
    text = text.replace("\n", "\r\n") if crlf else text
    path = tmp_path / "settings.json"
    path.write_bytes(text.encode())
    standing, changed = statusline.install(path, tmp_path / "data", OWN)
    assert changed
    assert standing.installed
    assert standing.former == ((line or {}).get("command") or "")
    if twice:
        once = path.read_bytes()
        assert statusline.install(path, tmp_path / "data", OWN)[1] is False
        assert path.read_bytes() == once
    now = json.loads(path.read_bytes())
    assert {k: v for k, v in now.items() if k != "statusLine"} == {k: v for k, v in dict(items).items() if k != "statusLine"}
    assert now["statusLine"].get("padding") == (line or {}).get("padding")
    if edit == "add":  # something else was changed meanwhile, by text, as an editor does
        new = path.read_bytes().decode().rstrip()[:-1].rstrip() + ', "later": [1]}'
        path.write_text(new)
    if edit == "line":
        (tmp_path / "data" / "statusline").rename(tmp_path / "gone")  # the copy is lost, and something was changed
        path.write_bytes(path.read_bytes() + b" ")
    standing, changed = statusline.remove(path, tmp_path / "data")
    assert changed
    assert not standing.installed
    if not edit:
        assert path.read_bytes() == text.encode()
    elif edit == "add":
        assert json.loads(path.read_bytes()) == {**dict(items), "later": [1]}
    else:
        kept = dict(items)
        if line is not None and not line["command"]:
            del kept["statusLine"]
        assert json.loads(path.read_bytes()) == kept
        (tmp_path / "gone").rename(tmp_path / "data" / "statusline")
    assert statusline.remove(path, tmp_path / "data")[1] is False
    for left in (tmp_path / "data" / "statusline").glob("*"):
        left.unlink()


def test_a_file_that_was_not_there_goes_again(tmp_path: Path) -> None:
    path = tmp_path / ".claude" / "settings.json"
    with pytest.raises(UsageError):
        statusline.install(path, tmp_path / "data", OWN)
    assert not path.parent.exists(), "no folder is made for an agent that is not there"
    path.parent.mkdir()
    assert statusline.show(path) == statusline.Standing(path, installed=False, command="", former="")
    statusline.install(path, tmp_path / "data", OWN)
    assert json.loads(path.read_text()) == {"statusLine": {"type": "command", "command": OWN}}
    assert path.stat().st_mode & 0o777 == 0o600
    statusline.remove(path, tmp_path / "data")
    assert not path.exists()


@pytest.mark.parametrize("text", ["{", "[]", "7", "// a comment\n{}", '{"a": 1,}', '{"a" 1}', "\xff"])
def test_what_cannot_be_understood_is_not_touched(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(text.encode("latin-1"))
    for do in (lambda: statusline.install(path, tmp_path / "data", OWN), lambda: statusline.remove(path, tmp_path / "data"), lambda: statusline.show(path)):
        with pytest.raises(UsageError):
            do()
    assert path.read_bytes() == text.encode("latin-1")
    assert not (tmp_path / "data").exists()


def test_a_link_stays_a_link_and_rights_stay(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "claude.json"
    real.parent.mkdir()
    real.write_text('{"model": "opus"}')
    real.chmod(0o644)
    path = tmp_path / "settings.json"
    path.symlink_to(real)
    statusline.install(path, tmp_path / "data", OWN)
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o644
    assert json.loads(real.read_text())["statusLine"]["command"] == OWN
    statusline.remove(path, tmp_path / "data")
    assert real.read_text() == '{"model": "opus"}'


def test_a_moved_tokenpal_is_called_where_it_is_now(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    text = '{"statusLine": {"type": "command", "command": "~/mine.sh"}}'
    path.write_text(text)
    statusline.install(path, tmp_path / "data", "/old/tokenpal statusline")
    standing, changed = statusline.install(path, tmp_path / "data", "/new/tokenpal statusline")
    assert changed
    assert shlex.split(standing.command) == ["/new/tokenpal", "statusline", "--then", "~/mine.sh"]
    statusline.remove(path, tmp_path / "data")
    assert path.read_text() == text


def test_from_the_command_line(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "home", tmp_path / "profile")
    path = machine.home / ".claude" / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text('{\n    "statusLine": {\n        "type": "command",\n        "command": "echo mine; cat >/dev/null"\n    }\n}\n')
    before = path.read_bytes()
    assert machine.json("statusline", "show") == {"settings": str(path), "installed": False, "command": "echo mine; cat >/dev/null", "then": None, "changed": False}
    assert machine.run("statusline", "remove").out.startswith("tokenpal's status line is not in")
    assert machine.json("statusline", "install")["changed"] is True
    assert machine.run("statusline", "install").out.startswith("It is installed already")
    command = json.loads(path.read_bytes())["statusLine"]["command"]
    import subprocess

    done = subprocess.run(command, shell=True, input=b"{}", capture_output=True, env=machine.env(), timeout=60)
    assert done.stdout.decode().splitlines() == ["tokenpal", "mine"], "the line that Claude Code would run"
    assert machine.json("statusline", "remove")["changed"] is True
    assert path.read_bytes() == before
    other = machine.home / "other.json"
    assert machine.json("statusline", "install", "--settings", str(other))["installed"] is True
    assert machine.run("statusline", "show", "--settings", str(other)).code == 0
    broken = machine.run("statusline", "install", "--settings", str(machine.home))
    assert broken.code == 2
    assert broken.err.startswith("tokenpal: ")
