"""Contestants in Python: this library, PyJWT, joserfc. What is said over the pipe is in
bench/src/measure/child.rs.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import jwtverify
from joserfc import jwk as joserfc_jwk
from joserfc import jwt as joserfc_jwt

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "HS256")

folder, issuer, audience, jwks_url = Path(sys.argv[1]), *sys.argv[2:]
contestants: list[Callable[[], object]] = []


def say(*words: str) -> None:
    print(*words, sep="\t", flush=True)


def add(algorithm: str, name: str, once: Callable[[], object]) -> None:
    """Takes part if it can do its work once."""
    try:
        once()
    except Exception as error:  # whatever a library says that it can't
        say("cannot", algorithm, name, f"{type(error).__name__}: {error}".replace("\n", " "))
    else:
        say("can", algorithm, name)
        contestants.append(once)


def ours(algorithm: str, token: str, jwks: str) -> Callable[[], object]:
    verifier = jwtverify.Verifier(algorithms=[algorithm], issuer=issuer, audience=audience)
    keys = jwtverify.KeySet.from_jwks(jwks, allow_symmetric=True)
    return lambda: verifier.verify(token, keys).claims


def ours_cached(algorithm: str, remote: jwtverify.RemoteJwks, token: str) -> Callable[[], object]:
    verifier = jwtverify.JwksVerifier(
        jwtverify.Verifier(algorithms=[algorithm], issuer=issuer, audience=audience),
        remote,
        token_cache=jwtverify.TokenCache(),
    )
    return lambda: verifier.verify(token).claims


def pyjwt(algorithm: str, token: str, jwk: dict[str, str]) -> Callable[[], object]:
    key = jwt.PyJWK(jwk).key
    return lambda: jwt.decode(
        token, key, algorithms=[algorithm], issuer=issuer, audience=audience
    )


def joserfc(algorithm: str, token: str, jwk: dict[str, str]) -> Callable[[], object]:
    key = joserfc_jwk.import_key(jwk)
    claims = joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
    )

    def once() -> object:
        decoded = joserfc_jwt.decode(token, key, algorithms=[algorithm])
        claims.validate(decoded.claims)
        return decoded.claims

    return once


python = ".".join(map(str, sys.version_info[:3]))
say("version", "Python", python)
for name in ("PyJWT", "joserfc", "cryptography"):
    say("version", name, importlib.metadata.version(name))
remote = jwtverify.RemoteJwks(jwks_url, ttl=3600)
for algorithm in ALGORITHMS:
    token = (folder / f"{algorithm}.jwt").read_text()
    jwks = (folder / f"{algorithm}.jwks.json").read_text()
    jwk = json.loads(jwks)["keys"][0]
    add(algorithm, "jwtverify in Python", ours(algorithm, token, jwks))
    if algorithm != "HS256":  # a secret is never fetched
        add(algorithm, "jwtverify in Python, cached token", ours_cached(algorithm, remote, token))
    add(algorithm, "PyJWT", pyjwt(algorithm, token, jwk))
    add(algorithm, "joserfc", joserfc(algorithm, token, jwk))
say("ready")

for line in sys.stdin:
    number, times = map(int, line.split())
    once = contestants[number]
    start = time.perf_counter_ns()
    for _ in range(times):
        once()
    print(time.perf_counter_ns() - start, flush=True)
