"""Keys by ``kid`` from a JWKS endpoint, cached."""

from __future__ import annotations

import base64
import logging
from typing import Any

from .. import _jwtverify
from ..exceptions import JwtVerifyError, KeysUnavailableError
from ..remote import RemoteJwks
from ._text import misuse

logger = logging.getLogger("jwtverify")

# UnavailableBackoff and UnavailableUnchecked: it was too early to ask the endpoint again.
_NOT_ASKED = (709, 710)
# The bounds of the engine's ttl; the original had none.
_LEAST_TTL = 1
_MOST_TTL = 86_400
# How long keys outlive cache_ttl while the endpoint is down; with the original, for ever.
_MAX_STALE = 3600


class JWKSClient:
    """Finds keys by ``kid`` at a JWKS endpoint and keeps them for ``cache_ttl`` seconds.

    They are fetched anew ``refresh_before_expiry`` seconds before that, and when an unknown
    ``kid`` is asked for, the latter at most every 30 seconds. ``max_retries`` is accepted and
    kept, but the engine spaces its attempts itself.

    Raises :class:`~jwtverify.ConfigurationError` for a URL that is neither https nor loopback,
    and for numbers that are none. The methods raise nothing: what goes wrong is logged.
    """

    def __init__(
        self,
        jwks_url: str,
        cache_ttl: int = 3600,
        refresh_before_expiry: int = 300,
        max_retries: int = 3,
    ) -> None:
        self.jwks_url = jwks_url
        self.cache_ttl = cache_ttl
        self.refresh_before_expiry = refresh_before_expiry
        self.max_retries = max_retries
        ahead = _seconds(refresh_before_expiry, "refresh_before_expiry")
        _seconds(max_retries, "max_retries")
        ttl = min(max(_seconds(cache_ttl, "cache_ttl") - ahead, _LEAST_TTL), _MOST_TTL)
        # The original asks at once for a key that it does not have; the budget bounds it here.
        self._remote = RemoteJwks(
            jwks_url, ttl=ttl, max_stale=min(ahead, _MOST_TTL) + _MAX_STALE, miss_spacing=0
        )

    async def get_key(self, kid: str) -> _jwtverify.Key | None:
        """The key of this id, or ``None`` if there is none or if it can't be had now."""
        try:
            return await self.find_key(kid)
        except JwtVerifyError:
            return None

    async def find_key(self, kid: str) -> _jwtverify.Key:
        """:meth:`get_key`, but raises why there is none.

        :class:`~jwtverify.KeyNotFoundError` if the issuer does not have it,
        :class:`~jwtverify.KeysUnavailableError` if that can't be known now.
        """
        try:
            return await self._remote.key_async(kid)
        except JwtVerifyError as error:
            self._log(error)
            raise

    async def get_all_keys(self) -> dict[str, _jwtverify.Key]:
        """All usable keys by ``kid``; those without one are left out."""
        try:
            keys = await self._remote.keys_async()
        except JwtVerifyError as error:
            self._log(error)
            return {}
        found = ((kid, keys.key(kid)) for kid in keys.kids)
        return {kid: key for kid, key in found if key is not None}

    def status(self) -> dict[str, Any]:
        """What is held and how the last fetch went: see :meth:`RemoteJwks.status`."""
        return self._remote.status()

    def _log(self, error: JwtVerifyError) -> None:
        # A fetch that failed is a warning; the engine bounds how often that can be. A kid that
        # is not there is whatever a client sent, so it must not be able to fill a log.
        fetched = isinstance(error, KeysUnavailableError) and error.code not in _NOT_ASKED
        level = logging.WARNING if fetched else logging.INFO
        text = " ".join(line.strip() for line in str(error).splitlines())
        logger.log(level, "%s: %s", self._remote.status()["url"], text)


def as_key(found: object) -> _jwtverify.Key:
    """The key that a client found: one of ours, a JWK as ``dict``, or one of ``cryptography``."""
    if isinstance(found, _jwtverify.Key):
        return found
    if isinstance(found, dict):
        return _jwtverify.Key.from_jwk(found)
    jwk = _jwk_of_cryptography(found)
    if jwk is None:
        raise misuse(
            f"get_key must give a jwtverify.Key, a JWK or a public key, not {type(found).__name__}"
        )
    return _jwtverify.Key.from_jwk(jwk)


def _seconds(value: object, what: str) -> int:
    if type(value) is not int or value < 0:
        raise misuse(f"{what} must be a whole number that is not negative")
    return value


def _jwk_of_cryptography(key: Any) -> dict[str, str] | None:
    """The JWK of a public key object of the package ``cryptography``, known by its methods.

    Clients written for the original give such keys, often from a test's mock. The package is not
    imported here.
    """
    try:
        if hasattr(key, "public_bytes_raw"):
            return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(key.public_bytes_raw())}
        numbers = key.public_numbers()
        if hasattr(numbers, "n"):
            return {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e)}
        name, size = _CURVES[numbers.curve.name]
        x, y = (_base64url(part.to_bytes(size, "big")) for part in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": name, "x": x, "y": y}
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return None


_CURVES = {
    "secp256r1": ("P-256", 32),
    "secp384r1": ("P-384", 48),
    "secp521r1": ("P-521", 66),
    "secp256k1": ("secp256k1", 32),
}


def _integer(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
