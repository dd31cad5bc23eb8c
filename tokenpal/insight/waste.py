"""The most frequent reason of waste as a question for the check-in: asked, never told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tokenpal.model.session import WasteReason
from tokenpal.translation import mark, tr

LEAST: Final = 2
"""Once is no pattern."""

QUESTIONS: Final = {
    WasteReason.WRONG_MODEL: mark("What would tell you earlier that another model fits better?"),
    WasteReason.MISSING_CONTEXT: mark("What could the agent have been given at the start?"),
    WasteReason.LOOP: mark("What could have stopped the loop sooner?"),
    WasteReason.UNCLEAR_TASK: mark("What would have made the task clear before it began?"),
    WasteReason.TOOL_FAILURE: mark("Which tool failed, and can that be mended?"),
}


def most_frequent(reasons: Mapping[str, int]) -> tuple[WasteReason, int] | None:
    """The reason said most often, and how often; None when no reason we ask about was said at least twice. Ties: the first of the list."""
    counts = [(reason, reasons.get(reason.value, 0)) for reason in QUESTIONS]
    reason, count = max(counts, key=lambda one: one[1])
    return (reason, count) if count >= LEAST else None


def question(reasons: Mapping[str, int]) -> str:
    """The question, or "" when there is none to ask."""
    found = most_frequent(reasons)
    return tr(QUESTIONS[found[0]]) if found else ""
