"""What a change of the rules would do: the same as asking every segment before and after."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tests.insight.test_why import RULES, SHOP, segment
from tokenpal.insight.effects import Ground, Piece, effect, standings, tried
from tokenpal.insight.suggestions import suggest
from tokenpal.insight.tasks import attribute
from tokenpal.insight.tickets import EVERY, Tickets, Tracker
from tokenpal.model.journal import Attribution, Rule, RuleKind

BLANK = {"session": "", "start": 0}
KINDS = tuple(
    segment(branch=branch, project=project, agent=agent, **BLANK)
    for branch in ("", "main", "feature/PAY-142", "142-fix") for project in ("", SHOP, "/srv/lab") for agent in ("codex", "claude-code")
)  # fmt: skip
PIECES = st.lists(
    st.builds(Piece, st.integers(0, len(KINDS) - 1), st.integers(0, 6), st.integers(1, 50), st.booleans(), st.one_of(st.none(), st.integers(1, 3))),
    max_size=30,
).map(lambda pieces: tuple(piece if piece.held else piece._replace(task=None) for piece in pieces))


def tasks(ground: Ground, rules: tuple[Rule, ...]) -> list[int | None]:
    known = Attribution({}, {}, (), rules, dict(ground.defaults))
    return [piece.task if piece.held else attribute(known, ground.kinds[piece.kind])[0] for piece in ground.pieces]


@given(PIECES, RULES, RULES, st.booleans())
def test_an_effect_is_what_attribution_says_before_and_after(pieces: tuple[Piece, ...], old: tuple[Rule, ...], new: tuple[Rule, ...], default: bool) -> None:
    ground = Ground(KINDS, pieces, {SHOP: 3} if default else {})
    before, after = tasks(ground, old), tasks(ground, new)
    changed = [(piece, here, there) for piece, here, there in zip(pieces, before, after, strict=True) if here != there]
    told = effect(ground, old, new, 10)
    assert told.moved_tokens == sum(piece.tokens for piece, _, _ in changed)
    assert told.moved_sessions == len({piece.session for piece, _, _ in changed})
    assert {(move.before, move.after) for move in told.moves} == {(here, there) for _, here, there in changed}
    assert not any(piece.held for piece, _, _ in changed)
    for task, here, there in told.totals:
        assert here == sum(piece.tokens for piece, own in zip(pieces, before, strict=True) if own == task)
        assert there == sum(piece.tokens for piece, own in zip(pieces, after, strict=True) if own == task)


@given(PIECES, RULES)
def test_every_match_is_won_lost_or_held(pieces: tuple[Piece, ...], rules: tuple[Rule, ...]) -> None:
    ground = Ground(KINDS, pieces)
    for one in standings(ground, rules):
        assert one.won_sessions <= one.sessions
        assert one.won_tokens <= one.tokens
        assert one.sessions <= one.won_sessions + one.held_sessions + sum(count for _, count in one.lost)
        assert all(number < one.number for number, _ in one.lost)
    assert [rules[0].id for rules in tried(ground, rules) if rules] == [
        next(rule.id for rule in rules if attribute(Attribution({}, {}, (), (rule,), {}), kind)[0]) for kind in KINDS
        if attribute(Attribution({}, {}, (), rules, {}), kind)[0]
    ]  # fmt: skip


def test_a_rule_that_never_wins_says_who_takes_its_sessions() -> None:
    rules = (Rule(1, 0, RuleKind.AGENT, "codex", 1), Rule(2, 1, RuleKind.BRANCH, "feature/*", 2), Rule(3, 2, RuleKind.BRANCH, "gone", 2))
    kind = KINDS.index(segment(branch="feature/PAY-142", project=SHOP, **BLANK))
    wide, narrow, nothing = standings(Ground(KINDS, (Piece(kind, 1, 10), Piece(kind, 2, 5), Piece(kind, 3, 5, held=True, task=2))), rules)
    assert (wide.won_sessions, wide.idle) == (2, False)
    assert (narrow.sessions, narrow.won_sessions, narrow.held_sessions, narrow.lost, narrow.idle) == (3, 0, 1, ((1, 2),), True)
    assert (nothing.sessions, nothing.idle) == (0, False)


def test_moving_and_removing_are_previewed_too() -> None:
    first, second = Rule(1, 0, RuleKind.AGENT, "codex", 1), Rule(2, 1, RuleKind.BRANCH, "feature/*", 2)
    kind = KINDS.index(segment(branch="feature/PAY-142", project=SHOP, **BLANK))
    ground = Ground(KINDS, (Piece(kind, 1, 10), Piece(kind, 2, 5, held=True, task=None)))
    moved = effect(ground, (first, second), (second, first), 2)
    assert (moved.sessions, moved.taken_sessions, moved.held_sessions, moved.moved_sessions) == (2, 1, 1, 1)
    assert [(move.before, move.after, move.tokens) for move in moved.moves] == [(1, 2, 10)]
    assert moved.totals == ((2, 0, 10), (1, 10, 0))
    gone = effect(ground, (first, second), (first,), 2)
    assert (gone.sessions, gone.moved_sessions, gone.moves) == (2, 0, ())


def test_suggestions_are_tickets_and_folders_with_use_of_no_task() -> None:
    kinds = (
        segment(branch="feature/PAY-142-retry", project=SHOP, **BLANK), segment(branch="jane/eng-7-login", project=SHOP, **BLANK),
        segment(branch="", project="/srv/lab", **BLANK), segment(branch="gh-5", project="", **BLANK), segment(branch="OPS-1", project="", **BLANK),
    )  # fmt: skip
    ground = Ground(kinds, (
        Piece(0, 1, 40), Piece(0, 2, 10), Piece(1, 3, 30), Piece(2, 4, 100), Piece(2, 5, 100), Piece(3, 6, 1), Piece(4, 7, 900, held=True, task=9),
    ))  # fmt: skip
    found = suggest(ground, (), {"PAY-142": 8}, {"shop": 9}, (*EVERY[:1], Tickets(Tracker.JIRA), Tickets(Tracker.LINEAR, address="https://linear.app/acme")))
    assert [(one.pattern, one.task, one.sessions, one.tokens) for one in found] == [
        ("/srv/lab", None, 2, 200), (SHOP, 9, 3, 80), ("PAY-142", 8, 2, 50), ("ENG-7", None, 1, 30), ("#5", None, 1, 1),
    ]
    assert [one.link for one in found if one.pattern == "ENG-7"] == ["https://linear.app/acme/issue/ENG-7"]
    taken = (Rule(1, 0, RuleKind.TICKET, "PAY-142", 8),)
    assert [one.pattern for one in suggest(ground, taken, {}, {}, dismissed=["ticket #5", "repository /srv/lab"])] == ["ENG-7"]  # one session in a folder is not much
    assert suggest(Ground(), (), {}, {}) == ()
