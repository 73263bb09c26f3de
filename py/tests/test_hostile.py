"""Whatever is passed in, nothing but a JwtVerifyError comes out."""

from __future__ import annotations

import asyncio
import datetime
import decimal
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import jwtverify
import pytest
from jwtverify import (
    ConfigurationError,
    InvalidTokenError,
    JWKSClient,
    JwksVerifier,
    JWTVerifier,
    JwtVerifyError,
    Key,
    KeySet,
    RemoteJwks,
    Verifier,
    analyze_header,
    check_jwks_endpoint,
    inspect_jwt_header,
    verify_signature,
)

from .hs256 import ANY, JWK, KEYS, NOW, mint, sign
from .issuer import Issuer


class Evil:
    """Answers every question with an exception."""

    def __getattribute__(self, name: str) -> Any:
        # isinstance() asks for the class; who lies there breaks Python, not this package.
        if name == "__class__":
            return Evil
        raise RuntimeError(name)

    def __bool__(self) -> bool:
        raise RuntimeError("bool")

    def __len__(self) -> int:
        raise RuntimeError("len")

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("iter")

    def __str__(self) -> str:
        raise RuntimeError("str")

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    def __hash__(self) -> int:
        raise RuntimeError("hash")

    def __index__(self) -> int:
        raise RuntimeError("index")

    def __float__(self) -> float:
        raise RuntimeError("float")

    def __bytes__(self) -> bytes:
        raise RuntimeError("bytes")


class EvilText(str):
    """A str whose methods lie."""

    def encode(self, *args: Any, **kwargs: Any) -> bytes:
        raise RuntimeError("encode")

    def __len__(self) -> int:
        return -1

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("iter")


class EvilInt(int):
    def __index__(self) -> int:
        raise RuntimeError("index")

    def __int__(self) -> int:
        raise RuntimeError("int")


class EvilList(list[Any]):
    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("iter")


class EvilDict(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("items")


def released() -> memoryview:
    view = memoryview(b"abc")
    view.release()
    return view


def recursive() -> dict[str, Any]:
    inner: dict[str, Any] = {}
    inner["keys"] = [inner]
    return inner


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**63,
    10**5000,
    -(10**5000),
    float("nan"),
    float("inf"),
    float("-inf"),
    -0.0,
    1e308,
    0.5,
    1j,
    decimal.Decimal("1"),
    datetime.timedelta(seconds=1),
    datetime.datetime(2020, 1, 1),
    "",
    " ",
    ".",
    "..",
    "....",
    "a.b.c",
    "\x00",
    "\ud800",
    "a\udfff.b.c",
    "é.é.é",
    "none",
    "RS256",
    "ES256",
    "." * 100_000,
    "A" * 300_000,
    "https://[::1",
    "file:///etc/passwd",
    b"",
    b"\xff\xfe",
    b"a.b.c",
    bytearray(b"a.b.c"),
    memoryview(b"a.b.c"),
    memoryview(b"abcdef")[::2],
    released(),
    [],
    [None],
    [[]],
    ["\ud800"],
    ["ES256", 1],
    (),
    set(),
    frozenset({"a"}),
    {},
    {"keys": []},
    {"keys": [{}]},
    {1: 2},
    {"a": object()},
    {"a": float("nan")},
    {"keys": deep()},
    recursive(),
    object(),
    object,
    Exception("x"),
    len,
    (n for n in range(3)),
    itertools.count(),
    Evil(),
    EvilText("a.b.c"),
    EvilText("\ud800"),
    EvilInt(5),
    EvilList(["a"]),
    EvilDict(keys=[]),
    KEYS,
    ANY,
    Key.from_jwk(JWK, allow_symmetric=True),
    RemoteJwks("https://issuer.invalid/"),
]


def guarded(call: Callable[[], Any]) -> None:
    try:
        call()
    except JwtVerifyError as error:
        assert error.code > 0
        assert error.name
        assert error.http_status in (401, 500, 503)
        assert str(error)
        # An error never shows what it was given.
        assert len(str(error)) < 2000


# By number: pytest itself stumbles over some of them.
each_value = pytest.mark.parametrize("number", range(len(VALUES)))


