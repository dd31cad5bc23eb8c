"""A desk whose engine knows one view of sharing and writes down what it is asked: for tests of the page and for pictures."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from tests.ui import sharing_samples as samples
from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.ui.bridge import Bridge
from tokenpal.ui.page import Desk


class SampleEngine:
    """``asked``: (name, arguments) of what the window asked; ``answers``: what a command gives, an exception = refuses, None = never."""

    def __init__(self, view: SharingView) -> None:
        self.view = view
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, Any] = {"invite": samples.INVITATION, "results_link": "https://llm.example.org/t/x/results?pass=y"}
        self.waiting: list[Future[Any]] = []

    def ask(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        name = function.__name__
        if name not in {"sharing_view", "log_entry", "verify"}:
            self.asked.append((name, args))
        return self._answer(name, {"sharing_view": self.view, "log_entry": samples.ENTRY, "verify": samples.VERIFIED}.get(name, ""))

    def share(self, command: str, **args: Any) -> Future[Any]:
        self.asked.append((command, args))
        return self._answer(command, "")

    def _answer(self, name: str, otherwise: Any) -> Future[Any]:
        future: Future[Any] = Future()
        answer = self.answers.get(name, otherwise)
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        elif answer is None:
            self.waiting.append(future)
        else:
            future.set_result(answer)
        return future


def sample_desk(desk: Desk, view: SharingView) -> Desk:
    """The same desk in front of a sample engine."""
    return replace(desk, bridge=Bridge(SampleEngine(view)))  # type: ignore[arg-type]  # no accounts here
