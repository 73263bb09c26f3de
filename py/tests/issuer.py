"""The loopback issuer of the Rust test crate, driven from Python."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def program() -> Path:
    """The built program; ``JWTVERIFY_ISSUER`` names another place."""
    named = os.environ.get("JWTVERIFY_ISSUER")
    path = Path(named) if named else ROOT / "target" / "debug" / "issuer"
    if not path.exists():
        raise FileNotFoundError(f"{path}: run cargo build -p jwtverify-tests --bin issuer")
    return path


class Issuer:
    """A running issuer: mints and forges tokens, publishes keys over HTTP, misbehaves on demand.

    The commands are those of ``tests/src/bin/issuer.rs``.
    """

    def __init__(self, *algorithms: str) -> None:
        self._process = subprocess.Popen(
            [str(program()), *algorithms],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        first = self._answer()
        self.url: str = first["issuer"]
        self.jwks_url: str = first["jwks"]
        self.discovery_url: str = first["discovery"]
        self.kids: list[str] = first["kids"]

    def __enter__(self) -> Issuer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=10)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert answer["ok"], answer
        return answer

    def command(self, *words: object) -> dict[str, Any]:
        """Sends one command; objects go as JSON."""
        assert self._process.stdin is not None
        line = " ".join(json.dumps(word) if isinstance(word, dict) else str(word) for word in words)
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if "kids" in answer:
            self.kids = answer["kids"]
        return answer

    def mint(self, alg: str, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        words: list[object] = ["mint", alg, claims]
        if header is not None:
            words.append(header)
        token: str = self.command(*words)["token"]
        return token

    def sign(self, alg: str, header: str, payload: str) -> str:
        token: str = self.command("sign", alg, header, payload)["token"]
        return token

    def forge(self, *words: object) -> str:
        token: str = self.command("forge", *words)["token"]
        return token

    def jwks(self) -> str:
        return json.dumps(self.command("jwks")["jwks"])

    def jwk(self, alg: str) -> dict[str, Any]:
        jwk: dict[str, Any] = self.command("jwk", alg)["jwk"]
        return jwk

    def requests(self) -> int:
        count: int = self.command("count")["jwks"]
        return count

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good claims of now; a change of ``None`` removes the claim."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "sub": "alice",
            "aud": "my-api",
            "iat": now - 10,
            "exp": now + 600,
        }
        claims.update(changes)
        return {name: value for name, value in claims.items() if value is not None}
