use crate::limits::REPLAY_WINDOW;

/// Which sequence numbers have come (RFC 6347 §4.1.2.6): the newest one and the 63 before it.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct ReplayWindow {
    /// One above the newest; 0 when nothing has come.
    next: u64,
    /// Bit 0 is the newest, bit 1 the one before.
    seen: u64,
}

/// Why a sequence number is not taken.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Stale {
    /// It has come before.
    Replayed,
    /// It lies before the window, so that nobody knows.
    TooOld,
}

impl ReplayWindow {
    /// Asked before the record is decrypted, so that replays cost nothing; changes nothing, as the number is not yet
    /// authentic.
    pub const fn check(&self, sequence: u64) -> Result<(), Stale> {
        if sequence >= self.next {
            return Ok(());
        }
        let behind = self.next - 1 - sequence;
        if behind >= REPLAY_WINDOW {
            Err(Stale::TooOld)
        } else if self.seen >> behind & 1 == 1 {
            Err(Stale::Replayed)
        } else {
            Ok(())
        }
    }

    /// Notes a sequence number that is authentic. Says whether it is newer than all before.
    pub const fn mark(&mut self, sequence: u64) -> bool {
        if sequence >= self.next {
            let ahead = sequence - self.next + 1;
            self.seen = if ahead < REPLAY_WINDOW { self.seen << ahead | 1 } else { 1 };
            self.next = sequence + 1;
            return true;
        }
        let behind = self.next - 1 - sequence;
        if behind < REPLAY_WINDOW {
            self.seen |= 1 << behind;
        }
        false
    }

    /// From now on this one and everything before it count as having come.
    pub const fn close_up_to(&mut self, sequence: u64) {
        if sequence >= self.next {
            self.next = sequence + 1;
            self.seen = u64::MAX;
            return;
        }
        let behind = self.next - 1 - sequence;
        if behind < REPLAY_WINDOW {
            self.seen |= u64::MAX << behind;
        }
    }

    pub(crate) const fn parts(&self) -> (u64, u64) {
        (self.next, self.seen)
    }

    pub(crate) const fn from_parts(next: u64, seen: u64) -> Self {
        Self { next, seen }
    }
}
