use console_api::{Credential, CredentialMode, CredentialServer, CredentialState};

use super::PAGE;
use crate::format;
use crate::routing::percent_encode;

/// Every mode with its word in addresses, and what people read.
pub(crate) const MODES: [(CredentialMode, &str, &str); 3] = [
    (CredentialMode::Psk, "psk", "PSK"),
    (CredentialMode::Rpk, "rpk", "Raw public key"),
    (CredentialMode::X509, "x509", "Certificate"),
];

/// Every state with its word in addresses, what people read, and the class that the style sheet knows.
pub(crate) const STATES: [(CredentialState, &str, &str, &str); 3] = [
    (CredentialState::Active, "active", "Active", "ok"),
    (CredentialState::Retiring, "retiring", "Retiring", "warn"),
    (CredentialState::Revoked, "revoked", "Revoked", "bad"),
];

/// Every server that a credential may be for, with its word in addresses and what people read.
pub(crate) const SERVERS: [(CredentialServer, &str, &str); 2] = [
    (CredentialServer::DeviceManagement, "device_management", "Device management"),
    (CredentialServer::Bootstrap, "bootstrap", "Bootstrap"),
];

/// Digits of a fingerprint that tell keys apart at a glance.
const FINGERPRINT_DIGITS: usize = 24;

pub(crate) fn mode_title(mode: CredentialMode) -> &'static str {
    MODES.iter().find(|(known, ..)| *known == mode).map_or("", |(_, _, title)| title)
}

pub(crate) fn server_title(server: CredentialServer) -> &'static str {
    SERVERS.iter().find(|(known, ..)| *known == server).map_or("", |(_, _, title)| title)
}

/// Which credentials are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) text: String,
    /// Of that client alone.
    pub(crate) endpoint: Option<String>,
    pub(crate) server: Option<CredentialServer>,
    pub(crate) mode: Option<CredentialMode>,
    pub(crate) state: Option<CredentialState>,
    pub(crate) page: usize,
}

impl Question {
    pub(crate) fn query(&self) -> String {
        let mut query = format!("offset={}&limit={PAGE}", self.page * PAGE);
        let server = self.server.and_then(|server| SERVERS.iter().find(|(known, ..)| *known == server));
        let mode = self.mode.and_then(|mode| MODES.iter().find(|(known, ..)| *known == mode));
        let state = self.state.and_then(|state| STATES.iter().find(|(known, ..)| *known == state));
        let parts = [
            ("text", Some(self.text.trim()).filter(|text| !text.is_empty())),
            ("endpoint", self.endpoint.as_deref()),
            ("server", server.map(|(_, word, _)| *word)),
            ("mode", mode.map(|(_, word, _)| *word)),
            ("state", state.map(|(_, word, ..)| *word)),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                query.push_str(&format!("&{name}={}", percent_encode(value)));
            }
        }
        query
    }

    pub(crate) fn is_narrow(&self) -> bool {
        *self != Self { page: self.page, ..Self::default() }
    }
}

/// What stands for the device in the handshake.
pub(crate) fn identity(credential: &Credential) -> String {
    match credential.mode {
        CredentialMode::Psk => credential.identity.clone().unwrap_or_default(),
        CredentialMode::Rpk => credential.public_key.as_deref().map(key_end).unwrap_or_default(),
        CredentialMode::X509 => match &credential.certificate {
            Some(certificate) => fingerprint(&certificate.fingerprint),
            None => format!("any trusted certificate named {}", credential.endpoint),
        },
    }
}

/// Keys on one curve begin alike: it is their end that tells them apart.
fn key_end(der: &str) -> String {
    let from = der.len().saturating_sub(FINGERPRINT_DIGITS);
    format!("…{}", der.get(from..).unwrap_or(der))
}

pub(crate) fn fingerprint(hex: &str) -> String {
    hex.get(..FINGERPRINT_DIGITS).map_or_else(|| hex.to_owned(), |start| format!("SHA-256 {start}…"))
}

/// How it stands, in a word and when that changes.
pub(crate) fn state_told(credential: &Credential, now_ms: u64) -> String {
    match (credential.state, credential.retire_at_ms, credential.revoked_at_ms) {
        (CredentialState::Active, ..) => String::new(),
        (CredentialState::Retiring, Some(at_ms), _) => {
            format!("for {} more", format::span_precise(at_ms.saturating_sub(now_ms)))
        }
        (CredentialState::Revoked, _, Some(at_ms)) => {
            format!("{} ago", format::span(now_ms.saturating_sub(at_ms)))
        }
        (CredentialState::Retiring | CredentialState::Revoked, ..) => String::new(),
    }
}

pub(crate) fn used(credential: &Credential, now_ms: u64) -> String {
    match credential.last_used_at_ms.map(|at_ms| format::age(at_ms, now_ms)) {
        None => "never".to_owned(),
        Some(age) if age == "now" => age,
        Some(age) => format!("{age} ago"),
    }
}

#[cfg(test)]
pub(super) fn credential(mode: CredentialMode) -> Credential {
    Credential {
        id: 7,
        endpoint: "lamp".into(),
        server: CredentialServer::DeviceManagement,
        mode,
        version: 1,
        state: CredentialState::Active,
        identity: (mode == CredentialMode::Psk).then(|| "lamp".to_owned()),
        key_bytes: None,
        public_key: (mode == CredentialMode::Rpk).then(|| "30".repeat(91)),
        certificate: None,
        note: String::new(),
        created_at_ms: 0,
        author: String::new(),
        retire_at_ms: None,
        revoked_at_ms: None,
        last_used_at_ms: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_asked_in_an_address() {
        assert_eq!(Question::default().query(), "offset=0&limit=100");
        let narrow = Question {
            text: " a&b ".into(),
            endpoint: Some("x/y".into()),
            server: Some(CredentialServer::Bootstrap),
            mode: Some(CredentialMode::X509),
            state: Some(CredentialState::Revoked),
            page: 2,
        };
        let asked = "offset=200&limit=100&text=a%26b&endpoint=x%2Fy&server=bootstrap&mode=x509&state=revoked";
        assert_eq!(narrow.query(), asked);
        assert!(narrow.is_narrow() && !Question { page: 3, ..Question::default() }.is_narrow());
    }

    #[test]
    fn each_mode_has_something_that_stands_for_the_device() {
        assert_eq!(identity(&credential(CredentialMode::Psk)), "lamp");
        assert_eq!(identity(&credential(CredentialMode::Rpk)), format!("…{}", "30".repeat(12)));
        assert_eq!(identity(&credential(CredentialMode::X509)), "any trusted certificate named lamp");
    }

    #[test]
    fn a_state_says_until_or_since_when() {
        let active = credential(CredentialMode::Psk);
        let retiring =
            Credential { state: CredentialState::Retiring, retire_at_ms: Some(61_000), ..active.clone() };
        let revoked =
            Credential { state: CredentialState::Revoked, revoked_at_ms: Some(0), ..active.clone() };
        assert_eq!(state_told(&active, 0), "");
        assert_eq!(state_told(&retiring, 0), "for 1 m 1 s more");
        assert_eq!(state_told(&revoked, 120_000), "2 m ago");
        assert_eq!(used(&active, 0), "never");
        assert_eq!(used(&Credential { last_used_at_ms: Some(0), ..active }, 3_000), "3 s ago");
    }
}
