//! The decisions under a clock that moves by hand.

use std::time::Duration;

use super::*;
use crate::clock::testing::TestClock;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

struct Bench {
    clock: TestClock,
    schedule: Schedule,
    fetches: u64,
}

impl Bench {
    fn new() -> Self {
        let timing = Timing {
            ttl: secs(600),
            max_stale: secs(3600),
            miss_interval: secs(30),
            stale_wait: secs(2),
            flight_limit: secs(6),
        };
        Self {
            clock: TestClock::new(),
            schedule: Schedule::new(timing),
            fetches: 0,
        }
    }

    fn warm() -> Self {
        let mut bench = Self::new();
        assert_eq!(bench.ask(Want::Keys), begin(1));
        bench.land(1, true);
        bench
    }

    fn ask(&mut self, want: Want) -> Decision {
        let decision = self.schedule.decide(self.clock.stamp(), want);
        if let Decision::ServeAndStart(_) | Decision::Wait { start: true, .. } = decision {
            self.fetches += 1;
        }
        decision
    }

    fn land(&mut self, sequence: u64, success: bool) -> bool {
        let now = self.clock.stamp();
        if success {
            self.schedule.succeeded(sequence, now)
        } else {
            self.schedule.failed(sequence, now, None)
        }
    }

    fn wait(&self, by: Duration) {
        self.clock.advance(by);
    }
}

fn begin(flight: u64) -> Decision {
    Decision::Wait {
        flight,
        start: true,
        patience: Patience::Full,
    }
}

fn join(flight: u64) -> Decision {
    Decision::Wait {
        flight,
        start: false,
        patience: Patience::Full,
    }
}

fn refuse(reason: Refusal, retry_after: Duration) -> Decision {
    Decision::Refuse {
        reason,
        retry_after,
    }
}

#[test]
fn t1_the_first_caller_fetches_and_all_others_join() {
    let mut bench = Bench::new();
    assert_eq!(bench.ask(Want::Keys), begin(1));
    for _ in 0..1000 {
        assert_eq!(bench.ask(Want::Keys), join(1));
    }
    bench.land(1, true);
    assert_eq!(bench.ask(Want::Keys), Decision::Serve);
    assert_eq!(bench.fetches, 1);
}

#[test]
fn a_set_is_used_without_a_fetch_until_the_ttl() {
    let mut bench = Bench::warm();
    bench.wait(secs(600) - Duration::from_millis(1));
    assert_eq!(bench.ask(Want::Keys), Decision::Serve);
    bench.wait(Duration::from_millis(1));
    let patience = Patience::ThenServe(secs(2));
    assert_eq!(
        bench.ask(Want::Keys),
        Decision::Wait {
            flight: 2,
            start: true,
            patience
        }
    );
}

#[test]
fn t2_at_the_ttl_callers_wait_two_seconds_at_most_and_keep_the_old_keys() {
    let mut bench = Bench::warm();
    bench.wait(secs(600));
    bench.ask(Want::Keys);
    bench.wait(Duration::from_millis(1500));
    let patience = Patience::ThenServe(Duration::from_millis(500));
    assert_eq!(
        bench.ask(Want::Keys),
        Decision::Wait {
            flight: 2,
            start: false,
            patience
        }
    );
    bench.wait(Duration::from_millis(500));
    assert_eq!(bench.ask(Want::Keys), Decision::Serve);
    assert_eq!(bench.fetches, 2);
}

#[test]
fn t3_random_kids_cost_one_attempt_per_interval() {
    let mut bench = Bench::warm();
    for second in 0..120 {
        let seen = bench.schedule.held.unwrap().0;
        match bench.ask(Want::Newer(seen)) {
            Decision::Wait {
                flight,
                start: true,
                ..
            } => assert!(bench.land(flight, true)),
            other => assert_eq!(other, refuse(Refusal::Unchecked, secs(30 - second % 30))),
        }
        bench.wait(secs(1));
    }
    assert_eq!(bench.fetches, 1 + 4);
}

#[test]
fn t5_a_failed_attempt_consumes_the_interval_too() {
    let mut bench = Bench::warm();
    assert_eq!(bench.ask(Want::Newer(1)), begin(2));
    bench.land(2, false);
    assert_eq!(
        bench.ask(Want::Newer(1)),
        refuse(Refusal::Unchecked, secs(30))
    );
    bench.wait(secs(29));
    assert_eq!(
        bench.ask(Want::Newer(1)),
        refuse(Refusal::Unchecked, secs(1))
    );
    bench.wait(secs(1));
    assert_eq!(bench.ask(Want::Newer(1)), begin(3));
}

