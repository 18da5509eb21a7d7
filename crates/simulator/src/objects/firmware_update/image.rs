/// What a package says about itself.
///
/// A package that begins with the line `firmware NAME VERSION` is that version of that name. What any other one is
/// cannot be known, so that it becomes the version after the one that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) name: String,
    pub(super) version: String,
}

/// Whether writing this package means to forget the one there is.
pub(super) fn resets(package: &[u8]) -> bool {
    matches!(package, [] | [0])
}

impl Image {
    pub(super) fn read(package: &[u8]) -> Self {
        let first_line = package.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let words: Vec<&str> = std::str::from_utf8(first_line)
            .map(|line| line.split_ascii_whitespace().collect())
            .unwrap_or_default();
        let (name, version) = match words[..] {
            // Both are resources of at most 255 bytes.
            ["firmware", name, version] if name.len() <= 255 && version.len() <= 255 => (name, version),
            _ => ("", ""),
        };
        Self { name: name.to_owned(), version: version.to_owned() }
    }

    /// An image without a version becomes the one after `installed`.
    pub(super) fn after(self, installed: &str) -> Self {
        if !self.version.is_empty() {
            return self;
        }
        let digits =
            installed.len() - installed.trim_end_matches(|character: char| character.is_ascii_digit()).len();
        let (stem, number) = installed.split_at(installed.len() - digits);
        let version = match number.parse::<u64>() {
            Ok(number) => format!("{stem}{}", number.saturating_add(1)),
            Err(_) => format!("{installed}.1"),
        };
        Self { version, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_the_version_it_says_or_the_next_one() {
        let version = |package: &[u8], installed| Image::read(package).after(installed).version;
        assert_eq!(version(b"firmware meter 5.0.1\n\x00\xff", "4.1.7"), "5.0.1");
        assert_eq!(version(b"\x7fELF", "4.1.7"), "4.1.8");
        assert_eq!(version(b"firmware", "4.1-rc"), "4.1-rc.1");
        assert_eq!(version(b"x", "v9"), "v10");
    }
}
