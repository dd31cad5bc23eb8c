"""The self-test itself: it passes on a whole program and notices what is missing."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tokenpal.sources
from tokenpal import selftest
from tokenpal.selftest import parts, work
from tokenpal.sources import registry


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tokenpal", "self-test", *arguments], capture_output=True, text=True, check=False, env={**os.environ, "TZ": "UTC"})


def test_parts_are_found_without_qt(tmp_path: Path) -> None:
    code = "import sys; from tokenpal import selftest; c = selftest.main(['--no-window']); bad = {'PySide6', 'pyqtgraph'} & set(sys.modules); print(bad or ''); sys.exit(c or bool(bad))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for name, _ in (*parts.CHECKS, *work.CHECKS):
        assert f"ok      {name}: " in done.stdout


def test_every_page_opens_offscreen() -> None:
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(" 0 failed")
    for page in ("Overview", "Sessions", "Tasks", "Check-in", "Sharing", "Accounts", "Settings"):
        assert page in done.stdout


def test_unknown_words_are_a_usage_error() -> None:
    done = run("--fly")
    assert done.returncode == 2
    assert "usage: tokenpal self-test" in done.stderr


def test_self_test_leaves_the_persons_folders_alone(tmp_path: Path) -> None:
    done = run("--no-window")
    assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "home").rglob("*"))
    assert not (tmp_path / "tokenpal-home").exists()


def test_a_failed_check_is_told_and_the_others_still_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: Path) -> str:
        raise parts.Lacking("no such thing")

    monkeypatch.setattr(parts, "CHECKS", (("broken", broken), ("whole", lambda _: "found")))
    monkeypatch.setattr(work, "CHECKS", ())
    assert selftest.main(["--no-window"]) == 1
    said = capsys.readouterr()
    assert "FAILED  broken: Lacking: no such thing" in said.out
    assert "ok      whole: found" in said.out
    assert "1 passed, 1 failed" in said.out


def bundle(monkeypatch: pytest.MonkeyPatch, folder: Path, **changed: object) -> None:
    """Stand inside a bundle whose build wrote down what is CHANGED."""
    real = parts.resource
    modules, ids = sorted(module.name for module in pkgutil.iter_modules(tokenpal.sources.__path__)), sorted(registry.sources())
    listed = {"version": parts.__version__, "sources": modules, "source_ids": ids, "resources": ["icons/mark.svg"], **changed}
    (folder / "bundle.json").write_text(json.dumps(listed), encoding="utf-8")
    monkeypatch.setattr(parts, "resource", lambda name: folder / name if name == "bundle.json" else real(name))
    monkeypatch.setattr(sys, "frozen", True, raising=False)


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        (parts.versions, {"version": "0.0.0"}),
        (parts.resources, {"resources": ["icons/mark.svg", "icons/lost.svg"]}),
        (parts.sources, {"sources": ["amp", "lost"]}),
        (parts.sources, {"source_ids": [*registry.sources(), "lost"]}),
    ],
)
def test_a_bundle_that_lost_something_is_noticed(check: Callable[[Path], str], changed: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(monkeypatch, tmp_path, **changed)
    with pytest.raises((parts.Lacking, FileNotFoundError)):
        check(tmp_path)


@pytest.mark.parametrize("check", [parts.versions, parts.resources, parts.sources])
def test_a_whole_bundle_passes(check: Callable[[Path], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(monkeypatch, tmp_path)
    assert check(tmp_path)


def test_a_bundle_with_a_servers_libraries_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(parts.Lacking, match=r"tokenpal\.team"):
        parts.left_out(tmp_path)


def test_a_bundle_without_its_list_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(parts, "resource", lambda name: tmp_path / name)
    with pytest.raises(parts.Lacking):
        parts.resources(tmp_path)


def test_a_changed_price_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "KNOWN_PICO", parts.KNOWN_PICO + 1)
    with pytest.raises(parts.Lacking):
        parts.known_price(tmp_path)


def test_an_import_that_counts_twice_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tokenpal.engine import importing

    monkeypatch.setattr(importing, "take", lambda *_: importing.Taken("usage lines", records=1))
    with pytest.raises(parts.Lacking):
        work.handed_over(tmp_path)


def test_a_receiver_that_counts_something_else_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tokenpal.sources import otlp

    monkeypatch.setattr(otlp, "figures", lambda *_, **__: ([], 0))
    with pytest.raises(parts.Lacking, match="tokens count"):
        work.receiver(tmp_path)


def test_shares_that_do_not_add_up_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tokenpal.share.protocol import sealing

    opened = sealing.open_share
    monkeypatch.setattr(sealing, "open_share", lambda signed, me, key, x: opened(signed, me, key, x)[::-1])
    with pytest.raises(parts.Lacking, match="the shares say"):
        work.sharing(tmp_path)
