"""The classes of a widely copied article on "key not found" errors, on this package's engine.

Their names, arguments, defaults and messages are the article's, so that code written after it
works when its import line changes. What they do differently, because the original is unsafe,
is listed in ``docs/python-drop-in.md``. New code is better served by
:class:`jwtverify.JwksVerifier`.
"""

from .client import JWKSClient
from .endpoint import check_jwks_endpoint
from .inspection import analyze_header, inspect_jwt_header
from .verifier import JWTVerifier

__all__ = [
    "JWKSClient",
    "JWTVerifier",
    "analyze_header",
    "check_jwks_endpoint",
    "inspect_jwt_header",
]
