use core::time::Duration;

use crate::Block;

/// Message transmission parameters (RFC 7252 §4.8); the defaults are those of the RFC.
#[derive(Clone, PartialEq, Debug)]
pub struct TransmissionParameters {
    pub ack_timeout: Duration,
    /// At least 1.
    pub ack_random_factor: f64,
    pub max_retransmit: u32,
    /// Requests, and separately confirmable notifications, under way to one peer at a time.
    pub nstart: usize,
    pub max_latency: Duration,
    pub processing_delay: Duration,
    /// How long a request may stay unanswered before it gets an empty acknowledgement. Has to be well below
    /// the peer's ACK_TIMEOUT (RFC 7252 §5.2.2).
    pub piggyback_window: Duration,
    /// Longest payload sent in one piece, and the block size beyond that, sent and asked for (RFC 7959 §2.2).
    /// Rounded down to a power of two from 16 to 1024.
    pub block_size: usize,
}

impl Default for TransmissionParameters {
    fn default() -> Self {
        Self {
            ack_timeout: Duration::from_secs(2),
            ack_random_factor: 1.5,
            max_retransmit: 4,
            nstart: 1,
            max_latency: Duration::from_secs(100),
            processing_delay: Duration::from_secs(2),
            piggyback_window: Duration::from_secs(1),
            block_size: Block::MAX_SIZE,
        }
    }
}

/// Derived times (RFC 7252 §4.8.2).
impl TransmissionParameters {
    /// Longest first retransmission timeout.
    pub fn max_ack_timeout(&self) -> Duration {
        // A factor below 1 or one that is no number would make the interval of the first timeout empty.
        let factor = self.ack_random_factor.max(1.0);
        Duration::try_from_secs_f64(self.ack_timeout.as_secs_f64() * factor).unwrap_or(Duration::MAX)
    }

    /// MAX_TRANSMIT_SPAN: from the first transmission to the last retransmission.
    pub fn max_transmit_span(&self) -> Duration {
        self.max_ack_timeout().saturating_mul(power_of_two(self.max_retransmit) - 1)
    }

    /// MAX_TRANSMIT_WAIT: from the first transmission until the sender gives up.
    pub fn max_transmit_wait(&self) -> Duration {
        self.max_ack_timeout().saturating_mul(power_of_two(self.max_retransmit.saturating_add(1)) - 1)
    }

    /// MAX_RTT.
    pub fn max_round_trip(&self) -> Duration {
        self.max_latency.saturating_mul(2).saturating_add(self.processing_delay)
    }

    /// EXCHANGE_LIFETIME: how long a Confirmable message can still be met on the network.
    pub fn exchange_lifetime(&self) -> Duration {
        self.max_transmit_span().saturating_add(self.max_round_trip())
    }

    /// NON_LIFETIME: the same for a Non-confirmable one.
    pub fn non_lifetime(&self) -> Duration {
        self.max_transmit_span().saturating_add(self.max_latency)
    }
}

impl TransmissionParameters {
    /// The size exponent of `block_size`.
    pub fn block_szx(&self) -> u8 {
        let exponents = (0..=Block::MAX_SZX).rev();
        exponents.into_iter().find(|szx| 16 << szx <= self.block_size).unwrap_or(0)
    }
}

fn power_of_two(exponent: u32) -> u32 {
    1_u32.checked_shl(exponent).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_times_of_the_defaults() {
        // RFC 7252 §4.8.2, table 3.
        let parameters = TransmissionParameters::default();
        assert_eq!(parameters.max_transmit_span(), Duration::from_secs(45));
        assert_eq!(parameters.max_transmit_wait(), Duration::from_secs(93));
        assert_eq!(parameters.max_round_trip(), Duration::from_secs(202));
        assert_eq!(parameters.exchange_lifetime(), Duration::from_secs(247));
        assert_eq!(parameters.non_lifetime(), Duration::from_secs(145));
    }

    #[test]
    fn block_sizes_are_rounded_down_to_what_can_be_written() {
        for (block_size, szx) in [(0, 0), (16, 0), (31, 0), (512, 5), (1023, 5), (1024, 6), (usize::MAX, 6)] {
            let parameters = TransmissionParameters { block_size, ..TransmissionParameters::default() };
            assert_eq!(parameters.block_szx(), szx, "{block_size}");
        }
    }

    #[test]
    fn absurd_parameters_saturate() {
        let parameters = TransmissionParameters {
            ack_random_factor: f64::NAN,
            max_retransmit: u32::MAX,
            ack_timeout: Duration::MAX,
            ..TransmissionParameters::default()
        };
        assert_eq!(parameters.max_transmit_wait(), Duration::MAX);
    }
}
