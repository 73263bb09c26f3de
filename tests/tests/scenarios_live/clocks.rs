//! Clocks that jump.

use super::*;

/// wall-clock caches take a clock that is set forward for a day that has passed, and one that is
/// set back for keys that stay young: a removed key then lives for a day longer.
#[test]
fn s11_a_clock_set_back_by_a_day_stretches_no_age() {
    let setting = Setting::new();
    let old = setting.token();
    assert_eq!(setting.verify(&old), "accepted");
    setting.issuer.rotate();
    setting.clock.jump(-86_400);
    for _ in 0..100 {
        assert_eq!(setting.verify(&old), "accepted");
    }
    assert_eq!(setting.requests(), 1, "nothing is due");
    setting.clock.advance(TTL);
    assert_eq!(setting.verify(&old), "KeyNotFound", "and then it is");
    assert_eq!(setting.requests(), 2);
}

/// The wall-clock caches of the scenario above are right here, and monotonic ones wrong: many
/// monotonic clocks stand still while the machine sleeps.
#[test]
fn s11_a_machine_that_slept_for_a_day_asks_before_it_trusts() {
    let setting = Setting::new();
    let old = setting.token();
    assert_eq!(setting.verify(&old), "accepted");
    setting.issuer.rotate();
    setting.clock.jump(86_400);
    assert_eq!(setting.verify(&old), "KeyNotFound");
    let new = setting.token();
    assert_eq!(setting.verify(&new), "accepted");
    assert_eq!(setting.requests(), 2);
    // Jumps to and fro let nobody ask more often.
    for _ in 0..50 {
        setting.clock.jump(-86_400);
        assert_eq!(setting.verify(&new), "accepted");
    }
    assert_eq!(setting.requests(), 2);
}