@each_value
def test_any_value_in_any_place_of_the_native_api(number: int) -> None:
    value = VALUES[number]
    jwk = dict(JWK)
    remote = RemoteJwks("https://issuer.invalid/")
    calls: list[Callable[[], Any]] = [
        lambda: KeySet.from_jwks(value),
        lambda: KeySet.from_jwks(value, allow_symmetric=True, allow_weak_hmac=True),
        lambda: KeySet.from_jwks(jwk, allow_symmetric=value),
        lambda: KeySet.from_jwks(jwk, allow_symmetric=True, allow_weak_hmac=value),
        lambda: KEYS.key(value),
        lambda: Key.from_jwk(value),
        lambda: Key.from_jwk({**JWK, "k": value}, allow_symmetric=True),
        lambda: Key.from_jwk({**JWK, "kid": value}, allow_symmetric=True),
        lambda: ANY.verify(value, KEYS),
        lambda: ANY.verify(mint(), value),
        lambda: ANY.verify(mint(), KEYS, value),
        lambda: ANY.verify_jws(value, KEYS),
        lambda: ANY.verify_jws(mint(), value),
        lambda: verify_signature(value, jwk, b"", b"", allow_symmetric=True),
        lambda: verify_signature("HS256", value, b"", b"", allow_symmetric=True),
        lambda: verify_signature("HS256", jwk, value, b"", allow_symmetric=True),
        lambda: verify_signature("HS256", jwk, b"", value, allow_symmetric=True),
        lambda: verify_signature("HS256", jwk, b"", b"", allow_symmetric=value),
        lambda: JwksVerifier(value, remote),
        lambda: JwksVerifier(ANY, value),
        lambda: jwtverify._jwtverify.unverified_header(value),
        lambda: jwtverify._jwtverify.read_json(value),
        lambda: jwtverify._jwtverify.fetch(value, 1),
        lambda: jwtverify._jwtverify.fetch("https://\x00/", value),
        lambda: remote.held_key(value),
        lambda: RemoteJwks.discover(value),
    ]
    for call in calls:
        guarded(call)


@each_value
@pytest.mark.parametrize(
    "setting",
    [
        "algorithms",
        "issuer",
        "audience",
        "leeway",
        "required_claims",
        "typ",
        "max_age",
        "allow_padding",
    ],
)
def test_any_value_for_any_setting_of_a_verifier(setting: str, number: int) -> None:
    value = VALUES[number]
    settings: dict[str, Any] = {"algorithms": ["HS256"], "issuer": None, "audience": None}
    settings[setting] = value
    guarded(lambda: Verifier(**settings).verify(mint(exp=NOW), KEYS, now=0))


@each_value
@pytest.mark.parametrize(
    "setting",
    [
        "url",
        "issuer",
        "ttl",
        "max_stale",
        "stale_wait",
        "miss_interval",
        "miss_spacing",
        "connect_timeout",
        "timeout",
        "max_bytes",
        "max_keys",
        "root_certificate",
    ],
)
def test_any_value_for_any_setting_of_a_remote_key_set(setting: str, number: int) -> None:
    value = VALUES[number]
    settings: dict[str, Any] = {"url": "https://issuer.invalid/"}
    settings[setting] = value
    # Nothing is fetched here, so no name is looked up either.
    guarded(lambda: RemoteJwks(**settings).status())


@each_value
def test_any_value_in_any_place_of_the_drop_in_classes(number: int) -> None:
    value = VALUES[number]

    class Client:
        async def get_key(self, kid: str) -> Any:
            return Key.from_jwk(JWK, allow_symmetric=True)

    class Giver:
        async def get_key(self, kid: str) -> Any:
            return value

    def verify(**settings: Any) -> Callable[[], Any]:
        chosen: dict[str, Any] = {
            "jwks_client": Client(),
            "allowed_algorithms": ["HS256"],
            "required_claims": ["exp"],
        }
        chosen.update(settings)
        return lambda: asyncio.run(JWTVerifier(**chosen).verify(mint(exp=2**40)))

    calls: list[Callable[[], Any]] = [
        lambda: asyncio.run(JWTVerifier(Client(), ["HS256"], ["exp"]).verify(value)),
        lambda: JWKSClient(value),
        lambda: JWKSClient("https://issuer.invalid/", cache_ttl=value),
        lambda: JWKSClient("https://issuer.invalid/", refresh_before_expiry=value),
        lambda: JWKSClient("https://issuer.invalid/", max_retries=value),
        lambda: analyze_header(value),
        lambda: analyze_header({"alg": value, "kid": "k"}),
        lambda: analyze_header({"alg": "RS256", "kid": value}),
        lambda: inspect_jwt_header(value),
    ]
    calls += [
        verify(allowed_algorithms=value),
        verify(required_claims=value),
        verify(audience=value),
        verify(issuer=value),
        verify(jwks_client=Giver()),
    ]
    for call in calls:
        guarded(call)


