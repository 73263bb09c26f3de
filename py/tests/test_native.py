"""The native API: key sets, verifiers, raw signatures, and the error of each stage."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from importlib.metadata import version
from typing import Any

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
    JwtVerifyError,
    Key,
    KeyNotFoundError,
    KeySet,
    KeySetError,
    MalformedTokenError,
    MissingRequiredClaimError,
    Verifier,
    verify_signature,
)

from .hs256 import ANY, JWK, KEYS, NOW, SECRET, base64url, mint, sign
from .issuer import Issuer

ALGORITHMS = [
    "RS256",
    "PS256",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "EdDSA",
    "ML-DSA-44",
    "ML-DSA-87",
]


def strict(**changes: Any) -> Verifier:
    settings: dict[str, Any] = {
        "algorithms": ["HS256"],
        "issuer": "https://idp.example",
        "audience": "my-api",
    }
    settings.update(changes)
    return Verifier(**settings)


GOOD = {"iss": "https://idp.example", "aud": "my-api", "exp": NOW + 60}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_each_public_key_algorithm_verifies_and_notices_a_change(
    good_issuer: Issuer, alg: str
) -> None:
    verifier = Verifier(algorithms=[alg], issuer=good_issuer.url, audience="my-api")
    keys = KeySet.from_jwks(good_issuer.jwks())
    verified = verifier.verify(good_issuer.mint(alg, good_issuer.claims()), keys)
    assert verified.claims["sub"] == "alice"
    for kind in ("tampered", "wrong-key"):
        with pytest.raises(InvalidSignatureError) as caught:
            verifier.verify(good_issuer.forge(kind, alg, good_issuer.claims()), keys)
        assert caught.value.code == 401
    with pytest.raises(AlgorithmNotAllowedError):
        verifier.verify(good_issuer.forge("confused", alg, good_issuer.claims()), keys)
    with pytest.raises(MalformedTokenError) as unsigned:
        verifier.verify(good_issuer.forge("none", good_issuer.claims()), keys)
    assert unsigned.value.name == "SignatureEmpty"


@pytest.mark.parametrize(
    ("token", "keys", "settings", "kind", "name", "claim"),
    [
        ("x", KEYS, {}, MalformedTokenError, "TokenSegments", None),
        ("a.b.c.d.e", KEYS, {}, MalformedTokenError, "TokenEncrypted", None),
        (sign("{}", "[]"), KEYS, {}, MalformedTokenError, "HeaderJson", None),
        (sign("{}", "{}"), KEYS, {}, MalformedTokenError, "AlgorithmMissing", None),
        (
            sign("{}", '{"alg":"none"}'),
            KEYS,
            {},
            AlgorithmNotAllowedError,
            "AlgorithmNone",
            None,
        ),
        (mint(**GOOD), KEYS, {"algorithms": "ES256"}, AlgorithmNotAllowedError, None, None),
        (mint(**GOOD), KEYS, {"typ": "at+jwt"}, InvalidTokenError, "TypeMissing", None),
        (
            sign("{}", '{"alg":"HS256","kid":"other"}'),
            KEYS,
            {},
            KeyNotFoundError,
            "KeyNotFound",
            None,
        ),
        (
            sign("{}", '{"alg":"HS384","kid":"h"}'),
            KEYS,
            {"algorithms": ["HS256", "HS384"]},
            KeyNotFoundError,
            "KeyMismatch",
            None,
        ),
        (mint(**GOOD)[:-4] + "AAAA", KEYS, {}, InvalidSignatureError, "SignatureInvalid", None),
        (mint(iss="i"), KEYS, {}, MissingRequiredClaimError, "ClaimMissing", "exp"),
        (
            mint(**GOOD),
            KEYS,
            {"required_claims": ["exp", "scope"]},
            MissingRequiredClaimError,
            "ClaimMissing",
            "scope",
        ),
        (mint(**GOOD | {"sub": 1}), KEYS, {}, MalformedTokenError, "ClaimType", "sub"),
        (mint(**GOOD | {"exp": NOW}), KEYS, {}, ExpiredSignatureError, "Expired", "exp"),
        (
            mint(**GOOD | {"iat": NOW - 61}),
            KEYS,
            {"max_age": 60},
            ExpiredSignatureError,
            "TooOld",
            "iat",
        ),
        (mint(**GOOD | {"nbf": NOW + 1}), KEYS, {}, ImmatureSignatureError, "NotYetValid", "nbf"),
        (mint(**GOOD | {"iss": "x"}), KEYS, {}, InvalidIssuerError, "IssuerMismatch", "iss"),
        (mint(**GOOD | {"aud": ["x"]}), KEYS, {}, InvalidAudienceError, "AudienceMismatch", "aud"),
    ],
)
def test_each_failure_has_its_class_name_and_claim(
    token: str,
    keys: KeySet,
    settings: dict[str, Any],
    kind: type[JwtVerifyError],
    name: str | None,
    claim: str | None,
) -> None:
    with pytest.raises(InvalidTokenError) as caught:
        strict(**settings).verify(token, keys, now=NOW)
    error = caught.value
    assert type(error) is kind
    assert isinstance(error, ValueError)
    assert name is None or error.name == name
    assert error.claim == claim
    assert (error.http_status, error.retry_after) == (401, None)
    assert error.www_authenticate is not None
    assert error.www_authenticate.startswith('Bearer error="invalid_token"')
    assert str(error).split("\n")[0] == error.message


def test_leeway_lists_padding_and_typ_are_settings() -> None:
    assert strict(leeway=60).verify(mint(**GOOD | {"exp": NOW - 59}), KEYS, now=NOW)
    assert strict(leeway=1.0).verify(mint(**GOOD | {"nbf": NOW + 1}), KEYS, now=NOW)
    lists = strict(
        issuer=("a", GOOD["iss"]), audience={"b", "my-api"}, algorithms=frozenset(["HS256"])
    )
    assert lists.verify(mint(**GOOD), KEYS, now=NOW)
    assert strict(typ="JWT").verify(
        sign(json.dumps(GOOD), '{"alg":"HS256","kid":"h","typ":"application/jwt"}'), KEYS, NOW
    )
    assert strict(issuer=None, audience=None, required_claims=()).verify(mint(), KEYS, now=NOW)


def test_padded_segments_are_refused_unless_allowed() -> None:
    header, payload = '{"alg":"HS256","kid":"h"}', json.dumps(GOOD) + " "
    padded = ".".join(
        base64.urlsafe_b64encode(part.encode()).decode() for part in (header, payload)
    )
    assert "=" in padded
    tag = base64.urlsafe_b64encode(hmac.digest(SECRET, padded.encode(), hashlib.sha256)).decode()
    token = f"{padded}.{tag}"
    assert strict(allow_padding=True).verify(token, KEYS, now=NOW)
    with pytest.raises(MalformedTokenError):
        strict().verify(token, KEYS, now=NOW)


@pytest.mark.parametrize(
    "convert", [str, str.encode, lambda t: bytearray(t.encode()), lambda t: memoryview(t.encode())]
)
def test_a_token_may_be_text_or_any_kind_of_octets(convert: Any) -> None:
    assert strict().verify(convert(mint(**GOOD)), KEYS, now=NOW).claims["iss"] == GOOD["iss"]


def test_a_strided_memoryview_is_read_as_what_it_shows() -> None:
    token = mint(**GOOD).encode()
    doubled = bytes(octet for pair in zip(token, token, strict=True) for octet in pair)
    assert strict().verify(memoryview(doubled)[::2], KEYS, now=NOW)


def test_now_may_be_a_float_and_is_the_system_clock_by_default() -> None:
    assert strict().verify(mint(**GOOD), KEYS, now=NOW + 59.999)
    with pytest.raises(ExpiredSignatureError):
        strict().verify(mint(**GOOD), KEYS, now=NOW + 60.0)
    with pytest.raises(ExpiredSignatureError):
        strict().verify(mint(**GOOD | {"exp": 1}), KEYS)
    assert strict().verify(mint(**GOOD | {"exp": 2**62}), KEYS)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"issuer": None, "audience": None}, 801),
        ({"algorithms": ["ES256"], "audience": None}, 802),
        ({"algorithms": ["ES256"], "issuer": None}, 803),
        ({"algorithms": [], "issuer": None, "audience": None}, 801),
        ({"algorithms": ["none"], "issuer": None, "audience": None}, 808),
        ({"algorithms": ["rs256"], "issuer": None, "audience": None}, 808),
        ({"algorithms": ["ES256"], "issuer": [], "audience": None}, 804),
        ({"algorithms": ["ES256"], "issuer": None, "audience": []}, 804),
        ({"algorithms": ["ES256"], "issuer": None, "audience": None, "leeway": 301}, 806),
        ({"algorithms": ["ES256"], "issuer": None, "audience": None, "leeway": -1}, 806),
        ({"algorithms": ["ES256"], "issuer": None, "audience": None, "leeway": float("nan")}, 806),
        ({"algorithms": ["ES256"], "issuer": None, "audience": None, "leeway": float("inf")}, 806),
        ({"algorithms": ["ES256"], "issuer": None, "audience": None, "leeway": 10**400}, 806),
        ({"algorithms": ["ES256"], "issuer": None, "audience": None, "leeway": True}, 806),
        ({"algorithms": ["ES256"], "issuer": 1, "audience": None}, 813),
        ({"algorithms": ["ES256"], "issuer": "\ud800", "audience": None}, 811),
        ({"algorithms": ["ES256"], "issuer": None, "audience": None, "max_age": "1"}, 813),
        ({"algorithms": ["ES256"], "issuer": None, "audience": None, "allow_padding": 1}, 813),
        ({"algorithms": ["ES256"], "issuer": None, "audience": None, "required_claims": None}, 813),
        (
            {
                "algorithms": ["ES256"],
                "issuer": None,
                "audience": None,
                "required_claims": [f"c{n}" for n in range(1000)],
            },
            807,
        ),
    ],
)
def test_a_verifier_that_would_not_do_what_was_meant_is_refused(
    settings: dict[str, Any], code: int
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Verifier(**settings)
    assert (caught.value.code, caught.value.http_status) == (code, 500)
    assert caught.value.www_authenticate is None


def test_a_key_set_says_what_it_left_out_and_why(good_issuer: Issuer) -> None:
    good = good_issuer.jwk("ES256")
    keys = KeySet.from_jwks(
        json.dumps({"keys": [good, {"kty": "EC", "kid": "bad"}, 7, {**JWK, "kid": "secret"}]})
    )
    assert (keys.kids, len(keys)) == ([good["kid"]], 1)
    assert [(key.position, key.kid) for key in keys.skipped] == [
        (1, "bad"),
        (2, None),
        (3, "secret"),
    ]
    assert [key.code for key in keys.skipped] == [622, 620, 641]
    assert str(keys.skipped[0]).startswith('keys[1] (kid "bad"): ')
    assert keys.skipped[0].reason in str(keys.skipped[0])


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("", 602),
        ("[]", 603),
        ("{}", 603),
        ('{"keys":{}}', 603),
        ('{"keys":[]}', 605),
        ('{"keys":[{}]}', 605),
        ('{"keys":[],"keys":[]}', 602),
        ('{"keys":[' + "{}," * 100 + "{}]}", 604),
        (" " * (512 * 1024 + 1), 601),
        ("\ud800", 602),
        (b"\xff", 602),
    ],
)
def test_a_document_without_a_usable_key_is_an_error(document: str | bytes, code: int) -> None:
    with pytest.raises(KeySetError) as caught:
        KeySet.from_jwks(document)
    assert caught.value.code == code


def test_symmetric_keys_are_used_only_when_allowed_and_never_beside_public_ones(
    good_issuer: Issuer,
) -> None:
    with pytest.raises(KeySetError) as refused:
        KeySet.from_jwks(JWK)
    assert "symmetric" in refused.value.skipped[0]
    weak = {**JWK, "k": base64url(b"short")}
    with pytest.raises(KeySetError):
        KeySet.from_jwks(weak, allow_symmetric=True)
    assert len(KeySet.from_jwks(weak, allow_symmetric=True, allow_weak_hmac=True)) == 1
    mixed = KeySet.from_jwks({"keys": [JWK, good_issuer.jwk("ES256")]}, allow_symmetric=True)
    assert mixed.skipped[0].code == 642


def test_private_members_are_reported_and_not_kept(good_issuer: Issuer) -> None:
    keys = KeySet.from_jwks({**good_issuer.jwk("ES256"), "d": "AAAA"})
    assert len(keys.warnings) == 1
    assert "private" in keys.warnings[0]


def test_key_not_found_names_what_there_is(good_issuer: Issuer) -> None:
    keys = KeySet.from_jwks(good_issuer.jwks())
    verifier = Verifier(algorithms=["ES256"], issuer=None, audience=None)
    with pytest.raises(KeyNotFoundError) as caught:
        verifier.verify(good_issuer.forge("unknown-kid", "ES256", good_issuer.claims()), keys)
    error = caught.value
    assert error.code == 301
    assert error.kid not in error.available_kids
    assert error.available_kids == keys.kids
    assert error.causes
    assert error.suggestions
    assert all(suggestion in str(error) for suggestion in error.suggestions)


def test_a_key_of_the_callers_choice_is_used_whatever_the_kid(good_issuer: Issuer) -> None:
    jwk = good_issuer.jwk("ES256")
    del jwk["kid"]
    key = Key.from_jwk(jwk)
    assert (key.kid, key.key_type, key.algorithms) == (None, "EC", ["ES256"])
    verifier = Verifier(algorithms=["ES256", "RS256"], issuer=None, audience=None)
    token = good_issuer.mint("ES256", good_issuer.claims())
    assert verifier.verify(token, key).claims["sub"] == "alice"
    with pytest.raises(KeyNotFoundError) as caught:
        verifier.verify(good_issuer.mint("RS256", good_issuer.claims()), key)
    assert caught.value.name == "KeyMismatch"


def test_keys_of_one_kid_and_two_types_are_told_apart_by_the_algorithm(good_issuer: Issuer) -> None:
    both = [{**good_issuer.jwk(alg), "kid": "same"} for alg in ("ES256", "RS256")]
    key = KeySet.from_jwks({"keys": both}).key("same")
    assert key is not None
    verifier = Verifier(algorithms=["ES256", "RS256"], issuer=None, audience=None)
    for alg in ("ES256", "RS256"):
        token = good_issuer.mint(alg, good_issuer.claims(), {"kid": "same"})
        assert verifier.verify(token, key).algorithm == alg
    assert KeySet.from_jwks({"keys": both}).key("other") is None


def test_verify_jws_gives_any_payload_and_looks_at_no_claim() -> None:
    assert ANY.verify_jws(sign(b"\x00\xff"), KEYS) == b"\x00\xff"
    assert ANY.verify_jws(mint(exp=1), KEYS) == b'{"exp": 1}'
    with pytest.raises(InvalidSignatureError):
        ANY.verify_jws(mint(exp=1)[:-4] + "AAAA", KEYS)


def test_verify_signature_is_the_bare_check(good_issuer: Issuer) -> None:
    message, _, signature = good_issuer.mint("ES256", {}).rpartition(".")
    jwk = good_issuer.jwk("ES256")
    raw = base64.urlsafe_b64decode(signature + "==")
    assert verify_signature("ES256", json.dumps(jwk), message, raw) is None  # type: ignore[func-returns-value]
    for bad in (raw[:-1], raw + b"\x00", bytes(64), b"", raw[::-1]):
        with pytest.raises(InvalidSignatureError):
            verify_signature("ES256", jwk, message, bad)
    with pytest.raises(InvalidSignatureError):
        verify_signature("ES256", jwk, message + "x", raw)
    with pytest.raises(KeyNotFoundError):
        verify_signature("ES384", jwk, message, raw)
    with pytest.raises(ConfigurationError):
        verify_signature("none", jwk, message, raw)
    with pytest.raises(KeySetError):
        verify_signature("HS256", JWK, message, raw)
    tag = hmac.digest(SECRET, b"m", hashlib.sha256)
    verify_signature("HS256", JWK, "m", tag, allow_symmetric=True)


def test_the_version_is_the_one_of_the_package() -> None:
    assert jwtverify.__version__ == version("jwtverify")
    assert set(ALGORITHMS) < set(jwtverify.ALGORITHMS)
    assert "none" not in jwtverify.ALGORITHMS
