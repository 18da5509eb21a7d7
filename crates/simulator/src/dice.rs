use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Random choices that are the same for the same seed, on every machine.
#[derive(Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of one device: `stream` is its number in the fleet.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// 0 to 1, the latter excluded.
    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// 0 to `end`, the latter excluded; 0 for an `end` of 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64().checked_rem(end).unwrap_or(0)
    }

    /// One of a non-empty list.
    pub(crate) fn choose<T: Copy>(&mut self, list: &[T]) -> T {
        let end = u64::try_from(list.len()).unwrap_or(u64::MAX);
        list[usize::try_from(self.below(end)).unwrap_or(0)]
    }

    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// `count` decimal digits, the first of them not 0.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|position| {
                let digit = if position == 0 { 1 + self.below(9) } else { self.below(10) };
                char::from(b'0' + u8::try_from(digit).unwrap_or(0))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_differ_and_repeat() {
        let roll = |stream| Dice::new(1, stream).digits(12);
        assert_eq!(roll(5), roll(5));
        assert_ne!(roll(5), roll(6));
        assert_ne!(Dice::new(2, 5).digits(12), roll(5));
    }

    #[test]
    fn values_stay_in_their_range() {
        let mut dice = Dice::new(3, 0);
        for _ in 0..1000 {
            assert!((2.0..5.0).contains(&dice.between(2.0, 5.0)));
            assert!(dice.below(7) < 7);
        }
        assert_eq!(dice.below(0), 0);
    }
}
