"""The made-up person of the sample data: what they work on, with what, and what they wrote about it."""

from __future__ import annotations

from typing import Final

import msgspec


class Agent(msgspec.Struct, frozen=True):
    """How one agent is used: its models with weights, and the shape of a request."""

    source: str
    name: str
    provider: str
    root: str
    models: tuple[tuple[str, int], ...]
    weight: int
    prompt: int  # tokens of a typical prompt
    cached: float  # share of the prompt that comes from the cache once a session runs
    writes: bool  # the provider bills cache writes
    plan: bool = True  # signed in with a plan: its use is in no API report


class Work(msgspec.Struct, frozen=True):
    """One stretch of work: weeks [first, last] counted back from this one, with how much of the attention it gets."""

    task: str  # "" = none
    folder: str
    branches: tuple[str, ...]
    first: int
    last: int
    weight: int


HOME: Final = "/home/sam"
AGENTS: Final = (
    Agent("claude-code", "Claude Code", "anthropic", f"{HOME}/.claude",
          (("claude-opus-5", 2), ("claude-sonnet-5", 6), ("claude-haiku-4-5", 2)), 6, 42_000, 0.94, writes=True),
    Agent("codex", "Codex", "openai", f"{HOME}/.codex", (("gpt-5.5", 3), ("gpt-5-mini", 1)), 3, 30_000, 0.88, writes=False),
    Agent("claude-code", "Claude Code, work", "anthropic", f"{HOME}/work/.claude",
          (("claude-sonnet-5", 3), ("claude-haiku-4-5", 1)), 1, 24_000, 0.9, writes=True, plan=False),
)  # fmt: skip

TASKS: Final = (  # name, tags, ticket, done
    ("Checkout redesign", ("shop", "frontend"), "PAY-142", False),
    ("Billing export", ("backend", "compliance"), "BIL-77", True),
    ("Flaky integration tests", ("infra",), "", False),
    ("Search prototype", ("research",), "LAB-9", False),
    ("Onboarding guide", ("docs",), "", False),
    ("Code review", ("team",), "", False),
)
RULES: Final = (  # kind, pattern, task
    ("ticket", "PAY-142", "Checkout redesign"),
    ("branch", "feature/BIL-*", "Billing export"),
    ("repository", "search-lab", "Search prototype"),
    ("branch", "review/*", "Code review"),
)
DEFAULTS: Final = ((f"{HOME}/code/handbook", "Onboarding guide"),)
WORK: Final = (
    Work("Checkout redesign", f"{HOME}/code/shop", ("feature/PAY-142-address-form", "feature/PAY-142-payment-step"), 5, 0, 8),
    Work("Billing export", f"{HOME}/code/billing", ("feature/BIL-77-csv", "feature/BIL-77-audit"), 8, 4, 7),
    Work("Flaky integration tests", f"{HOME}/code/shop", ("fix/flaky-ci",), 6, 1, 3),
    Work("Search prototype", f"{HOME}/code/search-lab", ("main", "try/embeddings", "try/reranker"), 3, 0, 4),
    Work("Onboarding guide", f"{HOME}/code/handbook", ("main",), 8, 0, 2),
    Work("Code review", f"{HOME}/code/shop", ("review/payments", "review/search"), 8, 0, 2),
    Work("", f"{HOME}/notes", ("",), 8, 0, 2),
)
REASONS: Final = ("loop", "missing context", "wrong model", "unclear task", "tool failure", "missing context")
NOTES: Final = {
    "exploration": (
        "Compared two ways to store addresses; the simpler one wins.",
        "Embeddings of product names alone are not enough, descriptions matter.",
        "Tried a reranker on the top 50: better order, 300 ms slower.",
        "Asked for three designs first. Choosing was quicker than correcting one.",
    ),
    "delivered": (
        "Form validation with tests, merged.",
        "CSV export matches the accountants' sample to the cent.",
        "The plan-first prompt saved a lot of going back and forth.",
        "Found the race: two tests shared a port.",
    ),
    "waste": (
        "Went round in circles on a mock that did not exist.",
        "Should have given it the schema. It guessed table names for an hour.",
        "Big model for a rename; a regular expression would have done.",
    ),
}
CHECKINS: Final = (  # tried, worked, failed, learned; the newest first, "" weeks stay empty
    ("Two rerankers for the search prototype.", "Small model for tests, large one for design.", "Let it run over lunch: it looped.", "Stop after two failed attempts."),
    ("Generating the address form from the type.", "Plan first, then code.", "", "Types in the prompt beat prose."),
    ("", "", "", ""),
    ("Asking for three designs before code.", "Audit log in one afternoon.", "Guessed table names.", "Always attach the schema."),
    ("An agent on the flaky tests.", "Found the shared port.", "Fixes that only added waiting.", "Ask for the cause, not for green."),
    ("Export by example files.", "Matched the sample at once.", "", "Examples are the best specification."),
    ("Long sessions against short ones.", "Short ones, a fresh start per step.", "Context full at the end of the day.", "One goal per session."),
)  # fmt: skip
