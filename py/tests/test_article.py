"""The article itself, where it is at hand: its example runs, and its verdicts are ours.

The article is read in place, beside the folder with the test data; its code is no part of this
repository.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import importlib
import json
import re
from typing import Any

import jwtverify
import pytest
from jwtverify import JWTVerifier, Key, KeySet

from . import vectors
from .issuer import Issuer

NOW = 1_800_000_000


def code_blocks() -> list[str]:
    path = vectors.folder().parent / "reference" / "article-key-not-found.md"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        vectors.absent(f"{path} is not there")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def block(marker: str) -> str:
    (found,) = [code for code in code_blocks() if marker in code]
    return found


def example(marker: str, issuer: Issuer, token: str) -> dict[str, Any]:
    """The names that an example of the article defines, with this import line for its own."""
    usage = (
        block(marker).partition("# Usage example\n")[2]
        or (block(marker).partition("# Example usage\n")[2])
    )
    assert usage
    usage = usage.replace("https://auth.example.com/.well-known/jwks.json", issuer.jwks_url)
    usage = usage.replace("https://auth.example.com", issuer.url)
    usage = re.sub(r'"eyJ[^"]*"', json.dumps(token), usage)
    names: dict[str, Any] = {}
    imports = (
        "import json\n"
        "from jwtverify import JWKSClient, JWTVerifier, InvalidTokenError\n"
        "from jwtverify import inspect_jwt_header, check_jwks_endpoint\n"
    )
    exec(compile(imports + usage, marker, "exec"), names)
    return names


def test_the_verifying_example_accepts_and_refuses(
    issuer: Issuer, capsys: pytest.CaptureFixture[str]
) -> None:
    for token, said in [
        (issuer.mint("ES256", issuer.claims()), "Token valid. User: alice\n"),
        (issuer.mint("ES256", issuer.claims(exp=5)), "Token invalid: Token has expired\n"),
        (issuer.mint("ES256", issuer.claims(aud="x")), "Token invalid: Invalid audience\n"),
        (issuer.mint("ES256", issuer.claims(iss="x")), "Token invalid: Invalid issuer\n"),
        (issuer.forge("tampered", "ES256", issuer.claims()), "Token invalid: Token verification"),
        (issuer.forge("none", issuer.claims()), "Token invalid: Algorithm 'none' not allowed\n"),
        (issuer.forge("unknown-kid", "ES256", issuer.claims()), "Token invalid: Key not found"),
        ("eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIn0...", "Token invalid: Invalid token format: "),
    ]:
        asyncio.run(example("class JWTVerifier", issuer, token)["verify_token_example"]())
        assert capsys.readouterr().out.startswith(said)


def test_the_inspecting_example_prints_the_header(
    issuer: Issuer, capsys: pytest.CaptureFixture[str]
) -> None:
    example("def inspect_jwt_header", issuer, issuer.mint("ES256", issuer.claims()))
    found = json.loads(capsys.readouterr().out)
    assert (found["algorithm"], found["key_id"]) == ("ES256", issuer.kids[0])
    assert list(found) == ["algorithm", "key_id", "type", "all_headers", "analysis"]


def test_the_endpoint_example_finds_the_key(
    issuer: Issuer, capsys: pytest.CaptureFixture[str]
) -> None:
    token = issuer.mint("ES256", issuer.claims())
    names = example("async def check_jwks_endpoint", issuer, token)
    asyncio.run(names["debug_key_not_found"]())
    found = json.loads(capsys.readouterr().out)
    assert (found["reachable"], found["kid_found"], found["errors"]) == (True, True, [])


# What the article's code accepts and this package refuses, and where docs/python-drop-in.md says
# why. A case that is not listed here must have the same verdict.
STRICTER = {
    "b64-nonbool": "an extension that changes the meaning of the token",
    "b64-pay-pad-signed": "padding",
    "clm-json-dup-escaped": "ambiguous JSON",
    "clm-json-dup-exp": "ambiguous JSON",
    "clm-json-nan": "ambiguous JSON",
    "clm-json-surrogate": "ambiguous JSON",
    "clm-nbf-false": "times that are no numbers",
    "clm-nbf-true": "times that are no numbers",
    "conf-ps-on-rs-key": "a key bound to another algorithm",
    "hdrjson-dup-alg-same": "ambiguous JSON",
    "hdrjson-dup-kid": "ambiguous JSON",
    "hdrjson-dup-nested": "ambiguous JSON",
    "hdrjson-dup-unknown": "ambiguous JSON",
    "hdrjson-surrogate": "ambiguous JSON",
    "hdrjson-surrogate-utf8": "ambiguous JSON",
    "ks-alg-none": "a key that is not for verifying",
    "ks-doc-dup-keys": "ambiguous JSON",
    "ks-n-2047": "weak keys",
    "ks-n-padded": "padding",
    "ks-ops-sign-only": "a key that is not for verifying",
    "ks-use-enc": "a key that is not for verifying",
    "ks-use-nonstring": "a key that is not for verifying",
    "ks-use-unknown": "a key that is not for verifying",
    "payload-2M": "size",
    "rsa-1024": "weak keys",
}
# The other way round: keys of a type that the article's client could not read.
WIDER = {"base-ed25519-rfc9864": "Ed25519 keys"}


class Ours:
    def __init__(self, keyset: str) -> None:
        try:
            self.keys: KeySet | None = KeySet.from_jwks(keyset)
        except jwtverify.KeySetError:
            self.keys = None

    async def get_key(self, kid: str) -> Key | None:
        return self.keys.key(kid) if self.keys else None


class Theirs:
    """What the article's client makes of a key set, by way of PyJWT."""

    def __init__(self, keyset: str) -> None:
        algorithms = importlib.import_module("jwt.algorithms")
        self.keys: dict[str, Any] = {}
        try:
            members = json.loads(keyset).get("keys", [])
        except (ValueError, AttributeError, RecursionError):
            return
        for jwk in members:
            readers = {"RSA": algorithms.RSAAlgorithm, "EC": algorithms.ECAlgorithm}
            try:
                self.keys[jwk["kid"]] = readers[jwk["kty"]].from_jwk(jwk)
            except Exception:
                continue

    async def get_key(self, kid: str) -> Any:
        return self.keys.get(kid)


