use core::fmt;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{Mode, Secret, Server, bytes_of_text, certificate, der_of_text, key_pair::public_key, limits};

/// A credential as somebody wrote it down.
#[derive(Default)]
pub struct Draft {
    pub endpoint: Option<String>,
    pub server: Option<Zeroizing<String>>,
    pub mode: Option<Zeroizing<String>>,
    pub identity: Option<String>,
    pub key: Option<Zeroizing<String>>,
    pub generate: bool,
    pub public_key: Option<Zeroizing<String>>,
    pub certificate: Option<Zeroizing<String>>,
    pub note: Option<String>,
    pub retire_after_s: Option<u64>,
}

/// Where something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// No field in particular.
    Entry,
    /// Of a request for a certificate.
    Csr,
    Days,
    Names,
    Endpoint,
    Server,
    Mode,
    Identity,
    Key,
    Generate,
    PublicKey,
    Certificate,
    Note,
    RetireAfter,
}

/// What is wrong with a draft. What came is described and never repeated: it may be a secret in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}, got {got}")]
pub struct Wrong {
    pub field: Field,
    pub expected: String,
    pub got: String,
}

/// A draft in which nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    pub endpoint: String,
    pub server: Server,
    pub pick: Pick,
    pub note: String,
    /// What is allowed and not advisable.
    pub warnings: Vec<Wrong>,
}

/// What a device is to prove itself with; what is absent is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    Psk { identity: Option<String>, key: Option<Secret> },
    RawPublicKey(Option<Vec<u8>>),
    Certificate(Option<Vec<u8>>),
}

impl Pick {
    pub const fn mode(&self) -> Mode {
        match self {
            Self::Psk { .. } => Mode::Psk,
            Self::RawPublicKey(_) => Mode::RawPublicKey,
            Self::Certificate(_) => Mode::Certificate,
        }
    }
}

impl Draft {
    /// Of the members of a JSON object.
    ///
    /// # Errors
    /// All members that are not known or not of their type.
    pub fn from_json(members: Map<String, Value>) -> Result<Self, Vec<Wrong>> {
        let (mut draft, mut wrong) = (Self::default(), Vec::new());
        for (name, value) in members {
            if let Err(why) = draft.take(&name, value) {
                wrong.push(why);
            }
        }
        if wrong.is_empty() { Ok(draft) } else { Err(wrong) }
    }

    fn take(&mut self, name: &str, value: Value) -> Result<(), Wrong> {
        let Some(field) = Field::of_name(name) else {
            let names: Vec<_> = Field::NAMED.map(Field::name).to_vec();
            let got = format!("a member whose name has {} characters", name.chars().count());
            return Err(Field::Entry.wrong(format!("no members but {}", names.join(", ")), got));
        };
        match (field, value) {
            (_, Value::Null) => {}
            (Field::Generate, Value::Bool(generate)) => self.generate = generate,
            (Field::RetireAfter, Value::Number(seconds)) => {
                let seconds = seconds.as_u64();
                let seconds =
                    seconds.ok_or_else(|| field.wrong("a whole number of seconds", "another number"))?;
                self.retire_after_s = Some(seconds);
            }
            (Field::Generate, other) => return Err(field.wrong("true or false", kind(&other))),
            (Field::RetireAfter, other) => {
                return Err(field.wrong("a whole number of seconds", kind(&other)));
            }
            (_, Value::String(text)) => self.put(field, text),
            (_, other) => return Err(field.wrong("a text", kind(&other))),
        }
        Ok(())
    }

    /// Puts a text into its field. One that takes no text stays as it is.
    pub(crate) fn put(&mut self, field: Field, text: String) {
        match field {
            Field::Endpoint => self.endpoint = Some(text),
            Field::Server => self.server = Some(text.into()),
            Field::Mode => self.mode = Some(text.into()),
            Field::Identity => self.identity = Some(text),
            Field::Key => self.key = Some(text.into()),
            Field::PublicKey => self.public_key = Some(text.into()),
            Field::Certificate => self.certificate = Some(text.into()),
            Field::Note => self.note = Some(text),
            Field::Entry | Field::Csr | Field::Days | Field::Names | Field::Generate | Field::RetireAfter => {
            }
        }
    }

