"""Fixtures shared by all suites."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from .issuer import Issuer

HAS_PYJWT = importlib.util.find_spec("jwt") is not None


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "pyjwt: runs only where PyJWT is installed")
    config.addinivalue_line("markers", "alone: runs only where PyJWT is not installed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Left out rather than skipped: the other of the two environments runs them.
    unwanted = "alone" if HAS_PYJWT else "pyjwt"
    left_out = [item for item in items if item.get_closest_marker(unwanted)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker(unwanted)]


ALGORITHMS = (
    "RS256",
    "PS256",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "EdDSA",
    "ML-DSA-44",
    "ML-DSA-87",
    "HS256",
)


@pytest.fixture(scope="session")
def good_issuer() -> Iterator[Issuer]:
    """One that every test may mint with, and that none may change."""
    with Issuer(*ALGORITHMS) as issuer:
        yield issuer


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """One for this test alone, to rotate and to break."""
    with Issuer("ES256") as issuer:
        yield issuer
