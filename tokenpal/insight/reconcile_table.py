"""A reconciliation as plain rows: one CSV for the terminal and for the window's clipboard, one JSON shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from tokenpal.insight import reconcile_words as words, spreadsheet
from tokenpal.insight.differences import Cause, Line, Part, by_day, by_model
from tokenpal.model.sides import FIGURES, REQUESTS, Figures, tokens

WAYS: Final = ("day and model", "day", "model")


def grouped(lines: Sequence[Line], by: str) -> tuple[Line, ...]:
    """Lines as they are asked for: each UTC day and model (newest day first), a day, or a model."""
    if by == "day":
        return by_day(lines)
    if by == "model":
        return by_model(lines)
    return tuple(sorted(lines, key=lambda line: (-line.day, -max(tokens(line.reported), tokens(line.measured)), line.model)))


def as_csv(accounts: Iterable[tuple[str, Sequence[Line]]], by: str = WAYS[0]) -> str:
    """One line a row with a header: both sides by figure, what counts, and tokens by cause. Unknown requests stay empty."""
    sides = [f"{side}_{name}" for side in ("reported", "measured", "difference") for name in FIGURES]
    rows: list[list[object]] = [["account", "day", "model", *sides, "counted", *(f"because_{cause.value.replace(' ', '_')}" for cause in Cause)]]
    for name, lines in accounts:
        for line in grouped(lines, by):
            causes = dict.fromkeys(Cause, 0)
            for part in line.parts:
                causes[part.cause] += part.tokens
            values = [*_figures(line.reported, line), *line.measured, *_figures(line.difference, line)]
            rows.append([
                name, "" if by == "model" else words.day(line.day), "" if by == "day" else line.model,
                *values, line.counted, *causes.values(),
            ])  # fmt: skip
    return spreadsheet.text(rows)


def as_json(line: Line, by: str = WAYS[0]) -> dict[str, Any]:
    """One row: ``requests`` is null where the report counts none; the causes add up to ``difference``."""
    return {
        **({} if by == "model" else {"day": words.day(line.day)}),
        **({} if by == "day" else {"model": line.model}),
        "reported": _named(_figures(line.reported, line)),
        "measured": _named(line.measured),
        "difference": _named(_figures(line.difference, line)),
        "counted": line.counted,
        "causes": [cause_json(part, line) for part in line.parts],
    }


def cause_json(part: Part, line: Line) -> dict[str, Any]:
    """A cause with its words."""
    return {"cause": part.cause.value, "sure": part.sure.value, "sentence": words.sentence(part), "tokens": part.tokens, **_named(_figures(part.figures, line))}


def _figures(figures: Figures, line: Line) -> tuple[int | None, ...]:
    return figures if line.counts_requests else (*figures[:REQUESTS], None)


def _named(figures: Sequence[int | None]) -> dict[str, int | None]:
    return dict(zip(FIGURES, figures, strict=True))
