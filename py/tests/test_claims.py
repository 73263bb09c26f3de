"""Claims as Python objects: exact, and the same as Python's own reader gives."""

from __future__ import annotations

import gc
import json
import math
import random
import sys
import weakref

import pytest
from jwtverify import InvalidTokenError, MalformedTokenError

from .hs256 import ANY, KEYS, NOW, sign, verify


@pytest.mark.parametrize(
    "number",
    [
        0,
        -1,
        2**31,
        2**53 + 1,
        2**63 - 1,
        2**63,
        -(2**63),
        -(2**63) - 1,
        2**64,
        10**19 - 1,
        10**19,
        10**38,
        -(10**38),
        10**100 + 7,
        2**4096 - 1,
        -(2**4096),
    ],
)
def test_whole_numbers_of_any_size_are_exact(number: int) -> None:
    found = verify(f'{{"n":{number}}}').claims["n"]
    assert type(found) is int
    assert found == number


def test_random_whole_numbers_are_exact() -> None:
    rng = random.Random(7)
    for _ in range(500):
        number = rng.getrandbits(rng.randrange(1, 700)) * rng.choice((1, -1))
        assert verify(f'{{"n":{number}}}').claims["n"] == number


def test_a_number_beyond_the_interpreters_limit_on_digits_is_read_too() -> None:
    digits = 5000
    assert digits > sys.get_int_max_str_digits() > 0
    assert verify('{"n":1' + "0" * digits + "}").claims["n"] == 10**digits


@pytest.mark.parametrize("text", ["1.5", "-0.0", "0.1", "1e3", "1E-7", "123456789.123456789e-20"])
def test_numbers_with_fraction_or_exponent_are_the_nearest_float(text: str) -> None:
    found = verify(f'{{"n":{text}}}').claims["n"]
    wanted = json.loads(text)
    assert type(found) is float
    assert math.copysign(1, found) == math.copysign(1, wanted)
    assert found == wanted


def test_a_number_too_large_for_a_float_is_infinite_as_in_json_loads() -> None:
    assert verify('{"n":1e999,"m":-1e999}').claims == {"n": math.inf, "m": -math.inf}


def test_every_kind_of_value_is_what_json_loads_gives() -> None:
    text = (
        '{"null":null,"yes":true,"no":false,"empty":{},"list":[1,[2,[]],{"a":"b"}],'
        '"text":"\\u00e9\\ud83d\\ude00\\"\\\\\\n\\u0000 é😀","":"no name","\\u0061":"escaped name"}'
    )
    claims = verify(text).claims
    assert claims == json.loads(text)
    assert list(claims) == list(json.loads(text))
    assert claims["yes"] is True
    assert claims["null"] is None


def test_random_documents_are_what_json_loads_gives() -> None:
    rng = random.Random(11)

    def value(depth: int) -> object:
        kinds = 6 if depth > 0 else 4
        kind = rng.randrange(kinds)
        if kind == 0:
            return rng.choice((None, True, False))
        if kind == 1:
            return rng.randrange(-(10**25), 10**25)
        if kind == 2:
            return rng.uniform(-1e30, 1e30)
        if kind == 3:
            return "".join(chr(rng.choice((34, 92, 10, 65, 233, 0x4E00, 0x1F600))) for _ in "abc")
        if kind == 4:
            return [value(depth - 1) for _ in range(rng.randrange(4))]
        return {f"k{n}": value(depth - 1) for n in range(rng.randrange(4))}

    for _ in range(200):
        document = {"claim": value(6)}
        text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
        assert verify(text).claims == document


def test_names_that_tokens_usually_have_are_read_like_others() -> None:
    usual = ["iss", "sub", "aud", "exp", "iat", "alg", "scope", "roles", "email_verified", "sid"]
    others = ["", "is", "isss", "Iss", "iss ", "\u0131ss", "iss\0", "rolesx", "sco\u0440e"]
    outer = {name: name for name in usual + others}
    document = {"outer": outer, "list": [{"iss": 1}, {"iss": 2}]}
    escaped = "".join(f"\\u{ord(character):04x}" for character in "scope")
    for text in (json.dumps(document), json.dumps(document, ensure_ascii=False)):
        found = verify(text).claims
        assert found == document
        assert list(found["outer"]) == usual + others
    assert verify(f'{{"{escaped}":1,"roles":[]}}').claims == {"scope": 1, "roles": []}


def test_names_that_tokens_usually_have_are_shared_and_others_are_not_kept() -> None:
    first, second = ([*verify('{"azp":"a","mine":"b"}').claims] for _ in range(2))
    assert first == second == ["azp", "mine"]
    assert first[0] is second[0]
    assert first[1] is not second[1]


def test_claims_and_header_are_built_once_and_payload_is_the_signed_text() -> None:
    text = ' {"a" : 1} '
    verified = ANY.verify(sign(text, '{"alg":"HS256","kid":"h","x":[1]}'), KEYS, now=NOW)
    assert verified.claims is verified.claims
    assert verified.header == {"alg": "HS256", "kid": "h", "x": [1]}
    assert verified.header is verified.header
    assert verified.payload == text.encode()
    assert verified.algorithm == "HS256"


def test_no_personal_data_in_the_repr() -> None:
    assert "alice" not in repr(verify('{"sub":"alice"}'))


def test_a_verified_token_that_holds_itself_is_collected() -> None:
    class Canary:
        pass

    canary = Canary()
    gone = weakref.ref(canary)
    verified = verify("{}")
    verified.claims["me"] = verified
    verified.claims["canary"] = canary
    del verified, canary
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    "payload",
    [
        '{"a":1,"a":1}',
        '{"a":1,"\\u0061":1}',
        '{"a":{"b":1,"b":2}}',
        '{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1} x',
        '{"a":NaN}',
        '{"a":01}',
        '{"a":' + "[" * 40 + "]" * 40 + "}",
        "[1]",
        "1",
        "",
    ],
)
def test_json_that_two_readers_could_read_differently_is_refused(payload: str | bytes) -> None:
    with pytest.raises(MalformedTokenError) as caught:
        verify(payload)
    assert (caught.value.code, caught.value.name) == (501, "PayloadJson")


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ['"1900000000"', "true", "null", "[]", "1e999"])
def test_times_of_the_wrong_type_are_refused_and_named(claim: str, value: str) -> None:
    with pytest.raises(InvalidTokenError) as caught:
        verify(f'{{"{claim}":{value}}}')
    assert caught.value.claim == claim
