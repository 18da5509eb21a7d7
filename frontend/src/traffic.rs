//! Messages per second, from counters that are asked for now and then.

use std::collections::VecDeque;

use console_api::ServerStatus;

/// Samples kept for the small graph: three minutes at one in two seconds.
const SAMPLES: usize = 90;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Traffic {
    last: Option<(u64, u64, u64)>,
    received: VecDeque<f64>,
    sent_per_s: f64,
}

impl Traffic {
    pub(crate) fn add(&mut self, status: &ServerStatus) {
        let now = (status.now_ms, status.datagrams_received, status.datagrams_sent);
        let Some((then_ms, received, sent)) = self.last.replace(now) else {
            return;
        };
        // Counters that went back belong to a server that was started again.
        if now.0 <= then_ms || now.1 < received || now.2 < sent {
            *self = Self { last: Some(now), ..Self::default() };
            return;
        }
        let seconds = (now.0 - then_ms) as f64 / 1000.0;
        if self.received.len() >= SAMPLES {
            self.received.pop_front();
        }
        self.received.push_back((now.1 - received) as f64 / seconds);
        self.sent_per_s = (now.2 - sent) as f64 / seconds;
    }

    /// `None` until two samples are there.
    pub(crate) fn received_per_s(&self) -> Option<f64> {
        self.received.back().copied()
    }

    pub(crate) fn sent_per_s(&self) -> f64 {
        self.sent_per_s
    }

    pub(crate) fn samples(&self) -> Vec<f64> {
        self.received.iter().copied().collect()
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
        traffic.add(&status(4000, 0, 0));
        assert_eq!((traffic.received_per_s(), traffic.samples().len()), (None, 0));
        assert_eq!((rate(1203.6), rate(3.46), rate(0.0)), ("1,204".into(), "3.5".into(), "0".into()));
    }
}
