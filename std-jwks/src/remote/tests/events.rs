//! What listeners hear, and that they can't do harm.

use std::sync::{Condvar, Mutex, OnceLock};

use super::*;
use crate::event::Event;

/// What a listener has heard.
#[derive(Default)]
struct Heard {
    events: Mutex<Vec<Event>>,
    more: Condvar,
}

impl Heard {
    fn hear(&self, event: &Event) {
        self.events.lock().unwrap().push(event.clone());
        self.more.notify_all();
    }

    /// What was heard since the last time, once so many events are there.
    fn take(&self, count: usize) -> Vec<Event> {
        let events = self.events.lock().unwrap();
        let few = |events: &mut Vec<Event>| events.len() < count;
        std::mem::take(&mut *self.more.wait_while(events, few).unwrap())
    }
}

/// A key set, and what its listener has heard.
fn listening(keys: &[(&str, u8)]) -> (Setup, Arc<Heard>) {
    let heard = Arc::new(Heard::default());
    let ears = Arc::clone(&heard);
    let setup = Setup::with(keys, |builder| {
        builder
            .url(URL)
            // Panics, without the message that `panic!` would print each time.
            .on_event(|_| std::panic::resume_unwind(Box::new("a listener that panics")))
            .on_event(move |event| ears.hear(event))
    });
    (setup, heard)
}

/// The names of what was heard since the last time, once so many events are there.
fn names(heard: &Heard, count: usize) -> Vec<&'static str> {
    heard.take(count).iter().map(Event::name).collect()
}

#[test]
fn every_transition_is_told_once() {
    let (setup, heard) = listening(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    let wanted = ["fetch_started", "fetch_succeeded", "set_changed"];
    assert_eq!(names(&heard, 3), wanted);

    // The same set again, then word that it has not changed.
    let tagged = || Response::new(200, jwks(&[("a", 1)])).with_header("ETag", "\"1\"");
    setup.issuer.next(Step::Respond(tagged()));
    let _ = setup.remote.refresh();
    assert_eq!(names(&heard, 2), ["fetch_started", "fetch_succeeded"]);
    setup.issuer.next(Step::Answer(304, String::new()));
    let _ = setup.remote.refresh();
    assert_eq!(names(&heard, 2), ["fetch_started", "not_modified"]);

    // Another set: what came and what went.
    setup.issuer.publish(&[("b", 2), ("c", 3)]);
    let _ = setup.remote.refresh();
    let events = heard.take(3);
    let Some(Event::SetChanged {
        generation,
        added,
        removed,
    }) = events.get(2).cloned()
    else {
        panic!("{events:?}");
    };
    assert_eq!(generation, 2);
    assert_eq!(
        (added, removed),
        (vec!["b".into(), "c".into()], vec!["a".into()])
    );

    // A kid that the issuer does not have; asked for again, nobody asks the issuer.
    setup.clock.advance(secs(10));
    assert_eq!(setup.verdict("x\u{202e}y", 1), "KeyNotFound");
    let events = heard.take(3);
    let held = events.iter().find_map(|event| match event {
        Event::KidHeld { kid } => kid.clone(),
        _ => None,
    });
    assert!(!held.unwrap().contains('\u{202e}'));
    assert_eq!(setup.verdict("x\u{202e}y", 1), "KeyNotFound");
    assert_eq!(names(&heard, 0), [""; 0]);
}

#[test]
fn a_flood_is_one_event_and_not_a_flood_of_them() {
    let (setup, heard) = listening(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    let _ = names(&heard, 3);
    for number in 0..1000 {
        assert_ne!(setup.verdict(&format!("junk {number}"), 1), "valid");
    }
    assert_eq!(names(&heard, 1), ["budget_exhausted"]);
    // The next fetch, and after it the next refusal, is news again.
    let _ = setup.remote.refresh();
    let _ = names(&heard, 2);
    assert_ne!(setup.verdict("junk", 1), "valid");
    assert_eq!(names(&heard, 1), ["budget_exhausted"]);
}

#[test]
fn failures_staleness_and_expiry_are_told() {
    let (setup, heard) = listening(&[("a", 1)]);
    assert_eq!(setup.verdict("a", 1), "valid");
    let _ = names(&heard, 3);
    setup.issuer.always(Response::new(503, ""));
    setup.clock.advance(secs(601));
    assert_eq!(setup.verdict("a", 1), "valid");
    let wanted = ["fetch_started", "fetch_failed", "stale_began"];
    assert_eq!(names(&heard, 3), wanted);
    setup.clock.advance(secs(10));
    assert_eq!(setup.verdict("a", 1), "valid");
    assert_eq!(names(&heard, 2), ["fetch_started", "fetch_failed"]);
    setup.clock.advance(secs(3600));
    assert_eq!(setup.verdict("a", 1), "UnavailableStatus");
    let mut told = names(&heard, 3);
    told.sort_unstable();
    assert_eq!(told, ["expired", "fetch_failed", "fetch_started"]);
    setup.issuer.publish(&[("a", 1)]);
    setup.clock.advance(secs(120));
    assert_eq!(setup.verdict("a", 1), "valid");
    assert_eq!(names(&heard, 2), ["fetch_started", "fetch_succeeded"]);
}

#[test]
fn a_fetch_that_never_comes_back_is_told_as_a_failure() {
    let (setup, heard) = listening(&[("a", 1)]);
    let zero = Duration::ZERO;
    let hang = setup.issuer.hang_next();
    let _ = setup.verifier.verify_within(token("a", 1), zero);
    assert_eq!(names(&heard, 1), ["fetch_started"]);
    setup.clock.advance(secs(60));
    let _ = setup.verifier.verify_within(token("a", 1), zero);
    assert_eq!(names(&heard, 1), ["fetch_failed"]);
    drop(hang);
}

#[test]
fn a_listener_may_use_the_key_set() {
    let remote: Arc<OnceLock<RemoteJwks>> = Arc::default();
    let its = Arc::clone(&remote);
    let heard = Arc::new(Heard::default());
    let states = Arc::new(Mutex::new(Vec::new()));
    let (ears, said) = (Arc::clone(&heard), Arc::clone(&states));
    let setup = Setup::with(&[("a", 1)], |builder| {
        builder.url(URL).on_event(move |event| {
            if let Some(remote) = its.get() {
                said.lock().unwrap().push(remote.status().state);
                ears.hear(event);
            }
        })
    });
    remote.set(setup.remote.clone()).unwrap();
    assert_eq!(setup.verdict("a", 1), "valid");
    let _ = heard.take(3);
    assert_eq!(
        *states.lock().unwrap(),
        [State::Cold, State::Fresh, State::Fresh]
    );
}
