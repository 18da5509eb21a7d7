//! The key that secrets are encrypted with at rest: from the environment, or from a file that only its owner may read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use credentials::{Secret, Vault};
use zeroize::Zeroizing;

/// The environment variable with the key, in hexadecimal.
const VARIABLE: &str = "LWM2M_KEY";

/// The file in the data directory with the key, in hexadecimal.
const FILE: &str = "secret.key";

const KEY_BYTES: usize = 32;

#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error(
        "{0}: expected {KEY_BYTES} bytes in hexadecimal (openssl rand -hex {KEY_BYTES}), got something else"
    )]
    Malformed(String),
    #[error(
        "{0}: expected a file that only its owner may read (mode 0600), got mode {1:04o}; correct it with \
         chmod 600, and think of whom else the key is known to"
    )]
    Readable(String, u32),
    #[error(
        "{0}: expected the key of the secrets that are stored, got no such file; put it back, or give the key with \
         {VARIABLE}"
    )]
    Missing(String),
    #[error("{0}: {1}")]
    Unusable(String, io::Error),
    #[error("the system gives no random numbers")]
    NoRandomness,
}

/// The vault of a data directory. A key is made only where nothing was encrypted yet.
pub(super) fn vault(data: &Path, has_secrets: bool) -> Result<Vault, KeyError> {
    if let Some(key) = std::env::var_os(VARIABLE) {
        let key = Zeroizing::new(key.into_string().unwrap_or_default());
        return vault_of(&key, VARIABLE);
    }
    let file = data.join(FILE);
    let shown = file.display().to_string();
    match read(&file) {
        Ok(key) => vault_of(&key?, &shown),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if has_secrets {
                return Err(KeyError::Missing(shown));
            }
            make(&file)
        }
        Err(error) => Err(KeyError::Unusable(shown, error)),
    }
}

fn read(path: &PathBuf) -> io::Result<Result<Zeroizing<String>, KeyError>> {
    let shown = || path.display().to_string();
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Ok(Err(KeyError::Readable(shown(), mode)));
    }
    let mut key = Zeroizing::new(String::with_capacity(2 * KEY_BYTES + 2));
    // More than a key is none.
    let read = (&mut file).take(2 * KEY_BYTES as u64 + 2).read_to_string(&mut key);
    Ok(read.map(|_| key).map_err(|_| KeyError::Malformed(shown())))
}

fn vault_of(key: &str, shown: &str) -> Result<Vault, KeyError> {
    let malformed = || KeyError::Malformed(shown.to_owned());
    let digits = key.trim();
    if digits.len() != 2 * KEY_BYTES {
        return Err(malformed());
    }
    let bytes = credentials::bytes_of_text(digits).map_err(|_| malformed())?;
    let key = <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).map_err(|_| malformed())?;
    Ok(Vault::new(&Zeroizing::new(key)))
}

/// A new key, in the file before anything is encrypted with it.
fn make(path: &Path) -> Result<Vault, KeyError> {
    let unusable = |error| KeyError::Unusable(path.display().to_string(), error);
    let key = Secret::random(KEY_BYTES).map_err(|_| KeyError::NoRandomness)?;
    let mut digits = Zeroizing::new(String::with_capacity(2 * KEY_BYTES + 1));
    for byte in key.expose() {
        digits.extend(
            [byte >> 4, byte & 0xf].map(|nibble| char::from(b"0123456789abcdef"[usize::from(nibble)])),
        );
    }
    digits.push('\n');
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unusable)?;
    let written = file.write_all(digits.as_bytes()).and_then(|()| file.sync_all());
    let folder = path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all());
    if let Err(error) = written.and(folder) {
        // Half a key would be in the way at the next start.
        let _ = fs::remove_file(path);
        return Err(unusable(error));
    }
    vault_of(&digits, FILE)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use credentials::Place;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let data = tempfile::tempdir().unwrap();
        let sealed = vault(data.path(), false).unwrap().seal(Place::Session(1), b"secret").unwrap();
        let file = data.path().join(FILE);
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        let again = vault(data.path(), true).unwrap();
        assert_eq!(again.open(Place::Session(1), &sealed).unwrap().expose(), b"secret");
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_and_left_alone() {
        let data = tempfile::tempdir().unwrap();
        vault(data.path(), false).unwrap();
        let file = data.path().join(FILE);
        let before = fs::read(&file).unwrap();
        for mode in [0o640, 0o604, 0o666] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let why = vault(data.path(), true).unwrap_err().to_string();
            assert!(why.contains("0600") && why.contains(&format!("{mode:04o}")), "{why}");
        }
        assert_eq!(fs::read(&file).unwrap(), before);
    }

    #[test]
    fn a_lost_key_is_not_replaced() {
        let data = tempfile::tempdir().unwrap();
        let why = vault(data.path(), true).unwrap_err();
        assert!(matches!(why, KeyError::Missing(_)), "{why}");
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join(FILE);
        for text in ["", "00", &"z".repeat(64), &"0".repeat(63), &"0".repeat(66)] {
            let _ = fs::remove_file(&file);
            let mut key = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).unwrap();
            key.write_all(text.as_bytes()).unwrap();
            let why = vault(data.path(), true).unwrap_err().to_string();
            assert!(why.contains("hexadecimal") && !why.contains("zzz") && !why.contains("000"), "{why}");
        }
    }
}
