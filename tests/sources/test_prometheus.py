"""Counters of self-hosted servers: what grew between scrapes, never more (provider-apis 9, 5.12, 13)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.provider_server import ProviderServer
from tests.sources.accounts import DAY, NOON, Book, check, read
from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Origin, Quality
from tokenpal.sources import llamacpp, sglang, vllm
from tokenpal.sources.base import Context, Cursor
from tokenpal.sources.exposition import ENDPOINT, scraped
from tokenpal.sources.prometheus import MAX_PROCESSES, Memory, growth
from tokenpal.system.net import Answer

DATA = Path(__file__).parent.parent / "data"
BEGAN = NOON - 30 * DAY


class Wire:
    """A server that says this text."""

    def __init__(self, text: str, models: str = "") -> None:
        self.text, self.models = text, models

    async def get(self, url: str, params: Any = (), headers: Mapping[str, str] | None = None) -> Answer:
        body = self.text if url.endswith("/metrics") else json.dumps({"data": [{"id": self.models}]})
        return Answer(200, {"content-type": "text/plain"}, body.encode())


def scrape(text: str, now: int, book: Book, source: Any = vllm, *, keep: bool = True, models: str = "") -> Book:
    """One poll. ``keep=False``: it was killed before it was stored."""

    async def run() -> None:
        wire: Any = Wire(text, models)
        context = Context(7, None, "http://127.0.0.1:1", book.cursors, lambda: now, wire)
        async for reply in source.fetch(context):
            _, items = source.parse(None, reply)
            if keep:
                book.apply(items, reply.cursor)

    asyncio.run(run())
    return book


def text(prompt: float = 0, output: float = 0, *, cached: float = 0, model: str = "m", started: float | None = BEGAN, engine: int = 0) -> str:
    labels = f'{{engine="{engine}",model_name="{model}"}}'
    head = [] if started is None else [f"process_start_time_seconds {started}"]
    return "\n".join([
        *head, f"vllm:prompt_tokens_total{labels} {prompt}", f"vllm:prompt_tokens_cached_total{labels} {cached}",
        f"vllm:generation_tokens_total{labels} {output}", "",
    ])  # fmt: skip


def total(book: Book) -> tuple[int, int, int]:
    tokens = book.tokens()
    return tokens.fresh_input, tokens.cache_read, tokens.output


# ---------------------------------------------------------------------------------------------- what is read of one text


def test_vllm_sums_engines_and_reasons_and_reads_one_name_of_each() -> None:
    found = scraped((DATA / "vllm" / "metrics.txt").read_bytes(), vllm.METER)
    assert found.problems == ()
    assert found.started == 1_795_176_000.25
    sums: dict[tuple[str, str], int] = {}
    for (what, model, _), (_, count) in found.series.items():
        sums[what, model] = sums.get((what, model), 0) + count
    name = "Qwen/Qwen4-32B"
    assert sums == {("prompt", name): 124_456, ("cached", name): 80_000, ("output", name): 4_600, ("requests", name): 42}


def test_older_vllm_tells_the_cache_under_another_name() -> None:
    old = (DATA / "vllm" / "metrics.txt").read_text().replace("prompt_tokens_cached_total", "something_else_total")
    found = scraped(old.encode(), vllm.METER)
    assert [count for (what, _, _), (_, count) in found.series.items() if what == "cached"] == [90_000]


def test_sglang_counts_one_rank() -> None:
    found = scraped((DATA / "sglang" / "metrics.txt").read_bytes(), sglang.METER)
    sums: dict[str, int] = {}
    for (what, _, _), (_, count) in found.series.items():
        sums[what] = sums.get(what, 0) + count
    assert sums == {"prompt": 9_500, "cached": 5_000, "output": 700, "requests": 12}


def test_a_rank_that_falls_silent_does_not_count_its_neighbour_again() -> None:
    def said(rank: int, count: int) -> str:
        return f'sglang:prompt_tokens_total{{model_name="m",tp_rank="{rank}",pp_rank="0"}} {count}\n'

    book = scrape(said(0, 100) + said(1, 100), NOON, Book(), sglang)
    scrape(said(1, 150), NOON + 60, book, sglang)  # rank 0 is missing from this text
    assert total(book) == (0, 0, 0)
    scrape(said(0, 180) + said(1, 180), NOON + 120, book, sglang)
    assert total(book) == (80, 0, 0)


def test_two_ranks_of_one_text_are_one_even_when_the_higher_is_first() -> None:
    book = Book()
    for now, count in ((NOON, 100), (NOON + 60, 130)):
        lines = [f'sglang:prompt_tokens_total{{model_name="m",tp_rank="{rank}"}} {count}\n' for rank in (10, 2, 0, 1)]
        scrape("".join(lines), now, book, sglang)
    assert total(book) == (30, 0, 0)


def test_a_text_as_a_json_string() -> None:
    plain = (DATA / "llamacpp" / "metrics.txt").read_text()
    assert scraped(json.dumps(plain).encode(), llamacpp.METER).series == scraped(plain.encode(), llamacpp.METER).series != {}


def test_a_line_cut_in_the_middle_is_no_counter() -> None:
    """1234567 cut to 123 would look like a restart, and count 123 tokens that nobody used."""
    first = 'vllm:prompt_tokens_total{engine="0"} 5\n'
    book = scrape(first + 'vllm:prompt_tokens_total{engine="1"} 1234567\n', NOON, Book())
    scrape(first + 'vllm:prompt_tokens_total{engine="1"} 123', NOON + 60, book)
    assert book.records == []
    scrape(first + 'vllm:prompt_tokens_total{engine="1"} 1234569\n', NOON + 120, book)
    assert total(book) == (2, 0, 0)


@pytest.mark.parametrize("bad", ["NaN", "-1", "+Inf", "many", "", "}"])
def test_a_broken_line_is_told_and_the_others_are_read(bad: str) -> None:
    body = f'vllm:prompt_tokens_total{{model_name="m"}} {bad}\nvllm:generation_tokens_total{{model_name="m"}} 7\n'
    found = scraped(body.encode(), vllm.METER)
    assert [count for _, count in found.series.values()] == [7]
    assert [problem.position for problem in found.problems] == ["line 1"]


@pytest.mark.parametrize(
    ("raw", "name"),
    [("/srv/models/qwen.gguf", "qwen.gguf"), ("C:\\models\\q.gguf", "q.gguf"), ("Qwen/Qwen4", "Qwen/Qwen4"), ("~/m/x/", "x"), ("./m.gguf", "m.gguf")],
)
def test_folders_of_models_stay_where_they_are(raw: str, name: str) -> None:
    book = scrape("llamacpp:prompt_tokens_total 1\n", NOON, Book(), llamacpp, models=raw)
    scrape("llamacpp:prompt_tokens_total 3\n", NOON + 60, book, llamacpp, models=raw)
    assert [record.model for record in book.records] == [name]


# ---------------------------------------------------------------------------------------------- what grew


def test_the_first_scrape_is_a_baseline_and_growth_counts_from_there() -> None:
    book = scrape(text(900, 50, cached=400), NOON, Book())
    assert (book.records, book.problems) == ([], [])
    scrape(text(1000, 60, cached=430), NOON + 300, book)
    (record,) = book.records
    assert record.tokens == Tokens(fresh_input=70, cache_read=30, output=10)
    assert (record.at, record.grain, record.origin, record.quality) == (NOON, Grain.HOUR, Origin.REPORTED, Quality.AGGREGATE)
    assert (record.model, record.session, record.requests) == ("m", "vllm:7:server:2026-11-21", 0)
    scrape(text(1000, 60, cached=430), NOON + 600, book)
    assert len(book.records) == 1


def test_a_counter_that_fell_began_anew() -> None:
    """900 then 100 is 100 (provider-apis 13)."""
    book = scrape(text(900, started=None), NOON, Book())
    scrape(text(100, started=None), NOON + 60, book)
    assert total(book) == (100, 0, 0)
    assert book.records[0].quality is Quality.LOWER_BOUND  # what was counted between the scrape and the restart is not known


def test_a_restart_is_seen_by_its_start_even_when_the_counter_is_higher() -> None:
    book = scrape(text(100), NOON, Book())
    scrape(text(250, started=NOON + 50), NOON + 300, book)
    assert total(book) == (250, 0, 0)
    assert book.records[0].at == NOON + 50  # dated no earlier than the process


def test_a_process_that_was_there_all_along_is_a_baseline() -> None:
    """The address leads to another server now, or to two in turn: what it had counted before is not ours to count."""
    book = scrape(text(100, started=BEGAN), NOON, Book())
    scrape(text(5000, started=BEGAN + 7), NOON + 60, book)
    assert book.records == []
    assert "another server" in book.problems[0].reason
    scrape(text(130, started=BEGAN), NOON + 120, book)
    scrape(text(5100, started=BEGAN + 7), NOON + 180, book)
    assert total(book) == (130, 0, 0)


def test_a_new_model_counts_from_zero() -> None:
    book = scrape(text(100), NOON, Book())
    scrape(text(100) + text(40, 4, model="n", started=BEGAN), NOON + 60, book)
    assert {record.model: record.tokens.total for record in book.records} == {"n": 44}


def test_a_model_that_is_missing_once_is_not_counted_again() -> None:
    book = scrape(text(100, 10), NOON, Book())
    scrape(f"process_start_time_seconds {BEGAN}\nvllm:other 1\n", NOON + 60, book)
    scrape(text(110, 10), NOON + 120, book)
    assert total(book) == (10, 0, 0)


def test_cached_tokens_that_are_counted_before_their_prompt_wait_for_it() -> None:
    """The cache is counted when a request is planned, the prompt when it was processed: a scrape may fall in between."""
    book = scrape(text(0), NOON, Book())
    scrape(text(0, cached=1000), NOON + 60, book)
    assert total(book) == (0, 0, 0)
    scrape(text(1200, cached=1000), NOON + 120, book)
    assert total(book) == (200, 1000, 0)


def test_a_gap_is_dated_as_the_gap() -> None:
    book = scrape(text(0), NOON, Book())
    scrape(text(10), NOON + 3 * 3600, book)
    (record,) = book.records
    assert (record.at, record.grain, record.session) == (NOON, Grain.DAY, "vllm:7:server:2026-11-21")
    scrape(text(30), NOON + 3 * DAY, book)
    late = next(record for record in book.records if record.tokens.fresh_input == 20)
    assert (late.at, late.grain, late.quality) == (NOON + 3 * 3600, Grain.DAY, Quality.INFERRED)
    assert late.session == "vllm:7:until 2026-11-24:2026-11-21"
    assert "booked on the day the gap began" in book.problems[0].reason


def test_a_clock_that_was_set_back_loses_nothing() -> None:
    book = scrape(text(0), NOON, Book())
    scrape(text(10), NOON - 3600, book)
    scrape(text(30), NOON - 3600, book)
    assert total(book) == (30, 0, 0)
    assert all(record.at <= NOON for record in book.records)


def test_a_cursor_that_cannot_be_read_is_a_new_baseline() -> None:
    book = scrape(text(100), NOON, Book())
    book.cursors[ENDPOINT] = Cursor(ENDPOINT, state=b"\xc1 broken")
    scrape(text(400), NOON + 60, book)
    assert book.records == []
    scrape(text(410), NOON + 120, book)
    assert total(book) == (10, 0, 0)


def test_absurd_growth_is_left_out_and_told() -> None:
    book = scrape(text(0), NOON, Book())
    scrape(text(1e15), NOON + 60, book)
    assert book.records == []
    assert "impossibly fast" in book.problems[0].reason
    scrape(text(1e15 + 1024), NOON + 120, book)
    assert total(book) == (1024, 0, 0)


# ---------------------------------------------------------------------------------------------- whatever happens


@dataclass
class Truth:
    """A server that keeps its own books: what it did since the last of its scrapes that was stored, or since it began."""

    started: int | None
    counters: dict[str, list[int]] = field(default_factory=lambda: {"m": [0, 0, 0], "n": [0, 0, 0]})
    pending: int = 0
    stored: bool = False

    def use(self, model: str, prompt: int, cached: int, output: int) -> int:
        for index, count in enumerate((prompt, min(cached, prompt), output)):
            self.counters[model][index] += count
        self.pending += prompt + output
        return prompt + output

    def says(self) -> str:
        return "".join(
            text(prompt, output, cached=cached, model=model, started=self.started if model == "m" else None)
            for model, (prompt, cached, output) in self.counters.items()
        )


events = st.one_of(
    st.tuples(st.just("use"), st.sampled_from("mn"), st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 900)),
    st.tuples(st.just("wait"), st.sampled_from([1, 60, 300, 4000, 90_000])),
    st.just(("scrape",)),
    st.just(("scrape",)),
    st.just(("killed",)),
    st.just(("restart",)),
)


@settings(max_examples=150)
@given(story=st.lists(st.one_of(events, st.just(("swap",))), max_size=40), knows=st.booleans())
def test_the_records_add_up_to_the_growth_that_could_be_seen(story: list[Any], knows: bool) -> None:
    """Restarts, lost scrapes, polls killed before they were stored, two servers behind one address."""
    now, happened, seen, current, restarts, last = NOON, 0, 0, 0, 0, 0
    servers = [Truth(BEGAN if knows else None), Truth(BEGAN - 500 if knows else None)]
    book = Book()
    for event in story:
        server = servers[current]
        if event[0] == "use":
            happened += server.use(*event[1:])
        elif event[0] == "wait":
            now += event[1]
        elif event[0] == "restart" and restarts < MAX_PROCESSES - 2:
            now, restarts = now + 10, restarts + 1
            servers[current] = Truth(now if knows else None)
        elif event[0] == "swap" and knows:
            current = 1 - current
        elif event[0] in {"scrape", "killed"}:
            now += 1
            scrape(server.says(), now, book, keep=event[0] == "scrape")
            if event[0] == "scrape":
                # A process that began after the last stored scrape is known to be new: all that it did can be seen.
                if server.stored or (last and server.started is not None and server.started >= last):
                    seen += server.pending
                server.stored, server.pending, last = True, 0, now
    counted = book.tokens().total
    assert counted <= happened
    if knows:
        assert counted == seen
    assert all(record.tokens.cache_read >= 0 <= record.tokens.fresh_input for record in book.records)


@settings(max_examples=100)
@given(
    counts=st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=20),
    resets=st.sets(st.integers(0, 20), max_size=5),
)
def test_counters_that_are_set_back_never_count_more_than_happened(counts: list[tuple[int, int]], resets: set[int]) -> None:
    """The process stays, its counters begin anew: the drop is seen by the number alone."""
    book, happened, prompt, output = scrape(text(0), NOON, Book()), 0, 0, 0
    for step, (one, two) in enumerate(counts):
        if step in resets:
            prompt = output = 0
        prompt, output, happened = prompt + one, output + two, happened + one + two
        scrape(text(prompt, output), NOON + 60 * (step + 1), book)
    assert book.tokens().total <= happened
    assert resets or book.tokens().total == happened


@given(body=st.binary(max_size=400))
@settings(max_examples=200)
def test_no_text_is_too_strange(body: bytes) -> None:
    for meter in (vllm.METER, sglang.METER, llamacpp.METER):
        found = scraped(meter.prompt[0].encode() + body, meter)
        after = growth(Memory(), found, NOON).after
        assert growth(after, found, NOON + 60).grown.keys() <= {key[1] for key in found.series}
        assert not any(any(fields.values()) for fields in growth(after, found, NOON + 60).grown.values())


# ---------------------------------------------------------------------------------------------- the servers' own ways


def test_vllm_behind_a_gateway_with_a_key(provider_server: ProviderServer) -> None:
    provider_server.set(vllm_key="gateway-made-up-0001")
    book = read(provider_server, vllm)
    assert book.error is not None
    assert book.error.state is AccountState.KEY_REFUSED
    assert read(provider_server, vllm, key="gateway-made-up-0001").error is None


def test_an_address_with_v1_is_understood(provider_server: ProviderServer) -> None:
    assert read(provider_server, vllm, base_url=provider_server.url("vllm") + "/v1").error is None


@pytest.mark.parametrize(
    ("source", "url", "options", "whose"),
    [
        (vllm, "http://localhost:8000/v1/", {}, "http://127.0.0.1:8000"), (vllm, "http://127.0.0.1:8000/metrics", {}, "http://127.0.0.1:8000"),
        (llamacpp, "http://127.0.0.1:8080", {}, "http://127.0.0.1:8080"), (llamacpp, "http://127.0.0.1:8080", {"model": "q"}, "http://127.0.0.1:8080\nq"),
    ],
)  # fmt: skip
def test_a_server_that_is_added_twice_is_noticed(source: Any, url: str, options: dict[str, str], whose: str) -> None:
    assert asyncio.run(source.identity(Context(7, None, url, {}, lambda: NOON, options=options))) == whose


def test_growth_over_the_wire(provider_server: ProviderServer) -> None:
    for source, name, expected in (
        (vllm, "vllm_tokens", (1500, 500, 1000)),
        (sglang, "sglang_tokens", (650, 350, 500)),
        (llamacpp, "llama_tokens", (1000, 0, 500)),
    ):
        provider_server.world(now=NOON)
        book = read(provider_server, source)
        provider_server.set(**{name: 2000})
        read(provider_server, source, book=book, now=NOON + 300)
        assert (book.error, total(book)) == (None, expected), source.INFO.id
    assert book.records[0].requests is None  # llama.cpp counts none
    assert book.records[0].model == "qwen4-coder-30b-q4.gguf"


def test_sglang_without_metrics_says_how_to_switch_them_on(provider_server: ProviderServer) -> None:
    provider_server.set(sglang_metrics=False)
    with pytest.raises(AccountError) as problem:
        check(provider_server, sglang)
    assert problem.value.state is AccountState.NOT_AVAILABLE
    assert "--enable-metrics" in problem.value.next_step


def test_llamacpp_without_metrics_says_how_to_switch_them_on(provider_server: ProviderServer) -> None:
    """501, which is no problem on its side (provider-apis 9)."""
    provider_server.set(llama_metrics=False)
    with pytest.raises(AccountError) as problem:
        check(provider_server, llamacpp)
    assert problem.value.state is AccountState.NOT_AVAILABLE
    assert "--metrics" in problem.value.next_step


def test_llamacpp_as_a_json_string(provider_server: ProviderServer) -> None:
    provider_server.set(llama_quoted=True)
    book = read(provider_server, llamacpp)
    provider_server.set(llama_tokens=1500)
    read(provider_server, llamacpp, book=book, now=NOON + 60)
    assert (book.error, total(book)) == (None, (500, 0, 250))


def test_llamacpp_in_router_mode_reads_one_model_and_loads_none(provider_server: ProviderServer) -> None:
    read(provider_server, llamacpp, options={"model": "qwen4"})
    (request,) = provider_server.requests()
    assert request["query"] == "model=qwen4&autoload=false"


def test_llamacpp_keeps_the_model_it_knew(provider_server: ProviderServer) -> None:
    book = read(provider_server, llamacpp)
    provider_server.rule("v1/models", status=401)
    provider_server.set(llama_tokens=1100)
    read(provider_server, llamacpp, book=book, now=NOON + 60)
    assert [(record.model, record.tokens.total) for record in book.records] == [("qwen4-coder-30b-q4.gguf", 150)]
