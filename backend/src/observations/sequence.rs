/// The values of the Observe option, as far as notifications seem to be missing among them. They only have to increase (RFC
/// 7641 §4.4), and many clients take them from a clock: so it is a hint, and a jump counts only where they went up by one
/// before.
#[derive(Default)]
pub(super) struct Sequence {
    last: Option<u32>,
    /// Steps of one since the last jump.
    ones: u8,
    pub(super) gaps: u64,
}

impl Sequence {
    /// The option has 24 bits.
    const VALUES: u32 = 1 << 24;

    /// Steps of one before a jump counts.
    const COUNTS: u8 = 3;

    /// A longer jump comes from a client that began to count anew.
    const LONGEST_GAP: u32 = 1_000;

    pub(super) fn take(&mut self, value: u32) {
        let Some(last) = self.last else {
            self.last = Some(value);
            return;
        };
        let step = value.wrapping_sub(last) % Self::VALUES;
        // Its notification was overtaken by a later one (RFC 7641 §3.4): then it was not missing.
        if step == 0 || step > Self::VALUES / 2 {
            self.gaps -= u64::from(step != 0 && self.gaps > 0);
            return;
        }
        self.last = Some(value);
        if step == 1 {
            self.ones = self.ones.saturating_add(1);
            return;
        }
        if self.ones >= Self::COUNTS && step <= Self::LONGEST_GAP {
            self.gaps += u64::from(step - 1);
        }
        self.ones = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(values: &[u32]) -> u64 {
        let mut sequence = Sequence::default();
        values.iter().for_each(|value| sequence.take(*value));
        sequence.gaps
    }

    #[test]
    fn a_jump_counts_after_steps_of_one() {
        assert_eq!(gaps(&[1, 2, 3, 4, 5]), 0);
        assert_eq!(gaps(&[1, 2, 3, 4, 7]), 2);
        assert_eq!(gaps(&[1, 2, 3, 7, 8, 9, 10, 12]), 1, "too few steps before the first jump");
        assert_eq!(gaps(&[(1 << 24) - 3, (1 << 24) - 2, (1 << 24) - 1, 0, 2]), 1, "the values wrap around");
    }

    #[test]
    fn a_client_that_counts_otherwise_has_no_gaps() {
        assert_eq!(gaps(&[10, 70, 131, 190, 251]), 0, "seconds");
        assert_eq!(gaps(&[1, 2, 3, 4, 5, 9_000]), 0, "it began anew");
        assert_eq!(gaps(&[]), 0);
    }

    #[test]
    fn what_was_only_late_is_not_missing() {
        assert_eq!(gaps(&[1, 2, 3, 4, 6, 5, 7]), 0);
        assert_eq!(gaps(&[1, 2, 3, 4, 4, 3]), 0);
        assert_eq!(gaps(&[1, 2, 3, 4, 8, 8, 6]), 2);
    }
}
