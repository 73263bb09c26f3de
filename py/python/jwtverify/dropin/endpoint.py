"""Looks at a JWKS endpoint: can it be reached, and what is in it."""

from __future__ import annotations

import asyncio
from typing import Any

from .. import _jwtverify
from ..exceptions import JwtVerifyError, KeysUnavailableError
from ._text import shown

_TIMEOUT_SECONDS = 10
_UNAVAILABLE_TIMEOUT = 702


async def check_jwks_endpoint(jwks_url: str, expected_kid: str | None = None) -> dict[str, Any]:
    """Fetches a key set once and says what was found.

    Returns ``url``, ``reachable``, ``keys`` (of each its ``kid``, ``kty``, ``alg``, ``use``) and
    ``errors``; ``status_code`` once the server answered; ``kid_found`` if a kid was asked for and
    there are keys to look at. Raises nothing, and does not block the event loop.
    """
    result: dict[str, Any] = {"url": jwks_url, "reachable": False, "keys": [], "errors": []}
    errors: list[str] = result["errors"]
    try:
        status, body = await asyncio.to_thread(_jwtverify.fetch, jwks_url, _TIMEOUT_SECONDS)
    except KeysUnavailableError as error:
        timed_out = error.code == _UNAVAILABLE_TIMEOUT
        errors.append("Request timed out" if timed_out else f"Request failed: {error.message}")
        return result
    except JwtVerifyError as error:
        errors.append(f"Request failed: {error.message}")
        return result
    result["status_code"] = status
    result["reachable"] = True
    if status != 200:
        errors.append(f"Non-200 response: {status}")
        return result
    _describe(body, expected_kid, result)
    return result


def _describe(body: bytes, expected_kid: str | None, result: dict[str, Any]) -> None:
    errors: list[str] = result["errors"]
    document = _read(body)
    if document is None:
        errors.append("Response is not valid JSON")
        return
    members = document.get("keys")
    if not isinstance(members, list):
        errors.append("Response missing 'keys' array")
        return
    keys = []
    for place, member in enumerate(members):
        if isinstance(member, dict):
            keys.append({name: member.get(name) for name in ("kid", "kty", "alg", "use")})
        else:
            errors.append(f"keys[{place}] is not an object")
    result["keys"] = keys
    if expected_kid:
        kids = [key["kid"] for key in keys]
        found = expected_kid in kids
        result["kid_found"] = found
        if not found:
            errors.append(f"Expected kid '{shown(expected_kid)}' not found. Available: {kids}")


def _read(body: bytes) -> dict[str, Any] | None:
    """The object in ``body``; an empty one for JSON that is no object; else ``None``."""
    try:
        return _jwtverify.read_json(body)
    except JwtVerifyError:
        pass
    try:
        # The reader takes objects only; inside one, any other value shows that it is JSON.
        _jwtverify.read_json(b'{"":' + body + b"}")
    except JwtVerifyError:
        return None
    return {}
