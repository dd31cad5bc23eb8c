"""One spelling of everything, and signatures that fit one thing only (protocol.md 2)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tokenpal.share.protocol.keys import signing_key, signing_public
from tokenpal.share.protocol.wire import Signed, b64, canonical, decode, digest, encode, hash_of, member_id, message, sign, unb64, verified

SEED = bytes(range(32))
KEY = signing_key(SEED)
PUBLIC = signing_public(SEED)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.integers(-(2**63), 2**64 - 1) | TEXT | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(TEXT, VALUES, max_size=5).map(lambda body: {**body, "kind": "test"})


# ------------------------------------------------------------------------------------------------- RFC 8032, 7.1


@pytest.mark.parametrize(
    ("seed", "public"),
    [
        ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    ],
)
def test_identities_are_ed25519(seed: str, public: str) -> None:
    assert signing_public(bytes.fromhex(seed)).hex() == public


# ---------------------------------------------------------------------------------------------------- signed things


@settings(max_examples=80)
@given(BODIES)
def test_what_is_encoded_is_decoded(body: dict[str, Any]) -> None:
    signed = sign(body, KEY)
    data = encode(signed)
    again = decode(data)
    assert again == signed
    assert verified(again, PUBLIC)
    assert encode(again) == data
    assert hash_of(again) == digest(data)
    assert again.kind == "test"


@settings(max_examples=60)
@given(BODIES, st.data())
def test_one_changed_byte_is_another_message_or_none(body: dict[str, Any], data: st.DataObject) -> None:
    sound = encode(sign(body, KEY))
    place = data.draw(st.integers(0, len(sound) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != sound[place]))
    try:
        found = decode(sound[:place] + bytes([other]) + sound[place + 1 :])
    except ValueError:
        return
    assert not verified(found, PUBLIC)


def test_a_signature_fits_one_kind() -> None:
    signed = sign({"kind": "withdraw", "team": "t"}, KEY)
    assert verified(signed, PUBLIC)
    assert not verified(Signed({"kind": "leave", "team": "t"}, signed.sig), PUBLIC)
    assert not verified(signed, signing_public(bytes(32)))


def test_the_kind_is_no_part_of_the_next_field() -> None:
    """Two bodies never give the same signed bytes, whatever their kinds are called."""
    assert message({"kind": "a", "b": 1}) == b'tokenpal-share/1 a\n{"b":1,"kind":"a"}'
    assert message({"kind": 'a\n{"b":1}'}) != message({"kind": "a", "b": 1})


@settings(max_examples=60)
@given(st.dictionaries(TEXT, VALUES, max_size=3), TEXT, st.binary(max_size=40))
def test_verifying_never_raises(body: dict[str, Any], sig: str, public: bytes) -> None:
    assert not verified(Signed(body, sig), public)


SOUND = encode(sign({"kind": "test", "n": 1, "who": "é"}, KEY))


@pytest.mark.parametrize(
    "data",
    [
        SOUND + b" ",
        b" " + SOUND,
        SOUND.replace(b":1,", b":1.0,"),
        SOUND.replace(b":1,", b":1e0,"),
        SOUND.replace(b":1,", b":01,"),
        SOUND.replace(b":1,", b": 1,"),
        SOUND.replace("é".encode(), b"\\u00e9"),
        SOUND.replace("é".encode(), "é".encode("latin-1")),
        SOUND.replace("é".encode(), b"\\ud800"),
        SOUND.replace(b'"n":1,', b'"n":1,"n":1,'),  # twice
        SOUND.replace(b'"n":1,', b'"n":2,"n":1,'),
        SOUND.replace(b'"kind":"test","n":1', b'"n":1,"kind":"test"'),  # another order
        SOUND.replace(b'"kind":"test",', b""),
        SOUND.replace(b'"test"', b"5"),
        SOUND[:-1] + b',"to":1}',
        SOUND.replace(b'"sig":"', b'"sig":["').replace(b'"}', b'"]}'),
        b"[" * 100_000 + b"]" * 100_000,
        b'{"body":{"kind":"x","a":' + b"[" * 50_000 + b"]" * 50_000 + b'},"sig":""}',
        b'{"body":{"a":NaN,"kind":"x"},"sig":""}',
        b'{"body":[],"sig":""}',
        b"",
        b"null",
        b"\xff\xfe",
    ],
)
def test_other_spellings_are_refused(data: bytes) -> None:
    assert data != SOUND
    with pytest.raises(ValueError):
        decode(data)


def test_a_float_with_a_spelling_of_its_own_is_refused() -> None:
    for inner in (0.5, [0.5], {"a": [{"b": 0.5}]}):
        with pytest.raises(ValueError):
            decode(encode(sign({"kind": "test", "n": inner}, KEY)))


def test_the_limit_is_in_bytes() -> None:
    assert decode(SOUND, len(SOUND)).kind == "test"
    with pytest.raises(ValueError):
        decode(SOUND, len(SOUND) - 1)


@settings(max_examples=100)
@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: json.dumps({"body": {"kind": text}, "sig": text}).encode()))
def test_rubbish_is_a_value_error_or_sound(data: bytes) -> None:
    try:
        found = decode(data)
    except ValueError:
        return
    assert encode(found) == data


# -------------------------------------------------------------------------------------------------------- small parts


@given(st.binary(max_size=70))
def test_base64url_has_one_spelling(data: bytes) -> None:
    text = b64(data)
    assert "=" not in text
    assert unb64(text) == unb64(text, len(data)) == data
    for other in (text + "=", text + "\n", " " + text, text + "A", text.encode()):
        with pytest.raises(ValueError):
            unb64(other, len(data))


@pytest.mark.parametrize("text", ["A", "AB", "+w", "/w", "_x", "é", "A===", None, 5, ["AA"], True])
def test_what_is_no_base64url(text: object) -> None:
    """"AB" and "_x" have bits set that belong to no byte; a lenient reader takes them for "AA" and "_w"."""
    with pytest.raises(ValueError):
        unb64(text)


def test_another_length() -> None:
    with pytest.raises(ValueError):
        unb64("AAAA", 2)


@given(VALUES)
def test_canonical_json_is_json(value: Any) -> None:
    assert json.loads(canonical(value)) == value


def test_canonical_json() -> None:
    assert canonical({"b": [1, "é\n"], "a": {"d": True, "c": None}}) == '{"a":{"c":null,"d":true},"b":[1,"é\\n"]}'.encode()
    with pytest.raises(ValueError):
        canonical({"a": float("nan")})


def test_ids() -> None:
    assert len(member_id(PUBLIC)) == 22
    assert unb64(member_id(PUBLIC), 16) == bytes.fromhex(digest(PUBLIC))[:16]
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