#[test]
fn the_first_and_the_scheduled_fetch_leave_the_interval_untouched() {
    let mut bench = Bench::warm();
    assert_eq!(bench.ask(Want::Newer(1)), begin(2));
    bench.land(2, true);
    bench.wait(secs(600));
    bench.ask(Want::Keys);
    bench.land(3, true);
    assert_eq!(bench.ask(Want::Newer(3)), begin(4));
}

#[test]
fn a_caller_whose_set_was_replaced_meanwhile_looks_again() {
    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    bench.land(2, true);
    assert_eq!(bench.ask(Want::Newer(1)), Decision::Serve);
    assert_eq!(bench.fetches, 2);
}

#[test]
fn t5_cold_attempts_back_off_from_250_ms_to_30_s() {
    let mut bench = Bench::new();
    let mut flight = 0;
    for wait in [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] {
        flight += 1;
        assert_eq!(bench.ask(Want::Keys), begin(flight));
        bench.land(flight, false);
        let wait = Duration::from_millis(wait);
        assert_eq!(bench.ask(Want::Keys), refuse(Refusal::Backoff, wait));
        bench.wait(wait);
    }
}

#[test]
fn t5_warm_attempts_back_off_from_1_s_to_60_s_while_old_keys_serve() {
    let mut bench = Bench::warm();
    bench.wait(secs(600));
    bench.ask(Want::Keys);
    bench.land(2, false);
    let mut flight = 2;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        bench.wait(secs(wait) - Duration::from_millis(1));
        assert_eq!(bench.ask(Want::Keys), Decision::Serve);
        bench.wait(Duration::from_millis(1));
        flight += 1;
        assert_eq!(bench.ask(Want::Keys), Decision::ServeAndStart(flight));
        assert_eq!(bench.ask(Want::Keys), Decision::Serve);
        bench.land(flight, false);
    }
}

#[test]
fn t5_past_max_stale_the_old_keys_are_refused() {
    let mut bench = Bench::warm();
    bench.wait(secs(600));
    bench.ask(Want::Keys);
    bench.land(2, false);
    bench.wait(secs(3599));
    assert!(matches!(
        bench.ask(Want::Keys),
        Decision::Wait {
            patience: Patience::ThenServe(_),
            ..
        }
    ));
    bench.land(3, false);
    bench.wait(secs(1));
    assert!(!bench.schedule.usable(bench.clock.stamp()));
    assert_eq!(bench.ask(Want::Keys), refuse(Refusal::Backoff, secs(1)));
    bench.wait(secs(1));
    assert_eq!(bench.ask(Want::Keys), begin(4));
    bench.land(4, true);
    assert_eq!(bench.ask(Want::Keys), Decision::Serve);
}

#[test]
fn an_idle_night_is_no_licence_for_removed_keys() {
    let mut bench = Bench::warm();
    bench.wait(secs(8 * 3600));
    assert_eq!(bench.ask(Want::Keys), begin(2));

    // Also within max_stale, and also if an attempt failed long ago.
    let mut bench = Bench::warm();
    bench.ask(Want::Newer(1));
    bench.land(2, false);
    bench.wait(secs(1800));
    let patience = Patience::ThenServe(secs(2));
    assert_eq!(
        bench.ask(Want::Keys),
        Decision::Wait {
            flight: 3,
            start: true,
            patience
        }
    );
}

#[test]
fn retry_after_delays_the_next_attempt_up_to_five_minutes() {
    for (asked, wanted) in [(0, 1), (120, 120), (86_400, 300), (u64::MAX, 300)] {
        let mut bench = Bench::warm();
        bench.wait(secs(600));
        bench.ask(Want::Keys);
        let now = bench.clock.stamp();
        bench.schedule.failed(2, now, Some(secs(asked)));
        assert_eq!(bench.schedule.next_attempt_in(now), secs(wanted));
    }
}

#[test]
fn t13_the_answer_asked_for_last_wins() {
    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    bench.wait(secs(6)); // flight 2 hangs
    assert_eq!(bench.ask(Want::Refresh), begin(3));
    assert!(bench.land(3, true));
    assert!(
        !bench.land(2, true),
        "a late answer must not replace a newer one"
    );
    assert_eq!(bench.schedule.held.unwrap().0, 3);

    // A late failure says nothing about the present.
    bench.ask(Want::Refresh);
    bench.wait(secs(6));
    bench.ask(Want::Refresh);
    assert!(!bench.land(4, false));
    assert!(bench.schedule.is_fetching());
}

