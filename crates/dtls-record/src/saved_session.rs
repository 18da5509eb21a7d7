use core::fmt;

use thiserror::Error;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::{
    cipher::KEY_LENGTH,
    connection_id::{ConnectionId, ConnectionIds},
    keys::{SALT_LENGTH, WriteKeys},
    limits::SEQUENCE_NUMBERS,
    replay_window::ReplayWindow,
    secrets::Role,
    session::Session,
    suite::Suite,
};

/// The layout of the bytes. Another one is refused, and the peers make a new handshake.
const LAYOUT: u8 = 1;

/// Why a session is imported.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Restart {
    /// The session was saved by [`Session::stop`], and nothing was sent or received since.
    Planned,
    /// Nobody knows what was sent and received since it was saved.
    Crash,
}

/// All that a session is, with its keys.
#[derive(ZeroizeOnDrop)]
pub struct SavedSession {
    sending: WriteKeys,
    receiving: WriteKeys,
    #[zeroize(skip)]
    role: Role,
    #[zeroize(skip)]
    connection_ids: ConnectionIds,
    next: u64,
    asked: u64,
    #[zeroize(skip)]
    window: ReplayWindow,
    proven: bool,
    /// The session ended with this, so that it is exact.
    stopped: bool,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum SavedSessionError {
    #[error("expected a saved session, got {got} bytes that end within one or go on after it")]
    Length { got: usize },
    #[error("expected layout {LAYOUT} of a saved session, got {got}")]
    Layout { got: u8 },
    #[error("expected a {field} of a saved session, got {got}")]
    Field { field: &'static str, got: u64 },
}

impl Session {
    /// For the store while the session goes on: what a successor needs after a crash. It sends from the end of the
    /// reservation on, and a planned restart with it counts as a crash, since records may follow.
    pub fn export(&self) -> SavedSession {
        self.saved(false)
    }

    /// For the store at a planned end: exact, as no record can follow.
    pub fn stop(self) -> SavedSession {
        self.saved(true)
    }

    /// Goes on where the session stopped. Nothing can be sent before a block of sequence numbers is reserved, so that
    /// the store no longer says that the session stands where it stood: [`Session::reserve`].
    pub fn import(saved: SavedSession, restart: Restart) -> Self {
        let exact = saved.stopped && restart == Restart::Planned;
        let next = if exact { saved.next } else { saved.asked };
        Self {
            sending: saved.sending.duplicate(),
            receiving: saved.receiving.duplicate(),
            role: saved.role,
            connection_ids: saved.connection_ids,
            next,
            reserved: next,
            asked: next,
            window: saved.window,
            proven: exact && saved.proven,
        }
    }

    fn saved(&self, stopped: bool) -> SavedSession {
        SavedSession {
            sending: self.sending.duplicate(),
            receiving: self.receiving.duplicate(),
            role: self.role,
            connection_ids: self.connection_ids,
            next: self.next,
            asked: self.asked,
            window: self.window,
            proven: self.proven,
            stopped,
        }
    }
}

impl SavedSession {
    /// Longest result of [`SavedSession::to_bytes`].
    pub const LONGEST: usize = 5 + 2 * (KEY_LENGTH + SALT_LENGTH) + 4 * 8 + 2 * 21;

    /// With the keys in the clear: for a store that encrypts.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Never grows, as that would leave keys behind.
        let mut out = Zeroizing::new(Vec::with_capacity(Self::LONGEST));
        out.push(LAYOUT);
        out.push(match self.role {
            Role::Client => 0,
            Role::Server => 1,
        });
        out.push(match self.sending.suite() {
            Suite::Aes128Ccm8 => 0,
            Suite::Aes128Ccm => 1,
            Suite::Aes128Gcm => 2,
        });
        out.push(u8::from(self.proven));
        out.push(u8::from(self.stopped));
        for keys in [&self.sending, &self.receiving] {
            out.extend_from_slice(keys.key());
            out.extend_from_slice(keys.salt());
        }
        let (newest, seen) = self.window.parts();
        for number in [self.next, self.asked, newest, seen] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        for id in [self.connection_ids.ours, self.connection_ids.theirs] {
            match id {
                None => out.push(NO_CONNECTION_ID),
                Some(id) => {
                    out.push(u8::try_from(id.as_bytes().len()).unwrap_or(NO_CONNECTION_ID));
                    out.extend_from_slice(id.as_bytes());
                }
            }
        }
        out
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SavedSessionError> {
        let mut fields = Fields { rest: bytes, length: bytes.len() };
        match fields.byte()? {
            LAYOUT => {}
            got => return Err(SavedSessionError::Layout { got }),
        }
        let role = match fields.byte()? {
            0 => Role::Client,
            1 => Role::Server,
            got => return Err(SavedSessionError::Field { field: "role", got: got.into() }),
        };
        let suite = match fields.byte()? {
            0 => Suite::Aes128Ccm8,
            1 => Suite::Aes128Ccm,
            2 => Suite::Aes128Gcm,
            got => return Err(SavedSessionError::Field { field: "suite", got: got.into() }),
        };
        let proven = fields.flag("proof")?;
        let stopped = fields.flag("end")?;
        let sending = WriteKeys::from_parts(suite, fields.array()?, fields.array()?);
        let receiving = WriteKeys::from_parts(suite, fields.array()?, fields.array()?);
        let asked_field = "reservation";
        let (next, asked) = (fields.number("sequence number")?, fields.number(asked_field)?);
        if asked < next {
            return Err(SavedSessionError::Field { field: asked_field, got: asked });
        }
        let window =
            ReplayWindow::from_parts(fields.number("replay window")?, u64::from_be_bytes(fields.array()?));
        let connection_ids = ConnectionIds { ours: fields.connection_id()?, theirs: fields.connection_id()? };
        fields.end()?;
        Ok(Self { sending, receiving, role, connection_ids, next, asked, window, proven, stopped })
    }

    pub const fn connection_ids(&self) -> &ConnectionIds {
        &self.connection_ids
    }
}

/// Stands for the length of a Connection ID that was not negotiated.
const NO_CONNECTION_ID: u8 = 0xff;

struct Fields<'a> {
    rest: &'a [u8],
    /// Of everything, for errors.
    length: usize,
}

impl<'a> Fields<'a> {
    fn bytes(&mut self, length: usize) -> Result<&'a [u8], SavedSessionError> {
        let wrong = SavedSessionError::Length { got: self.length };
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(wrong)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SavedSessionError> {
        let wrong = SavedSessionError::Length { got: self.length };
        self.bytes(N)?.try_into().map_err(|_| wrong)
    }

