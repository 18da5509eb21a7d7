//! Whether a connection still stands: a Ping now and then, and how long its answer took.

/// Time between two Pings.
pub(super) const EVERY_MS: u32 = 5_000;

/// A server that has said nothing for so long, although asked, is away.
const SILENCE_MS: f64 = 10_000.0;

/// Times are those of a clock that never goes back.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    number: u64,
    /// When the unanswered Ping was sent, and when something was last heard since.
    waiting: Option<(f64, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Ping(u64),
    Wait,
    Dead,
}

impl Pulse {
    pub(super) fn beat(&mut self, now_ms: f64) -> Beat {
        match self.waiting {
            Some((_, heard_ms)) if now_ms - heard_ms >= SILENCE_MS => Beat::Dead,
            Some(_) => Beat::Wait,
            None => {
                self.number += 1;
                self.waiting = Some((now_ms, now_ms));
                Beat::Ping(self.number)
            }
        }
    }

    /// Something came: a Pong behind a large snapshot is late, but its server is not away.
    pub(super) fn hear(&mut self, now_ms: f64) {
        if let Some((_, heard_ms)) = &mut self.waiting {
            *heard_ms = now_ms;
        }
    }

    /// The answer to Ping `number`: how long it took, at least 1 ms.
    pub(super) fn pong(&mut self, number: u64, now_ms: f64) -> Option<u32> {
        if number != self.number {
            return None;
        }
        let (sent_ms, _) = self.waiting.take()?;
        Some((now_ms - sent_ms).round().max(1.0) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_time_is_measured() {
        let mut pulse = Pulse::default();
        assert_eq!(pulse.beat(0.0), Beat::Ping(1));
        assert_eq!(pulse.pong(9, 3.0), None);
        assert_eq!(pulse.pong(1, 12.4), Some(12));
        assert_eq!(pulse.pong(1, 13.0), None);
        assert_eq!(pulse.beat(5_000.0), Beat::Ping(2));
        assert_eq!(pulse.pong(2, 5_000.1), Some(1));
    }

    #[test]
    fn silence_is_death_and_anything_else_is_life() {
        let mut pulse = Pulse::default();
        pulse.beat(0.0);
        assert_eq!(pulse.beat(5_000.0), Beat::Wait);
        pulse.hear(9_000.0);
        assert_eq!(pulse.beat(10_000.0), Beat::Wait);
        assert_eq!(pulse.beat(19_000.0), Beat::Dead);
    }
}
