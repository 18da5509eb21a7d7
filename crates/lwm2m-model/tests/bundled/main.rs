//! The registry that ships in `assets/registry`.

// Helpers of tests: a file that cannot be read fails the test.
#![allow(clippy::unwrap_used)]

mod compact;
mod contents;
mod notice;
mod ranges;

use std::fs;
use std::path::Path;

use lwm2m_model::Registry;

fn asset(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/registry");
    fs::read(folder.join(name)).unwrap()
}

/// The registry as its sources have it.
fn bundled() -> Registry {
    let mut registry = Registry::new();
    for name in ["objects.json", "objects_history.json"] {
        let text = String::from_utf8(asset(name)).unwrap();
        registry.add(Registry::from_json(&text).unwrap().definitions().cloned());
    }
    registry
}
