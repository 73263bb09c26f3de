"""Verifies a token with the key that its header names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import time
from typing import Any, Protocol, TypeVar

from .. import _jwtverify
from ..exceptions import (
    AlgorithmNotAllowedError,
    ConfigurationError,
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidTokenError,
    JwtVerifyError,
    KeyNotFoundError,
    MalformedTokenError,
    MissingRequiredClaimError,
)
from ._text import misuse, plain, shown
from .client import JWKSClient, as_key

_ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
_REQUIRED_CLAIMS = ["sub", "exp", "iat"]
_GET_KEY = JWKSClient.get_key

_T = TypeVar("_T")
_ErrorT = TypeVar("_ErrorT", bound=JwtVerifyError)


class KeySource(Protocol):
    """What a :class:`JWTVerifier` needs of its client."""

    async def get_key(self, kid: str) -> Any:
        """The key of this id, or ``None``."""


class JWTVerifier:
    """Verifies tokens with keys that are looked up by ``kid``.

    ``audience=None`` means that a token which names an audience is refused, and ``issuer=None``
    that any issuer will do. The attributes may be changed at any time.
    """

    def __init__(
        self,
        jwks_client: KeySource,
        allowed_algorithms: Sequence[str] | None = None,
        required_claims: Sequence[str] | None = None,
        audience: str | Sequence[str] | None = None,
        issuer: str | Sequence[str] | None = None,
    ) -> None:
        self.jwks_client = jwks_client
        self.allowed_algorithms = _try(
            lambda: allowed_algorithms or list(_ALGORITHMS), "allowed_algorithms"
        )
        self.required_claims = _try(
            lambda: required_claims or list(_REQUIRED_CLAIMS), "required_claims"
        )
        self.audience = audience
        self.issuer = issuer
        self._built: tuple[_Policy, _jwtverify.Verifier] | None = None

    async def verify(self, token: str) -> dict[str, Any]:
        """The claims of a valid token.

        Raises :class:`~jwtverify.InvalidTokenError` for any other token, and for one whose key
        can't be had at the moment: its ``http_status`` is 503 then.
        :class:`~jwtverify.ConfigurationError` means that this object was set up wrongly.
        """
        policy = self._policy()
        header = _header(token)
        alg = header.get("alg")
        if not isinstance(alg, str) or alg not in policy.algorithms:
            raise AlgorithmNotAllowedError(
                f"Algorithm '{shown(alg)}' not allowed", code=206, name="AlgorithmNotAllowed"
            )
        kid = header.get("kid")
        if not kid:
            raise KeyNotFoundError("Token missing 'kid' header", code=304, name="KeyNoneFits")
        return self._verify(policy, token, await _find(self.jwks_client, kid))

    def _policy(self) -> _Policy:
        return _Policy(
            algorithms=_names(self.allowed_algorithms, "allowed_algorithms"),
            required=_names(self.required_claims, "required_claims"),
            audience=None if self.audience is None else _names(self.audience, "audience"),
            issuer=None if self.issuer is None else _names(self.issuer, "issuer"),
        )

    def _verify(self, policy: _Policy, token: str, key: _jwtverify.Key) -> dict[str, Any]:
        if self._built is None or self._built[0] != policy:
            self._built = (policy, policy.build())
        verifier = self._built[1]
        now = time()
        try:
            claims = verifier.verify(token, key, now).claims
        except InvalidTokenError as error:
            raise _reworded(error) from error
        # Two rules of PyJWT which the core leaves to its caller.
        issued_at = claims.get("iat")
        if issued_at is not None and math.trunc(issued_at) > now:
            raise ImmatureSignatureError(
                "Token verification failed: The token is not yet valid (iat)",
                code=505,
                name="NotYetValid",
                claim="iat",
            )
        if policy.audience is None and claims.get("aud"):
            raise InvalidAudienceError(
                "Invalid audience", code=508, name="AudienceMismatch", claim="aud"
            )
        return claims


@dataclass(frozen=True)
class _Policy:
    """The settings at one moment."""

    algorithms: tuple[str, ...]
    required: tuple[str, ...]
    audience: tuple[str, ...] | None
    issuer: tuple[str, ...] | None

    def build(self) -> _jwtverify.Verifier:
        # A name that no algorithm here has can't verify a token, and did not stop the original
        # from verifying the others.
        known = [name for name in self.algorithms if name in _jwtverify.ALGORITHMS]
        return _jwtverify.Verifier(
            algorithms=known,
            issuer=None if self.issuer is None else list(self.issuer),
            audience=None if self.audience is None else list(self.audience),
            required_claims=self.required,
        )


def _names(setting: object, what: str) -> tuple[str, ...]:
    """A string, or the strings of a list, tuple or set."""
    one = plain(setting)
    if one is not None:
        return (one,)
    if isinstance(setting, (list, tuple, set, frozenset)):
        names = _try(lambda: tuple(map(plain, setting)), what)
        if None not in names:
            return tuple(name for name in names if name is not None)
    raise misuse(f"{what} must be a string or a list of strings")


def _try(question: Callable[[], _T], what: str) -> _T:
    """Asks an object of the caller something that its class may answer with any exception."""
    try:
        return question()
    except Exception as error:
        raise misuse(f"{what} can't be used") from error


def _header(token: object) -> dict[str, Any]:
    """The header of a token that is about to be verified."""
    try:
        header = _jwtverify.unverified_header(token)  # type: ignore[arg-type]
    except ConfigurationError as error:
        # No text at all. That came from outside like any other bad token.
        raise MalformedTokenError(
            f"Invalid token format: {error.message}", code=102, name="TokenSegments"
        ) from error
    except JwtVerifyError as error:
        raise _copy(error, MalformedTokenError, f"Invalid token format: {error.message}") from error
    if not isinstance(header.get("kid", ""), str):
        raise MalformedTokenError(
            "Key ID header parameter must be a string", code=203, name="HeaderMemberType"
        )
    return header


async def _find(client: KeySource, kid: str) -> _jwtverify.Key:
    reason = None
    if getattr(client.get_key, "__func__", None) is _GET_KEY and isinstance(client, JWKSClient):
        # Nobody has put another method in its place, so the reason can be had as well.
        try:
            return await client.find_key(kid)
        except JwtVerifyError as error:
            reason = error
    else:
        found = await client.get_key(kid)
        if _try(lambda: bool(found), "what get_key gave"):
            return as_key(found)
    text = (
        f"Key not found for kid '{shown(kid)}'. "
        "Key may have been rotated or token signed with unknown key."
    )
    if reason is None:
        raise KeyNotFoundError(text, code=301, name="KeyNotFound", kid=shown(kid))
    raise _copy(reason, KeyNotFoundError, f"{text}\n{reason}") from reason


def _reworded(error: InvalidTokenError) -> InvalidTokenError:
    """The core's error in the words and the class that the original would have given it."""
    if isinstance(error, MissingRequiredClaimError):
        text = f'Token verification failed: Token is missing the "{shown(error.claim)}" claim'
        return _copy(error, MissingRequiredClaimError, text)
    if 100 <= error.code < 200:
        return _copy(error, MalformedTokenError, f"Invalid token format: {error.message}")
    if isinstance(error, ExpiredSignatureError):
        return _copy(error, ExpiredSignatureError, "Token has expired")
    if error.claim == "aud":
        return _copy(error, InvalidAudienceError, "Invalid audience")
    if error.claim == "iss":
        return _copy(error, InvalidIssuerError, "Invalid issuer")
    return _copy(error, type(error), f"Token verification failed: {error}")


def _copy(error: JwtVerifyError, kind: type[_ErrorT], message: str) -> _ErrorT:
    return kind(
        message,
        code=error.code,
        name=error.name,
        http_status=kind._http_status if error.http_status == 500 else error.http_status,
        claim=error.claim,
        www_authenticate=error.www_authenticate,
        retry_after=error.retry_after,
        kid=error.kid,
        available_kids=error.available_kids,
        closest_kid=error.closest_kid,
        skipped=error.skipped,
        issuer=error.issuer,
        url=error.url,
        causes=error.causes,
        suggestions=error.suggestions,
    )