#[test]
fn hanging_fetches_are_bounded() {
    let mut bench = Bench::warm();
    for _ in 0..10_000 {
        bench.ask(Want::Refresh);
        bench.wait(secs(7));
    }
    assert!(
        bench.fetches <= 1 + u64::from(MAX_LOST_FLIGHTS) + 1,
        "{}",
        bench.fetches
    );
    // One comes back: there is room again.
    bench.land(2, false);
    bench.wait(secs(60));
    assert!(matches!(
        bench.ask(Want::Refresh),
        Decision::Wait { start: true, .. }
    ));
}

#[test]
fn t15_clock_jumps_cause_no_storm() {
    let mut bench = Bench::warm();
    for round in 0..100 {
        bench
            .clock
            .jump(if round % 2 == 0 { -86_400 } else { 86_400 });
        if let Decision::Wait {
            flight,
            start: true,
            ..
        } = bench.ask(Want::Keys)
        {
            bench.land(flight, true);
        }
    }
    // Forward jumps may refresh (they could be a suspend); backward jumps never do.
    assert!(bench.fetches <= 51, "{}", bench.fetches);

    let mut bench = Bench::warm();
    bench.clock.jump(-86_400);
    assert_eq!(bench.ask(Want::Keys), Decision::Serve);
    bench.clock.jump(86_400);
    assert_eq!(bench.ask(Want::Keys), Decision::Serve);
}

#[test]
fn a_child_process_inherits_the_set_and_no_flight() {
    let mut bench = Bench::warm();
    bench.ask(Want::Refresh);
    let timing = bench.schedule.timing.clone();
    let mut child = Schedule::inherit(timing, bench.schedule.held);
    let now = bench.clock.stamp();
    assert_eq!(child.decide(now, Want::Keys), Decision::Serve);
    assert_eq!(child.decide(now, Want::Newer(1)), begin(2));
}

/// Random schedules, seeded: whatever callers, clocks and the issuer do, the promises hold.
#[test]
fn random_schedules_keep_the_promises() {
    for seed in 1..=300_u64 {
        let mut random = seed;
        let mut next = |below: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % below
        };
        let mut bench = Bench::new();
        let mut aloft: Vec<u64> = Vec::new();
        let mut miss_starts: Vec<Stamp> = Vec::new();
        for step in 0..2000 {
            match next(10) {
                0..=2 => bench.wait(Duration::from_millis(next(5000))),
                3 => bench.wait(secs(next(900))),
                4 if !aloft.is_empty() => {
                    let place = usize::try_from(next(aloft.len() as u64)).unwrap();
                    let flight = aloft.swap_remove(place);
                    bench.land(flight, next(2) == 0);
                }
                5 => bench.clock.jump(-(i64::try_from(next(100)).unwrap())),
                6 => {
                    let held = bench.schedule.held.map_or(0, |(sequence, _)| sequence);
                    let decision = bench.ask(Want::Newer(held));
                    if let Decision::Wait {
                        flight,
                        start: true,
                        ..
                    } = decision
                    {
                        aloft.push(flight);
                        miss_starts.push(bench.clock.stamp());
                    }
                    assert_ne!(decision, Decision::Serve, "seed {seed}, step {step}");
                }
                _ => {
                    let usable = bench.schedule.usable(bench.clock.stamp());
                    let decision = bench.ask(Want::Keys);
                    match decision {
                        Decision::Serve => assert!(usable, "seed {seed}, step {step}"),
                        Decision::ServeAndStart(flight) => {
                            assert!(usable, "seed {seed}, step {step}");
                            aloft.push(flight);
                        }
                        Decision::Wait {
                            flight,
                            start,
                            patience,
                        } => {
                            if start {
                                aloft.push(flight);
                            }
                            let content = matches!(patience, Patience::ThenServe(_));
                            assert_eq!(content, usable, "seed {seed}, step {step}");
                        }
                        Decision::Refuse {
                            reason,
                            retry_after,
                        } => {
                            assert!(
                                !usable,
                                "seed {seed}, step {step}: a usable set was refused"
                            );
                            assert_eq!(reason, Refusal::Backoff);
                            assert!(retry_after > Duration::ZERO && retry_after <= secs(300));
                        }
                    }
                }
            }
            assert!(
                aloft.len() <= 1 + MAX_LOST_FLIGHTS as usize,
                "seed {seed}, step {step}"
            );
        }
        for pair in miss_starts.windows(2) {
            assert!(
                pair[1].since(pair[0]) >= secs(30),
                "seed {seed}: misses too close"
            );
        }
    }
}
