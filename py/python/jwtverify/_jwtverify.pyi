"""The native module. Its names are used through the package ``jwtverify``."""

from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeAlias, final

from typing_extensions import Self, disjoint_base

from .exceptions import JwtVerifyError

_Octets: TypeAlias = str | bytes | bytearray | memoryview
_Json: TypeAlias = str | bytes | bytearray | memoryview | dict[str, Any]
_Texts: TypeAlias = str | list[str] | tuple[str, ...] | AbstractSet[str]

__all__ = [
    "ALGORITHMS",
    "JwksVerifier",
    "Key",
    "KeySet",
    "RemoteJwks",
    "SkippedKey",
    "TokenCache",
    "Verified",
    "Verifier",
    "__version__",
    "all_errors",
    "fetch",
    "read_json",
    "unverified_header",
    "verify_signature",
]

ALGORITHMS: Final[tuple[str, ...]]
__version__: Final[str]

@final
class KeySet:
    """The keys of one issuer: immutable, and safe to share between threads."""
    @staticmethod
    def from_jwks(
        document: _Json, *, allow_symmetric: bool = False, allow_weak_hmac: bool = False
    ) -> KeySet:
        """Reads a JWKS document, or one bare JWK: JSON text, or the ``dict`` made of it.

        A key that can't be used is left out, and ``skipped`` says why. Symmetric keys are refused
        unless ``allow_symmetric``, and never used beside public keys; secrets shorter than the
        digest need ``allow_weak_hmac`` as well.

        Raises :class:`~jwtverify.KeySetError` if nothing usable is left.
        """
    @property
    def kids(self) -> list[str]:
        """The key ids of the usable keys, sorted; keys without one are left out."""
    @property
    def skipped(self) -> list[SkippedKey]:
        """The members of the document that can't be used, each with its reason."""
    @property
    def warnings(self) -> list[str]:
        """What is wrong with usable keys, in words."""
    def key(self, kid: str) -> Key | None:
        """The key of this id, or ``None``."""
    def __len__(self) -> int: ...

@final
class SkippedKey:
    """A member of a key-set document that can't be used; ``str()`` says which and why."""
    @property
    def position(self) -> int:
        """Its place in ``keys``, counted from 0."""
    @property
    def kid(self) -> str | None: ...
    @property
    def reason(self) -> str:
        """Why it can't be used, in words."""
    @property
    def code(self) -> int:
        """The number of the reason, from the table of error codes."""

@final
class Key:
    """One key. Verifying with it says that the caller has chosen it: a token's ``kid`` is not
    looked at then, its algorithm is.
    """
    @staticmethod
    def from_jwk(
        jwk: _Json, *, allow_symmetric: bool = False, allow_weak_hmac: bool = False
    ) -> Key:
        """Reads one JWK: JSON text, or the ``dict`` made of it."""
    @property
    def kid(self) -> str | None: ...
    @property
    def key_type(self) -> str | None:
        """``"RSA"``, ``"EC"``, ``"OKP"`` or ``"oct"``."""
    @property
    def algorithms(self) -> list[str]:
        """The names of the algorithms that the key may be used for."""

@final
class Verifier:
    """Decides on tokens. Immutable, and safe to share between threads.

    ``algorithms``, ``issuer`` and ``audience`` must be given; ``None`` says that any issuer or
    audience will do. ``leeway`` (0 to 300) and ``max_age`` are in seconds. ``required_claims`` is
    ``("exp",)`` by default. ``typ`` is compared without case and without ``application/``.
    ``allow_padding`` is for tokens of AWS load balancers.

    Raises :class:`~jwtverify.ConfigurationError` for settings that would not do what was meant.
    """
    def __new__(
        cls,
        *,
        algorithms: _Texts,
        issuer: _Texts | None,
        audience: _Texts | None,
        leeway: float = 0,
        # ("exp",), which inspect.signature() can't read from a native class.
        required_claims: _Texts = ...,
        typ: str | None = None,
        max_age: float | None = None,
        allow_padding: bool = False,
    ) -> Self: ...
    def verify(self, token: _Octets, keys: KeySet | Key, now: float | None = None) -> Verified:
        """The verified token. ``now`` is in seconds since 1970; ``None`` is the system's clock.

        Raises :class:`~jwtverify.InvalidTokenError`.
        """
    def verify_jws(self, token: _Octets, keys: KeySet | Key) -> bytes:
        """The payload, of any kind, of a JWS whose header and signature are good. No claim is
        looked at: whether it has expired, or for whom it is, nobody knows.
        """
    @property
    def algorithms(self) -> list[str]: ...

