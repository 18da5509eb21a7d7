//! Files of credentials, as operators hand them in.

use std::collections::BTreeSet;

use credentials::{
    Pick, Server, Tables,
    import::{Format, Import, read, with_identity},
    limits,
};

/// A time at which the credentials of a file are compared with those that are there.
const NOW_MS: u64 = 1_800_000_000_000;

/// The file, read as either format.
pub fn credential_import(data: &[u8]) {
    for format in [Format::Csv, Format::Json] {
        check(data, &read(format, data, &Tables::default(), NOW_MS));
    }
}

fn check(file: &[u8], import: &Import) {
    let last = file.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    let lines = import.entries.iter().map(|(line, _)| line);
    let told = import.refused.iter().chain(&import.warnings);
    assert!(
        lines.chain(told.clone().map(|(line, _)| line)).all(|line| *line <= last),
        "a line that is not there"
    );
    assert!(import.entries.len() <= limits::IMPORT_ENTRIES);
    assert!(import.refused.len() <= limits::IMPORT_FAULTS && import.warnings.len() <= limits::IMPORT_FAULTS);
    assert!(import.refused.is_sorted_by_key(|(line, wrong)| (*line, wrong.field)));
    for (_, wrong) in told {
        assert!(!wrong.expected.is_empty() && !wrong.got.is_empty(), "{wrong:?}");
        assert!(!wrong.to_string().contains(char::is_control), "{wrong}");
    }
    let mut shown = BTreeSet::new();
    for (_, ready) in &import.entries {
        assert!((1..=limits::ENDPOINT_BYTES).contains(&ready.endpoint.len()));
        assert!(!ready.endpoint.contains(char::is_control));
        assert!(ready.note.len() <= limits::NOTE_BYTES && ready.warnings.is_empty());
        let one = what_is_shown(ready.server, &ready.endpoint, &ready.pick);
        assert!(shown.insert(one), "two that a handshake cannot tell apart");
    }
}

/// What a device with this credential shows, and so what must lead to one entry.
fn what_is_shown(server: Server, endpoint: &str, pick: &Pick) -> (u8, Option<Server>, Vec<u8>) {
    match with_identity(pick, endpoint) {
        Pick::Psk { identity: Some(identity), key: Some(key) } => {
            assert!((1..=limits::KEY_BYTES).contains(&key.expose().len()));
            assert!((1..=limits::IDENTITY_BYTES).contains(&identity.len()) || identity == endpoint);
            (0, Some(server), identity.into_bytes())
        }
        Pick::RawPublicKey(Some(der)) => (1, None, der),
        Pick::Certificate(Some(der)) => {
            assert!(der.len() <= limits::CERTIFICATE_BYTES);
            (2, None, der)
        }
        Pick::Certificate(None) => (3, Some(server), endpoint.as_bytes().to_vec()),
        Pick::Psk { .. } | Pick::RawPublicKey(None) => panic!("a key that nobody would learn"),
    }
}
