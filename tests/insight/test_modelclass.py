"""What a model counts as: by published weights, else by its list price, else not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tokenpal.insight.modelclass import FRONTIER_FROM, ModelClass, model_class, shares

M = 1_000_000


@pytest.mark.parametrize(
    ("model", "output", "expected"),
    [
        ("claude-opus-4-5-20251101", 25 * M, "frontier"), ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 15 * M, "frontier"), ("gpt-5", 10 * M, "frontier"),
        ("o3", 8 * M, "frontier"), ("claude-haiku-4-5", 5 * M, "small"), ("gpt-5-mini", 2 * M, "small"), ("gemini-2.5-flash", 2_500_000, "small"),
        ("openai/gpt-oss-120b", 600_000, "open"), ("qwen3-coder:30b", None, "open"), ("Qwen/Qwen2.5-Coder-32B-Instruct", M, "open"), ("qwen3-max", 6 * M, "small"),
        ("deepseek-chat", M, "open"), ("llama3.1:8b", None, "open"), ("meta-llama/llama-3.3-70b-instruct", None, "open"), ("glm-4.6", 2 * M, "open"),
        ("moonshotai/kimi-k2-0905", 2 * M, "open"), ("hf.co/unsloth/gemma-3-27b", None, "open"), ("mystery", None, "unknown"), ("", None, "unknown"),
        ("alphillama-like", 9 * M, "frontier"), ("gemini-2.5-pro", 10 * M, "frontier"), ("codex-mini", 6 * M, "small"),
    ],
)  # fmt: skip
def test_known_models(model: str, output: int | None, expected: str) -> None:
    assert model_class(model, output) == expected


def test_shares_by_hand() -> None:
    """300 frontier, 60 small, 40 open, 7 of no class: 100 of 400 is a quarter."""
    found = shares([("gpt-5", 10 * M, 300), ("gpt-5-mini", 2 * M, 60), ("glm-4.6", None, 40), ("mystery", None, 7), ("idle", 5, 0)])
    assert (found.frontier, found.small, found.open, found.unknown, found.share) == (300, 60, 40, 7, 0.25)
    assert [(one.model, one.kind.value) for one in found.models] == [("gpt-5", "frontier"), ("gpt-5-mini", "small"), ("glm-4.6", "open"), ("mystery", "unknown")]
    assert shares([("mystery", None, 7)]).share is None


@given(st.lists(st.tuples(st.text(max_size=12), st.one_of(st.none(), st.integers(0, 3 * FRONTIER_FROM)), st.integers(0, 10**12)), max_size=12))
def test_every_token_is_in_one_class(rows: list[tuple[str, int | None, int]]) -> None:
    found = shares(rows)
    assert found.frontier + found.small + found.open + found.unknown == sum(tokens for _, _, tokens in rows)
    assert found.share is None or 0 <= found.share <= 1
    assert all((one.kind is ModelClass.UNKNOWN) <= (one.output is None) for one in found.models)