@final
class Verified:
    """A verified token. There is no other way to get one than to verify."""
    @property
    def claims(self) -> dict[str, Any]:
        """The claims: whole numbers as ``int`` of any size, others as ``float``. Built once."""
    @property
    def header(self) -> dict[str, Any]: ...
    @property
    def payload(self) -> bytes:
        """The payload as it was signed."""
    @property
    def algorithm(self) -> str: ...

@disjoint_base
class RemoteJwks:
    def __new__(
        cls,
        url: str | None = None,
        *,
        issuer: str | None = None,
        ttl: float = 600,
        max_stale: float = 3600,
        stale_wait: float = 2,
        miss_interval: float = 30,
        miss_spacing: float = 5,
        connect_timeout: float = 2,
        timeout: float = 5,
        max_bytes: int = 524288,
        max_keys: int = 100,
        root_certificate: str | bytes | None = None,
    ) -> Self: ...
    @classmethod
    def discover(
        cls,
        issuer: str,
        *,
        ttl: float = 600,
        max_stale: float = 3600,
        stale_wait: float = 2,
        miss_interval: float = 30,
        miss_spacing: float = 5,
        connect_timeout: float = 2,
        timeout: float = 5,
        max_bytes: int = 524288,
        max_keys: int = 100,
        root_certificate: str | bytes | None = None,
    ) -> Self: ...
    def keys(self) -> KeySet:
        """Keys that may be used now, fetched on first use and when their time is over."""
    def refresh(self) -> KeySet:
        """Fetches now, or joins the fetch that is on its way. Never call it because of a token."""
    def snapshot(self) -> KeySet | None:
        """The keys that are held, whatever their age. Never fetches and never waits."""
    def key(self, kid: str) -> Key:
        """The key of this id; fetched anew if it is not there and a fetch is allowed."""
    def held_key(self, kid: str) -> Key | None:
        """The key of this id if at hand: ``None`` says to ask ``key``, which may take time."""
    def is_fresh(self) -> bool:
        """Whether ``keys`` would answer at once."""
    def status(self) -> dict[str, Any]:
        """What is held, how the last fetch went, when the next may be made: for a health page."""

@disjoint_base
class JwksVerifier:
    def __new__(
        cls, verifier: Verifier, remote: RemoteJwks, *, token_cache: TokenCache | None = None
    ) -> Self: ...
    def verify(self, token: _Octets, now: float | None = None) -> Verified:
        """The verified token; keys are fetched where that is needed and allowed."""
    def verify_held(self, token: _Octets, now: float | None = None) -> Verified | None:
        """Verifies with the keys at hand: ``None`` says to call ``verify``, which may take time."""
    @property
    def verifier(self) -> Verifier: ...
    @property
    def remote(self) -> RemoteJwks: ...
    @property
    def token_cache(self) -> TokenCache | None: ...

@final
class TokenCache:
    """Remembers tokens that were verified, so that the same token costs a SHA-256 the next time.

    Only successes are kept. Times are checked at each use, and the key that verified the token
    must still be the one that the held key set has for it. One cache may serve several verifiers.

    Claims that were read are kept as objects as well, for tokens of usual length, and each caller
    is given a copy. They take about ``max_bytes`` of memory again at most.
    """
    def __new__(
        cls, *, entries: int = 1024, max_bytes: int = 4194304, lifetime: float = 60
    ) -> Self: ...
    def usage(self) -> dict[str, int]:
        """How full it is and how much it is used."""

def verify_signature(
    alg: str,
    jwk: _Json,
    message: _Octets,
    signature: _Octets,
    *,
    allow_symmetric: bool = False,
    allow_weak_hmac: bool = False,
) -> None:
    """Checks one signature over one message: no token, no claims. Raises if it is not valid."""

def all_errors() -> list[JwtVerifyError]:
    """One error of each code, in ascending order."""

def unverified_header(token: _Octets) -> dict[str, Any]:
    """The header of a token that nobody has verified: anyone can have written it."""

def read_json(document: _Octets) -> dict[str, Any]:
    """One JSON object, read as strictly as a key set is."""

def fetch(url: str, timeout: float) -> tuple[int, bytes]:
    """Fetches a document once, with the limits of a key set: the status and, for 200, the body."""
