"""Verifies JSON Web Tokens.

::

    from jwtverify import JwksVerifier, RemoteJwks, Verifier, InvalidTokenError

    verifier = JwksVerifier(
        Verifier(algorithms=["RS256"], issuer="https://idp.example", audience="my-api"),
        RemoteJwks.discover("https://idp.example"),
    )
    try:
        claims = verifier.verify(token).claims
    except InvalidTokenError:
        ...  # answer 401
    # A KeysUnavailableError says that it can't be known now: answer 503.

Every failure is a :class:`JwtVerifyError`, whatever the arguments and whatever the bytes.
``JWKSClient``, ``JWTVerifier`` and the functions beside them keep code working that was written
after a widely copied article; see ``docs/python-drop-in.md``.
"""

from ._jwtverify import (
    ALGORITHMS,
    Key,
    KeySet,
    SkippedKey,
    TokenCache,
    Verified,
    Verifier,
    __version__,
    verify_signature,
)
from .dropin import (
    JWKSClient,
    JWTVerifier,
    analyze_header,
    check_jwks_endpoint,
    inspect_jwt_header,
)
from .exceptions import (
    AlgorithmNotAllowedError,
    ConfigurationError,
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    InvalidTokenError,
    JwtVerifyError,
    KeyNotFoundError,
    KeySetError,
    KeysUnavailableError,
    MalformedTokenError,
    MissingRequiredClaimError,
)
from .remote import JwksVerifier, RemoteJwks

__all__ = [
    "ALGORITHMS",
    "AlgorithmNotAllowedError",
    "ConfigurationError",
    "ExpiredSignatureError",
    "ImmatureSignatureError",
    "InvalidAudienceError",
    "InvalidIssuerError",
    "InvalidSignatureError",
    "InvalidTokenError",
    "JWKSClient",
    "JWTVerifier",
    "JwksVerifier",
    "JwtVerifyError",
    "Key",
    "KeyNotFoundError",
    "KeySet",
    "KeySetError",
    "KeysUnavailableError",
    "MalformedTokenError",
    "MissingRequiredClaimError",
    "RemoteJwks",
    "SkippedKey",
    "TokenCache",
    "Verified",
    "Verifier",
    "__version__",
    "analyze_header",
    "check_jwks_endpoint",
    "inspect_jwt_header",
    "verify_signature",
]
