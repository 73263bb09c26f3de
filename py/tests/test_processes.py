"""Threads, fork and pickle."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from jwtverify import (
    InvalidSignatureError,
    InvalidTokenError,
    JwksVerifier,
    KeySet,
    KeysUnavailableError,
    RemoteJwks,
    TokenCache,
    Verifier,
)

from .hs256 import ANY, KEYS, mint
from .issuer import Issuer


def test_many_threads_one_verifier_and_one_key_set(good_issuer: Issuer) -> None:
    keys = KeySet.from_jwks(good_issuer.jwks())
    algorithms = ["RS256", "ES256", "EdDSA"]
    verifier = Verifier(algorithms=algorithms, issuer=good_issuer.url, audience="my-api")
    good = [good_issuer.mint(alg, good_issuer.claims()) for alg in algorithms]
    bad = [good_issuer.forge("tampered", alg, good_issuer.claims()) for alg in algorithms]
    start = threading.Barrier(16)

    def work(number: int) -> int:
        start.wait()
        for turn in range(30):
            place = (number + turn) % len(algorithms)
            assert verifier.verify(good[place], keys).claims["sub"] == "alice"
            with pytest.raises(InvalidSignatureError):
                verifier.verify(bad[place], keys)
        return number

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(work, range(16))) == list(range(16))


def test_threads_read_the_claims_of_one_token() -> None:
    verified = ANY.verify(mint(a=[{"b": n} for n in range(1000)]), KEYS)
    start = threading.Barrier(8)

    def read(_: int) -> int:
        start.wait()
        return id(verified.claims)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(read, range(8)))) == 1


def in_child(work: Callable[[], None], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Runs the work in a forked child and fails if it fails, or does not end."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)
    ended = threading.Event()
    watchdog = threading.Timer(60, lambda: None if ended.is_set() else os.kill(child, 9))
    watchdog.start()
    meanwhile()
    _, status = os.waitpid(child, 0)
    ended.set()
    watchdog.cancel()
    assert os.waitstatus_to_exitcode(status) == 0


# CPython warns that a child of a process with threads may deadlock: not because of us.
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_keeps_the_keys_and_fetches_for_itself(issuer: Issuer) -> None:
    verifier = JwksVerifier(
        Verifier(algorithms=["ES256"], issuer=issuer.url, audience="my-api"),
        RemoteJwks(issuer.jwks_url, miss_spacing=0),
    )
    first = issuer.mint("ES256", issuer.claims())
    assert verifier.verify(first)
    issuer.command("rotate", "keep")
    second = issuer.mint("ES256", issuer.claims())

    def child() -> None:
        assert verifier.verify(first)
        assert verifier.verify(second)
        assert len(verifier.remote.refresh().kids) == 2

    in_child(child)
    # The child's rotation is the child's: the parent fetches for itself.
    assert verifier.remote.status()["generation"] == 1
    assert verifier.verify(second)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_in_the_middle_of_a_fetch_does_not_hang_the_child(issuer: Issuer) -> None:
    issuer.command("hang")
    remote = RemoteJwks(issuer.jwks_url, timeout=30)
    waiting = threading.Thread(target=remote.keys)
    waiting.start()
    while not remote.status()["fetching"]:
        pass

    def child() -> None:
        assert remote.snapshot() is None
        other = RemoteJwks(issuer.jwks_url, timeout=0.2)
        with pytest.raises(KeysUnavailableError):
            other.keys()
        assert remote.status()["fetching"] is False

    in_child(child)
    issuer.command("ok")
    waiting.join(timeout=20)
    assert not waiting.is_alive()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_refreshes_by_itself_while_a_fetch_of_its_parent_hangs(issuer: Issuer) -> None:
    verifier = JwksVerifier(
        Verifier(algorithms=["ES256"], issuer=issuer.url, audience="my-api"),
        RemoteJwks(issuer.jwks_url, timeout=60),
        token_cache=TokenCache(),
    )
    remote = verifier.remote
    token = issuer.mint("ES256", issuer.claims())
    assert verifier.verify(token)
    issuer.command("hang")
    waiting = threading.Thread(target=remote.refresh)
    waiting.start()
    while not remote.status()["fetching"]:
        pass
    held, go_on = os.pipe(), os.pipe()

    def child() -> None:
        assert verifier.verify(token)
        os.write(held[1], b"!")
        os.read(go_on[0], 1)
        assert remote.status()["fetching"] is False
        assert remote.refresh().kids
        assert remote.status()["attempts"] == 1
        assert verifier.verify(token)

    def meanwhile() -> None:
        # The child has verified with the inherited set before the issuer answers anybody.
        os.read(held[0], 1)
        assert remote.status()["fetching"]
        issuer.command("ok")
        os.write(go_on[1], b"!")

    in_child(child, meanwhile)
    waiting.join(timeout=60)
    assert not waiting.is_alive()
    for end in (*held, *go_on):
        os.close(end)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_children_of_a_busy_parent_hang_on_no_lock_of_it(issuer: Issuer) -> None:
    verifier = JwksVerifier(
        Verifier(algorithms=["ES256"], issuer=issuer.url, audience="my-api"),
        RemoteJwks(issuer.jwks_url),
        token_cache=TokenCache(),
    )
    good = issuer.mint("ES256", issuer.claims())
    unknown = issuer.forge("unknown-kid", "ES256", issuer.claims())
    assert verifier.verify(good)
    ended = threading.Event()

    def use() -> None:
        while not ended.is_set():
            assert verifier.verify(good)
            with pytest.raises((InvalidTokenError, KeysUnavailableError)):
                verifier.verify(unknown)

    def child() -> None:
        assert verifier.verify(good)
        assert verifier.remote.refresh().kids
        with pytest.raises((InvalidTokenError, KeysUnavailableError)):
            verifier.verify(unknown)

    with ThreadPoolExecutor(4) as pool:
        users = [pool.submit(use) for _ in range(4)]
        try:
            for _ in range(12):
                in_child(child)
        finally:
            ended.set()
        for user in users:
            user.result()


@pytest.mark.parametrize("name", ["keys", "verifier", "verified", "remote"])
def test_what_cannot_cross_a_process_border_says_so(name: str) -> None:
    thing = {
        "keys": KEYS,
        "verifier": ANY,
        "verified": ANY.verify(mint(), KEYS),
        "remote": RemoteJwks("https://issuer.invalid/"),
    }[name]
    with pytest.raises(TypeError):
        pickle.dumps(thing)
