"""Looks at a token's header without trusting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _jwtverify
from ..exceptions import JwtVerifyError
from ._text import misuse, plain, shown

_SYMMETRIC = ("HS256", "HS384", "HS512")
_ASYMMETRIC = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "EdDSA",
    "Ed25519",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
)


def inspect_jwt_header(token: str) -> dict[str, Any]:
    """What a token's header says. Nothing of it is verified.

    Returns ``algorithm``, ``key_id``, ``type``, ``all_headers`` and ``analysis`` (see
    :func:`analyze_header`), or ``error`` alone if the token can't be read. Raises nothing.
    """
    try:
        header = _jwtverify.unverified_header(token)
    except JwtVerifyError as error:
        return {"error": f"Failed to decode header: {error.message}"}
    return {
        "algorithm": header.get("alg"),
        "key_id": header.get("kid"),
        "type": header.get("typ"),
        "all_headers": header,
        "analysis": analyze_header(header),
    }


def analyze_header(header: Mapping[str, Any]) -> dict[str, list[str]]:
    """What in a header gets in the way of finding the key: ``issues`` and ``recommendations``.

    Raises :class:`~jwtverify.ConfigurationError` for something that is no mapping.
    """
    if not isinstance(header, Mapping):
        raise misuse(f"header must be a mapping, not {type(header).__name__}")
    issues: list[str] = []
    recommendations: list[str] = []
    alg = plain(header.get("alg"))
    named = header.get("kid")
    kid = "" if named is None else shown(named)
    if alg == "none":
        issues.append("Algorithm is 'none' - token is unsigned")
    elif alg in _SYMMETRIC:
        recommendations.append("Symmetric algorithm - ensure same secret used for sign/verify")
    elif alg in _ASYMMETRIC:
        recommendations.append("Asymmetric algorithm - need public key for verification")
        if not kid:
            issues.append("No 'kid' header - cannot identify key in JWKS")
    if kid:
        recommendations.append(f"Look for key with kid='{kid}' in JWKS")
    return {"issues": issues, "recommendations": recommendations}
