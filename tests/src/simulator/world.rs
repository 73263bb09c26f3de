//! Time, callers and fetches: what the library does with threads and sockets, one event at a time.

use std::time::Duration;

use jwtverify_jwks::UnixTime;
use jwtverify_jwks::engine::{
    Answer, Engine, Held, Landing, Launch, Outcome, Patience, Refusal, Stamp, State, Timing, Want,
};

use super::issuer::{Issuer, Published, Reply};

/// The longest time of a fetch, as the library has it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// One call, and what became of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The kid of the token.
    pub kid: u64,
    /// When it came, and when it was answered, by the monotonic clock.
    pub came: Duration,
    /// When it was answered.
    pub answered: Option<Duration>,
    /// The longest that it wants to wait.
    pub budget: Duration,
    /// The answer.
    pub verdict: Option<Verdict>,
    /// When it was answered, in real time.
    pub real: Duration,
    /// Whether the set that was held when it came was usable beyond doubt, and had the key.
    pub had_key: bool,
    /// The same when it was answered.
    pub has_key: bool,
    /// The age and the ttl of the set that was held when it came.
    pub found: Option<(Duration, Duration)>,
}

/// What a caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The key was found, in a set of this age and ttl.
    Accepted {
        /// The age by real time, time asleep included.
        age: Duration,
        /// The ttl of that set.
        ttl: Duration,
    },
    /// There is no such key: 401.
    NotFound,
    /// Not known now: 503.
    Unavailable {
        /// When to come back.
        retry_after: Duration,
    },
}

/// A fetch that was started.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Its number.
    pub sequence: u64,
    /// When, by the monotonic clock.
    pub at: Duration,
    /// When, by real time.
    pub real: Duration,
    /// For what.
    pub why: Why,
    /// The failures before it.
    pub failures: u32,
    /// When the last of them was counted, in real time.
    pub failed: Option<Duration>,
    /// The age and the ttl of the set that was held.
    pub held: Option<(Duration, Duration)>,
    /// Which process started it: a fork makes another one.
    pub process: u32,
    /// Whether it brought a set or a 304, and nothing newer was there.
    pub succeeded: bool,
}

/// What a fetch was started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The age of the set, or that there was none.
    Age,
    /// An unknown kid, while the set was young.
    Miss,
    /// Somebody wanted it.
    Wanted,
}

/// A caller that waits for a fetch.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    call: usize,
    flight: u64,
    asked: bool,
    until: Duration,
    /// `None` for any set; else the round of looking for the kid.
    round: Option<u32>,
}

/// A fetch in the air.
#[derive(Clone, Debug)]
struct Airborne {
    launch: Launch,
    deadline: Duration,
    retries: u32,
    /// The next thing that happens to it: an answer, or a request made anew.
    at: Duration,
    reply: Option<Reply>,
    /// The fetch whose set the question is about, if it is conditional.
    of: Option<u64>,
}

/// One service with one key set, its callers, and its issuer.
#[derive(Debug)]
pub struct World {
    /// The issuer. Change it as you like.
    pub issuer: Issuer,
    /// Whether a driver refreshes beside the callers.
    pub driver: bool,
    engine: Engine,
    monotonic: Duration,
    /// What the monotonic clock missed: sleep of the machine.
    asleep: Duration,
    /// What somebody did to the wall clock.
    shift: i64,
    set: Option<Published>,
    air: Vec<Airborne>,
    waiting: Vec<Waiting>,
    calls: Vec<Call>,
    starts: Vec<Start>,
    /// When the last failure was counted, by real time; none after a success.
    failed: Option<Duration>,
    successes: u64,
    sleeps: u32,
    process: u32,
    /// The kid that a fetch was started for.
    looked_for: Option<(u64, u64)>,
}

impl World {
    /// An issuer with one key, and a service that has not been called.
    pub fn new(timing: Timing, seed: u64) -> Self {
        Self {
            issuer: Issuer::new(),
            driver: false,
            engine: Engine::new(timing, seed),
            monotonic: Duration::from_secs(1000),
            asleep: Duration::ZERO,
            shift: 0,
            set: None,
            air: Vec::new(),
            waiting: Vec::new(),
            calls: Vec::new(),
            starts: Vec::new(),
            failed: None,
            successes: 0,
            sleeps: 0,
            process: 0,
            looked_for: None,
        }
    }

    /// The time of the monotonic clock.
    pub fn now(&self) -> Duration {
        self.monotonic
    }

