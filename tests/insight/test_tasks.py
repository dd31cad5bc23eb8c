"""Which task use belongs to, and what a rule would change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenpal.insight.tasks import attribute, explain, fits, preview, running_at, with_rule
from tokenpal.insight.tickets import ticket_ids
from tokenpal.model.journal import Attribution, Rule, RuleKind, Split, Timer
from tokenpal.model.session import Segment, Via

HAND, SPLIT, TIMER, RULE, DEFAULT = 1, 2, 3, 4, 5


def segment(**changes: Any) -> Segment:
    fields: dict[str, Any] = {
        "session": "a:1", "agent": "claude-code", "account": 7, "project": "/home/me/code/shop", "branch": "feature/PAY-142-retry",
        "start": 1000, "cut": 0, "models": ("claude-sonnet-5-20260929",),
    }
    return Segment(**(fields | changes))


def rule(kind: RuleKind, pattern: str, task: int = RULE, position: int = 1, id_: int = 1) -> Rule:
    return Rule(id_, position, kind, pattern, task)


EVERYTHING = Attribution(
    hand={"a:1": HAND},
    splits={"a:1": (Split("a:1", 900, SPLIT),)},
    timers=(Timer(1, TIMER, 800, 1200),),
    rules=(rule(RuleKind.AGENT, "claude-code"),),
    defaults={"/home/me/code/shop": DEFAULT},
)


def without(*names: str) -> Attribution:
    fields: dict[str, Any] = {
        "hand": EVERYTHING.hand, "splits": EVERYTHING.splits, "timers": EVERYTHING.timers, "rules": EVERYTHING.rules,
        "defaults": EVERYTHING.defaults,
    }
    return Attribution(**(fields | {name: type(fields[name])() for name in names}))


def test_each_voice_is_weaker_than_the_one_before() -> None:
    """hand > split > timer > rule > project default > unassigned."""
    dropped: list[str] = []
    seen = []
    for name in ("hand", "splits", "timers", "rules", "defaults", ""):
        seen.append(attribute(without(*dropped), segment()))
        dropped.append(name) if name else None
    assert seen == [
        (HAND, Via.HAND), (SPLIT, Via.SPLIT), (TIMER, Via.TIMER), (RULE, Via.RULE), (DEFAULT, Via.DEFAULT), (None, Via.NONE),
    ]


def test_the_person_may_say_no_task() -> None:
    assert attribute(Attribution({"a:1": None}, *[{}, (), EVERYTHING.rules, {}]), segment()) == (None, Via.HAND)  # type: ignore[arg-type]  # splits, timers, rules, defaults


def test_a_split_holds_from_its_time_on() -> None:
    splits = {"a:1": (Split("a:1", 500, 21), Split("a:1", 2000, 22))}
    some = Attribution({}, splits, (), (), {})
    assert [attribute(some, segment(start=at))[0] for at in (499, 500, 1999, 2000)] == [None, 21, 21, 22]
    assert attribute(some, segment(session="a:2", start=600)) == (None, Via.NONE)


def test_a_split_without_task_ends_the_one_before_and_leaves_it_to_the_weaker() -> None:
    some = Attribution({}, {"a:1": (Split("a:1", 500, 21), Split("a:1", 700, None))}, (), EVERYTHING.rules, {})
    assert attribute(some, segment(start=600)) == (21, Via.SPLIT)
    assert attribute(some, segment(start=800)) == (RULE, Via.RULE)


def test_timers_are_half_open_and_the_last_may_run() -> None:
    timers = (Timer(1, 11, 100, 200), Timer(2, 12, 200, 300), Timer(3, 13, 400, None))
    found = [timer and timer.task for timer in (running_at(timers, at) for at in (99, 100, 199, 200, 300, 399, 400, 10**10))]
    assert found == [None, 11, 11, 12, None, None, 13, 13]
    assert running_at((), 5) is None


def test_the_first_rule_that_fits_wins_and_is_named() -> None:
    rules = (rule(RuleKind.BRANCH, "main", 31), rule(RuleKind.BRANCH, "feature/*", 32, 2, 2), rule(RuleKind.AGENT, "*", 33, 3, 3))
    decision = explain(Attribution({}, {}, (), rules, {}), segment())
    assert (decision.task, decision.via, decision.rule) == (32, Via.RULE, rules[1])


def test_explain_names_split_and_timer() -> None:
    assert explain(without("hand"), segment()).split == Split("a:1", 900, SPLIT)
    assert explain(without("hand", "splits"), segment()).timer == Timer(1, TIMER, 800, 1200)


@pytest.mark.parametrize(
    ("kind", "pattern", "hit"),
    [
        (RuleKind.FOLDER, "/home/me/code/shop", True),
        (RuleKind.FOLDER, "/home/me/code/", True),
        (RuleKind.FOLDER, "/home/me/code/sho", False),
        (RuleKind.FOLDER, "/home/*/code", True),
        (RuleKind.FOLDER, "/home/*/cod", False),
        (RuleKind.FOLDER, "/", True),
        (RuleKind.REPOSITORY, "shop", True),
        (RuleKind.REPOSITORY, "sh*", True),
        (RuleKind.REPOSITORY, "/home/me/code/shop/", True),
        (RuleKind.REPOSITORY, "code", False),
        (RuleKind.BRANCH, "feature/PAY-*", True),
        (RuleKind.BRANCH, "feature/pay-*", False),
        (RuleKind.BRANCH, "feature", False),
        (RuleKind.TICKET, "PAY-142", True),
        (RuleKind.TICKET, "pay-142", True),
        (RuleKind.TICKET, "PAY-*", True),
        (RuleKind.TICKET, "PAY-14", False),
        (RuleKind.AGENT, "claude-code", True),
        (RuleKind.AGENT, "Claude-*", True),
        (RuleKind.AGENT, "codex", False),
        (RuleKind.ACCOUNT, "7", True),
        (RuleKind.ACCOUNT, "70", False),
        (RuleKind.MODEL, "claude-sonnet-5", True),
        (RuleKind.MODEL, "*-20260929", True),
        (RuleKind.MODEL, "CLAUDE-*", True),
        (RuleKind.MODEL, "gpt-*", False),
        *((kind, "  ", False) for kind in RuleKind),
    ],
)
def test_conditions(kind: RuleKind, pattern: str, hit: bool) -> None:
    assert fits(rule(kind, pattern), segment()) is hit


@pytest.mark.parametrize("kind", [RuleKind.FOLDER, RuleKind.REPOSITORY, RuleKind.BRANCH, RuleKind.TICKET, RuleKind.MODEL])
def test_what_is_not_known_fits_no_pattern(kind: RuleKind) -> None:
    assert not fits(rule(kind, "*"), segment(project="", branch="", models=()))


def test_folders_of_windows() -> None:
    there = segment(project="C:\\Users\\me\\code\\shop")
    assert fits(rule(RuleKind.FOLDER, "c:/Users/me/code"), there)
    assert fits(rule(RuleKind.REPOSITORY, "shop"), there)
    assert fits(rule(RuleKind.REPOSITORY, "c:\\Users\\me\\code\\shop"), there)


def test_a_pattern_with_brackets_fits_the_name_itself() -> None:
    assert fits(rule(RuleKind.REPOSITORY, "app [old]"), segment(project="/code/app [old]"))
    assert fits(rule(RuleKind.MODEL, "claude-opus-4-6[1m]"), segment(models=("claude-opus-4-6[1m]",)))


def test_a_rule_takes_its_place() -> None:
    base = Attribution({}, {}, (), (rule(RuleKind.AGENT, "x", 1, 1, 1), rule(RuleKind.AGENT, "y", 2, 2, 2)), {})
    assert [one.id for one in with_rule(base, rule(RuleKind.AGENT, "z", 3, 2, 3)).rules] == [1, 3, 2]
    moved = with_rule(base, rule(RuleKind.AGENT, "x", 9, 5, 1)).rules
    assert [(one.id, one.task) for one in moved] == [(2, 2), (1, 9)]


def test_preview_tells_what_fits_and_what_moves() -> None:
    now = Attribution({"a:2": HAND}, {}, (), (rule(RuleKind.BRANCH, "feature/*", 31, 1, 1),), {})
    pieces = [
        (segment(session="a:1"), 100), (segment(session="a:1", cut=5, branch="main"), 20), (segment(session="a:2", branch="main"), 3),
        (segment(session="a:3", branch="other"), 400),
    ]
    found = preview(rule(RuleKind.BRANCH, "main", 32, 2, 2), now, pieces)
    assert (found.sessions, found.tokens, found.moved_sessions, found.moved_tokens) == (2, 23, 1, 20)
    first = preview(rule(RuleKind.AGENT, "*", 32, 0, 2), now, pieces)
    assert (first.sessions, first.tokens, first.moved_sessions, first.moved_tokens) == (3, 523, 2, 520)


@pytest.mark.parametrize(
    ("branch", "ids"),
    [
        ("feature/PAY-142-retry", ("PAY-142",)),
        ("PAY-1-and-OPS-2", ("PAY-1", "OPS-2")),
        ("jane/eng-123-fix-login", ("ENG-123",)),
        ("eng-123", ("ENG-123",)),
        ("142-fix-login", ("#142",)),
        ("issue-142", ("#142",)),
        ("gh-142", ("#142",)),
        ("fix/#142", ("#142",)),
        ("fix/142-login", ("#142",)),
        ("closes-7-PAY-8", ("#7", "PAY-8")),
        ("main", ()), ("", ()), ("release-2", ()), ("UTF-8-fix", ()), ("2026-roadmap", ()), ("2026-11-21-notes", ()),
        ("v1-2", ()), ("python-3", ()), ("dependabot/npm/lodash-4", ()), ("renovate/PAY-1", ()), ("bugfix/ABC-12.3", ()),
        ("feature/XPAY-0", ()), ("claude/fix-the-thing", ()), ("agent-3", ()),
    ],
)
def test_ticket_ids(branch: str, ids: tuple[str, ...]) -> None:
    assert ticket_ids(branch) == ids


@given(st.text(max_size=60))
def test_any_branch_name_is_read(branch: str) -> None:
    assert len(set(ticket_ids(branch))) == len(ticket_ids(branch))
