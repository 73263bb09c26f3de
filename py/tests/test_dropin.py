"""The drop-in classes: names, arguments, defaults, shapes and messages."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import logging
import time
from typing import Any
from unittest.mock import AsyncMock

import jwtverify
import pytest
from jwtverify import (
    AlgorithmNotAllowedError,
    ConfigurationError,
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    InvalidTokenError,
    JWKSClient,
    JWTVerifier,
    Key,
    KeyNotFoundError,
    KeySet,
    KeysUnavailableError,
    MalformedTokenError,
    MissingRequiredClaimError,
    analyze_header,
    check_jwks_endpoint,
    inspect_jwt_header,
)

from .hs256 import JWK, base64url
from .issuer import Issuer


class Fixed:
    """A client as a test would write it."""

    def __init__(self, *keys: Any) -> None:
        self.keys = keys
        self.asked: list[str] = []

    async def get_key(self, kid: str) -> Any:
        self.asked.append(kid)
        return self.keys[0] if self.keys else None


def verifier_for(issuer: Issuer, /, **settings: Any) -> JWTVerifier:
    chosen: dict[str, Any] = {
        "jwks_client": Fixed(Key.from_jwk(issuer.jwk("ES256"))),
        "audience": "my-api",
        "issuer": issuer.url,
    }
    chosen.update(settings)
    return JWTVerifier(**chosen)


def verify(verifier: JWTVerifier, token: Any) -> dict[str, Any]:
    return asyncio.run(verifier.verify(token))


def test_signatures_are_the_articles() -> None:
    def shape(function: Any) -> dict[str, Any]:
        parameters = inspect.signature(function).parameters
        return {name: p.default for name, p in parameters.items() if name != "self"}

    nothing = inspect.Parameter.empty
    assert shape(JWKSClient.__init__) == {
        "jwks_url": nothing,
        "cache_ttl": 3600,
        "refresh_before_expiry": 300,
        "max_retries": 3,
    }
    assert shape(JWTVerifier.__init__) == {
        "jwks_client": nothing,
        "allowed_algorithms": None,
        "required_claims": None,
        "audience": None,
        "issuer": None,
    }
    assert shape(JWKSClient.get_key) == {"kid": nothing}
    assert shape(JWKSClient.get_all_keys) == {}
    assert shape(JWTVerifier.verify) == {"token": nothing}
    assert shape(inspect_jwt_header) == {"token": nothing}
    assert shape(analyze_header) == {"header": nothing}
    assert shape(check_jwks_endpoint) == {"jwks_url": nothing, "expected_kid": None}
    coroutines = [JWKSClient.get_key, JWKSClient.get_all_keys, JWTVerifier.verify]
    assert all(map(inspect.iscoroutinefunction, [*coroutines, check_jwks_endpoint]))
    assert not inspect.iscoroutinefunction(inspect_jwt_header)
    assert not inspect.iscoroutinefunction(analyze_header)


def test_defaults_are_the_articles() -> None:
    client = JWKSClient("https://auth.example.com/.well-known/jwks.json")
    assert (client.cache_ttl, client.refresh_before_expiry, client.max_retries) == (3600, 300, 3)
    verifier = JWTVerifier(client)
    assert verifier.jwks_client is client
    assert verifier.allowed_algorithms == ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
    assert verifier.required_claims == ["sub", "exp", "iat"]
    assert (verifier.audience, verifier.issuer) == (None, None)
    assert JWTVerifier(client, [], []).required_claims == ["sub", "exp", "iat"]


def test_a_good_token_gives_its_claims(good_issuer: Issuer) -> None:
    claims = good_issuer.claims(extra=[1])
    verifier = verifier_for(good_issuer)
    assert verify(verifier, good_issuer.mint("ES256", claims)) == claims
    assert verifier.jwks_client.asked == [good_issuer.jwk("ES256")["kid"]]  # type: ignore[attr-defined]


NOW = int(time.time())


@pytest.mark.parametrize(
    ("claims", "settings", "kind", "message"),
    [
        ({"exp": NOW - 5}, {}, ExpiredSignatureError, "Token has expired"),
        ({"aud": "other"}, {}, InvalidAudienceError, "Invalid audience"),
        ({"aud": ["a", "b"]}, {}, InvalidAudienceError, "Invalid audience"),
        ({"aud": 7}, {}, InvalidAudienceError, "Invalid audience"),
        ({"aud": ["my-api", 7]}, {}, InvalidAudienceError, "Invalid audience"),
        ({"aud": "x"}, {"audience": None}, InvalidAudienceError, "Invalid audience"),
        ({"iss": "other"}, {}, InvalidIssuerError, "Invalid issuer"),
        ({"iss": 7}, {}, InvalidIssuerError, "Invalid issuer"),
        (
            {"aud": None},
            {},
            MissingRequiredClaimError,
            'Token verification failed: Token is missing the "aud" claim',
        ),
        (
            {"iss": None},
            {},
            MissingRequiredClaimError,
            'Token verification failed: Token is missing the "iss" claim',
        ),
        (
            {"sub": None},
            {},
            MissingRequiredClaimError,
            'Token verification failed: Token is missing the "sub" claim',
        ),
        (
            {"iat": None},
            {},
            MissingRequiredClaimError,
            'Token verification failed: Token is missing the "iat" claim',
        ),
        (
            {},
            {"required_claims": ["scope"]},
            MissingRequiredClaimError,
            'Token verification failed: Token is missing the "scope" claim',
        ),
        (
            {"iat": NOW + 600},
            {},
            ImmatureSignatureError,
            "Token verification failed: The token is not yet valid (iat)",
        ),
        ({"nbf": NOW + 600}, {}, ImmatureSignatureError, "Token verification failed: "),
        ({"sub": 7}, {}, MalformedTokenError, "Token verification failed: "),
        ({"jti": 7}, {}, MalformedTokenError, "Token verification failed: "),
        ({"exp": "tomorrow"}, {}, MalformedTokenError, "Token verification failed: "),
    ],
)
def test_each_refusal_has_the_articles_words(
    good_issuer: Issuer,
    claims: dict[str, Any],
    settings: dict[str, Any],
    kind: type[InvalidTokenError],
    message: str,
) -> None:
    token = good_issuer.mint("ES256", good_issuer.claims(**claims))
    with pytest.raises(InvalidTokenError) as caught:
        verify(verifier_for(good_issuer, **settings), token)
    assert type(caught.value) is kind
    assert str(caught.value).startswith(message)
    assert caught.value.http_status == 401
    assert caught.value.code >= 500


def test_the_header_is_judged_before_any_key_is_asked_for(good_issuer: Issuer) -> None:
    def mint(header: dict[str, Any]) -> str:
        return good_issuer.mint("ES256", good_issuer.claims(), header)

    for token, message, code in [
        ("", "Invalid token format: ", 102),
        ("a.b", "Invalid token format: ", 102),
        ("!.b.c", "Invalid token format: ", 110),
        (None, "Invalid token format: ", 102),
        (b"\xff", "Invalid token format: ", 102),
        (mint({"kid": None}), "Token missing 'kid' header", 304),
        (mint({"kid": ""}), "Token missing 'kid' header", 304),
        (mint({"kid": 7}), "Key ID header parameter must be a string", 203),
        (mint({"alg": "HS256"}), "Algorithm 'HS256' not allowed", 206),
        (mint({"alg": "es256"}), "Algorithm 'es256' not allowed", 206),
        (mint({"alg": None}), "Algorithm 'None' not allowed", 206),
        (mint({"alg": ["ES256"]}), "Algorithm 'list' not allowed", 206),
        (good_issuer.forge("none", good_issuer.claims()), "Algorithm 'none' not allowed", 206),
        (mint({"alg": "x\n" + "y" * 999}), "Algorithm 'x\\nyyy", 206),
    ]:
        verifier = verifier_for(good_issuer)
        with pytest.raises(InvalidTokenError) as caught:
            verify(verifier, token)
        assert str(caught.value).startswith(message)
        assert caught.value.code == code
        assert len(str(caught.value)) < 300
        assert verifier.jwks_client.asked == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["tampered", "wrong-key", "der"])
def test_forged_signatures_are_refused(good_issuer: Issuer, kind: str) -> None:
    with pytest.raises(InvalidSignatureError, match="^Token verification failed: "):
        verify(verifier_for(good_issuer), good_issuer.forge(kind, "ES256", good_issuer.claims()))


def test_a_forged_none_is_refused_even_where_none_is_in_the_list(good_issuer: Issuer) -> None:
    token = good_issuer.forge("none", good_issuer.claims())
    kid = {"kid": good_issuer.jwk("ES256")["kid"]}
    signed = good_issuer.mint("ES256", good_issuer.claims(), {"alg": "none", **kid})
    for listed in (["none"], ["ES256", "none", "NONE"]):
        for forged in (token, signed):
            with pytest.raises((InvalidTokenError, ConfigurationError)):
                verify(verifier_for(good_issuer, allowed_algorithms=listed), forged)


def test_names_that_no_algorithm_has_do_not_disturb_the_others(good_issuer: Issuer) -> None:
    verifier = verifier_for(good_issuer, allowed_algorithms=["ES256K", "ES256"])
    assert verify(verifier, good_issuer.mint("ES256", good_issuer.claims()))


def test_settings_may_be_lists_and_may_be_changed(good_issuer: Issuer) -> None:
    token = good_issuer.mint("ES256", good_issuer.claims())
    verifier = verifier_for(good_issuer, audience=["x", "my-api"], issuer=[good_issuer.url, "y"])
    assert verify(verifier, token)
    verifier.audience = "x"
    with pytest.raises(InvalidAudienceError):
        verify(verifier, token)
    verifier.audience = None
    with pytest.raises(InvalidAudienceError):
        verify(verifier, token)
    verifier.issuer = None
    assert verify(verifier, good_issuer.mint("ES256", good_issuer.claims(aud=None, iss="any")))
    verifier.allowed_algorithms = ["RS256"]
    with pytest.raises(AlgorithmNotAllowedError):
        verify(verifier, token)


def test_a_key_may_come_as_ours_as_a_jwk_or_not_at_all(good_issuer: Issuer) -> None:
    token = good_issuer.mint("ES256", good_issuer.claims())
    jwk = good_issuer.jwk("ES256")
    without_kid = {name: value for name, value in jwk.items() if name != "kid"}
    for key in (Key.from_jwk(jwk), Key.from_jwk(without_kid), jwk, without_kid,
                KeySet.from_jwks(good_issuer.jwks()).key(jwk["kid"])):  # fmt: skip
        assert verify(verifier_for(good_issuer, jwks_client=Fixed(key)), token)
        mocked = AsyncMock()
        mocked.get_key.return_value = key
        assert verify(verifier_for(good_issuer, jwks_client=mocked), token)
    nothings: list[Any] = [None, {}, ""]
    for nothing in nothings:
        with pytest.raises(KeyNotFoundError) as caught:
            verify(verifier_for(good_issuer, jwks_client=Fixed(nothing)), token)
        assert str(caught.value) == (
            f"Key not found for kid '{jwk['kid']}'. "
            "Key may have been rotated or token signed with unknown key."
        )
    with pytest.raises(ConfigurationError):
        verify(verifier_for(good_issuer, jwks_client=Fixed("a secret")), token)


class Numbers:
    """Looks like a public key of the package cryptography."""

    def __init__(self, **numbers: Any) -> None:
        self.__dict__.update(numbers)

    def public_numbers(self) -> Numbers:
        return self


@pytest.mark.parametrize("alg", ["RS256", "ES256", "ES384", "ES512", "EdDSA"])
def test_public_keys_as_the_original_had_them_are_understood(good_issuer: Issuer, alg: str) -> None:
    jwk = good_issuer.jwk(alg)

    def octets(name: str) -> bytes:
        return base64.urlsafe_b64decode(jwk[name] + "==")

    def number(name: str) -> int:
        return int.from_bytes(octets(name), "big")

    key: Any
    if jwk["kty"] == "RSA":
        key = Numbers(n=number("n"), e=number("e"))
    elif jwk["kty"] == "EC":
        curves = {"P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1"}
        key = Numbers(x=number("x"), y=number("y"), curve=Numbers(name=curves[jwk["crv"]]))
    else:
        key = Numbers(public_bytes_raw=lambda: octets("x"))
    verifier = verifier_for(good_issuer, jwks_client=Fixed(key), allowed_algorithms=[alg])
    assert verify(verifier, good_issuer.mint(alg, good_issuer.claims()))
    with pytest.raises(InvalidTokenError):
        verify(verifier, good_issuer.forge("wrong-key", alg, good_issuer.claims()))


def test_a_public_key_is_never_an_hmac_secret(good_issuer: Issuer) -> None:
    token = good_issuer.forge("confused", "ES256", good_issuer.claims())
    verifier = verifier_for(good_issuer, allowed_algorithms=["ES256", "HS256"])
    with pytest.raises(InvalidTokenError):
        verify(verifier, token)


def test_the_client_finds_keys_and_keeps_them(issuer: Issuer) -> None:
    async def main() -> None:
        client = JWKSClient(jwks_url=issuer.jwks_url)
        (kid,) = issuer.kids
        key = await client.get_key(kid)
        assert isinstance(key, Key)
        assert (key.kid, key.algorithms) == (kid, ["ES256"])
        assert await client.get_key(kid)
        assert list(await client.get_all_keys()) == [kid]
        assert issuer.requests() == 1
        assert await client.get_key("nonexistent-key") is None
        assert await client.get_key(None) is None  # type: ignore[arg-type]
        assert await client.get_key("\ud800") is None
        assert issuer.requests() == 2

    asyncio.run(main())


def test_a_key_that_appears_later_is_found_and_one_that_is_gone_is_not(issuer: Issuer) -> None:
    async def main() -> None:
        client = JWKSClient(issuer.jwks_url)
        (old,) = issuer.kids
        assert await client.get_key(old)
        issuer.command("rotate")
        assert await client.get_key(issuer.kids[0])
        assert issuer.requests() == 2
        assert await client.get_key(old) is None

    asyncio.run(main())


def test_keys_without_kid_and_unusable_keys_are_left_out(issuer: Issuer) -> None:
    good = issuer.jwk("ES256")
    nameless = {name: value for name, value in good.items() if name != "kid"}
    oct_key = {**JWK, "kid": "secret"}
    issuer.command("body", json.dumps({"keys": [good, nameless, {"kid": "bad"}, oct_key]}))

    async def main() -> None:
        client = JWKSClient(issuer.jwks_url)
        assert list(await client.get_all_keys()) == [good["kid"]]
        assert await client.get_key("secret") is None
        assert len(client.status()["skipped"]) == 2

    asyncio.run(main())


def test_client_and_verifier_together(issuer: Issuer) -> None:
    async def main() -> None:
        verifier = JWTVerifier(
            jwks_client=JWKSClient(issuer.jwks_url), audience="my-api", issuer=issuer.url
        )
        assert (await verifier.verify(issuer.mint("ES256", issuer.claims())))["sub"] == "alice"
        issuer.command("rotate")
        assert (await verifier.verify(issuer.mint("ES256", issuer.claims())))["sub"] == "alice"
        many = [verifier.verify(issuer.mint("ES256", issuer.claims())) for _ in range(50)]
        assert len(await asyncio.gather(*many)) == 50
        assert issuer.requests() == 2

    asyncio.run(main())


def test_an_unknown_kid_says_what_is_known(issuer: Issuer) -> None:
    verifier = JWTVerifier(JWKSClient(issuer.jwks_url), audience="my-api", issuer=issuer.url)
    with pytest.raises(KeyNotFoundError) as caught:
        verify(verifier, issuer.forge("unknown-kid", "ES256", issuer.claims()))
    error = caught.value
    assert str(error).startswith("Key not found for kid '")
    assert (error.code, error.http_status) == (301, 401)
    assert error.available_kids == issuer.kids
    assert error.url == issuer.jwks_url
    assert isinstance(error.__cause__, KeyNotFoundError)


def test_an_outage_is_no_key_for_the_article_and_a_503_for_who_asks(
    issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.command("stop")
    client = JWKSClient(issuer.jwks_url)
    verifier = JWTVerifier(client, audience="my-api", issuer=issuer.url)
    token = issuer.mint("ES256", issuer.claims())
    with caplog.at_level(logging.INFO, logger="jwtverify"):
        with pytest.raises(InvalidTokenError, match="^Key not found for kid '") as caught:
            verify(verifier, token)
        assert (caught.value.code, caught.value.http_status) == (701, 503)
        assert caught.value.retry_after is not None
        assert caught.value.www_authenticate is None
        assert isinstance(caught.value.__cause__, KeysUnavailableError)
        assert asyncio.run(client.get_all_keys()) == {}
        assert asyncio.run(client.get_key("x")) is None
    levels = [record.levelno for record in caplog.records]
    # One fetch failed; the others were not made, and a client must not be able to fill the log.
    assert levels == [logging.WARNING, logging.INFO, logging.INFO]
    assert all("\n" not in record.getMessage() for record in caplog.records)


def test_a_replaced_get_key_is_used(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    key = Key.from_jwk(issuer.jwk("ES256"))
    token = issuer.mint("ES256", issuer.claims())
    client = JWKSClient(issuer.jwks_url)
    verifier = JWTVerifier(client, audience="my-api", issuer=issuer.url)
    with monkeypatch.context() as patch:
        patch.setattr(client, "get_key", AsyncMock(return_value=key))
        assert verify(verifier, token)
    with monkeypatch.context() as patch:
        patch.setattr(JWKSClient, "get_key", AsyncMock(return_value=None))
        with pytest.raises(KeyNotFoundError):
            verify(verifier, token)

    class Mine(JWKSClient):
        async def get_key(self, kid: str) -> Key | None:
            return key

    assert verify(JWTVerifier(Mine(issuer.jwks_url), audience="my-api"), token)
    assert issuer.requests() == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"jwks_url": "http://auth.example.com/jwks"},
        {"jwks_url": "ftp://auth.example.com/jwks"},
        {"jwks_url": None},
        {"cache_ttl": -1},
        {"cache_ttl": "1"},
        {"refresh_before_expiry": -1},
        {"max_retries": None},
    ],
)
def test_a_client_that_could_not_work_is_refused(settings: dict[str, Any]) -> None:
    chosen: dict[str, Any] = {"jwks_url": "https://auth.example.com/jwks"}
    chosen.update(settings)
    with pytest.raises(ConfigurationError):
        JWKSClient(**chosen)


@pytest.mark.parametrize(
    ("ttl", "ahead"), [(3600, 300), (0, 0), (10, 300), (10**12, 0), (10**12, 10**12)]
)
def test_every_number_of_seconds_is_brought_into_the_engines_bounds(ttl: int, ahead: int) -> None:
    client = JWKSClient("https://auth.example.com/", cache_ttl=ttl, refresh_before_expiry=ahead)
    assert client.status()["state"] == "cold"


def test_the_header_of_a_token_is_shown_and_analysed(good_issuer: Issuer) -> None:
    kid = good_issuer.jwk("ES256")["kid"]
    found = inspect_jwt_header(good_issuer.mint("ES256", good_issuer.claims()))
    assert found == {
        "algorithm": "ES256",
        "key_id": kid,
        "type": "JWT",
        "all_headers": {"alg": "ES256", "kid": kid, "typ": "JWT"},
        "analysis": {
            "issues": [],
            "recommendations": [
                "Asymmetric algorithm - need public key for verification",
                f"Look for key with kid='{kid}' in JWKS",
            ],
        },
    }
    assert json.dumps(found)
    for bad in ("", "a.b", "a.b.c", "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImtleS0xIn0..."):
        (only,) = inspect_jwt_header(bad).items()
        assert only[0] == "error"
        assert only[1].startswith("Failed to decode header: ")


@pytest.mark.parametrize(
    ("header", "issues", "recommendations"),
    [
        ({}, [], []),
        ({"alg": "none"}, ["Algorithm is 'none' - token is unsigned"], []),
        (
            {"alg": "HS256"},
            [],
            ["Symmetric algorithm - ensure same secret used for sign/verify"],
        ),
        (
            {"alg": "RS256"},
            ["No 'kid' header - cannot identify key in JWKS"],
            ["Asymmetric algorithm - need public key for verification"],
        ),
        ({"alg": "other", "kid": "k"}, [], ["Look for key with kid='k' in JWKS"]),
    ],
)
def test_what_an_analysis_says(
    header: dict[str, Any], issues: list[str], recommendations: list[str]
) -> None:
    assert analyze_header(header) == {"issues": issues, "recommendations": recommendations}


def test_an_unsigned_token_can_be_inspected(good_issuer: Issuer) -> None:
    token = base64url(b'{"alg":"none"}') + ".e30."
    assert inspect_jwt_header(token)["analysis"]["issues"] == [
        "Algorithm is 'none' - token is unsigned"
    ]


def check(issuer: Issuer, kid: str | None = None, url: str | None = None) -> dict[str, Any]:
    return asyncio.run(check_jwks_endpoint(url or issuer.jwks_url, kid))


def test_an_endpoint_is_described(issuer: Issuer) -> None:
    (kid,) = issuer.kids
    described = {"kid": kid, "kty": "EC", "alg": "ES256", "use": "sig"}
    plain = {
        "url": issuer.jwks_url,
        "reachable": True,
        "status_code": 200,
        "keys": [described],
        "errors": [],
    }
    assert check(issuer) == plain
    assert check(issuer, kid) == {**plain, "kid_found": True}
    assert check(issuer, "other") == {
        **plain,
        "kid_found": False,
        "errors": [f"Expected kid 'other' not found. Available: ['{kid}']"],
    }


@pytest.mark.parametrize(
    ("command", "reachable", "status", "error"),
    [
        ("fail 503", True, 503, "Non-200 response: 503"),
        ("redirect", True, 302, "Non-200 response: 302"),
        ("lie html", True, 200, "Response is not valid JSON"),
        ("lie empty", True, 200, "Response missing 'keys' array"),
        ("body [1]", True, 200, "Response missing 'keys' array"),
        ("body 7", True, 200, "Response missing 'keys' array"),
        ("body {", True, 200, "Response is not valid JSON"),
        ('body {"keys":7}', True, 200, "Response missing 'keys' array"),
        ('body {"keys":[7]}', True, 200, "keys[0] is not an object"),
        ("stop", False, None, "Request failed: "),
        ("close", False, None, "Request failed: "),
        ("lie huge", False, None, "Request failed: "),
    ],
)
def test_an_endpoint_in_trouble_is_described_too(
    issuer: Issuer, command: str, reachable: bool, status: int | None, error: str
) -> None:
    issuer.command(command)
    found = check(issuer, "some-kid" if not reachable else None)
    assert (found["reachable"], found.get("status_code"), found["keys"]) == (
        reachable,
        status,
        [],
    )
    assert found["errors"][0].startswith(error)


def test_an_endpoint_that_hangs_times_out_without_stopping_the_loop(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwtverify.dropin.endpoint, "_TIMEOUT_SECONDS", 0.2)
    issuer.command("hang")

    async def main() -> dict[str, Any]:
        checking = asyncio.ensure_future(check_jwks_endpoint(issuer.jwks_url))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not checking.done()
        return await checking

    assert asyncio.run(main())["errors"] == ["Request timed out"]
