//! The promises of a key set with a store, over restarts of the process.

use std::sync::Mutex;
use std::thread;

use super::*;
use crate::clock::testing::TestClock;
use crate::engine::State;
use crate::fetch::Response;
use crate::testing::{ISSUER, Issuer, URL, jwk, jwks, token};
use crate::{Algorithm, JwksVerifier, RemoteJwks, RemoteJwksBuilder, Verifier};

/// One process after the other, on one issuer and one store.
struct World {
    issuer: Arc<Issuer>,
    store: Arc<dyn SnapshotStore>,
    /// The wall clock, in seconds since the beginning.
    wall: Mutex<i64>,
}

/// One process: its monotonic clock begins with it.
struct Process {
    remote: RemoteJwks,
    clock: Arc<TestClock>,
}

impl World {
    fn new(store: Arc<dyn SnapshotStore>) -> Self {
        Self {
            issuer: Issuer::publishing(&[("a", 1)]),
            store,
            wall: Mutex::new(0),
        }
    }

    fn pass(&self, secs: i64) {
        *self.wall.lock().unwrap() += secs;
    }

    fn start(&self) -> Process {
        self.start_with(|builder| builder.url(URL))
    }

    fn start_with(&self, set: impl FnOnce(RemoteJwksBuilder) -> RemoteJwksBuilder) -> Process {
        let clock = Arc::new(TestClock::new());
        clock.jump(*self.wall.lock().unwrap());
        let patience = Duration::from_secs(60);
        let builder = RemoteJwks::builder()
            .fetch(self.issuer.clone())
            .clock(clock.clone())
            .wait(patience)
            .stale_wait(patience)
            .retries(0)
            .store(Arc::clone(&self.store));
        let remote = set(builder).build().unwrap();
        Process { remote, clock }
    }

    fn go_down(&self) {
        self.issuer.always(Response::new(503, ""));
    }
}

impl Process {
    fn verdict(&self, kid: &str, seed: u8) -> &'static str {
        let policy = Verifier::builder()
            .algorithms([Algorithm::EdDsa])
            .issuer(ISSUER)
            .any_audience();
        let verifier = JwksVerifier::new(policy.build().unwrap(), self.remote.clone());
        let verdict = verifier.verify(token(kid, seed));
        verdict.map_or_else(|error| error.name(), |_| "valid")
    }

    fn report(&self) -> StoreReport {
        self.remote.status().store.unwrap()
    }

    /// The report once `done` holds of it: a set is saved after the callers were woken.
    fn report_when(&self, done: impl Fn(&StoreReport) -> bool) -> StoreReport {
        loop {
            let report = self.report();
            if done(&report) {
                return report;
            }
            thread::yield_now();
        }
    }

    fn saved(&self, times: u64) -> StoreReport {
        self.report_when(|report| report.saves == times)
    }
}

/// A store in memory that can be broken.
#[derive(Default)]
struct Memory {
    octets: Mutex<Option<Vec<u8>>>,
    broken: Mutex<Option<&'static str>>,
}

impl Memory {
    fn holding(octets: impl Into<Vec<u8>>) -> Arc<Self> {
        Arc::new(Self {
            octets: Mutex::new(Some(octets.into())),
            broken: Mutex::default(),
        })
    }

    fn text(&self) -> String {
        String::from_utf8(self.octets.lock().unwrap().clone().unwrap()).unwrap()
    }

    fn fail(&self) -> Result<(), StoreError> {
        let broken = *self.broken.lock().unwrap();
        match broken {
            Some("panic") => panic!("scripted: the store panics"),
            Some(why) => Err(StoreError::new(why)),
            None => Ok(()),
        }
    }
}

impl SnapshotStore for Memory {
    fn load(&self, _: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.fail()?;
        Ok(self.octets.lock().unwrap().clone())
    }

    fn save(&self, snapshot: &[u8]) -> Result<(), StoreError> {
        self.fail()?;
        *self.octets.lock().unwrap() = Some(snapshot.to_vec());
        Ok(())
    }
}

/// A store that holds the set of [`World::new`], as of the beginning.
fn filled() -> Arc<Memory> {
    let memory = Arc::new(Memory::default());
    let world = World::new(memory.clone());
    let process = world.start();
    assert_eq!(process.verdict("a", 1), "valid");
    process.saved(1);
    memory
}

