//! Identity and keys of an account (LwM2M 1.0 TS §7.1, Appendix E.1.1).

use console_api::{AccountCredentials, BootstrapServerAccount, SecurityMode, hex_decode};

use super::findings::Findings;
use crate::{limits, value::quoted};

pub(super) fn check(field: &str, account: &BootstrapServerAccount, findings: &mut Findings) {
    let mut keys = Keys { field, account, findings };
    match (account.security_mode, account.credentials) {
        (SecurityMode::NoSec, _) => keys.unused(&KEYS, "no key, as there is no security"),
        (_, AccountCredentials::Generate) => keys.check_generated(),
        (SecurityMode::Psk, AccountCredentials::Same) => keys.check_psk(),
        (SecurityMode::RawPublicKey | SecurityMode::Certificate, AccountCredentials::Same) => {
            keys.check_key_pair();
        }
    }
    keys.check_server_public_key();
}

#[derive(Clone, Copy, PartialEq)]
enum Key {
    Identity,
    Public,
    Secret,
    ServerPublic,
}

const KEYS: [Key; 4] = [Key::Identity, Key::Public, Key::Secret, Key::ServerPublic];

struct Keys<'a> {
    field: &'a str,
    account: &'a BootstrapServerAccount,
    findings: &'a mut Findings,
}

impl Keys<'_> {
    fn check_generated(&mut self) {
        let unused = [Key::Identity, Key::Public, Key::Secret];
        self.unused(&unused, "none, as it is made for each device");
        if self.account.security_mode == SecurityMode::Psk {
            self.unused(&[Key::ServerPublic], "none, as the mode is PSK");
        }
    }

    fn check_psk(&mut self) {
        self.unused(&[Key::Public, Key::ServerPublic], "none, as the mode is PSK");
        let expected = format!("a PSK identity of 1 to {} bytes", limits::IDENTITY_BYTES);
        match self.account.identity.as_deref().unwrap_or_default() {
            "" => self.problem(Key::Identity, expected, "none"),
            identity if identity.len() > limits::IDENTITY_BYTES => {
                self.problem(Key::Identity, expected, &identity.len().to_string());
            }
            identity if identity.contains('\0') => {
                self.problem(Key::Identity, "an identity without zero bytes".into(), &quoted(identity));
            }
            _ => {}
        }
        let expected = format!("a key of 1 to {} bytes in hexadecimal", limits::KEY_BYTES);
        let Some(secret) = self.secret(&expected) else { return };
        match hex_decode(&secret).map(|key| key.len()) {
            Some(1..limits::ADVISABLE_KEY_BYTES) => {
                let expected = format!("a key of at least {} bytes", limits::ADVISABLE_KEY_BYTES);
                self.warning(Key::Secret, expected, "a shorter one");
            }
            Some(limits::ADVISABLE_KEY_BYTES..=limits::KEY_BYTES) => {}
            Some(bytes) => self.problem(Key::Secret, expected, &format!("{bytes} bytes")),
            // A secret is not repeated.
            None => self.problem(Key::Secret, expected, "something else"),
        }
        self.warning(Key::Secret, "a key of its own for each device".into(), "one key for all of them");
    }

    fn check_key_pair(&mut self) {
        self.unused(&[Key::Identity], "none, as the mode knows devices by their keys");
        let what = match self.account.security_mode {
            SecurityMode::Certificate => "the certificate of the device",
            _ => "the public key of the device",
        };
        let expected = format!("{what}: DER in hexadecimal, at most {} bytes", limits::DER_BYTES);
        match self.account.public_key.as_deref().unwrap_or_default() {
            "" => self.problem(Key::Public, expected, "none"),
            text if is_der(text) => {}
            text => self.problem(Key::Public, expected, &quoted(text)),
        }
        let expected = format!("a private key: DER in hexadecimal, at most {} bytes", limits::DER_BYTES);
        if let Some(secret) = self.secret(&expected)
            && !is_der(&secret)
        {
            self.problem(Key::Secret, expected, "something else");
        }
        self.warning(Key::Secret, "a key of its own for each device".into(), "one key for all of them");
    }

    fn check_server_public_key(&mut self) {
        let with_key =
            matches!(self.account.security_mode, SecurityMode::RawPublicKey | SecurityMode::Certificate);
        if let Some(text) = self.account.server_public_key.as_deref().filter(|_| with_key)
            && !is_der(text)
        {
            let expected = format!("DER in hexadecimal, at most {} bytes, or none", limits::DER_BYTES);
            self.problem(Key::ServerPublic, expected, &quoted(text));
        }
    }

    /// The secret that is given. Of one that is saved already nothing is known.
    fn secret(&mut self, expected: &str) -> Option<String> {
        match &self.account.secret_key {
            Some(secret) if !secret.0.is_empty() => Some(secret.0.clone()),
            _ if self.account.has_secret_key => None,
            _ => {
                self.problem(Key::Secret, expected.to_owned(), "none");
                None
            }
        }
    }

    fn unused(&mut self, keys: &[Key], expected: &str) {
        for key in keys {
            if self.is_given(*key) {
                self.warning(*key, expected.to_owned(), "one, which is not used");
            }
        }
    }

    fn is_given(&self, key: Key) -> bool {
        let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
        match key {
            Key::Identity => given(&self.account.identity),
            Key::Public => given(&self.account.public_key),
            Key::Secret => self.account.secret_key.as_ref().is_some_and(|secret| !secret.0.is_empty()),
            Key::ServerPublic => given(&self.account.server_public_key),
        }
    }

    fn problem(&mut self, key: Key, expected: String, got: &str) {
        self.findings.problem(&self.path(key), expected, got);
    }

    fn warning(&mut self, key: Key, expected: String, got: &str) {
        self.findings.warning(&self.path(key), expected, got);
    }

    fn path(&self, key: Key) -> String {
        let name = match key {
            Key::Identity => "identity",
            Key::Public => "public_key",
            Key::Secret => "secret_key",
            Key::ServerPublic => "server_public_key",
        };
        format!("{}/{name}", self.field)
    }
}

/// Public keys, certificates and private keys are all a SEQUENCE that ends where its length says (X.690 §8.9).
fn is_der(text: &str) -> bool {
    let Some(bytes) = hex_decode(text).filter(|bytes| bytes.len() <= limits::DER_BYTES) else { return false };
    let [0x30, first, rest @ ..] = bytes.as_slice() else { return false };
    let (length, content) = match (first, rest) {
        (0..=0x7f, content) => (usize::from(*first), content),
        (0x81, [length, content @ ..]) => (usize::from(*length), content),
        (0x82, [high, low, content @ ..]) => (usize::from(u16::from_be_bytes([*high, *low])), content),
        _ => return false,
    };
    content.len() == length
}
