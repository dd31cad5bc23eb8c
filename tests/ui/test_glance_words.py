"""What the glance says in one line."""

from __future__ import annotations

from tokenpal.ui.glanceparts import MAX_TASKS, spent_on_words


def test_one_more_task_is_said_and_several_are_counted() -> None:
    tasks = [(f"Task {n}", 1_000) for n in range(MAX_TASKS + 2)]
    assert "more" not in spent_on_words(tasks[: MAX_TASKS + 1])
    assert f"Task\u00a0{MAX_TASKS}" in spent_on_words(tasks[: MAX_TASKS + 1])
    assert spent_on_words(tasks).endswith("2\u00a0more")
    assert f"Task\u00a0{MAX_TASKS}\u00a0" not in spent_on_words(tasks)
