//! What the server's counters did lately, from figures that are asked for now and then.

use std::collections::VecDeque;

use console_api::ServerStatus;

/// Samples kept for the small graphs: three minutes at one in two seconds.
const SAMPLES: usize = 90;

/// Something that the server counts since its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    DatagramsReceived,
    DatagramsSent,
    BytesReceived,
    BytesSent,
    Reports,
    Refused,
    /// Milliseconds of processor time.
    Cpu,
}

const COUNTERS: [Counter; 7] = [
    Counter::DatagramsReceived,
    Counter::DatagramsSent,
    Counter::BytesReceived,
    Counter::BytesSent,
    Counter::Reports,
    Counter::Refused,
    Counter::Cpu,
];

impl Counter {
    pub(crate) fn total(self, status: &ServerStatus) -> u64 {
        match self {
            Self::DatagramsReceived => status.datagrams_received,
            Self::DatagramsSent => status.datagrams_sent,
            Self::BytesReceived => status.bytes_received,
            Self::BytesSent => status.bytes_sent,
            Self::Reports => status.reports,
            Self::Refused => status.refused,
            Self::Cpu => status.cpu_ms.unwrap_or_default(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Traffic {
    /// Time and counters of the last figures.
    last: Option<(u64, [u64; COUNTERS.len()])>,
    /// Rates per second, by counter.
    rates: [VecDeque<f64>; COUNTERS.len()],
}

impl Traffic {
    pub(crate) fn add(&mut self, status: &ServerStatus) {
        let now = (status.now_ms, COUNTERS.map(|counter| counter.total(status)));
        let Some((then_ms, then)) = self.last.replace(now) else {
            return;
        };
        // Counters that went back belong to a server that was started again.
        let restarted = now.1.iter().zip(&then).any(|(now, then)| now < then);
        if now.0 <= then_ms || restarted {
            *self = Self { last: Some(now), ..Self::default() };
            return;
        }
        let seconds = (now.0 - then_ms) as f64 / 1000.0;
        for ((rates, now), then) in self.rates.iter_mut().zip(now.1).zip(then) {
            if rates.len() >= SAMPLES {
                rates.pop_front();
            }
            rates.push_back((now - then) as f64 / seconds);
        }
    }

    /// `None` until two samples are there.
    pub(crate) fn per_s(&self, counter: Counter) -> Option<f64> {
        self.rates[counter as usize].back().copied()
    }

    pub(crate) fn course(&self, counter: Counter) -> Vec<f64> {
        self.rates[counter as usize].iter().copied().collect()
    }

    pub(crate) fn received_per_s(&self) -> Option<f64> {
        self.per_s(Counter::DatagramsReceived)
    }

    pub(crate) fn sent_per_s(&self) -> f64 {
        self.per_s(Counter::DatagramsSent).unwrap_or_default()
    }

    pub(crate) fn samples(&self) -> Vec<f64> {
        self.course(Counter::DatagramsReceived)
    }
}

/// `1,204`, `3.5`, `0`
pub(crate) fn rate(per_s: f64) -> String {
    if per_s >= 10.0 || per_s == 0.0 {
        crate::format::count(per_s.round() as u64)
    } else {
        format!("{per_s:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(now_ms: u64, received: u64, sent: u64) -> ServerStatus {
        ServerStatus { now_ms, datagrams_received: received, datagrams_sent: sent, ..ServerStatus::default() }
    }

    #[test]
    fn rates_from_counters() {
        let mut traffic = Traffic::default();
        traffic.add(&status(0, 100, 10));
        assert_eq!(traffic.received_per_s(), None);
        traffic.add(&status(2000, 140, 13));
        assert_eq!((traffic.received_per_s(), traffic.sent_per_s()), (Some(20.0), 1.5));
        let cpu = ServerStatus { cpu_ms: Some(500), ..status(4000, 140, 13) };
        traffic.add(&cpu);
        assert_eq!(traffic.per_s(Counter::Cpu), Some(250.0));
        assert_eq!(traffic.course(Counter::DatagramsReceived), [20.0, 0.0]);
        traffic.add(&status(6000, 0, 0));
        assert_eq!((traffic.received_per_s(), traffic.samples().len()), (None, 0));
        assert_eq!((rate(1203.6), rate(3.46), rate(0.0)), ("1,204".into(), "3.5".into(), "0".into()));
    }

    #[test]
    fn every_counter_has_its_own_place() {
        for (place, counter) in COUNTERS.into_iter().enumerate() {
            assert_eq!(counter as usize, place);
        }
    }
}