    /// # Errors
    /// All that is wrong with it.
    pub fn check(self) -> Result<Ready, Vec<Wrong>> {
        let (mut wrong, mut warnings) = (Vec::new(), Vec::new());
        let endpoint = self.endpoint.clone().unwrap_or_default();
        wrong.extend(endpoint_fault(&endpoint));
        let note = self.note.clone().unwrap_or_default();
        if note.len() > limits::NOTE_BYTES {
            let expected = format!("at most {} bytes", limits::NOTE_BYTES);
            wrong.push(Field::Note.wrong(expected, format!("{} bytes", note.len())));
        }
        let server = self.server.as_deref().map(|word| word.trim().to_ascii_lowercase());
        let server = match server.as_deref() {
            None | Some("") => Server::default(),
            Some(word) => Server::of_word(word).unwrap_or_else(|| {
                wrong.push(Field::Server.wrong("device_management or bootstrap", "another word"));
                Server::default()
            }),
        };
        let mode = self.mode.as_deref().and_then(|word| Mode::of_word(&word.trim().to_ascii_lowercase()));
        let pick = match mode {
            Some(mode) => self.pick(mode, &mut wrong, &mut warnings),
            None => {
                let got = self.mode.as_deref().map_or("nothing", |_| "another word");
                wrong.push(Field::Mode.wrong("psk, rpk or x509", got));
                None
            }
        };
        match pick {
            Some(pick) if wrong.is_empty() => Ok(Ready { endpoint, server, pick, note, warnings }),
            _ => Err(wrong),
        }
    }

    fn pick(&self, mode: Mode, wrong: &mut Vec<Wrong>, warnings: &mut Vec<Wrong>) -> Option<Pick> {
        let mut unwanted: Vec<(Field, bool)> = Vec::new();
        let picked = match mode {
            Mode::Psk => {
                unwanted.push((Field::PublicKey, self.public_key.is_some()));
                unwanted.push((Field::Certificate, self.certificate.is_some()));
                self.pick_psk(wrong, warnings)
            }
            Mode::RawPublicKey => {
                unwanted.push((Field::Identity, is_filled(self.identity.as_deref())));
                unwanted.push((Field::Certificate, self.certificate.is_some()));
                self.pick_public_key(wrong)
            }
            Mode::Certificate => {
                unwanted.push((Field::Identity, is_filled(self.identity.as_deref())));
                unwanted.push((Field::PublicKey, self.public_key.is_some()));
                unwanted.push((Field::Generate, self.generate));
                self.pick_certificate(wrong)
            }
        };
        for (field, _) in unwanted.into_iter().filter(|(_, is_there)| *is_there) {
            wrong.push(field.wrong(format!("nothing, for a {mode}"), "something"));
        }
        picked
    }

    fn pick_psk(&self, wrong: &mut Vec<Wrong>, warnings: &mut Vec<Wrong>) -> Option<Pick> {
        let identity = self.identity.clone().filter(|identity| !identity.is_empty());
        wrong.extend(identity.as_deref().and_then(identity_fault));
        if identity.as_deref().is_some_and(|identity| identity.trim() != identity) {
            warnings.push(Field::Identity.wrong("no space around it", "space at its beginning or end"));
        }
        let key = self.key.as_deref().filter(|key| !key.trim().is_empty());
        let key = match (key, self.generate) {
            (Some(_), true) => {
                wrong.push(Field::Generate.wrong("a key, or that it is generated", "both"));
                None
            }
            (None, false) => {
                let expected = format!("1 to {} bytes in hexadecimal or base64", limits::KEY_BYTES);
                wrong.push(Field::Key.wrong(expected, "nothing"));
                None
            }
            (None, true) => None,
            (Some(text), false) => match key_of_text(text) {
                Ok(key) => {
                    warnings.extend(weakness(&key));
                    Some(key)
                }
                Err(why) => {
                    wrong.push(why);
                    None
                }
            },
        };
        Some(Pick::Psk { identity, key })
    }

    /// Files have one column for keys, in which a raw public key may stand too.
    fn pick_public_key(&self, wrong: &mut Vec<Wrong>) -> Option<Pick> {
        let given = [(Field::PublicKey, &self.public_key), (Field::Key, &self.key)];
        let mut given = given
            .into_iter()
            .filter_map(|(field, text)| Some((field, text.as_deref()?)))
            .filter(|(_, text)| is_filled(Some(text)));
        let expected = "a SubjectPublicKeyInfo on P-256";
        match (given.next(), given.next(), self.generate) {
            (None, None, true) => Some(Pick::RawPublicKey(None)),
            (Some((field, text)), None, false) => {
                let der = der_of_text(text, &["PUBLIC KEY"])
                    .map_err(|error| field.wrong(format!("{expected}: {}", error.expected), error.got));
                let key = der.and_then(|der| public_key(&der).map_err(|got| field.wrong(expected, got)));
                key.map_err(|why| wrong.push(why)).ok().map(|key| Pick::RawPublicKey(Some(key)))
            }
            (None, None, false) => {
                wrong.push(Field::PublicKey.wrong(expected, "nothing"));
                None
            }
            _ => {
                wrong.push(Field::PublicKey.wrong("one public key, or that it is generated", "several"));
                None
            }
        }
    }