def verdict(verifier: Any, token: str) -> tuple[bool, str]:
    try:
        asyncio.run(verifier.verify(token))
    except Exception as error:
        return False, str(error)
    return True, ""


def unverified_audience(token: str) -> Any:
    """The token's own audience, so that a case that expects none is not refused for that."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims.get("aud") or None
    except Exception:
        return None


@pytest.fixture
def article(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The article's own JWTVerifier, on PyJWT, with both clocks standing at the same time."""
    source = block("class JWTVerifier").partition("# Usage example\n")[0]
    names: dict[str, Any] = {"JWKSClient": object}
    exec(compile(source, "article", "exec"), names)

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.datetime.fromtimestamp(NOW, tz)

    monkeypatch.setattr(importlib.import_module("jwt.api_jwt"), "datetime", Clock)
    monkeypatch.setattr(jwtverify.dropin.verifier, "time", lambda: float(NOW))
    return names["JWTVerifier"]


@pytest.mark.pyjwt
@pytest.mark.filterwarnings("ignore")
def test_attacks_have_the_articles_verdict_but_for_the_listed_ones(article: Any) -> None:
    cases = vectors.load("attacks/attacks.json")["cases"]
    stricter, wider, accepted = set(), set(), 0
    for case in cases:
        policy = case["policy"]
        settings = {
            "allowed_algorithms": case["algs"],
            "required_claims": policy.get("require") or ["exp"],
            "audience": policy.get("aud") or unverified_audience(case["token"]),
            "issuer": (policy.get("iss") or [None])[0],
        }
        theirs, _ = verdict(article(Theirs(case["keyset"]), **settings), case["token"])
        ours, _ = verdict(JWTVerifier(Ours(case["keyset"]), **settings), case["token"])
        accepted += theirs and ours
        if theirs and not ours:
            stricter.add(case["id"])
        if ours and not theirs:
            wider.add(case["id"])
    assert stricter == set(STRICTER)
    assert wider == set(WIDER)
    assert accepted > 20


# The beginnings of the article's own messages. After the last of them PyJWT's words follow.
BEGINNINGS = (
    "Token has expired",
    "Invalid audience",
    "Invalid issuer",
    "Invalid token format: ",
    "Algorithm '",
    "Token missing 'kid' header",
    "Key not found for kid '",
    "Token verification failed: Token is missing the ",
    "Token verification failed: ",
)


def beginning(message: str) -> str:
    return next((start for start in BEGINNINGS if message.startswith(start)), message)


