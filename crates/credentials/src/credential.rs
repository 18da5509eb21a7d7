use core::fmt;

use crate::{CertificateInfo, Sealed};

/// Never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialId(pub u64);

/// One version of what a device connects with. Its secret is not in here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    pub id: CredentialId,
    /// The Endpoint Client Name that may register or bootstrap with it.
    pub endpoint: String,
    pub server: Server,
    /// Counted for each endpoint and server, from 1.
    pub version: u32,
    pub proof: Proof,
    pub note: String,
    pub created_at_ms: u64,
    /// Who added it, in words.
    pub author: String,
    /// From then on it opens nothing.
    pub retire_at_ms: Option<u64>,
    pub revoked_at_ms: Option<u64>,
    pub last_used_at_ms: Option<u64>,
    /// The bootstrap session that it was made for.
    pub made_in: Option<u64>,
}

/// Whom a credential opens the door of. A Bootstrap-Server has keys of its own with each device (LwM2M 1.0 TS §7.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    #[default]
    DeviceManagement,
    Bootstrap,
}

/// How a device proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// With the key that belongs to this identity.
    Psk { identity: String, key_bytes: usize },
    /// With the private key that belongs to this SubjectPublicKeyInfo (DER).
    RawPublicKey(Vec<u8>),
    /// With this certificate (DER); without one, with any of a trusted authority that names the endpoint.
    Certificate(Option<Vec<u8>>),
}

/// [`Proof`] without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    Psk,
    RawPublicKey,
    Certificate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    /// A later version takes its place; until its time is over it counts.
    Retiring,
    /// It opens nothing any more.
    Revoked,
}

/// A credential as it is kept: the secret, where there is one, only sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub credential: Credential,
    pub sealed: Option<Sealed>,
}

impl Credential {
    pub fn state(&self, now_ms: u64) -> State {
        match (self.revoked_at_ms, self.retire_at_ms) {
            (Some(_), _) => State::Revoked,
            (None, Some(at)) if at <= now_ms => State::Revoked,
            (None, Some(_)) => State::Retiring,
            (None, None) => State::Active,
        }
    }

    /// Whether it opens something.
    pub fn is_valid(&self, now_ms: u64) -> bool {
        self.state(now_ms) != State::Revoked
    }

    /// Until when it must stay known although it is revoked: a certificate that is forgotten would be good again, for
    /// an endpoint that any certificate of its name opens.
    pub fn must_be_known_until_ms(&self) -> Option<u64> {
        let Proof::Certificate(Some(der)) = &self.proof else { return None };
        CertificateInfo::of(der).ok().map(|info| info.not_after_ms)
    }
}

impl Proof {
    pub const fn mode(&self) -> Mode {
        match self {
            Self::Psk { .. } => Mode::Psk,
            Self::RawPublicKey(_) => Mode::RawPublicKey,
            Self::Certificate(_) => Mode::Certificate,
        }
    }
}

impl Mode {
    /// The word for it in files and in the REST interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Psk => "psk",
            Self::RawPublicKey => "rpk",
            Self::Certificate => "x509",
        }
    }

    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Psk, Self::RawPublicKey, Self::Certificate].into_iter().find(|mode| mode.word() == word)
    }
}

impl Server {
    pub const ALL: [Self; 2] = [Self::DeviceManagement, Self::Bootstrap];

    /// The word for it in files and in the REST interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::DeviceManagement => "device_management",
            Self::Bootstrap => "bootstrap",
        }
    }

    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|server| server.word() == word)
    }

    /// The one that must not have the same keys.
    pub const fn other(self) -> Self {
        match self {
            Self::DeviceManagement => Self::Bootstrap,
            Self::Bootstrap => Self::DeviceManagement,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Psk => "pre-shared key",
            Self::RawPublicKey => "raw public key",
            Self::Certificate => "certificate",
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn psk(id: u64, endpoint: &str, identity: &str) -> Credential {
        Credential {
            id: CredentialId(id),
            endpoint: endpoint.to_owned(),
            server: Server::DeviceManagement,
            version: 1,
            proof: Proof::Psk { identity: identity.to_owned(), key_bytes: 16 },
            note: String::new(),
            created_at_ms: 1,
            author: "somebody".to_owned(),
            retire_at_ms: None,
            revoked_at_ms: None,
            last_used_at_ms: None,
            made_in: None,
        }
    }

    #[test]
    fn a_retiring_one_counts_until_its_time() {
        let active = psk(1, "a", "a");
        assert_eq!(active.state(u64::MAX), State::Active);
        let retiring = Credential { retire_at_ms: Some(100), ..active };
        assert_eq!((retiring.state(99), retiring.state(100)), (State::Retiring, State::Revoked));
        let revoked = Credential { revoked_at_ms: Some(100), ..retiring };
        assert_eq!(revoked.state(0), State::Revoked);
    }

    #[test]
    fn a_mode_is_known_by_its_word() {
        for mode in [Mode::Psk, Mode::RawPublicKey, Mode::Certificate] {
            assert_eq!(Mode::of_word(mode.word()), Some(mode));
        }
        assert_eq!(Mode::of_word("nosec"), None);
        for server in Server::ALL {
            assert_eq!((Server::of_word(server.word()), server.other().other()), (Some(server), server));
        }
        assert_eq!(Server::of_word(""), None);
    }
}
