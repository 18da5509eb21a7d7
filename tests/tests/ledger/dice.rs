/// All chance of a run (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    /// Each part of a run has its own, so that what one decides does not hang on how fast another is.
    pub(crate) const fn new(seed: u64, part: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ part.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// Below `bound`.
    pub(crate) const fn draw(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub(crate) const fn one_in(&mut self, n: u64) -> bool {
        self.draw(n) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = self.draw(from.len() as u64);
        &from[usize::try_from(index).expect("an index")]
    }
}
