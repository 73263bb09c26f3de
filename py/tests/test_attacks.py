"""The 208 attacks, run through Python: verdict and code must be the core's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jwtverify import JwtVerifyError, KeySet, Verifier

from . import vectors

CASES = 208
ROOT = Path(__file__).resolve().parents[2]


def verdict(case: dict[str, Any]) -> dict[str, Any]:
    policy = case["policy"]
    try:
        keys = KeySet.from_jwks(
            case["keyset"], allow_symmetric=any(alg.startswith("HS") for alg in case["algs"])
        )
        settings: dict[str, Any] = {
            "algorithms": case["algs"],
            "issuer": policy.get("iss"),
            "audience": policy.get("aud"),
            "leeway": policy.get("leeway", 0),
            "typ": policy.get("typ"),
            "max_age": policy.get("max_age"),
        }
        if "require" in policy:
            settings["required_claims"] = policy["require"]
        Verifier(**settings).verify(case["token"], keys, now=policy["now"])
    except JwtVerifyError as error:
        return {"id": case["id"], "verdict": "reject", "code": error.code}
    return {"id": case["id"], "verdict": "accept", "code": 0}


@pytest.fixture(scope="module")
def results() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    cases = vectors.load("attacks/attacks.json")["cases"]
    found = {case["id"]: (case, verdict(case)) for case in cases}
    dump = sorted((result for _, result in found.values()), key=lambda result: result["id"])
    path = ROOT / "target" / "attacks-python.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(dump, indent=0) + "\n", encoding="utf-8")
    return found


def test_each_attack_has_the_expected_verdict(
    results: dict[str, tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    wrong = {
        name: (case["expect"], result, case["why"])
        for name, (case, result) in results.items()
        if result["verdict"] != case["expect"]
    }
    assert wrong == {}
    assert len(results) == CASES
    assert sum(result["verdict"] == "accept" for _, result in results.values()) > 30


def test_python_and_rust_agree_on_verdict_and_code(
    results: dict[str, tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    path = ROOT / "target" / "attacks-rust.json"
    if not path.exists():
        vectors.absent(f"{path} is not there: the Rust suite writes it")
    rust = {case["id"]: case for case in json.loads(path.read_text(encoding="utf-8"))}
    python = {name: result for name, (_, result) in results.items()}
    differ = {
        name: (rust.get(name), python.get(name))
        for name in rust.keys() | python.keys()
        if rust.get(name) != python.get(name)
    }
    assert differ == {}
