//! Callers that are tasks: the same verdicts, the same one fetch, and nobody blocks.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::*;
use crate::fetch::{AsyncFetch, FetchFuture, Request};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A runtime whose clock jumps to the next timer as soon as nothing else is left to do.
fn timeless() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

/// An issuer for tasks: it answers when the test says so, and then always at once.
#[derive(Default)]
struct AsyncIssuer {
    hangs: Mutex<Vec<oneshot::Receiver<Response>>>,
    always: Mutex<Option<Response>>,
    requests: AtomicUsize,
}

impl AsyncIssuer {
    fn publish(&self, keys: &[(&str, u8)]) {
        *self.always.lock().unwrap() = Some(Response::new(200, jwks(keys)));
    }

    fn hang_next(&self) -> oneshot::Sender<Response> {
        let (answer, hang) = oneshot::channel();
        self.hangs.lock().unwrap().push(hang);
        answer
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl AsyncFetch for AsyncIssuer {
    fn fetch<'a>(&'a self, _: &'a Request) -> FetchFuture<'a> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let hang = self.hangs.lock().unwrap().pop();
        Box::pin(async move {
            if let Some(hang) = hang {
                return hang.await.map_err(|_| FetchError::Timeout);
            }
            let answer = self.always.lock().unwrap().clone();
            Ok(answer.expect("scripted: the asynchronous transport panics"))
        })
    }
}

/// A remote key set on such an issuer.
fn asynchronous(keys: &[(&str, u8)]) -> (Arc<AsyncIssuer>, Setup) {
    let issuer = Arc::new(AsyncIssuer::default());
    issuer.publish(keys);
    let transport = Arc::<AsyncIssuer>::clone(&issuer);
    let setup = Setup::with(&[], |builder| builder.url(URL).fetch_async(transport));
    (issuer, setup)
}

async fn verdict(setup: &Setup, kid: &str, seed: u8) -> &'static str {
    match setup.verifier.verify_async(token(kid, seed)).await {
        Ok(_) => "valid",
        Err(error) => error.name(),
    }
}

