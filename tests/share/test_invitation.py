"""Pasted invitations: one whole line of one spelling, an https address, and no key in what is printed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace
from rich.pretty import pretty_repr

from tests.share.teams import CARD, TEAM
from tokenpal.model.errors import UsageError
from tokenpal.share.invitation import PREFIX, Invitation, check_host, parse, written
from tokenpal.share.protocol.wire import b64, canonical, unb64

PLAIN = Invitation("", "", "https://share.team.example", "", CARD.key, TEAM)
FOUNDERS = replace(PLAIN, founding=b64(b"f" * 32))
INVITED = replace(PLAIN, invite=b64(b"i" * 32), given=b64(b"g" * 64))


def line(**fields: Any) -> str:
    return PREFIX + b64(canonical({"founding": "", "given": "", "host": PLAIN.host, "invite": "", "key": CARD.key, "team": TEAM, "v": 1, **fields}))


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as error:
        parse(text)
    assert error.value.sentence.endswith(".")
    assert error.value.next_step
    return error.value


@pytest.mark.parametrize("invitation", [PLAIN, FOUNDERS, INVITED])
def test_there_and_back(invitation: Invitation) -> None:
    assert parse(written(invitation)) == invitation
    assert parse(f"  {written(invitation)}\r\n") == invitation
    assert "\n" not in written(invitation)


def test_the_format() -> None:
    assert line() == written(PLAIN)
    body = unb64(written(PLAIN).removeprefix(PREFIX)).decode()
    assert body == f'{{"founding":"","given":"","host":"https://share.team.example","invite":"","key":"{CARD.key}","team":"{TEAM}","v":1}}'


def test_keys_are_not_printed() -> None:
    for invitation in (FOUNDERS, INVITED):
        for shown in (repr(invitation), str(invitation), f"{invitation}", pretty_repr(invitation), repr([invitation])):
            assert all(secret not in shown for secret in (invitation.founding or "none", invitation.invite or "none"))
            assert "share.team.example" in shown


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "tokenpal-team", "https://share.team.example", PREFIX, f"{PREFIX}AAAA", f"{PREFIX}!!!", written(PLAIN) + "A", written(PLAIN)[:-1],
        written(PLAIN) + "=", written(PLAIN).replace(PREFIX, PREFIX + " "), f"{written(PLAIN)}\n{written(PLAIN)}", PREFIX + "A" * 3000,
        line(more=1), line(v=True), line(v="1"), line(team=""), line(team=b64(b"x")), line(key=""), line(key=b64(b"x" * 31)), line(founding=b64(b"x")),
        line(founding=b64(b"f" * 32), invite=b64(b"i" * 32), given=b64(b"g" * 64)), line(invite=b64(b"i" * 32)), line(given=b64(b"g" * 64)),
        line(host=1), PREFIX + b64(b" " + canonical({"v": 1})), PREFIX + b64(b"[" * 1000), PREFIX + b64(b"\xff"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_next_step(text: str) -> None:
    refused(text)


def test_another_version_says_so() -> None:
    assert "another version" in refused(line(v=2)).sentence


@pytest.mark.parametrize(
    "host",
    [
        "https://share.team.example", "https://share.team.example:8443", "https://10.0.0.7:8443", "https://[fd00::7]:8443", "https://localhost:8443",
        "https://team.example/tokenpal", "https://a-b.example/x/y_z~1.0", "https://abcdefghijklmnop.onion",
    ],
)  # fmt: skip
def test_addresses(host: str) -> None:
    check_host(host)
    assert parse(line(host=host)).host == host


@pytest.mark.parametrize(
    "host",
    [
        "", "share.team.example", "http://share.team.example", "ftp://share.team.example", "https://", "https:///x", "https://share.team.example/",
        "https://user@share.team.example", "https://user:word@share.team.example", "https://share.team.example?x=1", "https://share.team.example#x",
        "https://share.team.example:0", "https://share.team.example:99999", "https://share.team.example:x", "https://share.team.example:08443",
        "https://Share.team.example", "HTTPS://share.team.example", "https://share..example", "https://-x.example", "https://team.example//x",
        "https://team.example/../x", "https://team.example/./x", "https://team.example/a b", "https://team.example/%2e", "https://team.example\\@evil.example",
        "https://te\u00e4m.example", "https://team.example\n", "https://team.example\t", "https://[::1", "https://team.example;x", "javascript:alert(1)", "file:///etc",
    ],
)  # fmt: skip
def test_odd_addresses(host: str) -> None:
    with pytest.raises(UsageError):
        check_host(host)
    refused(line(host=host))


@given(st.text(max_size=60) | st.text(max_size=60).map(lambda text: PREFIX + text) | st.binary(max_size=90).map(lambda data: PREFIX + b64(data)))
def test_nothing_pasted_raises_anything_else(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda text: f"https://{text}"))
def test_no_address_raises_anything_else(host: str) -> None:
    try:
        check_host(host)
    except UsageError:
        return
    assert host.startswith("https://")
    assert not set(host) & set("@?#\\% \n")


@given(st.data())
def test_a_changed_letter_is_noticed_or_in_the_text(data: st.DataObject) -> None:
    """There is no checksum: a changed letter is refused, or gives another invitation than the one written."""
    whole = written(INVITED)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + data.draw(st.sampled_from("AZaz09-_ =:")) + whole[at + 1 :]
    try:
        found = parse(changed)
    except UsageError:
        return
    assert (found == INVITED) == (changed == whole)
