"""A long edit among 200,000 sessions: others are answered meanwhile, all of it or nothing is there, one undo takes it back (issue 5)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ui import many
from tokenpal.engine import commands, listing
from tokenpal.engine.changes import changed_by, like, long_of
from tokenpal.insight.tasks import attribute
from tokenpal.model.errors import StoreError
from tokenpal.store import edits, journal, records, told
from tokenpal.store.database import Store
from tokenpal.store.worker import Worker

SECONDS = 300
SESSIONS = 200_000
EDITED = 50_000
LABELLED = "SELECT COUNT(*) FROM annotation WHERE label = 'exploration' AND label_at > 1"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "tokenpal.db"
    many.fill(path, SESSIONS)
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "tokenpal.db"))


@pytest.fixture
def worker(path: Path) -> Iterator[Worker]:
    made = Worker(path, now=lambda: many.NOW)
    yield made
    assert made.stop(SECONDS)


def ask(worker: Worker, function: Any, *args: Any) -> Any:
    """As the engine hands it on."""
    return worker.submit(function, *args, writes=bool(changed_by(function)), long=long_of(function))


def count(store: Store) -> int:
    return int(store.execute(LABELLED).fetchone()[0])


def words(store: Store) -> list[Any]:
    return store.execute("SELECT session, label, reason, note FROM annotation ORDER BY session").fetchall()


def kept(store: Store) -> int:
    return int(store.execute(f"SELECT {edits.SIZE} FROM edit ORDER BY id DESC LIMIT 1").fetchone()[0])


class Slow(listing.Progress):
    """Waits in the middle of the edit until somebody lets it go on."""

    def __init__(self, at: int) -> None:
        self.at, self._done = at, 0
        self.reached, self.go_on = threading.Event(), threading.Event()
        super().__init__()

    @property
    def done(self) -> int:
        return self._done

    @done.setter
    def done(self, value: int) -> None:
        self._done = value
        if value == self.at:
            self.reached.set()
            assert self.go_on.wait(SECONDS)


def test_questions_are_answered_and_edits_wait_while_a_long_edit_runs(worker: Worker) -> None:
    ids = worker.submit(lambda store: [id_ for (id_,) in store.execute(f"SELECT id FROM session LIMIT {EDITED}")]).result(SECONDS)
    before = worker.submit(words).result(SECONDS)
    progress = Slow(40_000)
    long = ask(worker, like(listing.label, lambda store, ids: listing.label(store, ids, "exploration", progress=progress)), ids)
    assert progress.reached.wait(SECONDS)
    small = ask(worker, commands.add_task, "while it runs")
    scan = worker.submit(count, urgent=False)
    said = worker.submit(told.tell_once, "limit 1", many.NOW)  # it writes, and nobody said so
    for _ in range(20):
        assert worker.submit(count).result(SECONDS) == 0, "half of an edit was seen"
    assert not long.done()
    assert not small.done()
    assert not scan.done()
    assert not said.done()
    progress.go_on.set()
    assert long.result(SECONDS) is None
    assert small.result(SECONDS).name == "while it runs"
    assert said.result(SECONDS) is True
    assert scan.result(SECONDS) == len(ids) == EDITED
    assert worker.submit(count).result(SECONDS) == EDITED
    assert worker.submit(edits.history).result(SECONDS)[0][1:] == ("Add the task while it runs", False)
    assert ask(worker, commands.undo).result(SECONDS) == "Add the task while it runs"
    assert worker.submit(kept).result(SECONDS) < 600_000, "it was 16 MB as plain JSON"
    assert worker.submit(edits.is_big).result(SECONDS)
    assert "50" in str(ask(worker, commands.undo).result(SECONDS))
    assert worker.submit(words).result(SECONDS) == before


def test_stopped_in_the_middle_nothing_has_changed(worker: Worker) -> None:
    ids = worker.submit(lambda store: [id_ for (id_,) in store.execute("SELECT id FROM session LIMIT 30000")]).result(SECONDS)
    progress = Slow(20_000)
    long = ask(worker, like(listing.label, lambda store, ids: listing.label(store, ids, "exploration", progress=progress)), ids)
    assert progress.reached.wait(SECONDS)
    progress.stop = True
    progress.go_on.set()
    with pytest.raises(listing.Stopped):
        long.result(SECONDS)
    assert worker.submit(count).result(SECONDS) == 0
    assert len(worker.submit(edits.history).result(SECONDS)) == 30, "the tasks of the sample"


def test_quitting_leaves_the_edit_and_loses_nothing_else(path: Path) -> None:
    worker = Worker(path, now=lambda: many.NOW)
    ids = worker.submit(lambda store: [id_ for (id_,) in store.execute("SELECT id FROM session LIMIT 30000")]).result(SECONDS)
    progress = Slow(20_000)
    long = ask(worker, like(listing.label, lambda store, ids: listing.label(store, ids, "exploration", progress=progress)), ids)
    assert progress.reached.wait(SECONDS)
    waiting = ask(worker, commands.add_task, "too late")
    threading.Timer(0.2, progress.go_on.set).start()
    assert worker.stop(20)
    with pytest.raises(StoreError, match="closing"):
        long.result(0)
    assert waiting.cancelled()
    with Store.open(path) as store:
        assert count(store) == 0
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)


DIES = """
import os, signal, sys
from pathlib import Path
from tokenpal.engine import listing
from tokenpal.store.database import Store
class Deadly(listing.Progress):
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        if name == "done" and value == 20_000:
            os.kill(os.getpid(), signal.SIGKILL)