    fn byte(&mut self) -> Result<u8, SavedSessionError> {
        self.array().map(|[byte]| byte)
    }

    fn flag(&mut self, field: &'static str) -> Result<bool, SavedSessionError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            got => Err(SavedSessionError::Field { field, got: got.into() }),
        }
    }

    /// A sequence number, or the one after the last.
    fn number(&mut self, field: &'static str) -> Result<u64, SavedSessionError> {
        let number = u64::from_be_bytes(self.array()?);
        if number <= SEQUENCE_NUMBERS {
            Ok(number)
        } else {
            Err(SavedSessionError::Field { field, got: number })
        }
    }

    fn connection_id(&mut self) -> Result<Option<ConnectionId>, SavedSessionError> {
        match self.byte()? {
            NO_CONNECTION_ID => Ok(None),
            length => {
                let wrong = SavedSessionError::Field { field: "Connection ID", got: length.into() };
                ConnectionId::new(self.bytes(length.into())?).ok_or(wrong).map(Some)
            }
        }
    }

    const fn end(&self) -> Result<(), SavedSessionError> {
        if self.rest.is_empty() { Ok(()) } else { Err(SavedSessionError::Length { got: self.length }) }
    }
}

impl fmt::Debug for SavedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedSession").field("stopped", &self.stopped).finish_non_exhaustive()
    }
}
