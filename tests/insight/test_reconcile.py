"""Differences between report and logs: the parts always add up, and each cause takes only what it can explain."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from tokenpal.insight import reconcile_words as words
from tokenpal.insight.differences import Cause, Line, Sure, by_day, by_model, total
from tokenpal.insight.reconcile import Known, reconcile
from tokenpal.model.sides import NOTHING, REQUESTS, Cell, Figures, LogUse, add

KNOWN = Known(plans=frozenset({1}), maybe_plans=frozenset({"codex"}), without_titles=frozenset({"opencode"}), log_days={"sonnet-5": 30}, report_days={"sonnet-5": 30})


def figures(fresh: int = 0, read: int = 0, output: int = 0, requests: int = 0, write_5m: int = 0, write_other: int = 0) -> Figures:
    return (fresh, read, write_5m, 0, write_other, output, requests)


def logs(source: str = "claude-code", account: int = 7, **values: int) -> tuple[LogUse, ...]:
    return (LogUse(account, source, figures(**values)),)


def one(cell: Cell, known: Known = KNOWN) -> dict[tuple[Cause, Sure], Figures]:
    (line,) = reconcile([cell], known)
    return {(part.cause, part.sure): part.figures for part in line.parts}


def check(lines: tuple[Line, ...]) -> None:
    for line in lines:
        assert add(NOTHING, *(part.figures for part in line.parts)) == line.difference
        for part in line.parts:
            for whole, piece in zip(line.difference, part.figures, strict=True):
                assert whole * piece >= 0, "no part goes against its difference"
                assert abs(piece) <= abs(whole)
            assert (part.cause is Cause.UNKNOWN) == (part.sure is Sure.OPEN)
            assert (part.cause, part.sure) in words.SENTENCES, "every cause has its words"


numbers = st.one_of(st.just(0), st.integers(0, 50), st.integers(0, 10**15))
seven = st.tuples(*[numbers] * 7)
uses = st.lists(st.builds(LogUse, st.integers(1, 4), st.sampled_from(["claude-code", "codex", "opencode"]), seven), max_size=3).map(tuple)
cells = st.builds(
    Cell, day=st.integers(10, 14), model=st.sampled_from(["sonnet-5", "haiku-4", "gpt-5-mini", "", "llama"]), reported=seven, logs=uses,
    counts_requests=st.booleans(), late=seven, settling=seven, edges=st.tuples(seven, seven, seven, seven), cut_short=seven, elsewhere=seven,
    corrected=st.tuples(*[st.integers(-100, 100)] * 7), handed=seven,
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(cells, max_size=12, unique_by=lambda cell: (cell.day, cell.model)), st.builds(Known, st.sets(st.integers(1, 4)).map(frozenset), st.just(frozenset({"codex"})), st.just(frozenset({"opencode"})), st.just({"sonnet-5": 3}), st.just({"sonnet-5": 90, "llama": 2}), st.booleans()))
def test_the_parts_of_a_difference_add_up_to_it_exactly(found: list[Cell], known: Known) -> None:
    lines = reconcile(found, known)
    assert [(line.day, line.model) for line in lines] == sorted((cell.day, cell.model) for cell in found)
    check(lines)
    assert lines == reconcile(found[::-1], known), "in whatever order they come"
    by_cause: dict[Cause, int] = {}
    for line in lines:
        for part in line.parts:
            by_cause[part.cause] = by_cause.get(part.cause, 0) + part.tokens
    for cause in (Cause.CLASSES, Cause.NAMELESS, Cause.MIDNIGHT):
        assert by_cause.get(cause, 0) == 0, "what only moves is nowhere more"
    for sums in (by_day(lines), by_model(lines), (total(lines),)):
        for line in sums:
            assert add(NOTHING, *(part.figures for part in line.parts)) == line.difference
        assert sum(sum(line.difference[:REQUESTS]) for line in sums) == sum(sum(line.difference[:REQUESTS]) for line in lines)


def test_equal_sides_have_no_parts() -> None:
    assert one(Cell(10, "sonnet-5", figures(9, 8, 7, 1), logs(fresh=9, read=8, output=7, requests=1))) == {}


def test_use_after_the_last_answer_is_certain_and_no_more_than_that() -> None:
    cell = Cell(10, "sonnet-5", figures(), logs(source="x", fresh=100, requests=3), late=figures(60, requests=2), settling=figures(30, requests=1))
    assert one(cell) == {
        (Cause.WAITING, Sure.CERTAIN): figures(-60, requests=-2),
        (Cause.WAITING, Sure.LIKELY): figures(-30, requests=-1),
        (Cause.UNKNOWN, Sure.OPEN): figures(-10),
    }


def test_a_report_without_cache_split_is_not_a_difference() -> None:
    cell = Cell(10, "sonnet-5", figures(fresh=1_000, output=5), logs(fresh=100, read=850, write_5m=50, output=5))
    assert one(cell) == {(Cause.CLASSES, Sure.LIKELY): (900, -850, -50, 0, 0, 0, 0)}
    both_split = Cell(10, "sonnet-5", figures(fresh=1_000, read=800), logs(fresh=950, read=850))
    assert (Cause.CLASSES, Sure.LIKELY) not in one(both_split), "both sides know both classes: that is a real difference"


def test_a_log_without_model_names_is_set_against_the_named() -> None:
    lines = reconcile([Cell(10, "", logs=logs(fresh=50)), Cell(10, "sonnet-5", figures(80), logs(fresh=30))], KNOWN)
    check(lines)
    assert [[(part.cause, part.tokens) for part in line.parts] for line in lines] == [[(Cause.NAMELESS, -50)], [(Cause.NAMELESS, 50)]]


def test_use_near_midnight_moves_only_as_far_as_the_logs_hold_it_there() -> None:
    edge = (NOTHING, NOTHING, figures(500), figures(40))
    lines = reconcile(
        [
            Cell(10, "sonnet-5", figures(900), logs(source="x", fresh=1_000), edges=edge),
            Cell(11, "sonnet-5", figures(200), logs(source="x", fresh=100), edges=(figures(9), NOTHING, NOTHING, NOTHING)),
        ],
        KNOWN,
    )
    check(lines)
    parts = [{(part.cause, part.sure): part.tokens for part in line.parts} for line in lines]
    assert parts == [
        {(Cause.MIDNIGHT, Sure.LIKELY): -40, (Cause.MIDNIGHT, Sure.POSSIBLE): -60},
        {(Cause.MIDNIGHT, Sure.LIKELY): 40, (Cause.MIDNIGHT, Sure.POSSIBLE): 60},
    ]
    apart = reconcile([Cell(10, "sonnet-5", figures(900), logs(source="x", fresh=1_000), edges=edge), Cell(12, "sonnet-5", figures(200), logs(source="x", fresh=100))], KNOWN)
    assert not any(part.cause is Cause.MIDNIGHT for line in apart for part in line.parts), "days that do not touch"


def test_a_correction_counts_only_in_its_direction() -> None:
    more = Cell(10, "sonnet-5", figures(120, requests=1), logs(fresh=100, requests=1), corrected=figures(15))
    assert one(more) == {(Cause.CORRECTION, Sure.LIKELY): figures(15), (Cause.UNKNOWN, Sure.OPEN): figures(5)}
    other_way = Cell(10, "sonnet-5", figures(120, requests=1), logs(fresh=100, requests=1), corrected=figures(-15))
    assert one(other_way) == {(Cause.UNKNOWN, Sure.OPEN): figures(20)}


def test_what_another_account_reports_and_what_a_plan_covers() -> None:
    cell = Cell(10, "sonnet-5", figures(), logs(account=1, fresh=100), elsewhere=figures(30))
    assert one(cell) == {(Cause.OTHER_ACCOUNT, Sure.LIKELY): figures(-30), (Cause.PLAN, Sure.LIKELY): figures(-70)}
    maybe = Cell(10, "gpt-5", figures(), logs("codex", 2, fresh=100))
    assert one(maybe) == {(Cause.PLAN, Sure.POSSIBLE): figures(-100)}
    key = Cell(10, "gpt-5", figures(), logs("other", 2, fresh=100))
    assert one(key) == {(Cause.UNKNOWN, Sure.OPEN): figures(-100)}


def test_what_was_handed_over_is_not_from_elsewhere() -> None:
    cell = Cell(10, "sonnet-5", figures(100, requests=9), logs(fresh=40, requests=2), handed=figures(50, requests=6))
    assert one(cell) == {(Cause.HANDED, Sure.LIKELY): figures(50, requests=6), (Cause.ELSEWHERE, Sure.LIKELY): figures(10, requests=1)}


def test_an_account_that_reads_a_part_only() -> None:
    cell = Cell(10, "gpt-5", figures(30, requests=1), logs("codex", 2, fresh=100, requests=3))
    assert one(cell, Known(maybe_plans=frozenset({"codex"}), narrowed=True)) == {(Cause.NARROWED, Sure.POSSIBLE): figures(-70, requests=-2)}
    more = Cell(10, "gpt-5", figures(130, requests=3), logs("codex", 2, fresh=100, requests=1))
    assert one(more, Known(narrowed=True)) == {(Cause.ELSEWHERE, Sure.LIKELY): figures(30, requests=2)}


def test_the_missing_end_of_an_answer_is_output_only() -> None:
    cut = figures(output=20, requests=2)
    likely = Cell(10, "sonnet-5", figures(500, 900, 100, 9), logs(fresh=500, read=900, output=60, requests=9), cut_short=cut)
    assert one(likely) == {(Cause.STREAM, Sure.LIKELY): figures(output=40)}
    unmarked = Cell(10, "sonnet-5", figures(500, 900, 100, 9), logs(fresh=500, read=900, output=60, requests=9))
    assert one(unmarked) == {(Cause.STREAM, Sure.POSSIBLE): figures(output=40)}
    others_too = Cell(10, "sonnet-5", figures(1_000, 900, 200, 20), logs(fresh=500, read=900, output=60, requests=9), cut_short=cut)
    assert one(others_too)[Cause.ELSEWHERE, Sure.LIKELY] == figures(500, output=140, requests=11)
    more = Cell(10, "sonnet-5", figures(1_000, 900, 600, 20), logs(fresh=500, read=900, output=60, requests=9), cut_short=cut)
    assert one(more)[Cause.STREAM, Sure.POSSIBLE] == figures(output=40), "two requests of the usual 30, less what they show"


def test_titles_are_small_and_no_more_than_there_were_requests() -> None:
    session = Cell(10, "sonnet-5", figures(900, requests=3), logs("opencode", fresh=900, requests=3))
    title = Cell(10, "haiku-4", figures(2_000, output=90, requests=2), ())
    lines = reconcile([session, title], KNOWN)
    check(lines)
    assert {(part.cause, part.sure): part.tokens for part in lines[0].parts} == {(Cause.TITLES, Sure.POSSIBLE): 2_090}
    script = Cell(10, "haiku-4", figures(2_000_000, requests=900), ())
    lines = reconcile([session, script], KNOWN)
    assert {part.cause: part.tokens for part in lines[0].parts} == {Cause.TITLES: 12_000, Cause.ELSEWHERE: 1_988_000}
    assert reconcile([title], KNOWN)[0].parts[0].cause is Cause.ELSEWHERE, "no such agent was at work"


def test_elsewhere_is_likely_only_with_a_reason() -> None:
    assert one(Cell(10, "llama", figures(5))) == {(Cause.ELSEWHERE, Sure.LIKELY): figures(5)}
    more_requests = Cell(10, "sonnet-5", figures(500, requests=5), logs(fresh=100, requests=1))
    assert one(more_requests) == {(Cause.ELSEWHERE, Sure.LIKELY): figures(400, requests=4)}
    same_requests = Cell(10, "sonnet-5", figures(500, requests=1), logs(fresh=100, requests=1))
    assert one(same_requests) == {(Cause.UNKNOWN, Sure.OPEN): figures(400)}
    uncounted = Cell(10, "sonnet-5", figures(500), logs(fresh=100, requests=1), counts_requests=False)
    assert one(uncounted) == {(Cause.ELSEWHERE, Sure.POSSIBLE): figures(400)}
    a_little = Cell(10, "sonnet-5", figures(500), logs(fresh=490, requests=1), counts_requests=False)
    assert one(a_little) == {(Cause.UNKNOWN, Sure.OPEN): figures(10)}
    rare = Known(log_days={"sonnet-5": 1}, report_days={"sonnet-5": 60})
    assert one(a_little, rare) == {(Cause.ELSEWHERE, Sure.LIKELY): figures(10)}


def test_the_words_of_the_rule_and_of_the_whole() -> None:
    assert words.rule("Work", "remainder").startswith("Logs count.")
    assert "counts twice" in words.rule("Work", "all")
    assert "counts twice" not in words.rule("Work", "all", logs=False)
    assert words.rule("Gateway", "remainder", "Work") == "Gateway shows the same requests as Work, so none of its tokens are added. Its bills still count."
    line = total(reconcile([Cell(10, "sonnet-5", figures(500, requests=1), logs(fresh=100, requests=1))], KNOWN))
    assert words.headline(line) == "The report has 400 tokens more: 500 reported, 100 in logs. 400 are not explained."
    assert words.headline(total(reconcile([Cell(10, "a", figures(5), logs(fresh=5))], KNOWN))).startswith("Report and logs agree")
    assert words.detail(line.parts[0]) == "fresh input +400"


def test_what_is_not_explained_on_one_side_does_not_hide_the_other() -> None:
    lines = reconcile([Cell(10, "a", figures(50, requests=1), logs("x", fresh=10, requests=1)), Cell(11, "a", figures(10, requests=1), logs("x", fresh=45, requests=1))], Known())
    whole = total(lines)
    assert [(part.cause, part.tokens) for part in whole.parts] == [(Cause.UNKNOWN, 40), (Cause.UNKNOWN, -35)]
    assert words.headline(whole) == "The report has 5 tokens more: 60 reported, 55 in logs. 75 are not explained."