with Store.open(Path(sys.argv[1])) as store:
    listing.label(store, [id_ for (id_,) in store.execute("SELECT id FROM session LIMIT 30000")], "exploration", progress=Deadly())
"""


def test_a_process_that_dies_in_the_middle_leaves_nothing_of_the_edit(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", DIES, str(path)], cwd=Path(__file__).parents[2], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    with Store.open(path) as store:
        assert count(store) == 0
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_many_rows_end_as_the_same_edits_one_by_one_do(tmp_path: Path) -> None:
    """Read ahead and written with defaults, the record holds what is in the file."""
    many.fill(tmp_path / "t.db", 3_000)
    with Store.open(tmp_path / "t.db", now=lambda: many.NOW) as store:
        keys = [key for (key,) in store.execute("SELECT key FROM session ORDER BY id")]
        journal.annotate(store, keys, label="waste", reason="loop")
        _, after = records.load(*store.execute("SELECT before, after FROM edit ORDER BY id DESC LIMIT 1").fetchone())
        columns = edits.TABLES["annotation"][1]
        there = {row[0]: dict(zip(columns, row, strict=True)) for row in store.execute(f"SELECT {', '.join(columns)} FROM annotation")}
        assert {key: row for (_, (key,)), row in after.items()} == {key: there[key] for (_, (key,)) in after}
        journal.assign(store, keys, 3, attribute)
        journal.change_tags(store, keys[:400], ["a"], ["spike"])
        journal.release(store, keys[::2], attribute)
        states = []
        while edits.undo(store, attribute) is not None:
            states.append(words(store))
        while edits.redo(store, attribute) is not None:
            assert words(store) == (states[-2] if len(states) > 1 else words(store))
            states.pop()


def test_records_take_no_more_than_their_room_and_what_goes_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many.fill(tmp_path / "t.db", 1_000)
    monkeypatch.setattr(edits, "MOST_BYTES", 30_000)
    with Store.open(tmp_path / "t.db", now=lambda: many.NOW) as store:
        keys = [key for (key,) in store.execute("SELECT key FROM session")]
        assert edits.let_go(store) == 0
        for number in range(6):
            journal.annotate(store, keys, label=("delivered", "waste")[number % 2])
        total = store.execute(f"SELECT SUM({edits.SIZE}), COUNT(*) FROM edit").fetchone()
        assert total[0] <= 30_000 or total[1] == 1
        assert edits.let_go(store) == 36 - total[1], "30 tasks and 6 labels, less those that are kept"
        monkeypatch.setattr(edits, "MOST_BYTES", 10)
        journal.annotate(store, keys, label="exploration")
        assert len(edits.history(store)) == 1
        assert edits.undo(store, attribute) is not None, "the newest one can be taken back whatever it takes"
        monkeypatch.setattr(edits, "MOST_BYTES", 1 << 26)
        for number in range(edits.KEPT):
            journal.annotate(store, keys[:1], note=f"note {number}")
        assert edits.let_go(store) == 0, "all of the newest 200 are there again"
        assert len(edits.history(store)) == edits.KEPT