    fn pick_certificate(&self, wrong: &mut Vec<Wrong>) -> Option<Pick> {
        let given = [(Field::Certificate, &self.certificate), (Field::Key, &self.key)];
        let mut given = given
            .into_iter()
            .filter_map(|(field, text)| Some((field, text.as_deref()?)))
            .filter(|(_, text)| is_filled(Some(text)));
        let expected = "an X.509 certificate with a key on P-256";
        match (given.next(), given.next()) {
            (None, _) => Some(Pick::Certificate(None)),
            (Some((field, text)), None) => {
                let der = der_of_text(text, &["CERTIFICATE"])
                    .map_err(|error| field.wrong(format!("{expected}: {}", error.expected), error.got));
                let der = der.and_then(|der| match certificate::of_device(&der) {
                    Ok(_) => Ok(der.to_vec()),
                    Err(error) => Err(field.wrong(expected, error.to_string())),
                });
                der.map_err(|why| wrong.push(why)).ok().map(|der| Pick::Certificate(Some(der)))
            }
            (Some(_), Some(_)) => {
                wrong.push(Field::Certificate.wrong("one certificate", "several"));
                None
            }
        }
    }
}

impl Ready {
    pub const fn mode(&self) -> Mode {
        match self.pick {
            Pick::Psk { .. } => Mode::Psk,
            Pick::RawPublicKey(_) => Mode::RawPublicKey,
            Pick::Certificate(_) => Mode::Certificate,
        }
    }
}

impl Field {
    const NAMED: [Self; 10] = [
        Self::Endpoint,
        Self::Server,
        Self::Mode,
        Self::Identity,
        Self::Key,
        Self::Generate,
        Self::PublicKey,
        Self::Certificate,
        Self::Note,
        Self::RetireAfter,
    ];

    /// The name of the column or member.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entry => "",
            Self::Csr => "csr",
            Self::Days => "days",
            Self::Names => "names",
            Self::Endpoint => "endpoint",
            Self::Server => "server",
            Self::Mode => "mode",
            Self::Identity => "identity",
            Self::Key => "key",
            Self::Generate => "generate",
            Self::PublicKey => "public_key",
            Self::Certificate => "certificate",
            Self::Note => "note",
            Self::RetireAfter => "retire_after_s",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|field| field.name() == name)
    }

    pub fn wrong(self, expected: impl Into<String>, got: impl Into<String>) -> Wrong {
        Wrong { field: self, expected: expected.into(), got: got.into() }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Entry { "entry" } else { self.name() })
    }
}

/// What is wrong with an Endpoint Client Name.
pub(crate) fn endpoint_fault(endpoint: &str) -> Option<Wrong> {
    let expected = || format!("an Endpoint Client Name of 1 to {} bytes", limits::ENDPOINT_BYTES);
    let got = match endpoint.len() {
        0 => "nothing".to_owned(),
        bytes if bytes > limits::ENDPOINT_BYTES => format!("{bytes} bytes"),
        _ if endpoint.chars().any(char::is_control) => "one with control characters".to_owned(),
        _ => return None,
    };
    Some(Field::Endpoint.wrong(expected(), got))
}

/// What is wrong with a PSK identity: it is UTF-8 of up to 128 bytes (RFC 4279, 5.1 and 5.3), and whatever ends at the
/// first zero byte would take one with more for another.
pub(crate) fn identity_fault(identity: &str) -> Option<Wrong> {
    let got = match identity.len() {
        0 => "nothing".to_owned(),
        bytes if bytes > limits::IDENTITY_BYTES => format!("{bytes} bytes"),
        _ if identity.contains('\0') => "one with a zero byte".to_owned(),
        _ => return None,
    };
    Some(Field::Identity.wrong(format!("1 to {} bytes, none of them zero", limits::IDENTITY_BYTES), got))
}

fn key_of_text(text: &str) -> Result<Secret, Wrong> {
    let expected = format!("1 to {} bytes in hexadecimal or base64", limits::KEY_BYTES);
    let key = bytes_of_text(text).map_err(|error| Field::Key.wrong(&*expected, error.got))?;
    if !(1..=limits::KEY_BYTES).contains(&key.len()) {
        return Err(Field::Key.wrong(expected, format!("{} bytes", key.len())));
    }
    Ok(Secret::new(key))
}

fn weakness(key: &Secret) -> Option<Wrong> {
    let bytes = key.expose().len();
    let expected = format!("at least {} bytes", limits::ADVISABLE_KEY_BYTES);
    (bytes < limits::ADVISABLE_KEY_BYTES).then(|| Field::Key.wrong(expected, format!("{bytes} bytes")))
}

fn is_filled(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
