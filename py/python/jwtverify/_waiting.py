"""At most one thread waits for the network on behalf of any number of coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

_T = TypeVar("_T")


class Waiting:
    """Runs a blocking call in a thread, one at a time for each event loop.

    Coroutines that want the same keys would otherwise each hold a thread of the loop's default
    executor while they wait for one and the same fetch, and everything else that needs a thread
    (name lookups, files) would stand still.
    """

    def __init__(self) -> None:
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )

    async def until(self, call: Callable[[], _T], at_hand: Callable[[], _T | None]) -> _T:
        """``at_hand()`` if it has something, else ``call()`` in a thread."""
        found = at_hand()
        if found is not None:
            return found
        # A lock belongs to one loop, and an object like this may outlive several of them.
        lock = self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            # Asked again: the one before may have brought what is wanted.
            found = at_hand()
            return await asyncio.to_thread(call) if found is None else found
