"""The asyncio half of the fetched keys; the blocking half is native.

Verifying takes microseconds and is done where the caller is. Only waiting for the network goes to
a thread, and only one thread waits for any number of coroutines. Nothing here needs an event loop
of its own, so it goes with every loop, with threads and with ``fork``.
"""

from __future__ import annotations

from functools import cached_property, partial

from . import _jwtverify
from ._waiting import Waiting

Token = str | bytes | bytearray | memoryview


class RemoteJwks(_jwtverify.RemoteJwks):
    """A key set behind a URL: fetched on first use, kept, and refreshed.

    While the set is young, reading it takes no lock and no network. At about 80 % of its ttl it is
    refreshed beside the callers; if that fails, the old set stays in use up to ``max_stale`` past
    the ttl. The ttl is the ``max-age`` of the answer, from 1 minute to 1 hour, or ``ttl`` if there
    is none; a ``ttl`` that you give is also the most that ``max-age`` can make it. A key that is
    gone from a fetched set is refused at once. Unknown ``kid`` values cause two fetches, then one
    every ``miss_interval``, and none within ``miss_spacing`` of another fetch. All lengths of time
    are in seconds.

    ``url`` must be https, or http to a loopback address. ``root_certificate`` (PEM or DER) is for
    an issuer behind a private certificate authority; the public ones are then not trusted.

    Raises :class:`~jwtverify.ConfigurationError` for a wrong setting; the network is not touched
    before the first use. The methods that fetch raise :class:`~jwtverify.KeysUnavailableError`.
    Safe in threads, and after ``fork``.
    """

    async def keys_async(self) -> _jwtverify.KeySet:
        """:meth:`keys`, without blocking the event loop."""
        return await self._waiting.until(self.keys, self._fresh)

    async def key_async(self, kid: str) -> _jwtverify.Key:
        """:meth:`key`, without blocking the event loop."""
        return await self._waiting.until(partial(self.key, kid), partial(self.held_key, kid))

    async def refresh_async(self) -> _jwtverify.KeySet:
        """:meth:`refresh`, without blocking the event loop."""
        return await self._waiting.until(self.refresh, lambda: None)

    def _fresh(self) -> _jwtverify.KeySet | None:
        return self.snapshot() if self.is_fresh() else None

    @cached_property
    def _waiting(self) -> Waiting:
        return Waiting()


class JwksVerifier(_jwtverify.JwksVerifier):
    """A :class:`Verifier` together with the :class:`RemoteJwks` that its keys come from.

    :meth:`verify` blocks while keys are fetched, :meth:`verify_async` does not. Both raise an
    :class:`~jwtverify.InvalidTokenError` for a bad token and a
    :class:`~jwtverify.KeysUnavailableError` if it can't be known now.

    A ``token_cache`` (a :class:`TokenCache`) answers tokens that were verified before.
    """

    async def verify_async(self, token: Token, now: float | None = None) -> _jwtverify.Verified:
        """:meth:`verify`, without blocking the event loop."""
        return await self._waiting.until(
            partial(self.verify, token, now), partial(self.verify_held, token, now)
        )

    @cached_property
    def _waiting(self) -> Waiting:
        return Waiting()
