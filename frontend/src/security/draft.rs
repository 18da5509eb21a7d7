use console_api::{Credential, CredentialMode, CredentialServer, NewCertificate, NewCredential, SecretText};

use crate::api::Failure;

/// Longest PSK identity and key, in bytes (RFC 7925 §4.1, RFC 4279 §5.3).
const IDENTITY_BYTES: usize = 128;
const KEY_BYTES: usize = 64;

const DAY_S: f64 = 86_400.0;

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Issue {
    /// The authority of this server makes it.
    #[default]
    Own,
    /// Any of a trusted authority, by its name.
    Named,
    /// This one and no other.
    Given,
}

/// What is typed into the form of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The credential that gets another version.
    pub(crate) rotates: Option<u64>,
    pub(crate) server: CredentialServer,
    pub(crate) mode: CredentialMode,
    pub(crate) endpoint: String,
    /// Empty: the endpoint name.
    pub(crate) identity: String,
    pub(crate) generate: bool,
    pub(crate) key: String,
    pub(crate) public_key: String,
    pub(crate) issue: Issue,
    /// What a certificate is issued for; empty: the server makes the key.
    pub(crate) csr: String,
    pub(crate) certificate: String,
    pub(crate) note: String,
    /// How long the version before counts beside the new one.
    pub(crate) retire_days: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Endpoint,
    Identity,
    Key,
    PublicKey,
    Csr,
    Certificate,
    RetireDays,
}

/// What is wrong with a field, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) field: Field,
    pub(crate) expected: String,
}

impl Problem {
    /// Which field it is that the server refuses, when it is one.
    pub(crate) fn refused(failure: &Failure) -> Option<Self> {
        let (name, _) = failure.message.split_once([':', ' '])?;
        let field = match name {
            "endpoint" => Field::Endpoint,
            "identity" => Field::Identity,
            "key" => Field::Key,
            "public_key" => Field::PublicKey,
            "csr" => Field::Csr,
            "certificate" => Field::Certificate,
            "retire_after_s" => Field::RetireDays,
            _ => return None,
        };
        let details = failure.details.as_ref()?;
        Some(Self { field, expected: format!("{}, got {}", details.expected, details.got) })
    }
}

/// What the server is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Add(NewCredential),
    Rotate(u64, NewCredential),
    Certificate(NewCertificate),
}

impl Draft {
    pub(crate) fn new(endpoint: String) -> Self {
        Self {
            rotates: None,
            server: CredentialServer::DeviceManagement,
            mode: CredentialMode::Psk,
            endpoint,
            identity: String::new(),
            generate: true,
            key: String::new(),
            public_key: String::new(),
            issue: Issue::Own,
            csr: String::new(),
            certificate: String::new(),
            note: String::new(),
            retire_days: "7".to_owned(),
        }
    }

    /// Another version of a credential. Two versions of a key under one identity could not be told apart.
    pub(crate) fn rotating(credential: &Credential) -> Self {
        let identity = match &credential.identity {
            Some(_) => format!("{}-{}", credential.endpoint, credential.version + 1),
            None => String::new(),
        };
        Self {
            rotates: Some(credential.id),
            server: credential.server,
            mode: credential.mode,
            identity,
            note: credential.note.clone(),
            ..Self::new(credential.endpoint.clone())
        }
    }

    pub(crate) fn asked(&self) -> Result<Asked, Problem> {
        let endpoint = self.endpoint.trim().to_owned();
        if endpoint.is_empty() {
            return Err(problem(Field::Endpoint, "the Endpoint Client Name of the device"));
        }
        let retire_after_s = self.rotates.map(|_| self.retire_after_s()).transpose()?;
        let note = Some(self.note.trim().to_owned()).filter(|note| !note.is_empty());
        if (self.mode, self.issue) == (CredentialMode::X509, Issue::Own) {
            let csr = Some(self.csr.trim().to_owned()).filter(|csr| !csr.is_empty());
            let server = Some(self.server);
            let wanted =
                NewCertificate { endpoint, server, csr, note, retire_after_s, ..NewCertificate::default() };
            return Ok(Asked::Certificate(wanted));
        }
        let wanted = NewCredential {
            endpoint: Some(endpoint),
            server: Some(self.server),
            mode: Some(self.mode),
            note,
            retire_after_s,
            ..self.proof()?
        };
        Ok(match self.rotates {
            Some(id) => Asked::Rotate(id, wanted),
            None => Asked::Add(wanted),
        })
    }

    /// What the device proves itself with.
    fn proof(&self) -> Result<NewCredential, Problem> {
        let nothing = NewCredential::default();
        match self.mode {
            CredentialMode::Psk => {
                let identity = Some(self.identity.trim().to_owned()).filter(|identity| !identity.is_empty());
                if let Some(length) = identity.as_ref().map(String::len).filter(|it| *it > IDENTITY_BYTES) {
                    let expected = format!("at most {IDENTITY_BYTES} bytes, these are {length}");
                    return Err(Problem { field: Field::Identity, expected });
                }
                let key = if self.generate { None } else { Some(SecretText(self.hex_key()?)) };
                Ok(NewCredential { identity, key, generate: self.generate, ..nothing })
            }
            CredentialMode::Rpk if self.generate => Ok(NewCredential { generate: true, ..nothing }),
            CredentialMode::Rpk => {
                let expected = "the public key of the device: PEM, or DER in base64 or hexadecimal";
                let public_key = given(&self.public_key, Field::PublicKey, expected)?;
                Ok(NewCredential { public_key: Some(public_key), ..nothing })
            }
            CredentialMode::X509 if self.issue == Issue::Given => {
                let expected = "the certificate of the device: PEM, or DER in base64 or hexadecimal";
                let certificate = given(&self.certificate, Field::Certificate, expected)?;
                Ok(NewCredential { certificate: Some(certificate), ..nothing })
            }
            CredentialMode::X509 => Ok(nothing),
        }
    }