@each_value
def test_the_functions_that_explain_never_raise(number: int) -> None:
    value = VALUES[number]
    assert isinstance(inspect_jwt_header(value), dict)
    if not isinstance(value, str) or not value.startswith("https"):
        result = asyncio.run(check_jwks_endpoint(value))
        assert result["errors"]
        assert result["reachable"] is False


def test_random_changes_of_a_good_token_never_pass(good_issuer: Issuer) -> None:
    rng = random.Random(3)
    keys = KeySet.from_jwks(good_issuer.jwks())
    verifier = Verifier(algorithms=["ES256"], issuer=good_issuer.url, audience="my-api")
    good = good_issuer.mint("ES256", good_issuer.claims()).encode()
    assert verifier.verify(good, keys)
    for _ in range(1500):
        octets = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(octets))
            action = rng.randrange(3)
            if action == 0:
                octets[place] = rng.randrange(256)
            elif action == 1:
                del octets[place : place + rng.randrange(1, 20)]
            else:
                octets[place:place] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 5)))
        if bytes(octets) == good:
            continue
        with pytest.raises(InvalidTokenError):
            verifier.verify(bytes(octets), keys)


def test_random_headers_and_payloads_give_a_verdict() -> None:
    rng = random.Random(5)
    pieces = ['{"alg":"HS256","kid":"h"', "}", "{", '"exp":', "1e400", "\\ud800", "[", "]", ",",
              '"aud":', "null", '"', "\x00", "é", '{"alg":"HS256"}', " "]  # fmt: skip
    for _ in range(1500):
        header = "".join(rng.choice(pieces) for _ in range(rng.randrange(6)))
        payload = "".join(rng.choice(pieces) for _ in range(rng.randrange(8)))
        token = sign(payload, header)
        guarded(lambda token=token: ANY.verify(token, KEYS, now=NOW))  # type: ignore[misc]
        guarded(lambda token=token: inspect_jwt_header(token))  # type: ignore[misc]


def test_a_wrong_type_is_the_callers_fault_and_a_bad_text_the_tokens() -> None:
    with pytest.raises(ConfigurationError) as wrong:
        ANY.verify(None, KEYS)  # type: ignore[arg-type]
    assert (wrong.value.code, wrong.value.http_status) == (813, 500)
    with pytest.raises(InvalidTokenError) as bad:
        ANY.verify("\ud800.a.b", KEYS)
    assert bad.value.http_status == 401


def test_no_error_repeats_the_token_or_a_secret() -> None:
    token = sign('{"sub":"alice-the-secret"}', '{"alg":"HS256","kid":"h","x":"secret-header"}')
    for bad in (token + "A", token[:-4] + "AAAA", token + ".x", token):
        with pytest.raises(JwtVerifyError) as caught:
            Verifier(algorithms=["HS256"], issuer="i", audience="a").verify(bad, KEYS, now=NOW)
        text = f"{caught.value} {caught.value!r} {caught.value.__dict__}"
        assert "secret" not in text
        assert token[:20] not in text


def test_a_kid_cannot_forge_a_line_of_a_log() -> None:
    token = sign("{}", '{"alg":"HS256","kid":"x\\nERROR: all is lost\\u001b[2J"}')
    with pytest.raises(JwtVerifyError) as caught:
        ANY.verify(token, KEYS)
    assert "\nERROR" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert caught.value.kid is not None
    assert "\n" not in caught.value.kid
