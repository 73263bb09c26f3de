"""Fetched keys against a real loopback issuer: rotation, outage, floods, waiting."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from jwtverify import (
    ConfigurationError,
    ExpiredSignatureError,
    InvalidSignatureError,
    InvalidTokenError,
    JwksVerifier,
    Key,
    KeyNotFoundError,
    KeysUnavailableError,
    RemoteJwks,
    TokenCache,
    Verified,
    Verifier,
)

from .issuer import Issuer


def policy(issuer: Issuer) -> Verifier:
    return Verifier(algorithms=["ES256"], issuer=issuer.url, audience="my-api")


def test_the_first_use_fetches_once_and_the_next_not_at_all(issuer: Issuer) -> None:
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url))
    assert issuer.requests() == 0
    for _ in range(5):
        verified = verifier.verify(issuer.mint("ES256", issuer.claims()))
        assert verified.claims["sub"] == "alice"
    assert issuer.requests() == 1


def test_discovery_finds_the_keys_and_insists_on_the_issuer(issuer: Issuer) -> None:
    verifier = JwksVerifier(policy(issuer), RemoteJwks.discover(issuer.url))
    assert verifier.verify(issuer.mint("ES256", issuer.claims()))
    issuer.command("lie", "issuer")
    with pytest.raises(KeysUnavailableError) as caught:
        RemoteJwks.discover(issuer.url).keys()
    assert caught.value.code == 712


def test_settings_go_with_discovery_too(issuer: Issuer) -> None:
    with pytest.raises(ConfigurationError):
        RemoteJwks.discover(issuer.url, ttl=-1)
    with pytest.raises(ConfigurationError) as both:
        RemoteJwks(issuer.jwks_url, issuer=issuer.url)
    assert both.value.code == 805
    assert RemoteJwks.discover(issuer.url, ttl=60, max_keys=1).keys().kids == issuer.kids
    with pytest.raises(ConfigurationError):
        RemoteJwks()


@pytest.mark.parametrize(
    "url", ["http://issuer.example/", "file:///etc/passwd", "https://u:p@issuer.example/", "x", ""]
)
def test_urls_that_may_not_be_fetched_are_refused_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        RemoteJwks(url)
    assert caught.value.code == 809
    assert "u:p" not in str(caught.value)


def test_a_set_that_was_just_fetched_is_not_fetched_again_at_once(issuer: Issuer) -> None:
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url, miss_spacing=3600))
    assert verifier.verify(issuer.mint("ES256", issuer.claims()))
    issuer.command("rotate")
    with pytest.raises(KeysUnavailableError) as caught:
        verifier.verify(issuer.mint("ES256", issuer.claims()))
    assert caught.value.code == 710
    assert caught.value.retry_after is not None and 3000 < caught.value.retry_after <= 3600
    assert issuer.requests() == 1


def test_a_rotation_is_followed_and_a_removed_key_is_refused(issuer: Issuer) -> None:
    remote = RemoteJwks(issuer.jwks_url, miss_spacing=0)
    verifier = JwksVerifier(policy(issuer), remote)
    old = issuer.mint("ES256", issuer.claims())
    assert verifier.verify(old)
    issuer.command("rotate")
    assert verifier.verify(issuer.mint("ES256", issuer.claims()))
    assert issuer.requests() == 2
    with pytest.raises(KeyNotFoundError):
        verifier.verify(old)
    assert issuer.requests() == 3
    # The budget for unknown kids is spent: whether there is such a key can't be known now.
    with pytest.raises(KeysUnavailableError) as caught:
        verifier.verify(issuer.mint("ES256", issuer.claims(), {"kid": "another"}))
    assert (caught.value.code, caught.value.http_status) == (710, 503)
    assert caught.value.retry_after is not None
    verifier.remote.refresh()
    with pytest.raises((KeyNotFoundError, KeysUnavailableError)):
        verifier.verify(old)


def test_a_flood_of_unknown_kids_costs_the_issuer_two_requests(issuer: Issuer) -> None:
    remote = RemoteJwks(issuer.jwks_url, miss_spacing=0)
    verifier = JwksVerifier(policy(issuer), remote)
    good = issuer.mint("ES256", issuer.claims())
    assert verifier.verify(good)
    for number in range(200):
        token = issuer.mint("ES256", issuer.claims(), {"kid": f"junk-{number}"})
        with pytest.raises((KeyNotFoundError, KeysUnavailableError)):
            verifier.verify(token)
        assert verifier.verify(good)
    assert issuer.requests() == 3


def test_a_bad_signature_never_causes_a_fetch(issuer: Issuer) -> None:
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url))
    assert verifier.verify(issuer.mint("ES256", issuer.claims()))
    for _ in range(5):
        with pytest.raises(InvalidSignatureError):
            verifier.verify(issuer.forge("wrong-key", "ES256", issuer.claims()))
    assert issuer.requests() == 1


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("fail 500", 704),
        ("fail 404", 704),
        ("redirect", 705),
        ("close", None),
        ("stop", 701),
        ("lie html", 708),
        ("lie empty", 708),
        ("lie keys", 708),
        ("lie truncated", 707),
        ("lie huge", 706),
    ],
)
def test_without_keys_every_trouble_of_the_issuer_is_a_503(
    issuer: Issuer, command: str, code: int | None
) -> None:
    issuer.command(command)
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url))
    with pytest.raises(KeysUnavailableError) as caught:
        verifier.verify(issuer.mint("ES256", issuer.claims()))
    error = caught.value
    assert code is None or error.code == code
    assert (error.http_status, error.www_authenticate) == (503, None)
    assert error.retry_after is not None
    assert error.retry_after >= 1
    assert error.url == issuer.jwks_url
    with pytest.raises(KeysUnavailableError) as again:
        verifier.verify(issuer.mint("ES256", issuer.claims()))
    assert again.value.code == 709


def test_a_document_that_is_too_large_for_the_setting_is_refused(issuer: Issuer) -> None:
    with pytest.raises(KeysUnavailableError) as caught:
        RemoteJwks(issuer.jwks_url, max_bytes=10).keys()
    assert caught.value.code == 706


def test_keys_in_hand_outlive_the_issuer(issuer: Issuer) -> None:
    remote = RemoteJwks(issuer.jwks_url)
    verifier = JwksVerifier(policy(issuer), remote)
    token = issuer.mint("ES256", issuer.claims())
    assert verifier.verify(token)
    issuer.command("stop")
    with pytest.raises(KeysUnavailableError):
        remote.refresh()
    assert verifier.verify(token)
    status = remote.status()
    assert (status["failures"], status["last_fetch_code"], status["kids"]) == (
        1,
        701,
        issuer.kids,
    )


def test_status_tells_what_is_held_without_a_fetch(issuer: Issuer) -> None:
    remote = RemoteJwks(issuer.jwks_url)
    assert remote.status()["state"] == "cold"
    assert remote.snapshot() is None
    assert remote.is_fresh() is False
    assert issuer.requests() == 0
    document = {"keys": [issuer.jwk("ES256"), {"kty": "EC", "kid": "bad"}]}
    issuer.command("body", json.dumps(document))
    assert remote.keys().kids == issuer.kids
    status = remote.status()
    assert (status["state"], status["generation"], status["attempts"]) == ("fresh", 1, 1)
    assert [key.kid for key in status["skipped"]] == ["bad"]
    assert (status["url"], status["issuer"]) == (issuer.jwks_url, None)
    assert status["age"] >= 0
    assert remote.is_fresh() is True


def test_a_key_by_its_kid(issuer: Issuer) -> None:
    remote = RemoteJwks(issuer.jwks_url)
    (kid,) = issuer.kids
    assert remote.held_key(kid) is None
    assert isinstance(remote.key(kid), Key)
    assert isinstance(remote.held_key(kid), Key)
    with pytest.raises((KeyNotFoundError, KeysUnavailableError)):
        remote.key("other")


def test_threads_share_one_fetch(issuer: Issuer) -> None:
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url))
    token = issuer.mint("ES256", issuer.claims())
    with ThreadPoolExecutor(32) as pool:
        results = list(pool.map(lambda _: verifier.verify(token).claims["sub"], range(200)))
    assert results == ["alice"] * 200
    assert issuer.requests() == 1


def test_coroutines_share_one_fetch_and_one_thread(issuer: Issuer) -> None:
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url))
    token = issuer.mint("ES256", issuer.claims())
    threads_before = threading.active_count()

    async def main() -> int:
        await asyncio.gather(*(verifier.verify_async(token) for _ in range(200)))
        return threading.active_count()

    assert asyncio.run(main()) <= threads_before + 2
    assert issuer.requests() == 1


def test_a_hanging_issuer_does_not_stop_the_event_loop(issuer: Issuer) -> None:
    issuer.command("hang")
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url, timeout=30))
    token = issuer.mint("ES256", issuer.claims())

    async def main() -> str:
        waiting = asyncio.ensure_future(verifier.verify_async(token))
        for _ in range(20):
            await asyncio.sleep(0.005)
            assert not waiting.done()
        await asyncio.to_thread(issuer.command, "ok")
        verified = await waiting
        return str(verified.claims["sub"])

    assert asyncio.run(main()) == "alice"


def test_a_hanging_issuer_times_out(issuer: Issuer) -> None:
    issuer.command("hang")
    with pytest.raises(KeysUnavailableError) as caught:
        RemoteJwks(issuer.jwks_url, timeout=0.2).keys()
    assert caught.value.code == 702


def test_a_hanging_issuer_does_not_stop_other_python_threads(issuer: Issuer) -> None:
    issuer.command("hang")
    remote = RemoteJwks(issuer.jwks_url, timeout=30)
    thread = threading.Thread(target=remote.keys)
    thread.start()
    assert thread.is_alive()
    # If the fetch held the interpreter, this command could not be sent.
    issuer.command("ok")
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert remote.is_fresh()


def test_asyncio_variants_give_what_the_blocking_ones_do(issuer: Issuer) -> None:
    remote = RemoteJwks(issuer.jwks_url)
    verifier = JwksVerifier(policy(issuer), remote)

    async def main() -> None:
        assert (await remote.keys_async()).kids == issuer.kids
        assert (await remote.keys_async()).kids == issuer.kids
        assert (await remote.key_async(issuer.kids[0])).kid == issuer.kids[0]
        assert (await remote.refresh_async()).kids == issuer.kids
        with pytest.raises(InvalidSignatureError):
            await verifier.verify_async(issuer.forge("tampered", "ES256", issuer.claims()))
        with pytest.raises(ConfigurationError):
            await verifier.verify_async(None)  # type: ignore[arg-type]
        late = issuer.mint("ES256", issuer.claims())
        with pytest.raises(InvalidTokenError):
            await verifier.verify_async(late, now=time.time() + 10_000)
        unknown = issuer.forge("unknown-kid", "ES256", issuer.claims())
        with pytest.raises((KeyNotFoundError, KeysUnavailableError)) as caught:
            await verifier.verify_async(unknown)
        assert caught.value.kid

    asyncio.run(main())


def test_one_object_serves_several_event_loops(issuer: Issuer) -> None:
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url))
    token = issuer.mint("ES256", issuer.claims())

    async def main() -> None:
        issuer_side = [verifier.verify_async(token) for _ in range(20)]
        await asyncio.gather(*issuer_side)

    for _ in range(3):
        asyncio.run(main())
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(lambda: asyncio.run(main())) for _ in range(4)]:
            done.result()
    assert issuer.requests() == 1
    gc.collect()


def test_a_cancelled_wait_leaves_the_rest_in_order(issuer: Issuer) -> None:
    issuer.command("hang")
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url, timeout=30))
    token = issuer.mint("ES256", issuer.claims())

    async def main() -> None:
        first = asyncio.ensure_future(verifier.verify_async(token))
        second = asyncio.ensure_future(verifier.verify_async(token))
        await asyncio.sleep(0.05)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await asyncio.to_thread(issuer.command, "ok")
        assert (await second).claims["sub"] == "alice"

    asyncio.run(main())


def test_a_token_cache_answers_what_was_verified_before(issuer: Issuer) -> None:
    cache = TokenCache(entries=10, max_bytes=1 << 20, lifetime=3600)
    remote = RemoteJwks(issuer.jwks_url)
    verifier = JwksVerifier(policy(issuer), remote, token_cache=cache)
    assert verifier.token_cache is cache
    assert JwksVerifier(policy(issuer), remote).token_cache is None
    token = issuer.mint("ES256", issuer.claims())
    first, again = verifier.verify(token), verifier.verify(token)
    assert first.claims == again.claims
    assert first.claims is not again.claims, "what one caller changes, the next must not see"
    held = asyncio.run(verifier.verify_async(token))
    assert held.payload == first.payload
    usage = cache.usage()
    assert (usage["entries"], usage["hits"], usage["misses"]) == (1, 2, 1)


def test_what_a_caller_does_to_claims_stays_with_that_caller(issuer: Issuer) -> None:
    claims = issuer.claims()
    claims["aud"] = ["my-api", "other"]
    claims["realm_access"] = {"roles": [{"deep": ["a", 1, None, True]}, []], "x": {}}
    verifier = JwksVerifier(
        policy(issuer), RemoteJwks(issuer.jwks_url), token_cache=TokenCache()
    )
    token = issuer.mint("ES256", claims)
    order = list(verifier.verify(token).claims)
    for _ in range(4):
        read = verifier.verify(token).claims
        assert read == claims
        assert list(read) == order
        read["aud"].append("changed")
        read["realm_access"]["roles"][0]["deep"].clear()
        read["realm_access"]["x"]["new"] = 1
        read["sub"] = "changed"
        del read["iss"]


def test_claims_of_a_full_cache_are_those_of_their_tokens(issuer: Issuer) -> None:
    cache = TokenCache(entries=16)
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url), token_cache=cache)

    def check(number: int, token: str) -> Verified:
        verified = verifier.verify(token)
        assert verified.claims["jti"] == str(number)
        return verified

    tokens = [issuer.mint("ES256", issuer.claims() | {"jti": str(n)}) for n in range(100)]
    # Some results outlive their place in the cache, others do not.
    held = []
    for number, token in enumerate(tokens):
        for _ in range(3):
            verified = check(number, token)
        if number % 2:
            held.append(verified)
    for number, token in enumerate(tokens):
        check(number, token)
    assert [verified.claims["jti"] for verified in held] == [str(n) for n in range(1, 100, 2)]
    assert cache.usage()["entries"] <= 16


def kept_claims() -> int:
    """How many claims with a number of their own there are in memory."""
    lists = (thing for thing in gc.get_objects() if type(thing) is list and len(thing) == 1)
    return sum(isinstance(only, str) and only.startswith("number-") for [only] in lists)


def test_claims_do_not_outlive_their_place_in_the_cache_for_long(issuer: Issuer) -> None:
    cache = TokenCache(entries=16)
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url), token_cache=cache)
    own = [issuer.claims() | {"own": [f"number-{n}"]} for n in range(200)]
    for claims in own:
        verifier.verify(issuer.mint("ES256", claims)).claims
    del own, claims
    gc.collect()
    assert 1 <= kept_claims() <= 20
    # One result does not hold the rest.
    last = verifier.verify(issuer.mint("ES256", issuer.claims()))
    del verifier, cache
    gc.collect()
    assert kept_claims() == 0
    assert last.claims["sub"] == "alice"


def test_claims_that_take_much_memory_are_not_kept_as_objects(issuer: Issuer) -> None:
    cache = TokenCache(max_bytes=65536)
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url), token_cache=cache)
    for own in (["number-1", *[{}] * 200], ["number-2", "x" * 5000]):
        token = issuer.mint("ES256", issuer.claims() | {"own": own})
        for _ in range(3):
            assert verifier.verify(token).claims["own"] == own
    for n in range(200):
        own = [f"number-{n}"]
        verifier.verify(issuer.mint("ES256", issuer.claims() | {"own": own})).claims
    gc.collect()
    # Seven values each, and their text: sixty-five of them have room.
    assert 20 <= kept_claims() <= 80
    assert cache.usage()["bytes"] <= 65536


def test_a_cached_token_expires_and_a_forged_one_is_not_kept(issuer: Issuer) -> None:
    cache = TokenCache()
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url), token_cache=cache)
    token = issuer.mint("ES256", issuer.claims())
    expiry = verifier.verify(token).claims["exp"]
    with pytest.raises(ExpiredSignatureError):
        verifier.verify(token, now=expiry)
    for _ in range(2):
        with pytest.raises(InvalidSignatureError):
            verifier.verify(token[:-8] + "AAAAAAAA")
    assert cache.usage()["hits"] == 0


def test_a_cached_token_ends_with_its_key(issuer: Issuer) -> None:
    cache = TokenCache()
    verifier = JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url), token_cache=cache)
    token = issuer.mint("ES256", issuer.claims())
    verifier.verify(token)
    verifier.verify(token)
    assert cache.usage()["hits"] == 1
    issuer.command("rotate")
    verifier.remote.refresh()
    with pytest.raises((KeyNotFoundError, KeysUnavailableError)):
        verifier.verify(token)
    assert asyncio.run(verifier.verify_async(issuer.mint("ES256", issuer.claims())))


@pytest.mark.parametrize(
    "settings",
    [{"entries": 0}, {"entries": 65537}, {"max_bytes": 1}, {"lifetime": 0}, {"lifetime": -1}],
)
def test_settings_of_a_token_cache_have_a_range(settings: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError):
        TokenCache(**settings)


def test_a_token_cache_is_nothing_else(issuer: Issuer) -> None:
    with pytest.raises(ConfigurationError):
        JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url), token_cache=object())  # type: ignore[arg-type]


def test_an_error_names_its_causes_and_what_to_do(issuer: Issuer) -> None:
    old = issuer.mint("ES256", issuer.claims())
    issuer.command("rotate")
    with pytest.raises(KeyNotFoundError) as rotated:
        JwksVerifier(policy(issuer), RemoteJwks.discover(issuer.url)).verify(old)
    assert "key-rotated" in rotated.value.causes
    assert "[key-rotated]" in str(rotated.value)
    assert any("publish a key before it signs" in step for step in rotated.value.suggestions)
    for words, causes in [
        (("fail", 404), ["wrong-url"]),
        (("fail", 503), ["endpoint-failing"]),
        (("close",), ["endpoint-unreachable"]),
        (("redirect",), ["redirected"]),
        (("lie", "html"), ["invalid-key-set"]),
        (("lie", "empty"), ["invalid-key-set"]),
        (("lie", "keys"), ["empty-key-set"]),
    ]:
        issuer.command(*words)
        with pytest.raises(KeysUnavailableError) as caught:
            JwksVerifier(policy(issuer), RemoteJwks(issuer.jwks_url)).verify(old)
        assert caught.value.causes == causes
        assert caught.value.suggestions
        assert (caught.value.http_status, caught.value.www_authenticate) == (503, None)