    fn hex_key(&self) -> Result<String, Problem> {
        let key: String = self.key.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
        let (digits, bytes) = (key.len(), key.len() / 2);
        let expected = match key.chars().find(|c| !c.is_ascii_hexdigit()) {
            _ if key.is_empty() => "the key, in hexadecimal".to_owned(),
            // Which one it is would be a part of the secret.
            Some(_) => "hexadecimal digits, 0 to 9 and a to f; there is something else".to_owned(),
            None if digits % 2 == 1 => format!("two digits for each byte; these are {digits} digits"),
            None if bytes > KEY_BYTES => format!("at most {KEY_BYTES} bytes, these are {bytes}"),
            None => return Ok(key),
        };
        Err(Problem { field: Field::Key, expected })
    }

    fn retire_after_s(&self) -> Result<u64, Problem> {
        let days: Option<f64> = self.retire_days.trim().parse().ok();
        let days = days.filter(|days| days.is_finite() && (0.0..=3650.0).contains(days));
        let expected = "a number of days, from 0 to 3650";
        days.map(|days| (days * DAY_S) as u64).ok_or_else(|| problem(Field::RetireDays, expected))
    }
}

fn given(text: &str, field: Field, expected: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() { Err(problem(field, expected)) } else { Ok(text.to_owned()) }
}

fn problem(field: Field, expected: &str) -> Problem {
    Problem { field, expected: expected.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::security::words::credential;

    fn asked(change: impl FnOnce(&mut Draft)) -> Result<Asked, Problem> {
        let mut draft = Draft::new("lamp".into());
        change(&mut draft);
        draft.asked()
    }

    #[test]
    fn a_key_of_its_own_is_looked_at_before_it_goes_out() {
        let key = |text: &str| {
            let key = text.to_owned();
            asked(|draft| (draft.generate, draft.key) = (false, key))
        };
        let Ok(Asked::Add(wanted)) = key("00:11 aaFF") else { panic!("a good key") };
        assert_eq!(wanted.key, Some(SecretText("0011aaFF".into())));
        for (text, expected) in [
            ("", "in hexadecimal"),
            ("0", "two digits"),
            ("zz", "something else"),
            (&"00".repeat(65), "at most 64 bytes, these are 65"),
        ] {
            let problem = key(text).unwrap_err();
            assert_eq!(problem.field, Field::Key);
            assert!(problem.expected.contains(expected), "{problem:?}");
        }
    }

    #[test]
    fn every_mode_asks_for_what_it_needs() {
        let field = |change: fn(&mut Draft)| asked(change).unwrap_err().field;
        assert_eq!(field(|draft| draft.endpoint = " ".into()), Field::Endpoint);
        assert_eq!(field(|draft| draft.identity = "x".repeat(129)), Field::Identity);
        let rpk = |draft: &mut Draft| (draft.mode, draft.generate) = (CredentialMode::Rpk, false);
        assert_eq!(field(rpk), Field::PublicKey);
        let given = |draft: &mut Draft| (draft.mode, draft.issue) = (CredentialMode::X509, Issue::Given);
        assert_eq!(field(given), Field::Certificate);
        let issued = asked(|draft| draft.mode = CredentialMode::X509).unwrap();
        assert!(
            matches!(issued, Asked::Certificate(NewCertificate { endpoint, csr: None, .. }) if endpoint == "lamp")
        );
        let requested = asked(|draft| {
            (draft.mode, draft.server) = (CredentialMode::X509, CredentialServer::Bootstrap);
            draft.csr = " PEM\n".into();
        });
        let Ok(Asked::Certificate(wanted)) = requested else { panic!("a certificate") };
        assert_eq!((wanted.csr.as_deref(), wanted.server), (Some("PEM"), Some(CredentialServer::Bootstrap)));
    }

    #[test]
    fn what_the_server_refuses_stands_at_its_field() {
        let details = Some(console_api::Details { expected: "another".into(), got: "this".into() });
        let refused = |message: &str| {
            let (code, message, details) = ("bad_credential".into(), message.into(), details.clone());
            Problem::refused(&Failure { code, message, details })
        };
        let problem = refused("identity: expected another, got this").unwrap();
        assert_eq!((problem.field, problem.expected.as_str()), (Field::Identity, "another, got this"));
        assert_eq!(refused("the disk is full"), None);
    }

    #[test]
    fn a_rotation_says_when_the_version_before_goes() {
        let mut draft = Draft::rotating(&credential(CredentialMode::Psk));
        assert_eq!(draft.identity, "lamp-2");
        draft.retire_days = "0.5".into();
        let Ok(Asked::Rotate(7, wanted)) = draft.asked() else { panic!("a rotation") };
        assert_eq!((wanted.retire_after_s, wanted.generate), (Some(43_200), true));
        draft.retire_days = "soon".into();
        assert_eq!(draft.asked().unwrap_err().field, Field::RetireDays);
    }
}
