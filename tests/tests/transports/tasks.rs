//! Tasks that verify tokens while their issuer misbehaves, all of it on one thread.

use std::sync::Arc;
use std::time::Duration;

use jwtverify_jwks::{
    Algorithm, AsyncHttpFetch, HttpFetch, JwksVerifier, RemoteJwks, RemoteJwksBuilder, UnixTime,
    Verifier,
};
use jwtverify_tests::{Alg, Authority, FaultServer, SigningKey, Step};
use serde_json::json;

use crate::{LONG, SHORT};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// A verifier of one server's keys, and a token of theirs.
fn verifier(
    server: &FaultServer,
    ours: &Authority,
    set: impl Fn(RemoteJwksBuilder, HttpFetch) -> RemoteJwksBuilder,
) -> (JwksVerifier, String) {
    let settings = HttpFetch::with_root_certificates([ours.root()]).unwrap();
    let builder = RemoteJwks::builder()
        .url(&server.https_url("/jwks"))
        .connect_timeout(LONG)
        .timeout(LONG)
        .wait(LONG);
    let remote = set(builder, settings).build().unwrap();
    let policy = Verifier::builder()
        .algorithms([Algorithm::Es256])
        .issuer("https://issuer.example")
        .any_audience()
        .build()
        .unwrap();
    let claims = json!({"iss": "https://issuer.example", "exp": NOW.secs() + 300});
    let token = SigningKey::shared(Alg::Es256).mint(&claims);
    (JwksVerifier::new(policy, remote), token)
}

fn healthy(ours: &Authority) -> Vec<Step> {
    let answer = Step::answer("200 OK", "", SigningKey::shared(Alg::Es256).jwks());
    vec![Step::Tls(ours.server("localhost")), Step::Read, answer]
}

fn by_tokio(builder: RemoteJwksBuilder, settings: HttpFetch) -> RemoteJwksBuilder {
    builder.fetch_async(Arc::new(AsyncHttpFetch::from(settings)))
}

fn by_a_thread(builder: RemoteJwksBuilder, settings: HttpFetch) -> RemoteJwksBuilder {
    builder.fetch(Arc::new(settings))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

#[test]
fn many_tasks_share_one_request_whoever_carries_it() {
    let ours = Authority::new();
    for set in [by_tokio, by_a_thread] {
        let server = FaultServer::start(healthy(&ours));
        let (verifier, token) = verifier(&server, &ours, set);
        run(async {
            let tasks: Vec<_> = (0..200)
                .map(|_| {
                    let (verifier, token) = (verifier.clone(), token.clone());
                    tokio::spawn(async move { verifier.verify_at_async(token, NOW).await })
                })
                .collect();
            for task in tasks {
                assert!(task.await.unwrap().is_ok());
            }
        });
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_server_that_hangs_holds_up_nobody_beyond_his_wait() {
    let ours = Authority::new();
    for set in [by_tokio, by_a_thread] {
        let server = FaultServer::start([Step::Hang]);
        let (verifier, token) = verifier(&server, &ours, set);
        let (remote, patience) = (verifier.remote().clone(), Duration::from_millis(50));
        run(async {
            let calls: Vec<_> = (0..50)
                .map(|_| {
                    let (verifier, token) = (verifier.clone(), token.clone());
                    tokio::spawn(async move { verifier.verify_within_async(token, patience).await })
                })
                .collect();
            for call in calls {
                let error = call.await.unwrap().unwrap_err();
                assert_eq!(error.name(), "UnavailableTimeout");
            }
            // One that waits no longer than the rest may be a blocking caller, elsewhere.
            let elsewhere = std::thread::spawn(move || remote.with_wait(SHORT).keys().err());
            while !elsewhere.is_finished() {
                tokio::task::yield_now().await;
            }
            let error = elsewhere.join().unwrap().unwrap();
            assert_eq!(error.name(), "UnavailableTimeout");
        });
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_task_in_the_background_fetches_before_anybody_asks() {
    let ours = Authority::new();
    let server = FaultServer::start(healthy(&ours));
    let (verifier, token) = verifier(&server, &ours, by_tokio);
    run(async {
        let _refresher = verifier.remote().refresh_in_task();
        while verifier.remote().snapshot().is_none() {
            tokio::task::yield_now().await;
        }
        let zero = verifier.remote().with_wait(Duration::ZERO);
        assert!(zero.keys_async().await.is_ok());
        assert!(verifier.verify_at_async(&token, NOW).await.is_ok());
    });
    assert_eq!(server.connections(), 1);
}
