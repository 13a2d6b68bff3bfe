//! What the operator charges for a call, apart from the provider's price.

use super::MicroDollars;

/// A hundred basis points are one percent.
const WHOLE: i128 = 10_000;

/// So much for a call, and a share of what the provider charged for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Fee {
    /// For every call that reached a provider.
    pub per_call: MicroDollars,
    /// Hundredths of a percent of the call's cost.
    pub basis_points: u32,
}

impl Fee {
    /// Ten times a call's cost.
    pub const MOST_BASIS_POINTS: u32 = 100_000;

    /// The fee for a call of this cost, rounded half up. Of an unknown cost there is no share.
    #[must_use]
    pub fn of(self, cost: Option<MicroDollars>) -> MicroDollars {
        let cost = i128::from(cost.map_or(0, |cost| cost.0));
        let share = (cost * i128::from(self.basis_points) + WHOLE / 2).div_euclid(WHOLE);
        let share = i64::try_from(share).unwrap_or(i64::MAX);
        MicroDollars(self.per_call.0.saturating_add(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_a_sum_of_whole_numbers() {
        let fee = Fee {
            per_call: MicroDollars(100),
            basis_points: 250,
        };
        assert_eq!(fee.of(Some(MicroDollars(1_000_000))), MicroDollars(25_100));
        assert_eq!(
            fee.of(Some(MicroDollars(19))),
            MicroDollars(100),
            "0.475 is rounded down"
        );
        assert_eq!(fee.of(Some(MicroDollars(20))), MicroDollars(101), "0.5 is rounded up");
        assert_eq!(fee.of(None), MicroDollars(100));
        assert_eq!(Fee::default().of(Some(MicroDollars(7))), MicroDollars(0));
    }

    #[test]
    fn no_cost_is_too_large() {
        let fee = Fee {
            per_call: MicroDollars(1),
            basis_points: 100_000,
        };
        assert_eq!(fee.of(Some(MicroDollars(i64::MAX))), MicroDollars(i64::MAX));
    }
}
