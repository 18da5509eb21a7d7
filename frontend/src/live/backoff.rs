//! How long to wait before the next attempt to connect.

const FIRST_MS: u32 = 400;
/// The longest wait: an operator who watches should not sit before a dead page for longer.
const LONGEST_MS: u32 = 10_000;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// `random` in 0..1 spreads the consoles of a restarted server: the wait is 50 to 100 % of the step.
    pub(crate) fn next_ms(&mut self, random: f64) -> u32 {
        let step = FIRST_MS.saturating_mul(1 << self.failures.min(10)).min(LONGEST_MS);
        self.failures = self.failures.saturating_add(1);
        let half = f64::from(step) / 2.0;
        (half + half * random.clamp(0.0, 1.0)) as u32
    }

    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_the_limit_and_starts_again() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next_ms(1.0), FIRST_MS);
        assert_eq!(backoff.next_ms(0.0), FIRST_MS);
        let waits: Vec<u32> = (0..50).map(|_| backoff.next_ms(1.0)).collect();
        assert!(waits.is_sorted());
        assert_eq!(waits[49], LONGEST_MS);
        backoff.reset();
        assert_eq!(backoff.next_ms(1.0), FIRST_MS);
    }
}
