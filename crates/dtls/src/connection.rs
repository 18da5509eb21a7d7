use dtls_record::{ConnectionId, ContentType, Record, SealError, Session, limits::PLAINTEXT_LENGTH};
use openssl::ssl::{ErrorCode, ShutdownState, SslStream};

use crate::{
    flight::{FATAL, Flight},
    handshake::{Established, Security, Whole},
    limits,
    link::Link,
    output::SendError,
    time::Instant,
};

/// What comes after a handshake, for both roles.
pub(crate) struct Connection {
    security: Security,
    /// Kept until the first record with application data shows that the peer has it (RFC 6347 §4.2.4).
    last_flight: Option<Box<Flight>>,
    repeated: Instant,
}

/// What a record turned out to be.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Received {
    Data {
        payload: Vec<u8>,
        newest: bool,
        unproven: Option<u64>,
    },
    CloseNotify,
    Alert(u8),
    /// Authentic, but of no consequence.
    Nothing {
        newest: bool,
    },
    /// Not of this connection, or a copy.
    Refused,
}

impl Connection {
    pub(crate) fn new(security: Security, last_flight: Option<Box<Flight>>) -> Self {
        Self { security, last_flight, repeated: Instant::default() }
    }

    pub(crate) fn of(established: Established) -> (Self, Vec<Vec<u8>>) {
        (Self::new(established.security, established.last_flight), established.early)
    }

    /// Opens `record` in place, so that it is worthless afterwards.
    pub(crate) fn handle_record(
        &mut self,
        now: Instant,
        header: &Record,
        record: &mut [u8],
        out: &mut Vec<Vec<u8>>,
    ) -> Received {
        if header.epoch == 0 {
            // Nothing in the clear is believed; but a repeated flight is a reason to repeat ours.
            if header.content_type == ContentType::HANDSHAKE {
                self.repeat(now, out);
            }
            return Received::Refused;
        }
        match &mut self.security {
            Security::Whole(Whole(stream)) => {
                let received = receive_whole(stream, record, out);
                if matches!(received, Received::Data { .. }) {
                    self.last_flight = None;
                }
                received
            }
            Security::Records(session) => {
                let Ok(opened) = session.open(record) else { return Received::Refused };
                let (newest, plaintext) = (opened.newest, &record[opened.plaintext]);
                match (opened.content_type, plaintext) {
                    (ContentType::APPLICATION_DATA, payload) => {
                        self.last_flight = None;
                        let unproven = opened.unproven.then_some(opened.sequence);
                        Received::Data { payload: payload.to_vec(), newest, unproven }
                    }
                    // A recorded alert must not end a session.
                    (ContentType::ALERT, [..]) if opened.unproven => Received::Nothing { newest },
                    (ContentType::ALERT, [_, 0]) => Received::CloseNotify,
                    (ContentType::ALERT, [FATAL, alert]) => Received::Alert(*alert),
                    (ContentType::HANDSHAKE, _) => {
                        self.repeat(now, out);
                        Received::Nothing { newest }
                    }
                    _ => Received::Nothing { newest },
                }
            }
        }
    }

    fn repeat(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) {
        if let Some(flight) = &mut self.last_flight
            && now >= self.repeated + limits::REPEATED_FLIGHT_INTERVAL
        {
            self.repeated = now;
            let session = match &mut self.security {
                Security::Records(session) => Some(session),
                Security::Whole(_) => None,
            };
            flight.repeat(session, out);
        }
    }

    pub(crate) fn send(&mut self, payload: &[u8], out: &mut Vec<Vec<u8>>) -> Result<(), SendError> {
        match &mut self.security {
            Security::Records(session) => {
                let mut record = Vec::new();
                session.seal(ContentType::APPLICATION_DATA, payload, &mut record)?;
                out.push(record);
            }
            Security::Whole(Whole(stream)) => {
                if payload.len() > PLAINTEXT_LENGTH {
                    return Err(SendError::TooLong { expected: PLAINTEXT_LENGTH, got: payload.len() });
                }
                stream.ssl_write(payload).map_err(|_| SendError::Whole)?;
                out.append(&mut stream.get_mut().take_outgoing());
            }
        }
        Ok(())
    }

    /// Says goodbye (RFC 5246 §7.2.1). Whether it arrives is not waited for.
    pub(crate) fn close(&mut self, out: &mut Vec<Vec<u8>>) {
        match &mut self.security {
            Security::Records(session) => {
                let mut record = Vec::new();
                if session.seal(ContentType::ALERT, &[1, 0], &mut record).is_ok() {
                    out.push(record);
                }
            }
            Security::Whole(Whole(stream)) => {
                // Failing means that there is nobody to say goodbye to.
                let _ = stream.shutdown();
                out.append(&mut stream.get_mut().take_outgoing());
            }
        }
    }

    /// What the peer puts into its records.
    pub(crate) fn our_connection_id(&self) -> Option<ConnectionId> {
        self.records().and_then(|session| session.connection_ids().ours).filter(|id| !id.is_empty())
    }

    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.security, Security::Whole(_))
    }

    pub(crate) fn records(&self) -> Option<&Session> {
        match &self.security {
            Security::Records(session) => Some(session),
            Security::Whole(_) => None,
        }
    }

    pub(crate) fn records_mut(&mut self) -> Option<&mut Session> {
        match &mut self.security {
            Security::Records(session) => Some(session),
            Security::Whole(_) => None,
        }
    }

    pub(crate) fn into_records(self) -> Option<Session> {
        match self.security {
            Security::Records(session) => Some(session),
            Security::Whole(_) => None,
        }
    }
}

/// A record for OpenSSL. It drops what is not authentic by itself, so that what is refused cannot be told from it.
fn receive_whole(stream: &mut SslStream<Link>, record: &[u8], out: &mut Vec<Vec<u8>>) -> Received {
    stream.get_mut().push(record.to_vec());
    let mut payload = vec![0; PLAINTEXT_LENGTH];
    let result = stream.ssl_read(&mut payload);
    out.append(&mut stream.get_mut().take_outgoing());
    match result {
        Ok(length) => {
            payload.truncate(length);
            payload.shrink_to_fit();
            Received::Data { payload, newest: false, unproven: None }
        }
        Err(error) if error.code() == ErrorCode::WANT_READ => Received::Refused,
        Err(error) if error.code() == ErrorCode::ZERO_RETURN => Received::CloseNotify,
        Err(error) => {
            stream.set_shutdown(ShutdownState::SENT | ShutdownState::RECEIVED);
            let codes = error.ssl_error().map(|errors| errors.errors()).unwrap_or_default();
            let alert = codes.iter().find_map(|code| u8::try_from(code.reason_code() - 1_000).ok());
            Received::Alert(alert.unwrap_or(INTERNAL_ERROR))
        }
    }
}

const INTERNAL_ERROR: u8 = 80;

impl From<SealError> for SendError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::TooLong { expected, got } => Self::TooLong { expected, got },
            SealError::NotReserved { .. } => Self::NotReserved,
            _ => Self::Exhausted,
        }
    }
}
