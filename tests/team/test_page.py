"""What a browser gets: who gets in, what the page may do, what it says in each state, and that hostile text stays text."""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.share.teams import PEOPLE, POLICY, SEEDS, TEAM, WEEK, Person, team as roster_of
from tests.team.endpoint import Endpoint
from tests.team.released import FEW_DAYS, endpoint_with, publish, release_weeks
from tokenpal.share.protocol import roster as rosters
from tokenpal.share.protocol.epochs import shifted, start
from tokenpal.share.protocol.roster import Roster
from tokenpal.share.protocol.wire import b64, encode
from tokenpal.team import page
from tokenpal.team.about import about
from tokenpal.team.page import LINK_SECONDS, SKEW_SECONDS, Page
from tokenpal.team.storage import Storage, Team

MEMBERS = 6
ROSTER = roster_of(MEMBERS)
NOW = start(shifted(WEEK, 30))


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[tuple[Storage, Team]]:
    storage, team = endpoint_with(tmp_path, members=MEMBERS)
    yield storage, team
    storage.close()


def link(person: Person, **fields: Any) -> str:
    body = {"kind": "link", "team": TEAM, "member": person.id, "until": NOW + LINK_SECONDS, **fields}
    return b64(encode(person.sign(body)))


def shown(endpoint: tuple[Storage, Team], text: str = "", roster: Roster = ROSTER, now: int = NOW) -> Page:
    storage, team = endpoint
    with storage.reading() as rows:
        return page.results(rows, roster, team, text or link(PEOPLE[0]), now)


