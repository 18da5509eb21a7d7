use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{Inputs, asset::short_hash};

/// What the files in place were built from.
pub(crate) struct Stamp(String);

/// Raise it when this crate makes other files of the same inputs.
const LAYOUT: u32 = 5;

impl Stamp {
    pub(crate) fn of(inputs: &Inputs) -> Self {
        let hashes = [
            short_hash(&inputs.wasm),
            short_hash(inputs.style.as_bytes()),
            short_hash(inputs.later_style.as_bytes()),
            short_hash(inputs.template.as_bytes()),
            short_hash(&inputs.registry),
        ];
        Self(format!("{LAYOUT} {}\n", hashes.join(" ")))
    }

    pub(crate) fn matches(&self, path: &Path) -> bool {
        fs::read_to_string(path).is_ok_and(|written| written == self.0)
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        fs::write(path, &self.0).with_context(|| format!("cannot write {}", path.display()))
    }
}

pub(crate) fn remove(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(style: &str) -> Inputs {
        Inputs {
            wasm: vec![0],
            style: style.into(),
            later_style: String::new(),
            template: "t".into(),
            registry: vec![1],
        }
    }

    #[test]
    fn a_stamp_knows_whether_an_input_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stamp");
        let stamp = Stamp::of(&inputs("a"));
        assert!(!stamp.matches(&path));
        stamp.write(&path).unwrap();
        assert!(stamp.matches(&path));
        assert!(!Stamp::of(&inputs("b")).matches(&path));
        remove(&path).unwrap();
        assert!(!stamp.matches(&path));
    }
}
