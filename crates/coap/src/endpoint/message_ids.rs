use rand_core::RngCore;

use crate::{Instant, MessageId};

/// Parts of the number space that are given free together.
const SECTIONS: usize = 4;

const SECTION_LENGTH: u16 = (0x1_0000 / SECTIONS) as u16;

/// The message ids towards one peer: a random start, then one after the other, none again within
/// EXCHANGE_LIFETIME (RFC 7252 §4.4).
pub(super) struct MessageIds {
    next: u16,
    /// When the first id of each section may be used again.
    free: [Instant; SECTIONS],
}

impl MessageIds {
    pub(super) fn new(random: &mut impl RngCore) -> Self {
        Self { next: (random.next_u32() >> 16) as u16, free: [Instant::default(); SECTIONS] }
    }

    /// An id for a message that can be met on the network until `expiry`. When all have been used lately: the
    /// instant from which one is free.
    pub(super) fn take(&mut self, now: Instant, expiry: Instant) -> Result<MessageId, Instant> {
        let id = self.next;
        let following = id.wrapping_add(1);
        if let Some(free) = self.free.get_mut(usize::from(id / SECTION_LENGTH)) {
            if id.is_multiple_of(SECTION_LENGTH) && *free > now {
                return Err(*free);
            }
            if following.is_multiple_of(SECTION_LENGTH) {
                *free = expiry;
            }
        }
        self.next = following;
        Ok(MessageId(id))
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    const LIFETIME: Duration = Duration::from_secs(247);

    /// Takes ids until there is none.
    fn exhaust(ids: &mut MessageIds, now: Instant) -> (Vec<MessageId>, Instant) {
        let mut taken = Vec::new();
        loop {
            match ids.take(now, now + LIFETIME) {
                Ok(id) => taken.push(id),
                Err(free) => return (taken, free),
            }
        }
    }

    #[test]
    fn none_is_used_twice_within_the_lifetime() {
        for seed in 0..20 {
            let mut ids = MessageIds::new(&mut ChaCha20Rng::from_seed([seed; 32]));
            let start = Instant::from_millis(1_000_000);
            let (first, free) = exhaust(&mut ids, start);
            assert!((0xc000..=0x1_0000).contains(&first.len()), "{}", first.len());
            assert!(first.windows(2).all(|pair| pair[1].0 == pair[0].0.wrapping_add(1)));
            assert_eq!(free, start + LIFETIME);
            let (again, _) = exhaust(&mut ids, free);
            assert!((0xc000..=0x1_0000).contains(&again.len()), "{}", again.len());
        }
    }

    #[test]
    fn a_steady_stream_within_the_rate_never_waits() {
        let mut ids = MessageIds::new(&mut ChaCha20Rng::from_seed([0; 32]));
        for n in 0..300_000 {
            // 190 a second.
            let now = Instant::from_millis(n * 1_000 / 190);
            assert!(ids.take(now, now + LIFETIME).is_ok(), "id {n}");
        }
    }
}
