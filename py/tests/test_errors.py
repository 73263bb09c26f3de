"""The exceptions as Python objects, and their kinship with PyJWT's."""

from __future__ import annotations

import copy
import importlib
import pickle
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jwtverify
import pytest
from jwtverify import (
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
    KeySet,
    KeySetError,
    KeysUnavailableError,
    MalformedTokenError,
    MissingRequiredClaimError,
    Verifier,
    exceptions,
)

from .hs256 import ANY, KEYS, mint

OF_TOKENS = [
    MalformedTokenError,
    AlgorithmNotAllowedError,
    KeyNotFoundError,
    InvalidSignatureError,
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    MissingRequiredClaimError,
]
OTHERS = [KeySetError, KeysUnavailableError, ConfigurationError]


def test_the_tree_is_the_documented_one() -> None:
    for kind in OF_TOKENS:
        assert kind.__mro__[1] is InvalidTokenError
    for root in (InvalidTokenError, *OTHERS):
        assert root.__mro__[1] is JwtVerifyError
    assert JwtVerifyError.__mro__[1] is ValueError
    assert {getattr(exceptions, name) for name in exceptions.__all__} == {
        JwtVerifyError,
        InvalidTokenError,
        *OF_TOKENS,
        *OTHERS,
    }
    assert set(exceptions.__all__) < set(jwtverify.__all__)


def kind_of(code: int) -> type[JwtVerifyError]:
    named = {
        204: AlgorithmNotAllowedError,
        205: AlgorithmNotAllowedError,
        206: AlgorithmNotAllowedError,
        210: InvalidTokenError,
        211: InvalidTokenError,
        401: InvalidSignatureError,
        502: MissingRequiredClaimError,
        504: ExpiredSignatureError,
        505: ImmatureSignatureError,
        506: ExpiredSignatureError,
        507: InvalidIssuerError,
        508: InvalidAudienceError,
    }
    of_hundred: dict[int, type[JwtVerifyError]] = {
        1: MalformedTokenError,
        2: MalformedTokenError,
        3: KeyNotFoundError,
        5: MalformedTokenError,
        6: KeySetError,
        7: KeysUnavailableError,
        8: ConfigurationError,
        9: JwtVerifyError,
    }
    return named.get(code) or of_hundred[code // 100]


def test_every_code_has_its_class_and_is_the_manuals() -> None:
    manual = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
    rows = re.findall(
        r"^\| (\d+) \| `(\w+)` \|.*\| (\d+) \|$", manual.read_text(encoding="utf-8"), re.MULTILINE
    )
    found = []
    for error in jwtverify._jwtverify.all_errors():
        assert isinstance(error, JwtVerifyError)
        assert type(error) is kind_of(error.code)
        assert (error.www_authenticate is not None) == (error.http_status == 401)
        assert str(error) == error.message
        found.append((str(error.code), error.name, str(error.http_status)))
    assert found == rows
    assert len(found) > 80


@pytest.mark.parametrize(
    ("kind", "status"),
    [(kind, 401) for kind in [InvalidTokenError, *OF_TOKENS]]
    + [(JwtVerifyError, 500), (KeySetError, 500), (KeysUnavailableError, 503)]
    + [(ConfigurationError, 500)],
)
def test_an_error_raised_by_hand_is_complete(kind: type[JwtVerifyError], status: int) -> None:
    error = kind("one\ntwo")
    assert (str(error), error.message, error.args) == ("one\ntwo", "one", ("one\ntwo",))
    assert (error.code, error.name, error.http_status) == (0, "", status)
    assert (error.www_authenticate is not None) == (status == 401)
    assert (error.claim, error.retry_after, error.kid) == (None, None, None)
    assert (error.available_kids, error.suggestions, error.skipped) == ([], [], [])
    assert str(kind()) == ""


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_an_error_survives_copying_and_pickling(again: Any) -> None:
    with pytest.raises(InvalidTokenError) as caught:
        Verifier(algorithms=["HS256"], issuer=None, audience="x").verify(mint(exp=2**40), KEYS)
    error = caught.value
    twin = again(error)
    assert type(twin) is type(error)
    assert (str(twin), twin.__dict__) == (str(error), error.__dict__)
    assert twin.code == 502
    assert twin.claim == "aud"


def test_a_failure_of_a_key_set_lists_the_keys() -> None:
    with pytest.raises(KeySetError) as caught:
        KeySet.from_jwks('{"keys":[{"kid":"a"},{"kty":"RSA","kid":"b"}]}')
    assert len(caught.value.skipped) == 2
    assert caught.value.skipped[0] in str(caught.value)


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_this_package_imports_neither_pyjwt_nor_cryptography_nor_httpx() -> None:
    loaded = run(
        "import sys, jwtverify\n"
        "try: jwtverify.KeySet.from_jwks('x')\n"
        "except jwtverify.JwtVerifyError: pass\n"
        "print([m for m in ('jwt', 'cryptography', 'httpx', 'cffi') if m in sys.modules])"
    )
    assert loaded == "[]"


@pytest.mark.alone
def test_without_pyjwt_the_bases_are_ours_alone() -> None:
    with pytest.raises(MalformedTokenError) as caught:
        ANY.verify("x", KEYS)
    modules = {base.__module__ for base in type(caught.value).__mro__}
    assert modules == {"builtins", "jwtverify.exceptions"}


@pytest.mark.alone
def test_another_package_called_jwt_is_left_alone(tmp_path: Any) -> None:
    package = tmp_path / "jwt"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "exceptions.py").write_text("class InvalidTokenError(Exception): pass\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import jwt.exceptions, jwtverify\n"
        "try: jwtverify.KeySet.from_jwks('x')\n"
        "except jwtverify.JwtVerifyError: pass\n"
        "print(issubclass(jwtverify.InvalidTokenError, jwt.exceptions.InvalidTokenError))"
    )
    assert run(code) == "False"


