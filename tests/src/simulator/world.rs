//! Time, callers and fetches: what the library does with threads and sockets, one event at a time.

use std::time::Duration;

use jwtverify_jwks::UnixTime;
use jwtverify_jwks::engine::{Answer, Engine, Launch, Stamp, State, Timing, Want};

use super::issuer::{Issuer, Published, Reply};
use super::record::{Call, Start, Verdict, Why};

mod callers;
mod flights;

/// The longest time of a fetch, as the library has it.
const TIMEOUT: Duration = Duration::from_secs(5);

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
    /// The fetch that the set came by, and whether one ever came by an earlier fetch than the last.
    came_by: u64,
    went_back: bool,
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
            came_by: 0,
            went_back: false,
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

    /// Whether an answer to an earlier question ever took the place of one to a later question.
    pub fn went_back(&self) -> bool {
        self.went_back
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
}
