"""Why use belongs to its task: the same answer as attribution always, and the reason in words."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from tokenpal.insight.tasks import attribute, fits
from tokenpal.insight.why import because, voices, why
from tokenpal.model.journal import Attribution, Rule, RuleKind, Split, Timer
from tokenpal.model.session import Segment, Via

NAMES = {1: "Checkout retry", 2: "Search index", 3: "Docs"}
SHOP = "/home/me/code/shop"


def segment(**changes: Any) -> Segment:
    fields: dict[str, Any] = {
        "session": "a:1", "agent": "codex", "account": 7, "project": SHOP, "branch": "feature/PAY-142", "start": 1000, "cut": 0,
        "models": ("claude-sonnet-5-20260929",),
    }
    return Segment(**(fields | changes))


def known(**changes: Any) -> Attribution:
    fields: dict[str, Any] = {"hand": {}, "splits": {}, "timers": (), "rules": (), "defaults": {}}
    return Attribution(**(fields | changes))


BRANCHES = st.sampled_from(("", "main", "feature/PAY-142", "feature/PAY-9", "142-fix", "dev"))
PATTERNS = {
    RuleKind.FOLDER: ("/home/me", SHOP, "/srv", ""), RuleKind.REPOSITORY: ("shop", "s*", "lab"),
    RuleKind.BRANCH: ("feature/*", "main", "[", "*"), RuleKind.TICKET: ("PAY-*", "pay-142", "#142"),
    RuleKind.AGENT: ("codex", "c*", "x"), RuleKind.ACCOUNT: ("7", "8", "work"), RuleKind.MODEL: ("claude-*", "gpt-*", "claude-sonnet-5"),
}  # fmt: skip
RULES = st.lists(
    st.sampled_from([(kind, pattern) for kind, every in PATTERNS.items() for pattern in every]).flatmap(
        lambda pair: st.integers(1, 3).map(lambda task: (*pair, task))
    ),
    max_size=6,
).map(lambda rows: tuple(Rule(place + 10, place, kind, pattern, task) for place, (kind, pattern, task) in enumerate(rows)))
TASKS = st.one_of(st.none(), st.integers(1, 3))
TIMERS = st.lists(st.integers(0, 2000), max_size=6, unique=True).map(sorted).map(
    lambda edges: tuple(Timer(n, n % 3 + 1, *pair) for n, pair in enumerate(zip(edges[::2], edges[1::2], strict=False)))
)
KNOWN = st.builds(
    Attribution,
    st.dictionaries(st.sampled_from(("a:1", "a:2")), TASKS),
    st.lists(st.tuples(st.integers(0, 2000), TASKS), max_size=3, unique_by=lambda pair: pair[0]).map(
        lambda rows: {"a:1": tuple(Split("a:1", at, task) for at, task in sorted(rows))} if rows else {}
    ),
    TIMERS, RULES, st.dictionaries(st.sampled_from((SHOP, "/srv")), st.integers(1, 3)),
)  # fmt: skip
SEGMENTS = st.builds(
    segment, session=st.sampled_from(("a:1", "a:2", "a:3")), branch=BRANCHES, start=st.integers(0, 2200),
    project=st.sampled_from(("", SHOP, "/srv")), models=st.sampled_from(((), ("gpt-5-mini",), ("claude-sonnet-5-20260929", "gpt-5-mini"))),
)  # fmt: skip


@given(KNOWN, SEGMENTS)
def test_the_reason_never_contradicts_the_attribution(now: Attribution, one: Segment) -> None:
    told = why(now, one, NAMES)
    assert (told.task, told.via) == attribute(now, one)
    assert told.words.endswith(".")
    assert (told.number > 0) == (told.via is Via.RULE)
    if told.number:
        assert now.rules[told.number - 1].id == told.rule
        assert not any(fits(rule, one) for rule in now.rules[: told.number - 1])


@given(KNOWN, SEGMENTS)
def test_every_voice_is_told_once(now: Attribution, one: Segment) -> None:
    told = why(now, one, NAMES)
    found = voices(now, one)
    assert len(told.others) == max(0, len(found) - 1)
    assert [voice.number for voice in found if voice.number] == [n for n, rule in enumerate(now.rules, 1) if fits(rule, one)]


def test_a_rule_says_why_it_wins_and_which_lose() -> None:
    rules = (
        Rule(5, 0, RuleKind.BRANCH, "main", 2), Rule(6, 1, RuleKind.AGENT, "claude*", 2), Rule(7, 2, RuleKind.BRANCH, "feature/*", 1),
        Rule(8, 3, RuleKind.REPOSITORY, "shop", 2),
    )  # fmt: skip
    told = why(known(rules=rules, defaults={SHOP: 3}), segment(), NAMES)
    assert told.words == "Rule 3 wins because the branch is feature/PAY-142 and no rule before it matches."
    assert told.others == (
        "Rule 4 matches too and would give it to Search index; rule 3 is tried before it.", "The default of the folder is Docs.",
    )


def test_the_words_of_each_step() -> None:
    rule = (Rule(1, 0, RuleKind.AGENT, "codex", 2),)
    everything = {
        "hand": {"a:1": 1}, "splits": {"a:1": (Split("a:1", 900, 2),)}, "timers": (Timer(1, 3, 900, 1100),), "rules": rule, "defaults": {SHOP: 1},
    }
    said = []
    for gone in ("", "hand", "splits", "timers", "rules", "defaults"):
        everything.pop(gone, None)
        said.append(why(known(**everything), segment(), NAMES).words)
    assert said == [
        "You gave this session to Checkout retry by hand; that is stronger than everything else.",
        "You split the session and gave this part to Search index.",
        "You were working on Docs: the timer ran, and it is stronger than rules.",
        "Rule 1 wins because the agent is codex, and it is tried first.",
        "No rule matches, so the default of the folder decides: Checkout retry.",
        "No task: nothing was said by hand, no timer ran, no rule matches and its folder has no default.",
    ]
    assert "no task" in why(known(hand={"a:1": None}), segment(), NAMES).words


def test_what_of_the_segment_a_rule_matched() -> None:
    said = {kind: because(Rule(1, 0, kind, every[0], 1), segment(), {7: "work"}) for kind, every in PATTERNS.items()}
    assert said == {
        RuleKind.FOLDER: f"the folder is {SHOP}", RuleKind.REPOSITORY: "the repository is shop", RuleKind.BRANCH: "the branch is feature/PAY-142",
        RuleKind.TICKET: "the branch feature/PAY-142 names PAY-142", RuleKind.AGENT: "the agent is codex", RuleKind.ACCOUNT: "the account is work",
        RuleKind.MODEL: "the model is claude-sonnet-5-20260929",
    }
