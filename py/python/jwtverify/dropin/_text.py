"""Foreign values, made fit for messages, and the error for wrong ones."""

from __future__ import annotations

from ..exceptions import ConfigurationError

_MOST = 128


def shown(value: object) -> str:
    """The text of a value, cut, and with nothing in it that could forge a line of a log."""
    text = _text(value)
    cut = text[:_MOST]
    safe = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in cut
    )
    return safe if len(text) <= _MOST else safe + "…"


def plain(value: object) -> str | None:
    """A text as exactly a ``str``, or ``None``: the class of the value is not asked anything."""
    return str.__str__(value) if isinstance(value, str) else None


def misuse(message: str) -> ConfigurationError:
    """The error for an argument of the wrong type or value."""
    return ConfigurationError(message, code=813, name="MisuseArgument")


def _text(value: object) -> str:
    if isinstance(value, str):
        return str.__str__(value)
    if value is None or isinstance(value, (bool, int, float)):
        try:
            return repr(value)
        except ValueError:
            # More digits than the interpreter is willing to write.
            return "a number"
    return type(value).__name__