    /// The time that has really passed, sleep included.
    pub fn real(&self) -> Duration {
        self.monotonic + self.asleep
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The state of the set.
    pub fn state(&self) -> State {
        self.engine.state(self.stamp())
    }

    /// All calls so far.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// All fetches so far.
    pub fn starts(&self) -> &[Start] {
        &self.starts
    }

    /// Fetches that have not come back.
    pub fn airborne(&self) -> usize {
        self.air.len()
    }

    /// How often a set was installed or confirmed.
    pub fn successes(&self) -> u64 {
        self.successes
    }

    /// How often the machine slept. Each time the age of everything is uncertain by a second: wall
    /// clocks count whole ones.
    pub fn sleeps(&self) -> u32 {
        self.sleeps
    }

    /// The age, by real time, and the ttl of the set that is held.
    pub fn held(&self) -> Option<(Duration, Duration)> {
        self.engine.held().map(|held| (self.age(held), held.ttl))
    }

    fn stamp(&self) -> Stamp {
        let secs = self.real().as_secs();
        let unix = 1_700_000_000 + i64::try_from(secs).expect("no age of the world") + self.shift;
        Stamp::new(self.monotonic, UnixTime::from_secs(unix))
    }

    /// Gives the issuer one more key, and the caller its kid.
    pub fn add(&mut self) -> u64 {
        let real = self.real();
        self.issuer.add(real)
    }

    /// Takes a key away from the issuer.
    pub fn remove(&mut self, kid: u64) {
        let real = self.real();
        self.issuer.remove(kid, real);
    }

    /// The issuer takes another key and forgets the one that came last. Gives the new kid.
    pub fn rotate(&mut self) -> u64 {
        let old = self.issuer.newest();
        let new = self.add();
        self.remove(old);
        new
    }

    /// The machine is suspended: the wall clock goes on, the monotonic one does not.
    pub fn suspend(&mut self, time: Duration) {
        self.asleep += Duration::from_secs(time.as_secs());
        self.sleeps += 1;
    }

    /// Somebody sets the wall clock back or forth.
    pub fn set_wall_clock(&mut self, seconds: i64) {
        self.shift += seconds;
    }

    /// The process forks, and this is the child: it has the set, and nothing that is in the air.
    pub fn fork(&mut self, seed: u64) {
        let timing = self.engine.timing().clone();
        self.engine = match self.engine.held() {
            Some(held) => Engine::resume(timing, seed, held),
            None => Engine::new(timing, seed),
        };
        self.air.clear();
        self.failed = None;
        self.process += 1;
        // Their threads are the parent's.
        for waiting in std::mem::take(&mut self.waiting) {
            self.calls[waiting.call].budget = Duration::MAX;
        }
    }

    /// A token with this kid arrives. Gives the number of the call.
    pub fn call(&mut self, kid: u64, budget: Duration) -> usize {
        let number = self.calls.len();
        let had_key = self.holds(kid);
        self.calls.push(Call {
            kid,
            came: self.monotonic,
            answered: None,
            budget,
            verdict: None,
            real: self.real(),
            had_key,
            has_key: had_key,
            found: self.held(),
        });
        match self.state() {
            State::Fresh => self.judge(number, false, None),
            State::Due => {
                let answer = self.lookup(Want::Keys);
                self.take_off(answer, Why::Age);
                self.judge(number, false, None);
            }
            _ => self.obtain(number, None),
        }
        number
    }

    /// A call with as much time as the library gives it, and its answer after that time.
    pub fn ask(&mut self, kid: u64) -> Verdict {
        let call = self.call(kid, TIMEOUT + Duration::from_millis(250));
        self.answer(call)
    }

    /// Lets time pass until a call is answered.
    pub fn answer(&mut self, call: usize) -> Verdict {
        loop {
            if let Some(verdict) = self.calls[call].verdict {
                return verdict;
            }
            let next = self
                .next_event()
                .expect("a caller waits, so something will happen");
            self.run_until(next);
        }
    }

    /// Somebody who runs the service wants a fetch.
    pub fn refresh(&mut self) {
        let answer = self.lookup(Want::Refresh);
        self.take_off(answer, Why::Wanted);
    }

    /// Lets time pass, with all that happens meanwhile.
    pub fn pass(&mut self, time: Duration) {
        let until = self.monotonic + time;
        while let Some(next) = self.next_event().filter(|next| *next <= until) {
            self.run_until(next);
        }
        self.monotonic = until;
    }

    fn next_event(&self) -> Option<Duration> {
        let flights = self.air.iter().map(|flight| flight.at);
        let callers = self.waiting.iter().map(|waiting| waiting.until);
        let wake = self.monotonic + self.engine.wake_in(self.stamp());
        flights
            .chain(callers)
            .chain(self.driver.then_some(wake))
            .min()
    }

    /// Does what happens at this moment: first what arrives, then what runs out of time.
    fn run_until(&mut self, moment: Duration) {
        self.monotonic = self.monotonic.max(moment);
        while let Some(place) = self
            .air
            .iter()
            .position(|flight| flight.at <= self.monotonic)
        {
            let flight = self.air.swap_remove(place);
            self.fly_on(flight);
        }
        while let Some(place) = self
            .waiting
            .iter()
            .position(|waiting| waiting.until <= self.monotonic)
        {
            let waiting = self.waiting.swap_remove(place);
            self.resume(waiting, None);
        }
        if self.driver {
            let before = self.engine.failures();
            let tick = self.engine.on_timer(self.stamp());
            self.note_failures(before);
            if let Some(launch) = tick.start {
                self.launch(launch, Why::Age);
            }
        }
    }

    /// Asks the engine, and takes note of a fetch that it gives up.
    fn lookup(&mut self, want: Want<'_>) -> Answer {
        let before = self.engine.failures();
        let answer = self.engine.on_lookup(self.stamp(), want);
        self.note_failures(before);
        answer
    }

    /// Whether the set that is held has this key and is usable, by arithmetic of our own.
    fn holds(&self, kid: u64) -> bool {
        let max_stale = self.engine.timing().max_stale;
        let doubt = Duration::from_secs(2) * (self.sleeps + 1).min(2);
        self.has(kid)
            && self
                .held()
                .is_some_and(|(age, ttl)| age + doubt < ttl + max_stale)
    }

    fn has(&self, kid: u64) -> bool {
        self.set.as_ref().is_some_and(|set| set.kids.contains(&kid))
    }

    /// Looks into the set that is held.
    fn judge(&mut self, call: usize, asked: bool, round: Option<u32>) {
        let kid = self.calls[call].kid;
        let held = self.engine.held().expect("there is a set to look into");
        if self.has(kid) {
            let age = self.age(held);
            return self.say(call, Verdict::Accepted { age, ttl: held.ttl });
        }
        if asked {
            let kid = kid.to_be_bytes();
            self.engine
                .on_still_missing(self.stamp(), Some(&kid), held.sequence);
            return self.say(call, Verdict::NotFound);
        }
        match round {
            None => self.obtain(call, Some(0)),
            Some(0) => self.obtain(call, Some(1)),
            Some(_) => self.say(call, Verdict::NotFound),
        }
    }

    /// The age of a set by real time, which the engine does not know.
    fn age(&self, held: Held) -> Duration {
        let start = self
            .starts
            .iter()
            .rev()
            .find(|start| start.sequence == held.sequence);
        self.real() - start.expect("a set comes by a fetch").real
    }

    /// Asks the engine for a set, or for a newer one in this round of looking for a kid.
    fn obtain(&mut self, call: usize, round: Option<u32>) {
        let kid = self.calls[call].kid.to_be_bytes();
        let seen = self.engine.held().map_or(0, |held| held.sequence);
        let want = match round {
            None => Want::Keys,
            Some(_) => Want::Missing {
                seen,
                kid: Some(&kid),
            },
        };
        let young = self.state() == State::Fresh;
        let answer = self.lookup(want);
        let why = if round.is_some() && young {
            Why::Miss
        } else {
            Why::Age
        };
        self.take_off(answer, why);
        match answer {
            Answer::Serve | Answer::ServeAndStart(_) => self.judge(call, false, round),
            Answer::Refuse {
                reason,
                retry_after,
            } => self.say(
                call,
                match reason {
                    Refusal::Held => Verdict::NotFound,
                    Refusal::Backoff | Refusal::Unchecked => Verdict::Unavailable { retry_after },
                },
            ),
            Answer::Wait {
                flight,
                start,
                patience,
            } => {
                let deadline = self.calls[call].came + self.calls[call].budget;
                let until = match patience {
                    Patience::Full => deadline,
                    Patience::ThenServe(wait) => deadline.min(self.monotonic + wait),
                };
                if let (Some(launch), Some(_)) = (start, round) {
                    self.looked_for = Some((launch.sequence, self.calls[call].kid));
                }
                let waiting = Waiting {
                    call,
                    flight,
                    asked: start.is_some(),
                    until,
                    round,
                };
                if until <= self.monotonic {
                    self.resume(waiting, None);
                } else {
                    self.waiting.push(waiting);
                }
            }
        }
    }

    /// A caller's wait is over: the fetch ended well or badly, or the time did.
    fn resume(&mut self, waiting: Waiting, landed: Option<bool>) {
        let Waiting {
            call, asked, round, ..
        } = waiting;
        let now = self.stamp();
        // A set that came may be too old for use: where the machine slept since it was asked for.
        let usable = self.state().is_usable();
        match landed {
            Some(true) if usable => self.judge(call, asked, round),
            _ if usable && round.is_none() => self.judge(call, false, round),
            // Another flight has brought the key meanwhile: one that was given up.
            _ if usable && self.has(self.calls[call].kid) => self.judge(call, false, round),
            _ => {
                let retry_after = match round {
                    _ if landed.is_none() && self.engine.is_fetching() => Duration::ZERO,
                    Some(_) => self.engine.next_miss_in(now),
                    None => self.engine.next_attempt_in(now),
                };
                self.say(call, Verdict::Unavailable { retry_after });
            }
        }
    }

    fn say(&mut self, call: usize, verdict: Verdict) {
        let (has_key, real) = (self.holds(self.calls[call].kid), self.real());
        let call = &mut self.calls[call];
        call.real = real;
        call.answered = Some(self.monotonic);
        call.verdict = Some(verdict);
        call.has_key = has_key;
    }

    fn take_off(&mut self, answer: Answer, why: Why) {
        let launch = match answer {
            Answer::ServeAndStart(launch) => launch,
            Answer::Wait {
                start: Some(launch),
                ..
            } => launch,
            _ => return,
        };
        self.launch(launch, why);
    }

    fn launch(&mut self, launch: Launch, why: Why) {
        self.starts.push(Start {
            sequence: launch.sequence,
            at: self.monotonic,
            real: self.real(),
            why,
            failures: self.engine.failures(),
            failed: self.failed,
            held: self.held(),
            process: self.process,
            succeeded: false,
        });
        let mut flight = Airborne {
            launch,
            deadline: self.monotonic + TIMEOUT,
            retries: self.engine.timing().retries,
            at: self.monotonic,
            reply: None,
            of: None,
        };
        self.request(&mut flight);
        self.air.push(flight);
    }

    /// Sends a request for a flight.
    fn request(&mut self, flight: &mut Airborne) {
        let held = self.set.as_ref().zip(self.engine.held());
        flight.of = held.as_ref().map(|(_, held)| held.sequence);
        let version = held.map(|(set, _)| set.version);
        let left = flight.deadline.saturating_sub(self.monotonic);
        let (delay, reply) = self.issuer.ask(self.monotonic, version, left);
        flight.at = self.monotonic + delay;
        flight.reply = Some(reply);
    }

    /// What was due for a flight happens: its answer is there, or its pause is over.
    fn fly_on(&mut self, mut flight: Airborne) {
        let Some(reply) = flight.reply.take() else {
            self.request(&mut flight);
            self.air.push(flight);
            return;
        };
        let pause = flight.launch.retry_delay;
        if let Reply::Failure {
            transient: true, ..
        } = reply
            && flight.retries > 0
            && self.monotonic + pause < flight.deadline
        {
            flight.retries -= 1;
            flight.at = self.monotonic + pause;
            self.air.push(flight);
            return;
        }
        self.land(&flight, reply);
    }

    fn land(&mut self, flight: &Airborne, reply: Reply) {
        let freshness = self.issuer.freshness();
        let (outcome, keys) = match reply {
            Reply::Keys(keys) => (Outcome::Fetched(freshness), Some(keys)),
            Reply::Unchanged => {
                let of = flight.of.unwrap_or_default();
                (Outcome::NotModified { of, freshness }, None)
            }
            Reply::Failure {
                retry_after, gone, ..
            } => (Outcome::Failed { retry_after, gone }, None),
        };
        let sequence = flight.launch.sequence;
        let landed = match self.engine.on_fetch_result(self.stamp(), sequence, outcome) {
            Landing::Installed(_) => {
                self.set = keys;
                self.succeed(sequence);
                true
            }
            Landing::Confirmed(_) => {
                self.succeed(sequence);
                true
            }
            Landing::Overtaken => true,
            Landing::Failed { .. } => {
                self.failed = Some(self.real());
                false
            }
            // Nobody is told, as in the library: who waits for it waits on.
            Landing::Ignored => return,
        };
        if let Some((_, kid)) = self.looked_for.take_if(|(flight, _)| *flight <= sequence)
            && landed
            && !self.has(kid)
        {
            let kid = kid.to_be_bytes();
            self.engine
                .on_still_missing(self.stamp(), Some(&kid), sequence);
        }
        let (done, rest) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.flight <= sequence);
        self.waiting = rest;
        let done: Vec<Waiting> = done;
        for waiting in done {
            self.resume(waiting, Some(landed));
        }
    }

    fn succeed(&mut self, sequence: u64) {
        self.failed = None;
        self.successes += 1;
        let start = self
            .starts
            .iter_mut()
            .rev()
            .find(|start| start.sequence == sequence);
        start.expect("a flight was started").succeeded = true;
    }

    fn note_failures(&mut self, before: u32) {
        if self.engine.failures() > before {
            self.failed = Some(self.real());
        }
    }
}