@pytest.mark.alone
def test_classes_that_cannot_be_bases_are_left_alone(tmp_path: Any) -> None:
    package = tmp_path / "jwt"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "exceptions.py").write_text(
        "class PyJWTError(Exception): pass\n"
        "class InvalidTokenError(PyJWTError, OSError): pass\n"
        "DecodeError = 7\n"
        "InvalidSignatureError = int\n"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import jwt.exceptions, jwtverify\n"
        "try: jwtverify.Verifier(algorithms=['ES256'], issuer=None, audience=None).verify(\n"
        "    'x', jwtverify.Key.from_jwk({'kty':'oct','k':'A'*43}, allow_symmetric=True))\n"
        "except jwtverify.MalformedTokenError as error: print(error.code)"
    )
    assert run(code) == "102"


PYJWT_NAMES = {
    InvalidTokenError: "InvalidTokenError",
    MalformedTokenError: "DecodeError",
    AlgorithmNotAllowedError: "InvalidAlgorithmError",
    KeyNotFoundError: "InvalidTokenError",
    InvalidSignatureError: "InvalidSignatureError",
    ExpiredSignatureError: "ExpiredSignatureError",
    ImmatureSignatureError: "ImmatureSignatureError",
    InvalidAudienceError: "InvalidAudienceError",
    InvalidIssuerError: "InvalidIssuerError",
    MissingRequiredClaimError: "MissingRequiredClaimError",
}


@pytest.mark.pyjwt
@pytest.mark.parametrize("kind", PYJWT_NAMES)
def test_pyjwts_names_catch_ours(kind: type[InvalidTokenError]) -> None:
    theirs = importlib.import_module("jwt.exceptions")
    for name in (PYJWT_NAMES[kind], "InvalidTokenError", "PyJWTError"):
        try:
            raise kind("text", code=7, claim="sub")
        except getattr(theirs, name) as error:
            assert type(error) is kind
            # Theirs have an __init__ and a __str__ of their own, which must not win.
            assert (str(error), error.code, error.claim) == ("text", 7, "sub")
            assert isinstance(error, ValueError)
            assert pickle.loads(pickle.dumps(error)).code == 7


@pytest.mark.pyjwt
@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_not_the_tokens_fault_is_not_caught_by_pyjwts_names(
    kind: type[JwtVerifyError],
) -> None:
    theirs = importlib.import_module("jwt.exceptions")
    assert not issubclass(kind, theirs.PyJWTError)


@pytest.mark.pyjwt
@pytest.mark.parametrize("first", ["import jwt, jwtverify", "import jwtverify, jwt"])
def test_the_order_of_imports_does_not_matter(first: str) -> None:
    code = (
        f"{first}\n"
        "try: jwtverify.Verifier(algorithms=['ES256'], issuer=None, audience=None).verify(\n"
        "    'x', jwtverify.Key.from_jwk({'kty':'oct','k':'A'*43}, allow_symmetric=True))\n"
        "except jwt.exceptions.InvalidTokenError as error: print(type(error).__name__)"
    )
    assert run(code) == "MalformedTokenError"


@pytest.mark.pyjwt
def test_a_users_own_subclass_is_caught_too() -> None:
    code = (
        "import jwtverify\n"
        "class Mine(jwtverify.ExpiredSignatureError): pass\n"
        "import jwt\n"
        "try: raise Mine('x')\n"
        "except jwt.ExpiredSignatureError as error: print(type(error).__name__)"
    )
    assert run(code) == "Mine"


@pytest.mark.pyjwt
def test_threads_that_fail_while_pyjwt_is_being_loaded() -> None:
    code = (
        "import threading, jwtverify\n"
        "seen = []\n"
        "def fail():\n"
        "    for _ in range(300):\n"
        "        try: raise jwtverify.ExpiredSignatureError('x')\n"
        "        except jwtverify.InvalidTokenError as error: seen.append(error)\n"
        "threads = [threading.Thread(target=fail) for _ in range(8)]\n"
        "for thread in threads: thread.start()\n"
        "import jwt\n"
        "for thread in threads: thread.join()\n"
        "assert len(seen) == 2400\n"
        "try: raise jwtverify.ExpiredSignatureError('x')\n"
        "except jwt.ExpiredSignatureError: print('caught')"
    )
    assert run(code) == "caught"


def test_threads_share_the_classes() -> None:
    kinds: set[type] = set()

    def fail() -> None:
        for _ in range(100):
            try:
                ANY.verify("x", KEYS)
            except InvalidTokenError as error:
                kinds.add(type(error))

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds == {MalformedTokenError}
