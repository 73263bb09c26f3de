//! One process: what its tokens meet.

use std::time::Duration;

use crate::chance::Chance;
use crate::client::{Client, Fetch, Lane, Reply, Token, Verdict};
use crate::day::{Day, FIRST, Key, LEAKED};
use crate::figures::Ledger;
use crate::issuer::{Answer, Issuer};
use crate::queue::{Entry, Event, Queue};
use crate::traffic::{Mix, Traffic};

/// What all processes share.
#[derive(Debug)]
pub(crate) struct World<'d> {
    pub(crate) day: &'d Day,
    pub(crate) chance: Chance,
    pub(crate) issuer: Issuer<'d>,
    pub(crate) queue: Queue,
    pub(crate) ledger: Ledger,
    pub(crate) traffic: Traffic,
    /// The key that new tokens are signed with, and the one before it.
    pub(crate) current: Key,
    pub(crate) earlier: Key,
    pub(crate) is_flooded: bool,
}

impl<'d> World<'d> {
    pub(crate) fn new(day: &'d Day, seed: u64) -> Self {
        Self {
            day,
            chance: Chance::new(seed),
            issuer: Issuer::new(day),
            queue: Queue::new(day.length),
            ledger: Ledger::new(day),
            traffic: Traffic::settled(day.good, day.lifetime),
            current: FIRST,
            earlier: FIRST,
            is_flooded: false,
        }
    }

    /// When the next token of a lane comes.
    fn next(&mut self, lane: Lane, mix: Mix, from: Duration) -> Option<Duration> {
        if from >= self.day.length {
            return None;
        }
        match lane {
            Lane::Known | Lane::New => self.traffic.next(mix, from, &mut self.chance),
            Lane::Junk if self.is_flooded => {
                let wait = self.chance.space() / self.day.junk;
                Some(from + Duration::from_secs_f64(wait))
            }
            Lane::Junk => None,
        }
    }
}

/// What the tokens of a lane meet at present.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// They are accepted, or there are none until the next one that was drawn.
    Quiet,
    /// They are refused, and counted up to `since`.
    Refused { since: Duration, until: Duration },
    /// They wait for the fetch that is on its way: `tokens` of them at `since`.
    Waiting {
        since: Duration,
        tokens: f64,
        token: Token,
        joined: bool,
    },
}

#[derive(Clone, Copy, Debug)]
struct Line {
    mix: Mix,
    phase: Phase,
    /// The number of the event that is expected.
    number: u32,
}

const EMPTY: Line = Line {
    mix: Mix::Nothing,
    phase: Phase::Quiet,
    number: 0,
};

const LANES: [Lane; 3] = [Lane::Known, Lane::New, Lane::Junk];

/// The fetch that is on its way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    number: u32,
    answer: Answer,
    retry: Option<Duration>,
}

#[derive(Debug)]
pub(crate) struct Process<C> {
    id: u32,
    client: Option<C>,
    lines: [Line; 3],
    flight: Option<Flight>,
    timer: u32,
    numbers: u32,
    holds_leaked: bool,
}

impl<C: Client> Process<C> {
    /// One that has not started yet.
    pub(crate) const fn new(id: u32) -> Self {
        Self {
            id,
            client: None,
            lines: [EMPTY; 3],
            flight: None,
            timer: 0,
            numbers: 0,
            holds_leaked: false,
        }
    }

    pub(crate) fn on_event(&mut self, world: &mut World<'_>, entry: Entry) {
        let now = entry.at();
        match entry.event {
            Event::Start => self.start(world, now),
            Event::Token(lane) if self.lines[lane as usize].number == entry.number => {
                self.on_token(world, lane, now);
            }
            Event::Timer if self.timer == entry.number => self.on_timer(world, now),
            Event::Retry | Event::Land => {
                let expected = |flight: &mut Flight| flight.number == entry.number;
                if let Some(flight) = self.flight.take_if(expected) {
                    match flight.retry {
                        Some(_) if entry.event == Event::Retry => {
                            self.send(world, now, Fetch { retry: None });
                        }
                        _ => self.land(world, now, flight.answer),
                    }
                }
            }
            // Something else happened before it.
            Event::Token(_) | Event::Timer => {}
        }
    }