#[test]
fn tasks_hear_what_threads_hear_and_cost_the_same_fetches() {
    let runtime = runtime();
    let (threads, tasks) = (Setup::new(&[("a", 1)]), Setup::new(&[("a", 1)]));
    for text in [
        "rubbish".to_owned(),
        token("a", 1),
        token("a", 2),
        token("b", 1),
        token("b", 1),
        token("c", 1),
        mint(r#"{"alg":"HS256","kid":"a"}"#, "{}", 1),
        mint(r#"{"alg":"EdDSA","kid":"a"}"#, r#"{"iss":"x"}"#, 1),
        mint(r#"{"alg":"EdDSA"}"#, r#"{"iss":"x"}"#, 1),
    ] {
        let one = threads.verifier.verify(&text).map(|_| ());
        let other = runtime.block_on(tasks.verifier.verify_async(&text));
        let shown = |result: Result<(), Error>| result.map_err(|error| error.to_string());
        assert_eq!(shown(other.map(|_| ())), shown(one), "{text}");
        assert_eq!(tasks.issuer.requests(), threads.issuer.requests(), "{text}");
        let jws = threads.verifier.verify_jws(&text).is_ok();
        let other = runtime.block_on(tasks.verifier.verify_jws_async(&text));
        assert_eq!(other.is_ok(), jws, "{text}");
    }
}

#[test]
fn a_thousand_tasks_share_one_fetch() {
    let (issuer, asynchronous) = asynchronous(&[("a", 1)]);
    let blocking = Setup::new(&[("a", 1)]);
    runtime().block_on(async {
        for setup in [&asynchronous, &blocking] {
            let tasks: Vec<_> = (0..1000)
                .map(|_| {
                    let verifier = setup.verifier.clone();
                    tokio::spawn(async move { verifier.verify_async(token("a", 1)).await })
                })
                .collect();
            for task in tasks {
                assert!(task.await.unwrap().is_ok());
            }
        }
    });
    assert_eq!((issuer.requests(), blocking.issuer.requests()), (1, 1));
}

#[test]
fn the_executor_runs_on_while_a_transport_blocks() {
    let setup = Setup::new(&[("a", 1)]);
    let answer = setup.issuer.hang_next();
    runtime().block_on(async {
        let verifier = setup.verifier.clone();
        let waits = tokio::spawn(async move { verifier.verify_async(token("a", 1)).await });
        // One thread for both tasks: if the first blocked it, this one would never answer.
        let answers = tokio::spawn(async move {
            tokio::task::yield_now().await;
            answer.send(Response::new(200, jwks(&[("a", 1)]))).unwrap();
        });
        answers.await.unwrap();
        assert!(waits.await.unwrap().is_ok());
    });
}

#[test]
fn a_caller_that_is_dropped_leaves_the_fetch_to_the_others() {
    let (issuer, setup) = asynchronous(&[("a", 1)]);
    let answer = issuer.hang_next();
    runtime().block_on(async {
        let call = || {
            let verifier = setup.verifier.clone();
            tokio::spawn(async move { verifier.verify_async(token("a", 1)).await })
        };
        let (first, second) = (call(), call());
        while issuer.requests() == 0 {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        answer.send(Response::new(200, jwks(&[("a", 1)]))).unwrap();
        assert!(second.await.unwrap().is_ok());
    });
    assert_eq!(issuer.requests(), 1);
}

#[test]
fn a_task_chooses_how_long_it_waits() {
    let (issuer, setup) = asynchronous(&[("a", 1)]);
    let answer = issuer.hang_next();
    let ms = Duration::from_millis;
    timeless().block_on(async {
        for wait in [ms(0), ms(250), ms(2500)] {
            let began = tokio::time::Instant::now();
            let call = setup.verifier.verify_within_async(token("a", 1), wait);
            assert_eq!(call.await.unwrap_err().name(), "UnavailableTimeout");
            let waited = began.elapsed();
            // The wait is counted by the real clock, of which a busy machine takes its part.
            assert!(waited < wait + ms(50), "{waited:?}");
        }
        let hasty = setup.remote.with_wait(ms(10));
        assert_eq!(
            hasty.keys_async().await.unwrap_err().name(),
            "UnavailableTimeout"
        );
        answer.send(Response::new(200, jwks(&[("a", 1)]))).unwrap();
        assert_eq!(verdict(&setup, "a", 1).await, "valid");
        assert!(hasty.keys_async().await.is_ok());
        assert!(hasty.keys_with_async("a").await.is_ok());
    });
    assert_eq!(issuer.requests(), 1);
}

#[test]
fn an_asynchronous_transport_that_ignores_its_time_is_dropped() {
    let (issuer, setup) = asynchronous(&[("a", 1)]);
    let answer = issuer.hang_next();
    timeless().block_on(async {
        assert_eq!(verdict(&setup, "a", 1).await, "UnavailableTimeout");
    });
    assert!(answer.is_closed(), "somebody still waits for it");
    let status = setup.remote.status();
    assert_eq!((status.failures, status.fetching), (1, false));
}

#[test]
fn a_runtime_that_stops_does_not_take_the_key_set_with_it() {
    let (issuer, setup) = asynchronous(&[("a", 1)]);
    let answer = issuer.hang_next();
    let first = runtime();
    let zero = Duration::ZERO;
    let call = setup.verifier.verify_within_async(token("a", 1), zero);
    assert!(first.block_on(call).is_err());
    drop(first);
    drop(answer);
    let last = setup.remote.status().last_fetch.unwrap();
    assert!(last.text.contains("runtime stopped"), "{}", last.text);
    assert!(!setup.remote.status().fetching);
    // A thread has no runtime; the fetch gets one of its own.
    setup.clock.advance(secs(60));
    assert_eq!(setup.verdict("a", 1), "valid");
    setup.clock.advance(secs(500));
    assert_eq!(runtime().block_on(verdict(&setup, "a", 1)), "valid");
}

#[test]
fn an_asynchronous_transport_that_panics_is_a_failed_fetch() {
    let (issuer, setup) = asynchronous(&[("a", 1)]);
    *issuer.always.lock().unwrap() = None;
    let heard = runtime().block_on(verdict(&setup, "a", 1));
    assert_eq!(heard, "UnavailableConnect");
    assert!(
        setup
            .remote
            .status()
            .last_fetch
            .unwrap()
            .text
            .contains("panicked")
    );
    issuer.publish(&[("a", 1)]);
    setup.clock.advance(secs(60));
    assert_eq!(runtime().block_on(verdict(&setup, "a", 1)), "valid");
}

#[test]
fn without_a_runtime_nothing_panics_and_nothing_waits() {
    let setup = Setup::new(&[("a", 1)]);
    let answer = setup.issuer.hang_next();
    let mut call = Box::pin(setup.verifier.verify_async(token("a", 1)));
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Err(error)) = call.as_mut().poll(&mut context) else {
        panic!("it waits without a timer");
    };
    assert_eq!(error.name(), "UnavailableTimeout");
    answer.send(Response::new(200, jwks(&[("a", 1)]))).unwrap();
    settle(&setup.remote);
    // What is held needs no runtime.
    let mut call = Box::pin(setup.verifier.verify_async(token("a", 1)));
    assert!(matches!(
        call.as_mut().poll(&mut context),
        Poll::Ready(Ok(_))
    ));
}

#[test]
fn refreshing_and_unknown_kids_work_in_tasks_too() {
    let (issuer, setup) = asynchronous(&[("a", 1)]);
    runtime().block_on(async {
        assert_eq!(verdict(&setup, "a", 1).await, "valid");
        issuer.publish(&[("b", 2)]);
        setup.clock.advance(secs(10));
        assert_eq!(verdict(&setup, "b", 2).await, "valid");
        assert_eq!(verdict(&setup, "a", 1).await, "UnavailableUnchecked");
        issuer.publish(&[("c", 3)]);
        let keys = setup.remote.refresh_async().await.unwrap();
        assert!(keys.key_set().kids().eq(["c"]));
    });
    assert_eq!(issuer.requests(), 3);
}

#[test]
fn the_futures_can_be_sent_between_threads() {
    fn sendable<T: Send>(_: T) {}
    let setup = Setup::new(&[]);
    sendable(setup.verifier.verify_async("x"));
    sendable(setup.verifier.verify_jws_async("x"));
    sendable(setup.verifier.verify_within_async("x", Duration::ZERO));
    sendable(setup.remote.keys_async());
    sendable(setup.remote.keys_with_async("x"));
    sendable(setup.remote.refresh_async());
}
