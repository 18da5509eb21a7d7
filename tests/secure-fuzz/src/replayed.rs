//! First inputs, their neighbours and what fuzzing has found, without libFuzzer.

use std::{fs, path::Path};

use crate::{credential_import, dtls_handshake, handshakes::play};

type Check = fn(&[u8]);

const CHECKS: [(&str, Check); 2] =
    [("credential_import", credential_import), ("dtls_handshake", dtls_handshake)];

/// `seeds/<target>/<input>`, `regressions/<target>/<input>`
fn inputs(folder: &str, target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
    let Ok(inputs) = fs::read_dir(folder) else { return Vec::new() };
    inputs.map(|input| fs::read(input.unwrap().path()).unwrap()).collect()
}

#[test]
fn first_inputs_hold() {
    for (target, check) in CHECKS {
        let seeds = inputs("seeds", target);
        assert!(!seeds.is_empty(), "{target}");
        seeds.iter().for_each(|input| check(input));
    }
}

/// What is there to be disturbed.
#[test]
fn first_inputs_have_whole_handshakes() {
    for mode in ["psk", "psk_cbc", "psk_plain", "rpk", "x509", "x509_plain", "fragments"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/dtls_handshake");
        let input = fs::read(folder.join(mode)).unwrap();
        assert!(play(&input).was_connected(), "{mode}");
    }
}

#[test]
fn what_once_failed_holds() {
    for (target, check) in CHECKS {
        inputs("regressions", target).iter().for_each(|input| check(input));
    }
}

/// Each first input with one byte changed, at so many places.
#[test]
fn neighbours_of_first_inputs_hold() {
    const PLACES: usize = 16;
    for (target, check) in CHECKS {
        for input in inputs("seeds", target) {
            for place in 0..PLACES.min(input.len()) {
                let mut changed = input.clone();
                let at = place * input.len() / PLACES.min(input.len());
                changed[at] = changed[at].wrapping_mul(5).wrapping_add(u8::try_from(place).unwrap());
                check(&changed);
                check(&input[..at]);
            }
        }
    }
}