    fn start(&mut self, world: &mut World<'_>, now: Duration) {
        self.settle(world, now);
        self.flight = None;
        self.lines = [EMPTY; 3];
        self.client = Some(C::new(world.chance.bits(), world.day.ttl, now));
        self.watch_leaked_key(world, now);
        self.set_timer(world);
        self.resume(world, now);
    }

    fn on_token(&mut self, world: &mut World<'_>, lane: Lane, now: Duration) {
        self.settle_line(world, lane, now);
        self.lines[lane as usize].phase = Phase::Quiet;
        let token = match (lane, self.lines[lane as usize].mix) {
            (Lane::Junk, _) => Token::Junk(world.chance.bits()),
            (_, Mix::Earlier) => Token::Signed(world.earlier),
            _ => Token::Signed(world.current),
        };
        let Some(client) = &mut self.client else {
            return;
        };
        let reply = client.on_token(now, token);
        self.obey(world, lane, now, (token, 1.0), reply);
    }

    /// Carries out what the client said to so many tokens.
    fn obey(
        &mut self,
        world: &mut World<'_>,
        lane: Lane,
        now: Duration,
        (token, tokens): (Token, f64),
        reply: Reply,
    ) {
        if let Some(fetch) = reply.fetch {
            self.send(world, now, fetch);
            self.wake_refused(world, lane, now);
        }
        self.lines[lane as usize].phase = match reply.verdict {
            Verdict::Accept => Phase::Quiet,
            Verdict::Refuse => {
                self.refuse(world, lane, now, tokens);
                Phase::Refused {
                    since: now,
                    until: reply.same_until,
                }
            }
            Verdict::Wait => {
                self.lines[lane as usize].number = self.number();
                Phase::Waiting {
                    since: now,
                    tokens,
                    token,
                    joined: reply.fetch.is_none(),
                }
            }
        };
        if reply.verdict != Verdict::Wait {
            self.schedule(world, lane, reply.same_until);
        }
    }

    /// Makes a request of a fetch.
    fn send(&mut self, world: &mut World<'_>, now: Duration, fetch: Fetch) {
        debug_assert!(self.flight.is_none(), "one at a time");
        let (arrives, answer) = world.issuer.ask(now, &mut world.chance);
        let number = self.number();
        // A request that took all the time there is leaves none for another.
        let retry = fetch.retry.filter(|_| answer == Answer::Error);
        self.flight = Some(Flight {
            number,
            answer,
            retry,
        });
        match retry {
            Some(pause) => world
                .queue
                .push(arrives + pause, self.id, number, Event::Retry),
            None => world.queue.push(arrives, self.id, number, Event::Land),
        }
    }

    /// A fetch has started: who was refused a moment ago may wait for it now.
    fn wake_refused(&mut self, world: &mut World<'_>, but: Lane, now: Duration) {
        for lane in LANES {
            if lane != but && matches!(self.lines[lane as usize].phase, Phase::Refused { .. }) {
                self.settle_line(world, lane, now);
                self.lines[lane as usize].phase = Phase::Quiet;
                self.schedule(world, lane, now);
            }
        }
    }

    fn land(&mut self, world: &mut World<'_>, now: Duration, answer: Answer) {
        self.settle(world, now);
        let Some(client) = &mut self.client else {
            return;
        };
        client.on_answer(now, answer);
        for lane in LANES {
            let line = &mut self.lines[lane as usize];
            let Phase::Waiting {
                tokens,
                token,
                joined,
                ..
            } = line.phase
            else {
                continue;
            };
            line.phase = Phase::Quiet;
            if lane != Lane::Junk {
                world.ledger.waited(tokens);
            }
            let Some(client) = &mut self.client else {
                continue;
            };
            if client.keys(now).is_some_and(|keys| token.is_in(keys)) {
                continue;
            }
            let again = match answer {
                Answer::Set(_) => client.on_still_missing(now, token, joined),
                Answer::Error | Answer::Silence => None,
            };
            match again {
                Some(reply) => self.obey(world, lane, now, (token, tokens), reply),
                None => self.refuse(world, lane, now, tokens),
            }
        }
        self.watch_leaked_key(world, now);
        self.resume(world, now);
    }

