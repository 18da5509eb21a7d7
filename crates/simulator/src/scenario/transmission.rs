use std::{str::FromStr, time::Duration};

use anyhow::{Context, ensure};
use coap::TransmissionParameters;
use serde::Deserialize;

/// The transmission parameters of RFC 7252 §4.8 that a network asks for; §4.8.1 lets it choose others than the defaults.
/// How long a device waits for the next command of a bootstrap follows from them (EXCHANGE_LIFETIME).
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transmission {
    /// ACK_TIMEOUT, and with it PROCESSING_DELAY
    pub(crate) ack_timeout_s: f64,
    /// MAX_RETRANSMIT
    pub(crate) max_retransmit: u32,
    /// MAX_LATENCY
    pub(crate) max_latency_s: f64,
}

impl Transmission {
    /// As far as they make sense: an ACK_TIMEOUT below a second is for networks that are measured (§4.8.1).
    pub(crate) fn checked(self) -> anyhow::Result<Self> {
        let Self { ack_timeout_s, max_retransmit, max_latency_s } = self;
        let ack = (0.1..=600.0).contains(&ack_timeout_s);
        ensure!(ack, "expected an ACK_TIMEOUT of 0.1 to 600 s, got {ack_timeout_s}");
        ensure!(max_retransmit <= 10, "expected a MAX_RETRANSMIT of 0 to 10, got {max_retransmit}");
        let latency = (0.1..=600.0).contains(&max_latency_s);
        ensure!(latency, "expected a MAX_LATENCY of 0.1 to 600 s, got {max_latency_s}");
        Ok(self)
    }

    pub(crate) fn parameters(self) -> TransmissionParameters {
        TransmissionParameters {
            ack_timeout: Duration::from_secs_f64(self.ack_timeout_s),
            max_retransmit: self.max_retransmit,
            max_latency: Duration::from_secs_f64(self.max_latency_s),
            processing_delay: Duration::from_secs_f64(self.ack_timeout_s),
            ..TransmissionParameters::default()
        }
    }
}

/// `2,4,100`
impl FromStr for Transmission {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let [ack_timeout_s, max_retransmit, max_latency_s] = *parts else {
            anyhow::bail!("expected ACK_TIMEOUT,MAX_RETRANSMIT,MAX_LATENCY, such as 2,4,100, got {text:?}");
        };
        let number =
            |text: &str| text.parse::<f64>().with_context(|| format!("expected seconds, got {text:?}"));
        let count = max_retransmit.parse();
        let max_retransmit = count.with_context(|| format!("expected a number, got {max_retransmit:?}"))?;
        let (ack_timeout_s, max_latency_s) = (number(ack_timeout_s)?, number(max_latency_s)?);
        Self { ack_timeout_s, max_retransmit, max_latency_s }.checked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_standard_can_be_written() {
        let read: Transmission = "2,4,100".parse().unwrap();
        assert_eq!(read.parameters(), TransmissionParameters::default());
        let near: Transmission = "2, 4, 5".parse().unwrap();
        assert_eq!(near.parameters().exchange_lifetime(), Duration::from_secs(57));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for bad in
            ["", "2,4", "2,4,100,1", "0,4,100", "NaN,4,100", "2,11,100", "2,-1,100", "2,4,1e9", "x,4,1"]
        {
            assert!(bad.parse::<Transmission>().is_err(), "{bad}");
        }
    }
}
