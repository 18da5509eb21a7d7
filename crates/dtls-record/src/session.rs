use core::{fmt, ops::Range};

use zeroize::ZeroizeOnDrop;

use crate::{
    connection_id::ConnectionIds,
    content_type::ContentType,
    keys::{KeyBlock, RecordNumber, Refused, SealError, WriteKeys, read_header},
    limits::{RESERVATION, SEQUENCE_NUMBERS},
    replay_window::{ReplayWindow, Stale},
    secrets::{MasterSecret, Randoms, Role},
    suite::Suite,
};

/// The one that the handshake leads to. There is no renegotiation, and so never another.
const EPOCH: u16 = 1;

/// The records of one connection in both directions, from the first Finished on. Not `Clone`: two of them would send
/// the same numbers.
#[derive(ZeroizeOnDrop)]
pub struct Session {
    pub(crate) sending: WriteKeys,
    pub(crate) receiving: WriteKeys,
    #[zeroize(skip)]
    pub(crate) role: Role,
    #[zeroize(skip)]
    pub(crate) connection_ids: ConnectionIds,
    /// Sequence number of the next record sent.
    pub(crate) next: u64,
    /// Only numbers below may be sent; that is in the store.
    pub(crate) reserved: u64,
    /// The same, but the store may still be at work on it. What is exported says this.
    pub(crate) asked: u64,
    #[zeroize(skip)]
    pub(crate) window: ReplayWindow,
    /// The window is known to be right. It is not after a crash.
    pub(crate) proven: bool,
}

/// A record that the peer has sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    pub content_type: ContentType,
    /// Where the plaintext lies in the record.
    pub plaintext: Range<usize>,
    pub sequence: u64,
    /// Newer than all before, so that the peer is where this record came from (RFC 9146 §6). Never so for an unproven
    /// one.
    pub newest: bool,
    /// After a crash: it may be a recording of one that was opened before the crash. Nothing may come of it until
    /// [`Session::freshness_proven`].
    pub unproven: bool,
}

/// Sequence numbers that may be used once the session is stored.
#[derive(PartialEq, Eq, Debug)]
#[must_use = "the numbers are usable after `Session::reserved`"]
pub struct Reservation {
    until: u64,
}

impl Session {
    /// Keys, epoch 1, and sequence numbers from 0: both Finished are its first records.
    ///
    /// The first [`RESERVATION`] numbers may be used at once, as there is nothing in the store yet that could be
    /// imported and use them again.
    pub fn new(
        role: Role,
        suite: Suite,
        master_secret: &MasterSecret,
        randoms: &Randoms,
        connection_ids: ConnectionIds,
    ) -> Self {
        let (sending, receiving) = KeyBlock::derive(suite, master_secret, randoms).into_parts(role);
        Self {
            sending,
            receiving,
            role,
            connection_ids,
            next: 0,
            reserved: RESERVATION,
            asked: RESERVATION,
            window: ReplayWindow::default(),
            proven: true,
        }
    }

    /// Appends one record to `out`. After an error `out` is as before and no number is used.
    pub fn seal(
        &mut self,
        content_type: ContentType,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        if self.next >= SEQUENCE_NUMBERS {
            return Err(SealError::Exhausted);
        }
        if self.next >= self.reserved {
            return Err(SealError::NotReserved { reserved: self.reserved, sequence: self.next });
        }
        let number = RecordNumber { epoch: EPOCH, sequence: self.next };
        let connection_id = self.connection_ids.theirs.unwrap_or_default();
        self.sending.seal(number, &connection_id, content_type, plaintext, out)?;
        self.next += 1;
        Ok(())
    }

    /// Opens the one record that `record` holds, in place, and only once. After a refusal for its tag the bytes are
    /// worthless, whatever the session; the session is as before.
    pub fn open(&mut self, record: &mut [u8]) -> Result<Opened, Refused> {
        let header = read_header(record, &self.connection_ids.ours.unwrap_or_default())?;
        if header.epoch != EPOCH {
            return Err(Refused::Epoch { expected: EPOCH, got: header.epoch });
        }
        let sequence = header.sequence;
        self.window.check(sequence).map_err(|stale| match stale {
            Stale::Replayed => Refused::Replayed { sequence },
            Stale::TooOld => Refused::TooOld { sequence },
        })?;
        let unprotected = self.receiving.open_fragment(record, &header)?;
        let newest = self.window.mark(sequence);
        Ok(Opened {
            content_type: unprotected.content_type,
            plaintext: unprotected.plaintext,
            sequence,
            newest: newest && self.proven,
            unproven: !self.proven,
        })
    }

    /// Someone else has sealed a record with this number and the same keys: a handshake its Finished. Never goes back.
    pub const fn skip(&mut self, sequence: u64) {
        if sequence >= self.next && sequence < SEQUENCE_NUMBERS {
            self.next = sequence + 1;
        }
    }

    /// Asks for the next block of sequence numbers. The caller stores [`Session::export`], and when that is safe says
    /// so with [`Session::reserved`]; until then [`Session::seal`] goes on with what is left of the block before.
    pub fn reserve(&mut self) -> Reservation {
        let until = self.reserved.saturating_add(RESERVATION).min(SEQUENCE_NUMBERS);
        self.asked = self.asked.max(until);
        Reservation { until }
    }

    /// What was exported after the call of [`Session::reserve`] is stored.
    pub fn reserved(&mut self, reservation: Reservation) {
        self.reserved = self.reserved.max(reservation.until.min(self.asked));
    }

    /// How many records can be sealed before the next block has to be stored.
    pub const fn reservation_left(&self) -> u64 {
        self.reserved.saturating_sub(self.next)
    }

    /// A record with this number has come whose content proves that the peer answered after the crash. It and all
    /// before it count as having come, so that no recording is ever opened; the caller now heeds the unproven records
    /// above it that it kept, and drops the others.
    pub const fn freshness_proven(&mut self, sequence: u64) {
        if !self.proven {
            self.window.close_up_to(sequence);
            self.proven = true;
        }
    }

    /// Whether records are opened as [`Opened::unproven`].
    pub const fn is_unproven(&self) -> bool {
        !self.proven
    }

    pub const fn role(&self) -> Role {
        self.role
    }

    pub const fn suite(&self) -> Suite {
        self.sending.suite()
    }

    pub const fn connection_ids(&self) -> &ConnectionIds {
        &self.connection_ids
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("role", &self.role)
            .field("suite", &self.suite())
            .field("connection_ids", &self.connection_ids)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}
