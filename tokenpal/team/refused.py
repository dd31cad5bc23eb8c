"""Why a message is not taken: the number of an answer, a rule's name for programs, a sentence for people."""

from __future__ import annotations

from typing import Any

from tokenpal.share.protocol.wire import canonical


class Refused(Exception):
    """``status``: HTTP. ``rule``: one word, listed in ``resources/team/openapi.json``. The sentence repeats nothing that was sent."""

    def __init__(self, status: int, rule: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.rule = rule
        self.sentence = sentence

    @property
    def body(self) -> bytes:
        error: dict[str, Any] = {"error": {"rule": self.rule, "sentence": self.sentence}}
        return canonical(error)