#[test]
fn a_restart_in_an_outage_begins_with_the_last_good_set_and_its_age() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state").join("keys");
    let world = World::new(Arc::new(FileStore::new(&path)));
    let first = world.start();
    assert_eq!(
        first.report(),
        StoreReport::default(),
        "there is no file yet"
    );
    assert_eq!(first.verdict("a", 1), "valid");
    first.saved(1);
    drop(first);

    world.go_down();
    world.pass(300);
    let second = world.start();
    let status = second.remote.status();
    assert!(second.report().loaded);
    assert_eq!((status.state, status.attempts), (State::Fresh, 0));
    assert_eq!(status.age, Some(Duration::from_secs(301)));
    assert_eq!(status.url.as_deref(), Some(URL));
    assert_eq!((status.kids, status.etag), (vec!["a".to_owned()], None));
    assert_eq!(second.verdict("a", 1), "valid");
    assert_eq!(world.issuer.requests(), 1);
    // The age goes on: 10 minutes of ttl, and an hour for an issuer that is down.
    second.clock.advance(Duration::from_secs(3_800));
    assert_eq!(second.verdict("a", 1), "valid");
    assert_eq!(second.remote.status().state, State::StaleErr);
    second.clock.advance(Duration::from_secs(99));
    assert_ne!(second.verdict("a", 1), "valid");
    assert_eq!(second.remote.status().state, State::Expired);

    // One more restart makes nothing younger: no fetch has succeeded since.
    world.pass(3_800);
    let third = world.start();
    assert!(third.report().loaded);
    assert_eq!(third.remote.status().state, State::StaleIdle);
    assert_eq!(third.verdict("a", 1), "valid");
    world.pass(100);
    let fourth = world.start();
    let reason = fourth.report().load_error.unwrap();
    assert!(reason.contains("too old"), "{reason}");
    assert_eq!(fourth.verdict("a", 1), "UnavailableStatus");
}

#[test]
fn each_confirmation_is_saved_with_its_time() {
    let memory = Arc::new(Memory::default());
    let world = World::new(memory.clone());
    let tagged = Response::new(200, jwks(&[("a", 1)])).with_header("ETag", "\"1\"");
    world.issuer.always(tagged);
    let process = world.start();
    assert_eq!(process.verdict("a", 1), "valid");
    process.saved(1);
    assert!(
        memory.text().contains("\n1700000000\n"),
        "{}",
        memory.text()
    );
    // The same octets, and then word that nothing has changed.
    process.clock.advance(Duration::from_secs(600));
    assert_eq!(process.verdict("a", 1), "valid");
    process.saved(2);
    assert!(
        memory.text().contains("\n1700000600\n"),
        "{}",
        memory.text()
    );
    world.issuer.always(Response::new(304, ""));
    process.clock.advance(Duration::from_secs(600));
    assert_eq!(process.verdict("a", 1), "valid");
    process.saved(3);
    assert!(
        memory.text().contains("\n1700001200\n"),
        "{}",
        memory.text()
    );
    // A failure saves nothing.
    world.go_down();
    assert!(process.remote.refresh().is_err());
    assert_eq!(process.report().saves, 3);
    assert!(memory.text().contains("\n1700001200\n"));
}

#[test]
fn the_first_fetch_takes_the_place_of_what_was_stored() {
    let memory = filled();
    let world = World::new(memory);
    let tagged = Response::new(200, jwks(&[("a", 1)])).with_header("ETag", "\"1\"");
    world.issuer.always(tagged);
    let process = world.start();
    assert!(process.report().loaded);
    let stored = process.remote.snapshot().unwrap();
    process.remote.refresh().unwrap();
    let fetched = process.remote.snapshot().unwrap();
    assert_eq!((stored.generation(), fetched.generation()), (1, 2));
    let requests = world.issuer.requests.lock().unwrap();
    assert!(
        requests[0].headers.is_empty(),
        "no condition: all of it must come"
    );
}

