"""Every error that this package raises.

One tree, whose root is a ``ValueError``::

    JwtVerifyError
    ├── InvalidTokenError             the token is at fault: answer 401
    │   ├── MalformedTokenError
    │   ├── AlgorithmNotAllowedError
    │   ├── KeyNotFoundError
    │   ├── InvalidSignatureError
    │   ├── ExpiredSignatureError
    │   ├── ImmatureSignatureError
    │   ├── InvalidAudienceError
    │   ├── InvalidIssuerError
    │   └── MissingRequiredClaimError
    ├── KeySetError                   a key or key set that can't be used: 500
    ├── KeysUnavailableError          the keys can't be had now: 503, with ``retry_after``
    └── ConfigurationError            a wrong argument or setting: 500

Where PyJWT is loaded, ``InvalidTokenError`` and the classes below it are also subclasses of
PyJWT's classes of the same meaning, so ``except jwt.exceptions.InvalidTokenError`` goes on
working. Nothing of PyJWT is imported or needed for that; see ``_pyjwt.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from . import _pyjwt

__all__ = [
    "AlgorithmNotAllowedError",
    "ConfigurationError",
    "ExpiredSignatureError",
    "ImmatureSignatureError",
    "InvalidAudienceError",
    "InvalidIssuerError",
    "InvalidSignatureError",
    "InvalidTokenError",
    "JwtVerifyError",
    "KeyNotFoundError",
    "KeySetError",
    "KeysUnavailableError",
    "MalformedTokenError",
    "MissingRequiredClaimError",
]

_SelfT = TypeVar("_SelfT", bound="JwtVerifyError")


class JwtVerifyError(ValueError):
    """Why there is no verdict of "valid": the root of all errors of this package.

    ``str(error)`` is the message; where more is known, the lines after the first say it.
    No error holds token bytes, claim values or secrets.
    """

    code: int
    """The stable number of the error, the same in Rust, C, Go and here; see the error table of
    the manual. 0 if the error was raised by other code, without a number."""
    name: str
    """The name that goes with ``code``, such as ``"KeyNotFound"``; empty where ``code`` is 0."""
    http_status: int
    """What an HTTP service should answer: 401, 500 or 503."""
    message: str
    """The first line of ``str(error)``."""
    claim: str | None
    """The claim that the error is about, such as ``"exp"``."""
    www_authenticate: str | None
    """The value of ``WWW-Authenticate`` that goes with a 401 (RFC 6750 section 3)."""
    retry_after: int | None
    """Seconds after which another try makes sense: the value of ``Retry-After`` for a 503."""
    kid: str | None
    """The key id that the token asked for, where the choice of the key failed."""
    available_kids: list[str]
    """The key ids that there were to choose from."""
    closest_kid: str | None
    """The available key id that looks most like ``kid``, if one does."""
    skipped: list[str]
    """The keys of the set that can't be used, each with its reason."""
    issuer: str | None
    """The issuer whose keys were asked for."""
    url: str | None
    """The URL that the keys come from."""
    causes: list[str]
    """What may have caused it, the most likely first: names of the manual's page on
    troubleshooting, such as ``"key-rotated"``."""
    suggestions: list[str]
    """What a person may do about it."""

    _http_status = 500
    _www_authenticate: str | None = None

    def __new__(cls: type[_SelfT], *args: Any, **kwargs: Any) -> _SelfT:
        # The last moment at which PyJWT's classes can become our bases: an except clause
        # that names them can only be waiting if PyJWT is loaded by now.
        _pyjwt.link()
        return super().__new__(cls, *args)

    def __init__(
        self,
        message: object = "",
        *,
        code: int = 0,
        name: str = "",
        http_status: int | None = None,
        claim: str | None = None,
        www_authenticate: str | None = None,
        retry_after: int | None = None,
        kid: str | None = None,
        available_kids: Iterable[str] = (),
        closest_kid: str | None = None,
        skipped: Iterable[str] = (),
        issuer: str | None = None,
        url: str | None = None,
        causes: Iterable[str] = (),
        suggestions: Iterable[str] = (),
    ) -> None:
        text = str(message)
        super().__init__(text)
        self.message = text.split("\n", 1)[0]
        self.code = code
        self.name = name
        self.http_status = self._http_status if http_status is None else http_status
        self.claim = claim
        self.www_authenticate = (
            self._www_authenticate
            if www_authenticate is None and http_status is None
            else www_authenticate
        )
        self.retry_after = retry_after
        self.kid = kid
        self.available_kids = list(available_kids)
        self.closest_kid = closest_kid
        self.skipped = list(skipped)
        self.issuer = issuer
        self.url = url
        self.causes = list(causes)
        self.suggestions = list(suggestions)

    def __str__(self) -> str:
        # Said again because a PyJWT class further down the method resolution order has its
        # own: MissingRequiredClaimError builds the text from an argument that ours lacks.
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions cross process borders by pickle; without this the keywords would be lost.
        return (type(self), self.args, self.__dict__)


class InvalidTokenError(JwtVerifyError):
    """The token is refused, and the token is why."""

    _http_status = 401
    _www_authenticate = 'Bearer error="invalid_token"'


class MalformedTokenError(InvalidTokenError):
    """The text is no signed token: segments, base64url, JSON, or a member of the wrong type."""


class AlgorithmNotAllowedError(InvalidTokenError):
    """The header's ``alg`` is ``none``, unknown, or not in the allow-list."""


class KeyNotFoundError(InvalidTokenError):
    """No key may verify this token: ``kid`` unknown, ambiguous, or of a key for another ``alg``.

    Raised only when the key set is known. If it can't be had, or if it may not be asked yet
    whether the issuer has a new key, that is a :class:`KeysUnavailableError`.
    """


class InvalidSignatureError(InvalidTokenError):
    """The signature does not match the token and the key."""


class ExpiredSignatureError(InvalidTokenError):
    """The token has expired (``exp``), or is older than the verifier's ``max_age`` (``iat``)."""


class ImmatureSignatureError(InvalidTokenError):
    """The token is not valid yet (``nbf``)."""


class InvalidAudienceError(InvalidTokenError):
    """The token is for another audience (``aud``)."""


class InvalidIssuerError(InvalidTokenError):
    """The token is from another issuer (``iss``)."""


class MissingRequiredClaimError(InvalidTokenError):
    """A claim that must be there is not; ``claim`` names it."""


class KeySetError(JwtVerifyError):
    """A key or a key-set document of the caller can't be used; ``skipped`` may say why."""


class KeysUnavailableError(JwtVerifyError):
    """The keys can't be had now, so the token is neither good nor bad: answer 503."""

    _http_status = 503


class ConfigurationError(JwtVerifyError):
    """An argument or a setting is wrong. It says nothing about the token."""


# Ours -> PyJWT's name for the same thing. Bases come before the classes derived from them.
_pyjwt.register(
    [
        (InvalidTokenError, "InvalidTokenError"),
        (MalformedTokenError, "DecodeError"),
        (AlgorithmNotAllowedError, "InvalidAlgorithmError"),
        (InvalidSignatureError, "InvalidSignatureError"),
        (ExpiredSignatureError, "ExpiredSignatureError"),
        (ImmatureSignatureError, "ImmatureSignatureError"),
        (InvalidAudienceError, "InvalidAudienceError"),
        (InvalidIssuerError, "InvalidIssuerError"),
        (MissingRequiredClaimError, "MissingRequiredClaimError"),
    ]
)
