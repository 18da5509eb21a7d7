use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

const FILE: &str = "retention";

/// How much of the past is kept: whole days, the oldest goes first, and never today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// A day goes when it has been over for so many days.
    pub days: u32,
    /// What all days may take on the disk.
    pub bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 30, bytes: 10 << 30 }
    }
}

impl Retention {
    /// What an operator has decided, if one has.
    pub(super) fn read(directory: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(directory.join(FILE)) {
            Ok(text) => Self::parse(&text).map(Some).ok_or_else(|| {
                let expected = format!("{FILE}: expected two lines `days=…` and `bytes=…`, got {text:?}");
                io::Error::new(io::ErrorKind::InvalidData, expected)
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stores it, durably before it returns.
    pub(super) fn write(self, directory: &Path) -> io::Result<()> {
        let (path, next) = (directory.join(FILE), directory.join(format!("{FILE}.next")));
        let mut file = File::create(&next)?;
        write!(file, "days={}\nbytes={}\n", self.days, self.bytes)?;
        file.sync_all()?;
        fs::rename(next, path)?;
        File::open(directory)?.sync_all()
    }

    fn parse(text: &str) -> Option<Self> {
        let (days, bytes) = text.strip_suffix('\n')?.split_once('\n')?;
        let days = days.strip_prefix("days=")?.parse().ok()?;
        Some(Self { days, bytes: bytes.strip_prefix("bytes=")?.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(days: u32, bytes: u64) {
            let directory = tempfile::tempdir().expect("a directory");
            let retention = Retention { days, bytes };
            retention.write(directory.path()).expect("it can be written");
            prop_assert_eq!(Retention::read(directory.path()).expect("readable"), Some(retention));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(days=|bytes=|[0-9]{0,12}|\n|x){0,6}") {
            if let Some(read) = Retention::parse(&text) {
                prop_assert_eq!(Retention::parse(&format!("days={}\nbytes={}\n", read.days, read.bytes)), Some(read));
            }
        }
    }
}
