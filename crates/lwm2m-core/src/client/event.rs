use core::fmt;

use coap::Code;
use lwm2m_codec::{Path, Value, execute::Argument};

use crate::Peer;

/// What a client wants from the outside: a datagram sent, or news taken note of.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    Transmit {
        peer: Peer,
        datagram: Vec<u8>,
    },
    /// Find out who is behind an account, and say so with [`super::Client::connected`] before anything else. What is
    /// needed for that is in the tree: `/0/{security_instance}`. Nothing is sent there before the client has to say
    /// something.
    Connect {
        security_instance: u16,
        /// Its Resource 0.
        uri: String,
    },
    /// A peer has nothing to do with this client any more; its security session and keys can be forgotten.
    Disconnect {
        peer: Peer,
    },
    /// `server` is the Short Server ID of the server it is about, or [`BOOTSTRAP_SERVER`].
    Event {
        server: u16,
        event: Event,
    },
}

/// What stands for the Bootstrap-Server where a Short Server ID is told; no server has it (LwM2M Core App. E.1).
pub const BOOTSTRAP_SERVER: u16 = u16::MAX;

/// News for the application.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The server accepted a Register. `location` is the path it gave to the registration.
    Registered {
        location: String,
    },
    /// The server accepted an Update.
    Updated,
    /// A Register failed. The client tries again by itself.
    RegistrationFailed {
        why: RegistrationFailure,
    },
    /// As many Registers failed as the Server object allows. The client is silent until it is started again; where
    /// Bootstrap on Registration Failure (`/1/x/16`) is not false, the device should be bootstrapped before.
    RegistrationGivenUp,
    /// The Bootstrap-Server was asked for accounts.
    BootstrapRequested,
    /// There is no Bootstrap-Pack, or none that the client could use; it goes on with a Bootstrap-Request.
    BootstrapPackRefused {
        why: String,
    },
    /// The Bootstrap-Server answered, or began by itself.
    BootstrapBegun,
    /// The Bootstrap-Server is done, and the client goes on with the accounts it has now.
    Bootstrapped,
    /// The client has gone back to what there was before. Without an account it tries again by itself.
    BootstrapFailed {
        why: BootstrapFailure,
    },
    /// The accounts of the smartcard are those of the client now.
    SmartcardRead,
    /// The card is gone, and what came from it too.
    SmartcardRemoved,
    /// The client cannot use what the card holds, and keeps its own accounts.
    SmartcardRefused {
        why: String,
    },
    /// The account with the Bootstrap-Server is gone, as its timeout demands.
    BootstrapAccountPurged,
    /// The registration has ended, by the client's wish.
    Deregistered,
    /// The server changed a value.
    Written {
        path: Path,
        value: Value,
    },
    /// The server created an object instance.
    Created {
        path: Path,
    },
    /// The server deleted an object instance or a resource instance.
    Deleted {
        path: Path,
    },
    /// The server executed a resource.
    Executed {
        path: Path,
        arguments: Vec<Argument>,
    },
    /// The server wants to be told about changes at `path`, which is the root for an Observe-Composite.
    Observed {
        path: Path,
    },
    ObservationEnded {
        path: Path,
    },
    /// A Send was answered, or not: the text says what happened to the exchange.
    SendEnded {
        send: SendId,
        answer: Result<Code, String>,
    },
}

/// A Send, from [`super::Client::send`] to its [`Event::SendEnded`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SendId(pub(super) u64);

/// Why a Register did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistrationFailure {
    /// The server answered with an error.
    Refused { code: Code, diagnostic: String },
    /// The server answered with success but named no location, so no Update could ever be sent.
    NoLocation,
    /// No usable answer; the text says what happened to the exchange.
    NoAnswer { why: String },
}

impl fmt::Display for RegistrationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, diagnostic } if diagnostic.is_empty() => {
                write!(f, "the server answered {code}")
            }
            Self::Refused { code, diagnostic } => write!(f, "the server answered {code}: {diagnostic}"),
            Self::NoLocation => write!(f, "the server answered without a Location-Path"),
            Self::NoAnswer { why } => write!(f, "{why}"),
        }
    }
}

/// Why a bootstrap came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BootstrapFailure {
    /// The Bootstrap-Server answered the request with an error.
    Refused { code: Code, diagnostic: String },
    /// No usable answer; the text says what happened.
    NoAnswer { why: String },
    /// No Bootstrap-Finish came in time, or the client could not agree to the last one.
    NoFinish { inconsistency: Option<String> },
}

impl fmt::Display for BootstrapFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, diagnostic } if diagnostic.is_empty() => {
                write!(f, "the Bootstrap-Server answered {code}")
            }
            Self::Refused { code, diagnostic } => {
                write!(f, "the Bootstrap-Server answered {code}: {diagnostic}")
            }
            Self::NoAnswer { why } => f.write_str(why),
            Self::NoFinish { inconsistency: Some(why) } => {
                write!(f, "what was written is inconsistent: {why}")
            }
            Self::NoFinish { inconsistency: None } => f.write_str("no Bootstrap-Finish came in time"),
        }
    }
}

/// Why the client wants to be called at a certain time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutReason {
    /// A CoAP timer, such as a retransmission.
    Coap(coap::TimeoutReason),
    /// The registration must be renewed.
    Update,
    /// A failed registration is tried again.
    Register,
    /// A notification may be due.
    Notify,
    /// The Bootstrap-Server is asked.
    Bootstrap,
    /// The Bootstrap-Server has to have finished.
    BootstrapFinish,
    /// The account with the Bootstrap-Server goes.
    Purge,
}

impl fmt::Display for TimeoutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coap(reason) => write!(f, "{reason}"),
            Self::Update => write!(f, "Update before the lifetime ends"),
            Self::Register => write!(f, "Register again after a failure"),
            Self::Notify => write!(f, "a notification may be due"),
            Self::Bootstrap => write!(f, "Bootstrap-Request"),
            Self::BootstrapFinish => write!(f, "Bootstrap-Finish has to have come"),
            Self::Purge => write!(f, "the account with the Bootstrap-Server ends"),
        }
    }
}