def claim_sets() -> list[dict[str, Any]]:
    good = {"iss": "i", "sub": "s", "aud": "a", "iat": NOW - 5, "exp": NOW + 60}
    values: list[Any] = [..., None, "", "i", "a", 0, 7, [], {}, ["a"]]
    changes: list[dict[str, Any]] = [{}]
    for claim in (*good, "nbf", "jti"):
        changes += [{claim: value} for value in values]
    for claim in ("exp", "nbf", "iat"):
        changes += [{claim: NOW + n} for n in (-(10**9), -1, 0, 1, 10**9, 10**30)]
        changes += [{claim: value} for value in (-5, 1e300, -1e300, float(NOW), [NOW])]
    changes += [{"aud": value} for value in (["a", "b"], ["b"], ["a", 7], [""], "b", "ab")]
    changes += [{"iss": value} for value in (["i"], "ii", "I", "i ")]
    changes += [{"exp": 5, "aud": "b"}, {"exp": 5, "sub": 7}, {"iat": ..., "exp": 5}]
    merged = [{**good, **change} for change in changes]
    return [{k: v for k, v in claims.items() if v is not ...} for claims in merged]


@pytest.mark.pyjwt
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"audience": "a"},
        {"audience": ["b", "a"], "issuer": "i"},
        {"issuer": "i"},
        {"issuer": ["i", "j"], "audience": "a"},
        {"required_claims": ["exp"]},
        {"required_claims": ["jti"], "audience": "a"},
    ],
    ids=str,
)
def test_claims_have_the_articles_verdict_and_its_words(
    article: Any, good_issuer: Issuer, settings: dict[str, Any]
) -> None:
    keyset = good_issuer.jwks()
    theirs, ours = article(Theirs(keyset), **settings), JWTVerifier(Ours(keyset), **settings)
    accepted, differ = 0, []
    good = claim_sets()[0]
    for claims in claim_sets():
        header = base64.urlsafe_b64encode(
            json.dumps({"alg": "ES256", "kid": good_issuer.jwk("ES256")["kid"]}).encode()
        )
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode())
        token = good_issuer.sign(
            "ES256", header.rstrip(b"=").decode(), payload.rstrip(b"=").decode()
        )
        (good_for_them, their_words), (good_for_us, our_words) = (
            verdict(theirs, token),
            verdict(ours, token),
        )
        accepted += good_for_us
        changed = [name for name in {*good, *claims} if claims.get(name) != good.get(name)]
        # Where more than one claim is wrong, another one may be named. A claim of a wrong type
        # is found before any other fault, and an empty aud is not called a missing one.
        same_words_expected = (
            len(changed) == 1
            and "wrong type" not in our_words
            and (changed != ["aud"] or "aud" not in claims or claims["aud"])
        )
        if good_for_us != good_for_them or (
            same_words_expected and beginning(our_words) != beginning(their_words)
        ):
            differ.append((claims, their_words or "accepted", our_words or "accepted"))
    assert differ == []
    assert accepted > 2


@pytest.mark.pyjwt
@pytest.mark.parametrize(
    "change",
    [
        {"exp": str(NOW + 60)},
        {"exp": True, "iat": 0},
        {"iat": str(NOW)},
        {"nbf": "5"},
        {"iat": True},
    ],
)
def test_times_that_are_no_numbers_are_the_listed_difference(
    article: Any, good_issuer: Issuer, change: dict[str, Any]
) -> None:
    claims = {"iss": "i", "sub": "s", "iat": NOW - 5, "exp": NOW + 60, **change}
    token = good_issuer.mint("ES256", claims)
    if change.get("exp") is not True:
        assert verdict(article(Theirs(good_issuer.jwks())), token)[0]
    accepted, words = verdict(JWTVerifier(Ours(good_issuer.jwks())), token)
    assert not accepted
    assert "wrong type" in words


@pytest.mark.pyjwt
def test_two_keys_of_one_kid_are_the_listed_difference(article: Any, good_issuer: Issuer) -> None:
    jwk = good_issuer.jwk("ES256")
    with Issuer("ES256") as other:
        twin = {**other.jwk("ES256"), "kid": jwk["kid"]}
    keyset = json.dumps({"keys": [twin, jwk]})
    claims = {"iss": "i", "sub": "s", "iat": NOW - 5, "exp": NOW + 60}
    token = good_issuer.mint("ES256", claims)
    assert verdict(article(Theirs(keyset)), token)[0]
    accepted, words = verdict(JWTVerifier(Ours(keyset)), token)
    assert not accepted
    assert "more than one key" in words
