"""Reading logs: a first scan, a scan when nothing changed, one appended line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.corpus import Corpus, make
from tests.benchmarks.measure import Cost, Failed, Line, environment, in_turn, median, median_ratio, python, ripgrep, run
from tokenpal.engine.scan import Wanted, find, here, scan
from tokenpal.engine.shared import make_rulebook
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Dimension, Filter, Query
from tokenpal.model.tokens import CLASSES
from tokenpal.sources import registry
from tokenpal.sources.walk import look
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.system.paths import inside

MARKERS = ('"usage"', '"token_count"', '"turn_context"', '"session_meta"')
AGENTS = ("claude-code", "codex")


def corpus(full: bool) -> Corpus:
    """L of the study with ``--full``, else a fifth of it; kept in the temporary folder for the next run."""
    name = "tokenpal-bench-L" if full else "tokenpal-bench-S"
    home = Path(tempfile.gettempdir()) / name
    return make(home, claude_mb=1000 if full else 200, codex_mb=300 if full else 60)


def check(found: Corpus, data: Path) -> None:
    """Every (day, model, class) and the number of calls against the truth; raises Failed."""
    with Store.open(inside(data).database) as store:
        for agent in AGENTS:
            answer = report(store, Query("UTC", bucket=Bucket.DAY, by=Dimension.MODEL, filter=Filter(agents=(agent,))))
            rows = {
                f"{agent} {row.bucket} {row.key}": [*(getattr(row.measures.tokens, name) for name in CLASSES), row.measures.tokens.reasoning]
                for row in answer.rows
                if row.measures.tokens.total
            }
            want = {name: counts for name, counts in found.truth.rows.items() if name.startswith(f"{agent} ")}
            wrong = [name for name in rows.keys() | want.keys() if rows.get(name) != want.get(name)]
            if wrong:
                raise Failed(f"{len(wrong)} of {len(want)} days and models are wrong, such as {min(wrong)}: "
                             f"{rows.get(min(wrong))} instead of {want.get(min(wrong))}")  # fmt: skip
            if answer.total.requests != found.truth.calls[agent]:
                raise Failed(f"{answer.total.requests} calls of {agent} instead of {found.truth.calls[agent]}")


def first_scan(full: bool, rounds: int) -> Iterator[Line]:
    """CPU of the whole process into an empty store, against ripgrep looking for the same lines (RG1)."""
    logs = corpus(full)
    size = f"{logs.truth.bytes / 1e6:,.0f} MB"
    with tempfile.TemporaryDirectory() as folder:
        data, empty = Path(folder) / "data", Path(folder) / "empty"
        empty.mkdir()

        def scanned(home: Path = logs.home) -> Cost:
            shutil.rmtree(data, ignore_errors=True)
            return run(python("-m", "tokenpal", "scan"), environment(home, data))

        cost = scanned()
        check(logs, data)
        tool = ripgrep()
        if tool is None:
            yield Line(f"first scan, {size}", f"{cost.cpu:.2f} s CPU", "ripgrep is not installed", None, 3.0, 2.0, "pip install ripgrep==14.1.0")
            return
        words = [part for marker in MARKERS for part in ("-e", marker)]
        search = [tool, "-c", "-j1", "--no-ignore", "--hidden", "-F", *words, "-g", "*.jsonl", str(logs.claude), str(logs.codex)]
        version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        ours, theirs, start = in_turn(rounds, scanned, lambda: run(search), lambda: scanned(empty))
        yardstick = f"{median([each.cpu for each in theirs]):.2f} s CPU, rg {version}"
        if full:
            ratio, note = median_ratio([each.cpu for each in ours], [each.cpu for each in theirs]), ""
        else:
            left = [a.cpu - b.cpu for a, b in zip(ours, start, strict=True)]
            ratio, note = median_ratio(left, [each.cpu for each in theirs]), "start-up left out; --full for the budget's own figure"
        yield Line(f"first scan, {size}", f"{median([each.cpu for each in ours]):.2f} s CPU", yardstick, ratio, 3.0, 2.0, note)
        yield Line("  its peak memory", f"{max(each.peak for each in ours):.0f} MB", "1 GB", max(each.peak for each in ours) / 1000, 0.25, 0.12)


def unchanged(full: bool, rounds: int) -> Iterator[Line]:
    """Wall of a whole process that finds nothing new and answers for a year, against ``find`` over the same files."""
    logs = corpus(full)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        env = environment(logs.home, data)
        run(python("-m", "tokenpal", "scan"), env)
        check(logs, data)
        warm = python("-m", "tests.benchmarks.warm")
        walk = ["find", str(logs.claude), str(logs.codex), "-name", "*.jsonl", "-printf", "%p %s %T@\n"]
        ours, theirs = in_turn(rounds, lambda: run(warm, env), lambda: run(walk))
        check(logs, data)
        ratio = median_ratio([each.wall for each in ours], [each.wall for each in theirs])
        files = f"nothing changed, {logs.truth.files:,} files"
        yield Line(files, f"{median([e.wall for e in ours]) * 1e3:.0f} ms", f"{median([e.wall for e in theirs]) * 1e3:.1f} ms find", ratio, 6.0, 3.5)


def appended(full: bool, rounds: int) -> Iterator[Line]:
    """In a running app: one new line to the store, against a full walk with stat of every file."""
    logs = corpus(full)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(logs.claude, home / ".claude", copy_function=os.link if _same_device(logs.home, Path(folder)) else shutil.copy2)
        newest = max(home.rglob("*.jsonl"), key=lambda path: path.stat().st_mtime)
        newest.write_bytes(newest.read_bytes())  # a file of its own again
        inode = newest.read_bytes()
        newest.unlink()
        newest.write_bytes(inode if inode.endswith(b"\n") else inode + b"\n")
        with Store.open(Path(folder) / "t.db") as store:
            ask, rules = here(store), make_rulebook(store, home, lambda: int(time.time()))
            targets = find(ask, registry.sources().values(), Wanted(home, {}))
            memory: dict[int, dict[str, object]] = {}
            scan(ask, targets, rules, memory=memory)
            before = _requests(store)
            ours: list[float] = []
            walks: list[float] = []
            for number in range(rounds + 1):
                with newest.open("a") as file:
                    file.write(_line(number) + "\n")
                start = time.process_time()
                scan(ask, targets, rules, memory=memory, full=False)
                ours.append(time.process_time() - start)
                start = time.process_time()
                look([str(home / ".claude" / "projects")], lambda name: name.endswith(".jsonl"))
                walks.append(time.process_time() - start)
            if _requests(store) != before + rounds + 1:
                raise Failed(f"{_requests(store) - before} of {rounds + 1} appended calls were found")
        ratio = median_ratio(ours[1:], walks[1:])
        yield Line("one appended call", f"{median(ours[1:]) * 1e3:.1f} ms CPU", f"{median(walks[1:]) * 1e3:.1f} ms walk", ratio, 1.5, 0.2)


def _same_device(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


def _requests(store: Store) -> int:
    return report(store, Query("UTC")).total.requests or 0


def _line(number: int) -> str:
    message = {"id": f"msg_appended_{number}", "model": "claude-sonnet-5", "usage": {"input_tokens": 1, "output_tokens": number + 1}}
    return json.dumps({"type": "assistant", "sessionId": "s", "requestId": f"req_{number}", "timestamp": "2026-11-20T10:00:00.000Z", "message": message})
