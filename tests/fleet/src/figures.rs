//! What is counted.

use std::time::Duration;

use crate::day::{Day, Key};
use crate::traffic::{Mix, Traffic};

/// What a day of one fleet with one strategy came to.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The size of the fleet.
    pub processes: u32,
    /// Requests at the issuer in each minute.
    pub requests: Vec<u64>,
    /// Good tokens that were refused in each minute, not counting those whose key was not
    /// published yet.
    pub refused: Vec<f64>,
    /// Good tokens that waited for the network.
    pub waited: f64,
    /// For each rotation: how long after the new key was published the last token with it was
    /// refused because the process did not know it.
    pub new_key: Vec<Duration>,
    /// How long after the deploy began the last token was refused because of it.
    pub recovered: Duration,
    /// How long after its removal the leaked key was still good somewhere. `None`: until the end
    /// of the day.
    pub removed_key: Option<Duration>,
}

impl Figures {
    /// All requests of the day.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.requests.iter().sum()
    }

    /// The requests of the busiest minute.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.requests.iter().copied().max().unwrap_or_default()
    }

    /// Good tokens that were refused from one moment to another, in whole minutes.
    #[must_use]
    pub fn refused_between(&self, from: Duration, until: Duration) -> f64 {
        let place = |at: Duration| usize::try_from(at.as_secs() / 60).unwrap_or(usize::MAX);
        let until = place(until).min(self.refused.len());
        let minutes = self.refused.get(place(from)..until);
        minutes.unwrap_or_default().iter().sum()
    }

    /// Requests from one moment to another, in whole minutes: the most in one.
    #[must_use]
    pub fn peak_between(&self, from: Duration, until: Duration) -> u64 {
        let place = |at: Duration| usize::try_from(at.as_secs() / 60).unwrap_or(usize::MAX);
        let until = place(until).min(self.requests.len());
        let minutes = self.requests.get(place(from)..until);
        minutes
            .unwrap_or_default()
            .iter()
            .copied()
            .max()
            .unwrap_or_default()
    }
}

/// The same while the day goes on.
#[derive(Debug)]
pub(crate) struct Ledger {
    refused: Vec<f64>,
    waited: f64,
    /// When a token was last refused because its key was new, for each rotation.
    new_key: Vec<Option<Duration>>,
    recovered: Option<Duration>,
    /// The processes that would accept a token of the leaked key, and when one last ceased to.
    holders: u32,
    dropped: Duration,
}

impl Ledger {
    pub(crate) fn new(day: &Day) -> Self {
        let minutes = usize::try_from(day.length.as_secs() / 60).unwrap_or_default();
        Self {
            refused: vec![0.0; minutes],
            waited: 0.0,
            new_key: vec![None; day.rotations.len()],
            recovered: None,
            holders: 0,
            dropped: Duration::ZERO,
        }
    }

    pub(crate) const fn waited(&mut self, tokens: f64) {
        self.waited += tokens;
    }

    /// So many good tokens are refused at one moment. `new` is their key, if the process has a set
    /// and lacks it there.
    pub(crate) fn refused(&mut self, day: &Day, at: Duration, tokens: f64, new: Option<Key>) {
        if tokens <= 0.0 || new.is_some_and(|key| at < day.published_from(key)) {
            return;
        }
        let minute = usize::try_from(at.as_secs() / 60).unwrap_or(usize::MAX);
        if let Some(count) = self.refused.get_mut(minute) {
            *count += tokens;
        }
        self.note(day, at, new);
    }

    /// Good tokens are refused for a while.
    pub(crate) fn refused_for(
        &mut self,
        day: &Day,
        (traffic, mix): (&Traffic, Mix),
        (from, until): (Duration, Duration),
        new: Option<Key>,
    ) {
        let published = new.map_or(Duration::ZERO, |key| day.published_from(key));
        let (mut from, until) = (from.max(published), until.min(day.length));
        if from >= until || traffic.expected(mix, from, until) <= 0.0 {
            return;
        }
        self.note(day, until, new);
        while from < until {
            let minute = from.as_secs() / 60;
            let edge = Duration::from_secs((minute + 1) * 60).min(until);
            let place = usize::try_from(minute).unwrap_or(usize::MAX);
            if let Some(count) = self.refused.get_mut(place) {
                *count += traffic.expected(mix, from, edge);
            }
            from = edge;
        }
    }

    fn note(&mut self, day: &Day, at: Duration, new: Option<Key>) {
        let Some(key) = new else {
            if day.deploy.from <= at && at < day.silence.from {
                self.recovered = self.recovered.max(Some(at));
            }
            return;
        };
        let place = day
            .rotations
            .iter()
            .position(|rotation| rotation.key == key);
        if let Some(last) = place.and_then(|place| self.new_key.get_mut(place)) {
            *last = (*last).max(Some(at));
        }
    }

    /// A process begins or ceases to hold the leaked key.
    pub(crate) fn leaked_key(&mut self, at: Duration, held: bool) {
        if held {
            self.holders += 1;
        } else {
            self.holders -= 1;
            self.dropped = at;
        }
    }

    pub(crate) fn finish(self, day: &Day, processes: u32, requests: Vec<u64>) -> Figures {
        let since = |last: Option<Duration>, from: Duration| {
            last.map_or(Duration::ZERO, |last| last.saturating_sub(from))
        };
        let rotations = day.rotations.iter().zip(&self.new_key);
        Figures {
            processes,
            requests,
            refused: self.refused,
            waited: self.waited,
            new_key: rotations
                .map(|(rotation, last)| since(*last, rotation.published))
                .collect(),
            recovered: since(self.recovered, day.deploy.from),
            removed_key: (self.holders == 0).then(|| self.dropped.saturating_sub(day.removal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::at;

    #[test]
    fn what_is_refused_for_a_while_is_spread_over_its_minutes() {
        let day = Day::default();
        let mut ledger = Ledger::new(&day);
        let traffic = Traffic::settled(2.0, day.lifetime);
        let span = (at(1, 0, 30), at(1, 2, 15));
        ledger.refused_for(&day, (&traffic, Mix::All), span, None);
        ledger.refused(&day, at(1, 2, 59), 3.0, None);
        let figures = ledger.finish(&day, 1, Vec::new());
        let minutes: Vec<f64> = figures.refused[60..63]
            .iter()
            .map(|count| count.round())
            .collect();
        assert_eq!(minutes, [60.0, 120.0, 33.0]);
        assert_eq!(
            figures.refused_between(at(0, 0, 0), day.length).round(),
            213.0
        );
    }

    #[test]
    fn tokens_whose_key_is_not_published_are_nobodys_fault() {
        let day = Day::default();
        let late = day.rotations[1];
        let mut ledger = Ledger::new(&day);
        let traffic = Traffic::settled(1.0, day.lifetime).rotated(late.used);
        ledger.refused(&day, late.used, 1.0, Some(late.key));
        let span = (late.used, late.published + Duration::from_secs(10));
        ledger.refused_for(&day, (&traffic, Mix::Current), span, Some(late.key));
        let figures = ledger.finish(&day, 1, Vec::new());
        assert_eq!(figures.new_key[1], Duration::from_secs(10));
        let expected = traffic.expected(Mix::Current, late.published, span.1);
        assert!((figures.refused.iter().sum::<f64>() - expected).abs() < 1e-9);
    }
}
