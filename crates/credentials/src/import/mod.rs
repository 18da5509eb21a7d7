//! Credentials from files: CSV and JSON. Every fault of a file is told, and no content of it.

mod csv;
mod json;

use std::collections::BTreeMap;

use openssl::sha::sha256;

use crate::{Field, Pick, Ready, Server, Tables, Taken, Wrong, limits};

/// What was found in a file.
#[derive(Debug, Default)]
pub struct Import {
    /// Good entries, each with its line.
    pub entries: Vec<(usize, Ready)>,
    /// What is wrong, by line.
    pub refused: Vec<(usize, Wrong)>,
    /// What is allowed and not advisable, by line.
    pub warnings: Vec<(usize, Wrong)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// With a header: `endpoint,mode,identity,key`, in any order, and perhaps `server`, `public_key`,
    /// `certificate`, `note`.
    Csv,
    /// An array of objects, or an object a line, with the members of the same names.
    Json,
}

/// Reads a file, and compares it with what there is.
pub fn read(format: Format, file: &[u8], tables: &Tables, now_ms: u64) -> Import {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut import = Import::default();
    match format {
        Format::Csv => csv::read(file, &mut import),
        Format::Json => json::read(file, &mut import),
    }
    import.refuse_repeated();
    import.refuse_taken(tables, now_ms);
    import.refused.sort_by_key(|(line, wrong)| (*line, wrong.field));
    import
}

impl Import {
    /// Takes an entry in. Whether there is room for more.
    fn add(&mut self, line: usize, checked: Result<Ready, Vec<Wrong>>) -> bool {
        if self.entries.len() >= limits::IMPORT_ENTRIES {
            let expected = format!("at most {} entries", limits::IMPORT_ENTRIES);
            self.refuse(line, Field::Entry.wrong(expected, "more"));
            return false;
        }
        match checked {
            // A key that is made is told once, and a file is answered with its faults alone.
            Ok(Ready { pick: Pick::Psk { key: None, .. } | Pick::RawPublicKey(None), .. }) => {
                self.refuse(line, Field::Generate.wrong("a key in the file", "that one is to be made"));
            }
            Ok(mut ready) => {
                let room = limits::IMPORT_FAULTS.saturating_sub(self.warnings.len());
                self.warnings.extend(ready.warnings.drain(..).take(room).map(|wrong| (line, wrong)));
                self.entries.push((line, ready));
            }
            Err(wrong) => wrong.into_iter().for_each(|wrong| self.refuse(line, wrong)),
        }
        self.refused.len() < limits::IMPORT_FAULTS
    }

    fn refuse(&mut self, line: usize, wrong: Wrong) {
        if self.refused.len() < limits::IMPORT_FAULTS {
            self.refused.push((line, wrong));
        }
    }

    /// What a device shows has to lead to one entry: of several the first is good.
    fn refuse_repeated(&mut self) {
        let mut lines = BTreeMap::new();
        self.retain(|line, ready| match lines.entry(key_of(ready)) {
            std::collections::btree_map::Entry::Vacant(vacant) => {
                vacant.insert(line);
                None
            }
            std::collections::btree_map::Entry::Occupied(first) => {
                let got = format!("that of line {}", first.get());
                Some(field_of(&ready.pick).wrong("one that no other line has", got))
            }
        });
    }

    fn refuse_taken(&mut self, tables: &Tables, now_ms: u64) {
        self.retain(|_, ready| {
            let pick = with_identity(&ready.pick, &ready.endpoint);
            tables.taken(ready.server, &ready.endpoint, &pick, now_ms).map(|taken| already(&pick, &taken))
        });
    }

    /// Keeps the entries of which nothing wrong is said.
    fn retain(&mut self, mut fault: impl FnMut(usize, &Ready) -> Option<Wrong>) {
        for (line, ready) in core::mem::take(&mut self.entries) {
            match fault(line, &ready) {
                None => self.entries.push((line, ready)),
                Some(wrong) => self.refuse(line, wrong),
            }
        }
    }
}

/// What is wrong with something that another has.
pub fn already(pick: &Pick, taken: &Taken) -> Wrong {
    let state = if taken.revoked { ", which is revoked" } else { "" };
    let got = format!("that of credential {} of {:?}{state}", taken.by.0, taken.endpoint);
    match pick {
        Pick::Psk { .. } if taken.is_key => Field::Key.wrong("one that the other server does not have", got),
        _ => field_of(pick).wrong("one that no other credential has", got),
    }
}

/// A PSK without an identity has the endpoint name for one.
pub fn with_identity(pick: &Pick, endpoint: &str) -> Pick {
    match pick {
        Pick::Psk { identity: None, key } => {
            Pick::Psk { identity: Some(endpoint.to_owned()), key: key.clone() }
        }
        other => other.clone(),
    }
}

const fn field_of(pick: &Pick) -> Field {
    match pick {
        Pick::Psk { .. } => Field::Identity,
        Pick::RawPublicKey(_) => Field::PublicKey,
        Pick::Certificate(Some(_)) => Field::Certificate,
        Pick::Certificate(None) => Field::Endpoint,
    }
}

/// What an entry is found by. Public keys and certificates are of one server only.
fn key_of(ready: &Ready) -> (u8, Option<Server>, Vec<u8>) {
    let of_server = Some(ready.server);
    match &ready.pick {
        Pick::Psk { identity, .. } => {
            (0, of_server, identity.as_deref().unwrap_or(&ready.endpoint).as_bytes().to_vec())
        }
        Pick::RawPublicKey(Some(der)) => (1, None, der.clone()),
        Pick::RawPublicKey(None) => (2, of_server, ready.endpoint.as_bytes().to_vec()),
        Pick::Certificate(Some(der)) => (3, None, sha256(der).to_vec()),
        Pick::Certificate(None) => (4, of_server, ready.endpoint.as_bytes().to_vec()),
    }
}
