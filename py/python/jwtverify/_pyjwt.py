"""Makes our errors catchable by the names that PyJWT gave them.

Code that moved here from PyJWT may still say ``except jwt.exceptions.InvalidTokenError``. For
that clause to match, PyJWT's class must be among the bases of ours. Importing PyJWT to get at
it would cost every user of this package the load time of PyJWT and of cryptography, and would
make our import fail where theirs does. So it is left to whoever uses PyJWT to import it: our
classes get their second base the first time that an error is made after PyJWT was loaded. No
``except`` clause can name a class of PyJWT before that.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

_pending: list[tuple[type[BaseException], str]] = []


def register(pairs: Iterable[tuple[type[BaseException], str]]) -> None:
    """Notes which class of ours is which of PyJWT's."""
    _pending.extend(pairs)
    link()


def link() -> None:
    """Adds PyJWT's classes as bases if PyJWT is loaded. Cheap, and never raises.

    Takes no lock, so that neither a fork nor a signal handler can get stuck here: two threads
    that do this at the same time set the same bases.
    """
    if not _pending:
        return
    module = sys.modules.get("jwt.exceptions")
    # There is another package that calls itself jwt; this name is in PyJWT's only.
    if module is None or not hasattr(module, "PyJWTError"):
        return
    # A name that is not there stays pending: another thread may be just importing PyJWT.
    _pending[:] = [
        (ours, name)
        for ours, name in tuple(_pending)
        if not _add_base(ours, getattr(module, name, None))
    ]


def _add_base(ours: type[BaseException], theirs: object) -> bool:
    if theirs is None:
        return False
    if not isinstance(theirs, type) or not issubclass(theirs, Exception):
        return True
    if not issubclass(ours, theirs):
        try:
            ours.__bases__ = (*ours.__bases__, theirs)
        except TypeError:
            # Layouts or orders of resolution that don't go together: PyJWT has changed. Our
            # errors stay what they are.
            pass
    return True
