//! The state of a remote key set as JSON, for programs in languages without our types.

use std::time::Duration;

use jwtverify_jwks::{ErrorCode, Status};
use serde_json::json;

/// One JSON object; `jwtverify_remote_jwks_status` documents its members.
pub(crate) fn json(status: &Status) -> String {
    let last_fetch = status.last_fetch.as_ref().map(|last| {
        json!({
            "ago_seconds": last.ago.as_secs(),
            "error": last.error.map(ErrorCode::code),
            "text": last.text,
        })
    });
    let skipped: Vec<String> = status.skipped.iter().map(ToString::to_string).collect();
    json!({
        "state": status.state.name(),
        "url": status.url,
        "issuer": status.issuer,
        "generation": status.generation,
        "kids": status.kids,
        "skipped": skipped,
        "age_seconds": status.age.map(|age| age.as_secs()),
        "ttl_seconds": status.ttl.map(|ttl| ttl.as_secs()),
        "last_fetch": last_fetch,
        "failures": status.failures,
        "attempts": status.attempts,
        "fetching": status.fetching,
        "next_fetch_in_seconds": rounded_up(status.next_fetch_in),
        "next_unknown_kid_fetch_in_seconds": rounded_up(status.next_unknown_kid_fetch_in),
    })
    .to_string()
}

/// Whole seconds after which the time is over.
fn rounded_up(time: Duration) -> u64 {
    time.as_secs()
        .saturating_add(u64::from(time.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use jwtverify_jwks::RemoteJwks;
    use jwtverify_tests::{Alg, LoopbackIssuer};
    use serde_json::Value;

    use super::*;

    fn read(remote: &RemoteJwks) -> Value {
        serde_json::from_str(&json(&remote.status())).unwrap()
    }

    #[test]
    fn documented_members_follow_a_key_set_from_cold_to_fresh() {
        let issuer = LoopbackIssuer::start_with(&[Alg::Es256]);
        let remote = RemoteJwks::from_url(&issuer.jwks_url()).unwrap();
        let cold = read(&remote);
        assert_eq!(cold["state"], "cold");
        assert_eq!(cold["url"], issuer.jwks_url());
        for name in ["issuer", "age_seconds", "ttl_seconds", "last_fetch"] {
            assert_eq!(cold[name], Value::Null, "{name}");
        }
        let documented = include_str!("remote.rs");
        for name in cold.as_object().unwrap().keys() {
            assert!(documented.contains(&format!("\"{name}\"")), "{name}");
        }
        remote.refresh().unwrap();
        let fresh = read(&remote);
        assert_eq!(fresh["state"], "fresh");
        assert_eq!(fresh["kids"], json!(["es256-1"]));
        assert_eq!(fresh["attempts"], 1);
        assert_eq!(fresh["last_fetch"]["error"], Value::Null);
    }

    #[test]
    fn a_wait_is_never_rounded_to_none() {
        for (millis, seconds) in [(0, 0), (1, 1), (1000, 1), (1001, 2)] {
            assert_eq!(rounded_up(Duration::from_millis(millis)), seconds);
        }
        assert_eq!(rounded_up(Duration::MAX), u64::MAX);
    }
}
