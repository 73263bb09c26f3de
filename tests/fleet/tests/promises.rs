//! What the fleet of this library's engines promises its issuer and its users, on days of several
//! seeds; and that the models of other strategies show the weakness that they stand for.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use jwtverify_fleet::clients::{ALL, Cooldown, EachMiss, JwtVerify, Timer, TtlOnly};
use jwtverify_fleet::day::{Day, at};
use jwtverify_fleet::figures::Figures;
use jwtverify_fleet::{fleet, page};

const PROCESSES: u32 = 100;
const SEEDS: [u64; 3] = [1, 2, 3];

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// A day of this library for each seed.
static DAYS: LazyLock<Vec<(u64, Figures)>> = LazyLock::new(|| {
    let day = |seed| fleet::run::<JwtVerify>(&Day::default(), PROCESSES, seed);
    SEEDS.map(|seed| (seed, day(seed))).to_vec()
});

/// Each promise is stated for the whole fleet, with the seed in the message if it fails.
fn each_day(check: impl Fn(&Day, &Figures, u64)) {
    for (seed, figures) in &*DAYS {
        check(&Day::default(), figures, *seed);
    }
}

#[test]
fn the_budget_arithmetic_bounds_the_requests_of_each_process() {
    each_day(|day, figures, seed| {
        let most = |from, until| figures.peak_between(from, until) as f64 / f64::from(PROCESSES);
        // In the flood: two at once, then one in 30 seconds, and the token that is left over.
        let flood = most(day.flood.from, day.flood.until);
        assert!(flood <= 4.0, "seed {seed}: {flood} a minute in the flood");
        // Attempts about 0, 1, 3, 7, 15 and 31 seconds after the first, each with one more request.
        let outage = most(day.silence.from, day.errors.until);
        assert!(
            outage <= 7.0,
            "seed {seed}: {outage} a minute in the outage"
        );
        // A fetch in 8 minutes less the jitter, a few for each rotation, 22 in the flood, and an
        // attempt in half a minute, with one more request, in the outage.
        let steady = day.length.as_secs() as f64 / (480.0 * 0.9);
        let total = figures.total() as f64 / f64::from(PROCESSES);
        assert!(
            total <= steady + 10.0 + 25.0 + 2.0 * 2.0 * 50.0,
            "seed {seed}: {total} in a day"
        );
    });
}

#[test]
fn no_good_token_is_refused_because_of_the_outage() {
    each_day(|day, figures, seed| {
        let refused = figures.refused_between(day.silence.from, day.flood.from);
        assert_eq!(refused, 0.0, "seed {seed}");
    });
}

#[test]
fn a_new_key_is_good_within_the_budget_of_unknown_key_ids() {
    each_day(|day, figures, seed| {
        let round_trip = day.response[1] * 2;
        // A fetch was made a moment ago: five seconds. The key came late, and was held: five more.
        // The flood has used the budget up: thirty.
        for (after, most) in figures.new_key.iter().zip([5, 11, 30]) {
            assert!(
                *after <= secs(most) + round_trip,
                "seed {seed}: {after:?} of {most} s"
            );
        }
    });
}

#[test]
fn a_removed_key_is_refused_everywhere_within_the_ttl() {
    each_day(|day, figures, seed| {
        let after = figures.removed_key.expect("that day");
        assert!(after <= day.ttl + day.timeout, "seed {seed}: {after:?}");
    });
}

#[test]
fn a_deploy_refuses_nothing_while_the_issuer_has_room() {
    each_day(|_, figures, seed| assert_eq!(figures.recovered, Duration::ZERO, "seed {seed}"));
}

/// The issuer turns away most of a deploy that is larger than it; the fleet comes back by itself.
#[test]
fn a_deploy_that_is_too_large_for_the_issuer_is_over_in_minutes() {
    let day = Day {
        capacity: 2,
        ..Day::default()
    };
    let figures = fleet::run::<JwtVerify>(&day, 200, 1);
    assert!(figures.recovered > secs(10), "{:?}", figures.recovered);
    assert!(figures.recovered < secs(300), "{:?}", figures.recovered);
}

#[test]
fn the_same_seed_gives_the_same_day() {
    let day = Day {
        length: at(4, 0, 0),
        ..Day::default()
    };
    let total = |seed| fleet::run::<JwtVerify>(&day, 20, seed).requests;
    assert_eq!(total(1), total(1));
    assert_ne!(total(1), total(2));
}

#[test]
fn the_models_show_the_weakness_that_they_stand_for() {
    let day = Day::default();
    let each_miss = fleet::run::<EachMiss>(&day, 20, 1);
    let flood = each_miss.peak_between(day.flood.from, day.flood.until);
    assert!(flood > 20 * 40, "{flood} requests a minute in the flood");
    assert_eq!(each_miss.removed_key, None);

    let cooldown = fleet::run::<Cooldown>(&day, PROCESSES, 1);
    let outage = cooldown.refused_between(day.silence.from, day.flood.from);
    assert!(outage > 0.5 * 3000.0 * f64::from(PROCESSES), "{outage}");
    let morning = Day {
        length: at(4, 0, 0),
        ..day.clone()
    };
    let blind = fleet::run::<Cooldown>(&morning, 1000, 1).new_key[0];
    assert!(secs(20) < blind && blind < secs(31), "{blind:?}");

    let ttl_only = fleet::run::<TtlOnly>(&day, 20, 1);
    assert!(ttl_only.refused_between(day.silence.from, day.flood.from) > 20.0 * 1500.0);
    assert!(ttl_only.new_key[0] > secs(300), "{:?}", ttl_only.new_key);

    let timer = fleet::run::<Timer>(&day, 20, 1);
    let outage = timer.refused_between(day.silence.from, day.flood.from);
    assert_eq!(outage, 0.0);
    assert!(timer.new_key.iter().all(|after| *after < day.ttl + secs(1)));
    assert!(timer.new_key[0] > secs(300), "{:?}", timer.new_key);
}

/// The page tells of the day that is simulated.
#[test]
fn the_page_agrees_with_the_program() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let text = fs::read_to_string(docs.join("fleet.md")).unwrap();
    let day = Day::default();
    for (name, wanted) in [
        ("the day", page::day(&day)),
        ("the numbers", page::numbers(&day)),
        ("the strategies", page::strategies()),
    ] {
        let found = page::between(&text, name);
        assert_eq!(
            found,
            Some(wanted.as_str()),
            "{name}: scripts/fleet.sh --write"
        );
    }
    let figures = page::between(&text, "the figures").unwrap();
    for strategy in &ALL {
        let begins = format!("| {} | ", strategy.name);
        assert!(figures.contains(&begins), "{}", strategy.name);
    }
    assert!(docs.join("fleet/requests.svg").is_file());
}
