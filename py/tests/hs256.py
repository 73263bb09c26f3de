"""Tokens with a symmetric key, minted here: for tests of what happens after the signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from jwtverify import KeySet, Verified, Verifier

SECRET = bytes(range(32))
NOW = 1_800_000_000


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


JWK: dict[str, Any] = {"kty": "oct", "kid": "h", "alg": "HS256", "k": base64url(SECRET)}
KEYS = KeySet.from_jwks(JWK, allow_symmetric=True)
ANY = Verifier(algorithms=["HS256"], issuer=None, audience=None, required_claims=())


def sign(payload: bytes | str, header: bytes | str = '{"alg":"HS256","kid":"h"}') -> str:
    """A good token of exactly these texts."""
    parts = [part.encode() if isinstance(part, str) else part for part in (header, payload)]
    signing_input = ".".join(base64url(part) for part in parts)
    tag = hmac.digest(SECRET, signing_input.encode("ascii"), hashlib.sha256)
    return f"{signing_input}.{base64url(tag)}"


def mint(**claims: Any) -> str:
    return sign(json.dumps(claims))


def verify(payload: bytes | str) -> Verified:
    return ANY.verify(sign(payload), KEYS, now=NOW)