def words(answer: Page) -> str:
    """The page's text without its markup and style."""
    text = re.sub(r"<style>.*?</style>", "", answer.body.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


# ---------------------------------------------------------------------------------------------- who gets in


def test_a_member_gets_in_with_a_link_of_its_own(endpoint: tuple[Storage, Team]) -> None:
    assert shown(endpoint).status == 200
    assert shown(endpoint, link(PEOPLE[5])).status == 200


@pytest.mark.parametrize(
    "text",
    [
        link(PEOPLE[0], until=NOW),
        link(PEOPLE[0], until=NOW - 1),
        link(PEOPLE[0], until=NOW + LINK_SECONDS + SKEW_SECONDS + 1),
        link(PEOPLE[0], until=True),
        link(PEOPLE[0], until=str(NOW + 60)),
        link(PEOPLE[0], team=b64(b"another team 123")),
        link(PEOPLE[0], member=PEOPLE[1].id),
        link(PEOPLE[0], member=[PEOPLE[0].id]),
        link(PEOPLE[0], kind="query"),
        link(PEOPLE[0], more=1),
        link(PEOPLE[9]),
        link(PEOPLE[0])[:-4] + "AAAA",
        link(PEOPLE[0]) + "=",
        "x" * 5000,
        "é",
        b64(b"[" * 600),
        b64(b'{"body":{"kind":"link"},"sig":""}'),
    ],
)
def test_every_other_link_gets_one_and_the_same_page(endpoint: tuple[Storage, Team], text: str) -> None:
    assert shown(endpoint, text) == page.refused()


def test_no_link_and_who_left(endpoint: tuple[Storage, Team]) -> None:
    storage, team = endpoint
    with storage.reading() as rows:
        assert page.results(rows, ROSTER, team, "", NOW) == page.refused()
    gone = rosters.extend(ROSTER, [PEOPLE[0].sign(rosters.leave_body(ROSTER.size, ROSTER.head, TEAM, WEEK, PEOPLE[0].id))])
    assert shown(endpoint, roster=gone) == page.refused()


def test_the_refusal_says_what_to_do() -> None:
    assert page.refused().status == 403
    assert "Open tokenpal, go to Sharing" in words(page.refused())


def test_every_member_gets_the_same_bytes(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 30, without={shifted(WEEK, 27)})
    publish(storage, 1, shifted(WEEK, 20), "worked", "Small steps.", "Mira")
    pages = {shown(endpoint, link(PEOPLE[who])).body for who in range(MEMBERS)}
    assert len(pages) == 1
    assert shown(endpoint, now=NOW + 3600, text=link(PEOPLE[0], until=NOW + 3700)).body in pages, "the hour does not change it"
    text = pages.pop().decode()
    assert not any(one.id in text or b64(one.identity) in text for one in PEOPLE)


# ---------------------------------------------------------------------------------------------- what the page may do


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


ALLOWED = frozenset(
    re.findall(
        r"\w+",
        "html head meta title style body div header main footer nav section article figure details summary svg defs pattern path circle rect line "
        "polygon polyline text span p a h1 h2 h3 ul ol li table caption thead tbody tr th td bdi strong em code",
    )
)


@pytest.mark.parametrize("which", ["results", "refused", "about"])
def test_there_is_nothing_to_run_load_or_send(endpoint: tuple[Storage, Team], which: str) -> None:
    storage, _ = endpoint
    release_weeks(storage, 26)
    answer = {"results": shown(endpoint), "refused": page.refused(), "about": about()}[which]
    tags = Tags(answer.body.decode()).found
    assert {tag for tag, _ in tags} <= ALLOWED
    for tag, attributes in tags:
        assert not any(name.startswith("on") or name in {"style", "src", "srcset", "action", "background"} for name in attributes), (tag, attributes)
        if "href" in attributes:
            assert tag == "a"
            assert (attributes["href"] or "").startswith("/"), "only to this endpoint"
            assert not (attributes["href"] or "").startswith("//")


@pytest.mark.parametrize("answer", [page.refused(), about(), page.message(503, "The results cannot be shown now", "Try again later.")])
def test_headers_close_every_door(answer: Page) -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    style = re.search(rb"<style>(.*?)</style>", answer.body, re.DOTALL)
    assert style
    assert rules == {
        "default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
        "style-src": f"'sha256-{base64.b64encode(hashlib.sha256(style[1]).digest()).decode()}'",
    }  # fmt: skip
    assert answer.body.count(b"<style") == 1
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


HOSTILE = (
    "<script>alert(1)</script>",
    "</p></article></section><img src=x onerror=alert(1)>",
    "{{ 12345 * 3 }} {% raw %} ${x}",
    "\" onmouseover='x' & &lt;b&gt;",
    "javascript:alert(1) https://evil.example",
    "W" * 500,
    "a\n\nb",
    "ש" * 200,
)


def test_hostile_words_stay_words(endpoint: tuple[Storage, Team]) -> None:
    storage, team = endpoint
    release_weeks(storage, 14)
    publish(storage, 99, WEEK, "failed", "A plain text.", "Mira")
    plain = Tags(shown(endpoint).body.decode()).found
    for number, text in enumerate(HOSTILE):
        publish(storage, number, WEEK, "failed", text, text.replace("\n", " ")[:40])
    named = msgspec.structs.replace(POLICY, team_name=HOSTILE[0], contact=HOSTILE[1])
    team = msgspec.structs.replace(team, policy=msgspec.json.encode(named, order="deterministic"))
    answer = shown((storage, team))
    tags = Tags(answer.body.decode())
    assert {tag for tag, _ in tags.found} == {tag for tag, _ in plain}
    assert "37035" not in words(answer)
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in answer.body
    assert "{{ 12345 * 3 }}" in answer.body.decode()
    assert all("evil" not in str(attributes) for _, attributes in tags.found), "no text becomes a link"


# ---------------------------------------------------------------------------------------------- what it says


def test_a_team_that_is_being_founded_is_told_what_lacks(tmp_path: Path) -> None:
    storage, team = endpoint_with(tmp_path, members=3)
    text = words(shown((storage, team), roster=roster_of(3)))
    assert "3 of 5 founding members are in" in text
    assert "2 more people join" in text
    assert "all five must report" in text
    storage.close()


def test_the_first_weeks_are_counted_down(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 3, without={shifted(WEEK, 1)})
    answer = shown(endpoint, now=(at := start(shifted(WEEK, 4))), text=link(PEOPLE[0], until=at + 60))
    text = words(answer)
    assert "2 weeks are in. 2 more weeks with a sum are needed: in week 45 of 2026 at the earliest." in text
    assert "Week 41 of 2026 has no result: 3 of the 4 answers needed came. Nobody can open it." in text
    assert 'class="bars"' not in answer.body.decode(), "no single week is shown"


def test_a_team_that_fell_silent_is_told_so_once(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 14)
    silent = [shifted(WEEK, ahead) for ahead in range(14, 27)]
    with storage.writing(TEAM) as rows:
        for epoch in silent:
            rows.add_missing(TEAM, epoch, "The endpoint was not running from Thursday to Sunday.")
    text = words(shown(endpoint))
    assert "Too few of the last weeks have a sum" in text
    assert "Weeks 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 13 of 2027 have no result: the endpoint was not running from Thursday to Sunday." in text


def test_a_result_has_shares_bands_and_who_they_are_of(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 13, without={shifted(WEEK, 5)})
    answer = shown(endpoint)
    text = words(answer)
    assert "Members using AI on some or most days of those who share" in text
    assert "Weeks 40 to 52 of 2026, taken together: 12 weeks, in each of which 6 people shared." in text
    rows = re.findall(r'role="rowheader">.*?</svg>([^<]*)</th>.*?class="share" role="cell">(\d+)&#8239;%<.*?role="cell">(\d+) to (\d+)&#8239;%', answer.body.decode(), re.DOTALL)
    assert [name for name, *_ in rows] == ["Most days", "Some days", "No day", "Exploration", "Delivered", "Waste", "Not labelled"]
    numbers = [tuple(map(int, row[1:])) for row in rows]
    assert sum(share for share, *_ in numbers[:3]) == sum(share for share, *_ in numbers[3:]) == 100
    assert all(0 <= low <= share <= high <= 100 and high - low >= 10 for share, low, high in numbers)
    assert "Waste" in text
    assert "cannot be told from zero" in text
    assert "What is not promised" in text


def test_a_part_of_the_first_window_says_so(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 5)
    assert "The first window still fills (5 of 13 weeks), so the bands are wide." in words(shown(endpoint))


def test_a_change_is_drawn_only_when_it_is_more_than_twice_its_error(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 26, seed=4)
    still = shown(endpoint)
    assert "Nothing changed by more than twice its error" in words(still)
    assert b"<polyline" not in still.body


def test_a_large_change_is_drawn_with_its_band_and_a_table(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 13, days=FEW_DAYS)
    release_weeks(storage, 13, first=shifted(WEEK, 13), seed=2)
    answer = shown(endpoint)
    assert b'<polyline class="curve c-most"' in answer.body
    assert answer.body.count(b"<polyline") == answer.body.count(b"<polygon") == answer.body.count(b"Show as table")
    most = re.search(r"<h3>Most days</h3>\s*<p>(\d+)\u202f% until week 52 of 2026, (\d+)\u202f% now", answer.body.decode())
    assert most
    assert int(most[2]) - int(most[1]) > 20


def test_learnings_come_newest_first_under_their_names(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    publish(storage, 1, "2026-W40", "tried", "Two agents at once.", "anon panda")
    publish(storage, 2, "2026-W42", "learned", "Ask for the test first.", "")
    text = words(shown(endpoint))
    assert text.index("Learned without a name week 42 of 2026 Ask for the test first.") < text.index("Tried anon panda week 40 of 2026 Two agents")


def test_many_learnings_do_not_make_an_endless_page(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    for number in range(65):
        publish(storage, number, WEEK, "worked", f"Note {number}.", "Mira")
    assert "5 older learnings are in tokenpal" in words(shown(endpoint))


def test_the_limits_stand_as_large_as_the_promise(endpoint: tuple[Storage, Team]) -> None:
    text = shown(endpoint).body.decode()
    promised, limits = text.split("What is promised</h2>")[1].split("What is not promised</h2>")
    assert limits.count("<li>") >= promised.count("<li>")
    assert re.search(r"<div><h2>$", promised.rstrip()), "the same kind of heading, column and list"


# ---------------------------------------------------------------------------------------------- about


def test_the_page_for_councils_is_the_text_in_the_repository() -> None:
    answer = about()
    text = words(answer).replace("’", "'")
    assert answer.status == 200
    for heading in ("What is collected", "What cannot be computed", "What is not promised", "Who is responsible", "How long things are kept", "How to stop", "Questions a council may ask", "How to verify"):
        assert heading in text
    assert answer.body.count(b"<table>") == 2
    assert "not legal advice" in text


# ---------------------------------------------------------------------------------------------- colours


def _ratio(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_words_can_be_read_in_both_themes() -> None:
    css = page.refused().body.decode()
    themes = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6})", part)) for part in re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]]
    for theme in themes:
        for ground in ("card", "ground", "sunk"):
            for ink in ("text", "text-2", "text-3", "accent"):
                assert _ratio(theme[ink], theme[ground]) >= 4.5, (ink, ground)
        assert all(_ratio(theme[name], theme["card"]) >= 3 for name in ("exploration", "delivered", "waste", "outline"))


# ---------------------------------------------------------------------------------------------- through the real endpoint


def test_a_browser_gets_it_from_a_running_endpoint(tmp_path: Path) -> None:
    storage, _ = endpoint_with(tmp_path, members=MEMBERS)
    release_weeks(storage, 20)
    storage.close()
    running = Endpoint(tmp_path, clock=NOW)
    running.key_file.write_text(b64(SEEDS["endpoint"]))
    running.start()
    try:
        host, tls = running.url.removeprefix("https://"), running.tls()

        def get(path: str) -> tuple[int, dict[str, str], bytes]:
            connection = http.client.HTTPSConnection(host, context=tls, timeout=60)
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
            finally:
                connection.close()

        pages = [get(f"/t/{TEAM}/results?pass={link(PEOPLE[who])}") for who in (0, 5)]
        assert pages[0][0] == 200
        assert pages[0][2] == pages[1][2]
        assert b"Members using AI" in pages[0][2]
        for path, status in ((f"/t/{TEAM}/results", 403), (f"/t/{TEAM}/results?pass={link(PEOPLE[0], until=NOW)}", 403), ("/t/unknown/results?pass=x", 403), ("/about", 200)):
            got = get(path)
            assert got[0] == status
            assert got[2] == (about() if path == "/about" else page.refused()).body
        for _, headers, _ in pages:
            assert headers.items() >= page.headers().items()
            assert not headers.keys() & {"set-cookie", "server", "location"}
    finally:
        running.stop()
    assert TEAM not in running.log, "no request is logged"