    fn on_timer(&mut self, world: &mut World<'_>, now: Duration) {
        let fetch = self.client.as_mut().and_then(|client| client.on_timer(now));
        if let Some(fetch) = fetch {
            self.send(world, now, fetch);
        }
        self.set_timer(world);
    }

    fn set_timer(&mut self, world: &mut World<'_>) {
        self.timer = self.number();
        if let Some(at) = self.client.as_ref().and_then(C::next_timer) {
            world.queue.push(at, self.id, self.timer, Event::Timer);
        }
    }

    /// Counts what the lanes met up to now. Whoever changes the traffic does this first.
    pub(crate) fn settle(&mut self, world: &mut World<'_>, now: Duration) {
        for lane in LANES {
            self.settle_line(world, lane, now);
        }
    }

    fn settle_line(&mut self, world: &mut World<'_>, lane: Lane, now: Duration) {
        let new = self.new_key(world, lane);
        let line = &mut self.lines[lane as usize];
        match &mut line.phase {
            Phase::Quiet => {}
            Phase::Refused { since, until } => {
                let span = (*since, now.min(*until));
                *since = now;
                if lane != Lane::Junk {
                    let tokens = (&world.traffic, line.mix);
                    world.ledger.refused_for(world.day, tokens, span, new);
                }
            }
            Phase::Waiting { since, tokens, .. } => {
                *tokens += world.traffic.expected(line.mix, *since, now);
                *since = now;
            }
        }
    }

    /// Goes on after something changed: who is not waiting comes anew.
    pub(crate) fn resume(&mut self, world: &mut World<'_>, now: Duration) {
        let Some(client) = &self.client else {
            return;
        };
        let keys = client.keys(now);
        let [known, new] = match keys {
            None => [Mix::All, Mix::Nothing],
            Some(keys) if keys.has(world.current) => [Mix::All, Mix::Nothing],
            Some(keys) if keys.has(world.earlier) => [Mix::Earlier, Mix::Current],
            Some(_) => [Mix::Nothing, Mix::All],
        };
        let quiet_until = match keys {
            Some(_) => client.quiet_until(now),
            None => now,
        };
        for (lane, mix, from) in [
            (Lane::Known, known, quiet_until),
            (Lane::New, new, now),
            (Lane::Junk, Mix::Nothing, now),
        ] {
            let line = &mut self.lines[lane as usize];
            line.mix = mix;
            if !matches!(line.phase, Phase::Waiting { .. }) {
                line.phase = Phase::Quiet;
                self.schedule(world, lane, from);
            }
        }
    }

    fn schedule(&mut self, world: &mut World<'_>, lane: Lane, from: Duration) {
        let number = self.number();
        let line = &mut self.lines[lane as usize];
        line.number = number;
        if let Some(at) = world.next(lane, line.mix, from) {
            world.queue.push(at, self.id, number, Event::Token(lane));
        }
    }

    fn refuse(&self, world: &mut World<'_>, lane: Lane, now: Duration, tokens: f64) {
        if lane != Lane::Junk {
            let new = self.new_key(world, lane);
            world.ledger.refused(world.day, now, tokens, new);
        }
    }

    fn new_key(&self, world: &World<'_>, lane: Lane) -> Option<Key> {
        (lane == Lane::New).then_some(world.current)
    }

    fn watch_leaked_key(&mut self, world: &mut World<'_>, now: Duration) {
        let keys = self.client.as_ref().and_then(|client| client.keys(now));
        let holds = keys.is_some_and(|keys| keys.has(LEAKED));
        if holds != self.holds_leaked {
            self.holds_leaked = holds;
            world.ledger.leaked_key(now, holds);
        }
    }

    fn number(&mut self) -> u32 {
        self.numbers = self.numbers.wrapping_add(1);
        self.numbers
    }
}
