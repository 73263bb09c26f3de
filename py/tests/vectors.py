"""Third-party test data, read in place; it is no part of this repository."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def folder() -> Path:
    named = os.environ.get("JWTVERIFY_VECTORS")
    return Path(named) if named else ROOT.parent / "shared" / "vectors"


def load(name: str) -> Any:
    """The parsed file. Where it is absent the test is skipped, and fails under ``CI=true``."""
    path = folder() / name
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        absent(f"{path} is not there")


def absent(why: str) -> None:
    print(f"NOT RUN: {why}", file=sys.__stderr__)
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must not skip this: {why}")
    pytest.skip(why)
