//! The issuer: what it publishes, how much it stands, and what it was asked.

use std::time::Duration;

use crate::chance::Chance;
use crate::day::{Day, Keys};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With a key set.
    Set(Keys),
    /// With an error, at once: the issuer is broken, or has too much to do.
    Error,
    /// With nothing, until the process gave up.
    Silence,
}

/// The one issuer of the fleet.
#[derive(Debug)]
pub struct Issuer<'d> {
    day: &'d Day,
    requests: Vec<u64>,
    /// The second that was counted last, and the requests in it.
    second: u64,
    in_second: u32,
}

impl<'d> Issuer<'d> {
    /// One that nobody has asked yet.
    #[must_use]
    pub fn new(day: &'d Day) -> Self {
        let minutes = day.length.as_secs() / 60;
        Self {
            day,
            requests: vec![0; usize::try_from(minutes).unwrap_or_default()],
            second: 0,
            in_second: 0,
        }
    }

    /// Takes a request, and says when the answer arrives and what it is.
    pub fn ask(&mut self, now: Duration, chance: &mut Chance) -> (Duration, Answer) {
        let minute = usize::try_from(now.as_secs() / 60).unwrap_or(usize::MAX);
        if let Some(count) = self.requests.get_mut(minute) {
            *count += 1;
        }
        if self.day.silence.has(now) {
            return (now + self.day.timeout, Answer::Silence);
        }
        let [least, most] = self.day.response;
        let response = chance.between(least, most);
        let answer = if self.day.errors.has(now) || !self.has_room(now) {
            Answer::Error
        } else {
            Answer::Set(self.day.published(now + response / 2))
        };
        (now + response, answer)
    }

    /// How many requests came in each minute.
    #[must_use]
    pub fn into_requests(self) -> Vec<u64> {
        self.requests
    }

    fn has_room(&mut self, now: Duration) -> bool {
        if self.second != now.as_secs() {
            (self.second, self.in_second) = (now.as_secs(), 0);
        }
        self.in_second = self.in_second.saturating_add(1);
        self.in_second <= self.day.capacity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::at;

    #[test]
    fn requests_beyond_the_capacity_are_turned_away_until_the_second_is_over() {
        let day = Day {
            capacity: 3,
            ..Day::default()
        };
        let mut issuer = Issuer::new(&day);
        let mut chance = Chance::new(1);
        let mut served = |second| {
            let answers = (0..5).map(|_| issuer.ask(at(1, 0, second), &mut chance).1);
            answers
                .filter(|answer| matches!(answer, Answer::Set(_)))
                .count()
        };
        assert_eq!([served(0), served(1), served(61)], [3, 3, 3]);
        let requests = issuer.into_requests();
        assert_eq!((requests.len(), requests[60], requests[61]), (1440, 10, 5));
    }

    #[test]
    fn in_the_outage_it_is_silent_and_then_in_error() {
        let day = Day::default();
        let mut issuer = Issuer::new(&day);
        let mut chance = Chance::new(1);
        let silent = issuer.ask(day.silence.from, &mut chance);
        assert_eq!(silent, (day.silence.from + day.timeout, Answer::Silence));
        let (arrives, answer) = issuer.ask(day.errors.from, &mut chance);
        assert!(arrives < day.errors.from + Duration::from_secs(1));
        assert_eq!(answer, Answer::Error);
        let (_, answer) = issuer.ask(day.errors.until, &mut chance);
        assert!(matches!(answer, Answer::Set(_)));
    }
}