#[test]
fn a_key_that_the_issuer_has_withdrawn_is_gone_from_the_store_as_well() {
    let memory = filled();
    let world = World::new(memory.clone());
    world.issuer.publish(&[("b", 2)]);
    let process = world.start();
    assert_eq!(process.verdict("b", 2), "valid");
    process.saved(1);
    assert_eq!(process.verdict("a", 1), "UnavailableUnchecked");
    assert!(!memory.text().contains(r#""kid":"a""#));
    world.go_down();
    assert_eq!(world.start().verdict("b", 2), "valid");
}

#[test]
fn what_can_not_be_used_is_refused_with_a_reason_and_start_up_goes_on() {
    let good = filled().text();
    let forged = |keys: &str| {
        let record = Record::read(good.as_bytes()).unwrap();
        Record { keys, ..record }.text()
    };
    let private = jwk("a", 1).replace('{', r#"{"d":"AA","#);
    let many = vec![("k", 1); 101];
    for (octets, words) in [
        (String::new(), "no snapshot"),
        ("{\"keys\":[]}".to_owned(), "no snapshot"),
        (good[..good.len() - 1].to_owned(), "checksum"),
        (good.replace("\"a\"", "\"b\""), "checksum"),
        (good.replace("snapshot 1", "snapshot 9"), "version"),
        (forged("{\"keys\":[]}"), "no usable key"),
        (forged("{\"keys\":[],\"keys\":[]}"), "no usable key set"),
        (
            forged(&format!(r#"{{"keys":[{private}]}}"#)),
            "no usable key",
        ),
        (forged(&jwks(&many)), "more keys"),
        (forged(&" ".repeat(600 * 1024)), "no usable key set"),
    ] {
        let world = World::new(Memory::holding(octets));
        let process = world.start();
        let report = process.report();
        let reason = report.load_error.unwrap();
        assert!(reason.contains(words), "{words}: {reason}");
        assert!(!report.loaded);
        assert_eq!(process.remote.status().state, State::Cold);
        assert_eq!(process.verdict("a", 1), "valid", "the issuer is there");
        // What was saved since is good.
        process.saved(1);
        assert!(world.start().report().loaded);
    }
}

#[test]
fn a_snapshot_of_another_source_is_refused() {
    let other = "https://issuer.example/jwks.json?tenant=2";
    let issuer = ISSUER;
    for (name, set) in [
        (
            "url",
            (|builder, _| builder.url("https://b.example/")) as fn(RemoteJwksBuilder, _) -> _,
        ),
        ("query", |builder, (other, _)| builder.url(other)),
        ("urls", |builder, (other, _)| builder.urls([URL, other])),
        ("issuer", |builder, (_, issuer)| builder.issuer(issuer)),
        ("server", |builder, (_, issuer)| {
            builder.authorization_server(issuer)
        }),
    ] {
        let world = World::new(filled());
        let process = world.start_with(|builder| set(builder, (other, issuer)));
        let reason = process.report().load_error.unwrap();
        assert!(reason.contains("another source"), "{name}: {reason}");
        assert_eq!(process.remote.status().state, State::Cold, "{name}");
    }
    let text = filled().text();
    assert!(
        !text.contains("tenant"),
        "a query may hold a secret: {text}"
    );
}

#[test]
fn a_snapshot_from_the_future_is_refused() {
    let world = World::new(filled());
    world.pass(-1);
    let process = world.start();
    let reason = process.report().load_error.unwrap();
    assert!(reason.contains("future"), "{reason}");
    assert_eq!(process.remote.status().state, State::Cold);
}

#[test]
fn a_stored_ttl_gives_no_more_than_the_settings_allow() {
    let memory = filled();
    let text = memory.text();
    let record = Record::read(text.as_bytes()).unwrap();
    let long = Record {
        ttl: Duration::from_secs(1 << 40),
        ..record
    };
    let world = World::new(Memory::holding(long.text()));
    let process = world.start();
    assert_eq!(process.remote.status().ttl, Some(Duration::from_secs(3600)));
    let minute = Duration::from_secs(60);
    let process = world.start_with(|builder| builder.url(URL).ttl(minute));
    assert_eq!(process.remote.status().ttl, Some(minute));
    world.pass(3_700);
    let process = world.start_with(|builder| builder.url(URL).ttl(minute));
    assert!(process.report().load_error.unwrap().contains("too old"));
}

#[test]
fn a_store_that_fails_or_panics_disturbs_nobody() {
    for why in ["the disk is full\n", "panic"] {
        let memory = filled();
        *memory.broken.lock().unwrap() = Some(why);
        let world = World::new(memory.clone());
        let process = world.start();
        assert!(!process.report().loaded);
        assert!(process.report().load_error.is_some());
        assert_eq!(process.verdict("a", 1), "valid");
        let report = process.report_when(|report| report.save_error.is_some());
        assert_eq!(report.saves, 0);
        let reason = report.save_error.unwrap();
        assert!(!reason.contains('\n'), "{reason:?}");
        // Once it works again, that shows.
        *memory.broken.lock().unwrap() = None;
        process.remote.refresh().unwrap();
        assert_eq!(process.saved(1).save_error, None);
    }
}

#[test]
fn private_members_that_an_issuer_publishes_are_not_stored() {
    let memory = Arc::new(Memory::default());
    let world = World::new(memory.clone());
    let private = jwk("p", 2).replace('{', r#"{"d":"c2VjcmV0","#);
    let body = format!(r#"{{"keys":[{},{private}]}}"#, jwk("a", 1));
    world.issuer.always(Response::new(200, body));
    let process = world.start();
    assert_eq!(process.verdict("a", 1), "valid");
    process.saved(1);
    let text = memory.text();
    assert!(!text.contains("c2VjcmV0"), "{text}");
    let next = world.start();
    assert_eq!(next.remote.status().kids, ["a"]);
}

#[cfg(feature = "async")]
mod asynchronous {
    use super::*;
    use crate::fetch::{AsyncFetch, Fetch, FetchFuture, Request};

    /// The scripted issuer, for tasks.
    struct ForTasks(Arc<Issuer>);

    impl AsyncFetch for ForTasks {
        fn fetch<'a>(&'a self, request: &'a Request) -> FetchFuture<'a> {
            Box::pin(async { self.0.fetch(request) })
        }
    }

    #[test]
    fn sets_that_tasks_fetch_are_stored_as_well() {
        let memory = Arc::new(Memory::default());
        let world = World::new(memory.clone());
        let transport = Arc::new(ForTasks(Arc::clone(&world.issuer)));
        let process = world.start_with(|builder| builder.url(URL).fetch_async(transport));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            process.remote.keys_async().await.unwrap();
            while process.report().saves == 0 {
                tokio::task::yield_now().await;
            }
        });
        assert!(memory.text().contains(r#""kid":"a""#));
        // A blocking caller lends the flight a thread with a runtime of its own.
        process.remote.refresh().unwrap();
        assert_eq!(process.saved(2).save_error, None);
    }
}
