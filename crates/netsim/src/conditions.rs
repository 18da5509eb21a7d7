use std::ops::RangeInclusive;

/// What a link does to datagrams. Probabilities go from 0 to 1.
#[derive(Clone, PartialEq, Debug)]
pub struct NetworkConditions {
    /// Probability that a datagram is lost.
    pub loss: f64,
    /// Time under way, drawn evenly. A datagram does not overtake an earlier one unless that was held back.
    pub delay_ms: RangeInclusive<u64>,
    /// Probability that a datagram arrives twice.
    pub duplicate: f64,
    /// Probability that a datagram, or its second copy, is held back so that later ones may overtake it.
    pub reorder: f64,
    /// How much longer a datagram that is held back takes, drawn evenly.
    pub hold_back_ms: RangeInclusive<u64>,
    /// Longer datagrams are lost.
    pub max_datagram_bytes: usize,
}

impl NetworkConditions {
    /// Every datagram arrives once, in order, after `delay_ms`.
    pub const fn perfect(delay_ms: u64) -> Self {
        Self {
            loss: 0.0,
            delay_ms: delay_ms..=delay_ms,
            duplicate: 0.0,
            reorder: 0.0,
            hold_back_ms: 0..=0,
            max_datagram_bytes: 65_507,
        }
    }

    /// Every datagram is lost.
    pub const fn cut() -> Self {
        Self { loss: 1.0, ..Self::perfect(0) }
    }
}

/// A perfect network of 20 ms.
impl Default for NetworkConditions {
    fn default() -> Self {
        Self::perfect(20)
    }
}
