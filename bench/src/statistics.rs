//! Medians and quartiles. One slow round, when the machine did something else, moves neither.

/// A number that was measured many times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// A quarter of the values are below.
    pub low: f64,
    /// Half of the values are below.
    pub median: f64,
    /// Three quarters of the values are below.
    pub high: f64,
}

impl Spread {
    /// Of these values; `None` if there is none, or one that is no number.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() || values.iter().any(|value| value.is_nan()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            low: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            high: quantile(&sorted, 0.75),
        })
    }

    /// Of `above / below`, round by round: the two were measured within the same fraction of a
    /// second, so that what slowed the machine down then slowed both.
    pub fn of_ratios(above: &[f64], below: &[f64]) -> Option<Self> {
        Self::of_pairs(above, below, |a, b| a / b)
    }

    /// Of `left - right`, round by round.
    pub fn of_differences(left: &[f64], right: &[f64]) -> Option<Self> {
        Self::of_pairs(left, right, |a, b| a - b)
    }

    fn of_pairs(left: &[f64], right: &[f64], with: impl Fn(f64, f64) -> f64) -> Option<Self> {
        let pairs = left.iter().zip(right);
        Self::of(&pairs.map(|(l, r)| with(*l, *r)).collect::<Vec<_>>())
    }
}

/// Between the two values next to the place, in proportion.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_the_values() {
        let table: [(&[f64], [f64; 3]); 4] = [
            (&[7.0], [7.0, 7.0, 7.0]),
            (&[2.0, 1.0], [1.25, 1.5, 1.75]),
            (&[5.0, 1.0, 4.0, 2.0, 3.0], [2.0, 3.0, 4.0]),
            (&[1.0, 1.0, 1.0, 1000.0], [1.0, 1.0, 250.75]),
        ];
        for (values, [low, median, high]) in table {
            let wanted = Spread { low, median, high };
            assert_eq!(Spread::of(values), Some(wanted), "{values:?}");
        }
    }

    #[test]
    fn nothing_measured_is_no_number() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[1.0, f64::NAN]), None);
    }

    #[test]
    fn a_slow_round_for_both_leaves_the_ratio_alone() {
        let ours = [10.0, 10.0, 95.0, 10.0, 10.0];
        let peer = [20.0, 20.0, 190.0, 20.0, 20.0];
        let ratio = Spread::of_ratios(&peer, &ours).unwrap();
        assert_eq!((ratio.low, ratio.median, ratio.high), (2.0, 2.0, 2.0));
        assert_eq!(Spread::of_differences(&peer, &ours).unwrap().median, 10.0);
    }
}
