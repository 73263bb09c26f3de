//! A world that chance drives: callers, clocks, keys, and an issuer with moods.

use std::time::Duration;

use jwtverify_jwks::engine::Timing;

use super::chance::Chance;
use super::issuer::Mood;
use super::judge::Judge;
use super::record::Verdict;
use super::world::World;

/// Kids that no issuer has are above this.
const JUNK: u64 = 1 << 32;

/// One run.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    seed: u64,
    steps: u32,
    timing: Option<fn(&mut Timing)>,
}

impl Schedule {
    /// The run of this seed, with so many steps.
    pub fn new(seed: u64, steps: u32) -> Self {
        Self {
            seed,
            steps,
            timing: None,
        }
    }

    /// The same with the default numbers changed like this, and no others.
    #[must_use]
    pub fn with(mut self, change: fn(&mut Timing)) -> Self {
        self.timing = Some(change);
        self
    }

    /// Runs it, and holds it against the promises. Gives the world as it was at the end.
    ///
    /// # Errors
    /// The promise that was broken, with the seed.
    pub fn run(&self) -> Result<World, String> {
        let world = self.play()?;
        Judge::new(&world)
            .check()
            .map_err(|broken| self.tell(&broken))?;
        Ok(world)
    }

    /// Runs it, and judges only what can be seen on the way.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn play(&self) -> Result<World, String> {
        let mut chance = Chance::new(self.seed);
        let mut numbers = timing(&mut chance);
        if let Some(change) = self.timing {
            numbers = Timing::default();
            change(&mut numbers);
        }
        let mut world = World::new(numbers, self.seed);
        world.driver = chance.percent(30);
        if chance.percent(30) {
            world.issuer.max_age = Some(Duration::from_secs(chance.below(7200)));
        }
        // A clock that is set back hides sleep: no clock can tell then. It is one or the other.
        let sleeps = chance.percent(50);
        for _ in 0..self.steps {
            step(&mut world, &mut chance, sleeps);
            let engine = world.engine();
            let most = engine.timing().max_lost_flights + usize::from(engine.is_fetching());
            if world.airborne() > most {
                return Err(self.tell("more fetches hang than are allowed"));
            }
        }
        self.recover(&mut world)?;
        Judge::new(&world)
            .check()
            .map_err(|broken| self.tell(&broken))?;
        Ok(world)
    }

    /// Whatever happened, an issuer that is well again is found to be so.
    fn recover(&self, world: &mut World) -> Result<(), String> {
        world.issuer.mood = Mood::Good(Duration::from_millis(50));
        // Longer than any wait, hold and retry, and than any fetch can hang.
        world.pass(Duration::from_secs(900));
        let newest = world.issuer.newest();
        let kid = if world.issuer.kids().any(|kid| kid == newest) {
            newest
        } else {
            world.add()
        };
        match world.ask(kid) {
            Verdict::Accepted { .. } => Ok(()),
            other => Err(self.tell(&format!("a good key after all was well again: {other:?}"))),
        }
    }

    fn tell(&self, broken: &str) -> String {
        format!("seed {}: {broken}", self.seed)
    }
}

/// The defaults, or numbers that are nothing like them.
fn timing(chance: &mut Chance) -> Timing {
    let mut timing = Timing::default();
    if chance.percent(50) {
        return timing;
    }
    timing.ttl = Duration::from_secs(1 + chance.below(3600));
    timing.max_stale = Duration::from_secs(chance.below(7200));
    timing.stale_wait = chance.millis(5000);
    timing.miss_burst = 1 + u32::try_from(chance.below(4)).unwrap_or(0);
    timing.miss_interval = Duration::from_secs(1 + chance.below(120));
    timing.miss_spacing = chance.millis(20_000);
    timing.hold_first = chance.millis(10_000);
    timing.hold_entries = usize::try_from(chance.below(10)).unwrap_or(0);
    timing.backoff_first = Duration::from_millis(10) + chance.millis(3000);
    timing.cold_backoff_first = Duration::from_millis(10) + chance.millis(1000);
    timing.refresh_at = 50 + u32::try_from(chance.below(46)).unwrap_or(0);
    timing.refresh_jitter = u32::try_from(chance.below(21)).unwrap_or(0);
    timing.retries = u32::try_from(chance.below(4)).unwrap_or(0);
    timing.check().expect("numbers in their ranges");
    timing
}

fn step(world: &mut World, chance: &mut Chance, sleeps: bool) {
    match chance.below(100) {
        0..=19 => world.pass(chance.millis(300)),
        20..=34 => world.pass(chance.millis(20_000)),
        35..=39 => world.pass(Duration::from_secs(chance.below(1200))),
        40 => world.pass(Duration::from_secs(chance.below(30_000))),
        41..=60 => call(world, chance, 1),
        61..=64 => call(world, chance, 20),
        65..=72 => {
            let kid = JUNK + chance.below(1 << 20);
            world.call(kid, budget(chance));
        }
        73..=76 => {
            // The same few again and again, so that they are held.
            let kid = JUNK + chance.below(3);
            world.call(kid, budget(chance));
        }
        77..=79 => {
            world.rotate();
        }
        80..=81 => {
            world.add();
        }
        82 => {
            let kids: Vec<u64> = world.issuer.kids().collect();
            if kids.len() > 1 {
                world.remove(kids[0]);
            }
        }
        83..=94 => world.issuer.mood = mood(chance),
        95..=96 => world.refresh(),
        97 if sleeps => world.suspend(Duration::from_secs(chance.below(20_000))),
        97 => world.set_wall_clock(-i64::try_from(chance.below(100_000)).unwrap_or(0)),
        98 if chance.percent(10) => world.fork(chance.below(u64::MAX)),
        _ => world.pass(chance.millis(3000)),
    }
}

fn mood(chance: &mut Chance) -> Mood {
    match chance.below(12) {
        0 => Mood::Refuses,
        1 => Mood::Hangs,
        2 => Mood::Clings(chance.millis(60_000)),
        3 => Mood::Fails(None),
        4 => Mood::Fails(Some(Duration::from_secs(chance.below(1000)))),
        5 => Mood::Gone,
        6 => Mood::Nonsense,
        7 => Mood::Good(chance.millis(8000)),
        _ => Mood::Good(chance.millis(300)),
    }
}

/// A token of the newest key, or of one that may be long gone.
fn call(world: &mut World, chance: &mut Chance, times: u64) {
    let newest = world.issuer.newest();
    for _ in 0..times {
        let kid = if chance.percent(70) {
            newest
        } else {
            newest - chance.below(newest.min(3) + 1)
        };
        let _ = world.call(kid, budget(chance));
    }
}

fn budget(chance: &mut Chance) -> Duration {
    match chance.below(4) {
        0 => Duration::ZERO,
        1 => chance.millis(1000),
        2 => Duration::from_secs(2),
        _ => Duration::from_millis(5250),
    }
}
