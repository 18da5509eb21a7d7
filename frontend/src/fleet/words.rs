use console_api::{SecurityMode, SortBy, StatusFilter};

/// A choice, its word in an address, and what people read.
type Word<T> = (T, &'static str, &'static str);

pub(crate) const STATUS: [Word<StatusFilter>; 7] = [
    (StatusFilter::Registered, "registered", "registered"),
    (StatusFilter::Awake, "awake", "awake"),
    (StatusFilter::Asleep, "asleep", "asleep"),
    (StatusFilter::Departed, "departed", "departed"),
    (StatusFilter::Expired, "expired", "expired"),
    (StatusFilter::Deregistered, "deregistered", "de-registered"),
    (StatusFilter::Any, "any", "any"),
];

pub(crate) const SECURITY: [Word<SecurityMode>; 4] = [
    (SecurityMode::NoSec, "no_sec", "no security"),
    (SecurityMode::Psk, "psk", "PSK"),
    (SecurityMode::RawPublicKey, "raw_public_key", "raw public key"),
    (SecurityMode::Certificate, "certificate", "X.509"),
];

pub(crate) const SORT: [Word<SortBy>; 11] = [
    (SortBy::Endpoint, "endpoint", "Endpoint"),
    (SortBy::Name, "name", "Name"),
    (SortBy::Status, "status", "Status"),
    (SortBy::Lifetime, "lifetime", "Lifetime left"),
    (SortBy::Binding, "binding", "Binding"),
    (SortBy::Version, "version", "Version"),
    (SortBy::Security, "security", "Security"),
    (SortBy::Objects, "objects", "Number of Objects"),
    (SortBy::Observations, "observations", "Observations"),
    (SortBy::Heard, "heard", "Last heard"),
    (SortBy::Queued, "queued", "Commands waiting"),
];

pub(crate) fn status_title(status: StatusFilter) -> &'static str {
    title(&STATUS, status)
}

pub(crate) fn security_title(security: SecurityMode) -> &'static str {
    title(&SECURITY, security)
}

pub(crate) fn sort_title(sort: SortBy) -> &'static str {
    title(&SORT, sort)
}

pub(super) fn key<T: PartialEq + Copy>(words: &[Word<T>], wanted: T) -> &'static str {
    words.iter().find(|(choice, ..)| *choice == wanted).map_or("", |(_, key, _)| key)
}

pub(super) fn by_key<T: Copy>(words: &[Word<T>], wanted: &str) -> Option<T> {
    words.iter().find(|(_, key, _)| *key == wanted).map(|(choice, ..)| *choice)
}

fn title<T: PartialEq + Copy>(words: &[Word<T>], wanted: T) -> &'static str {
    words.iter().find(|(choice, ..)| *choice == wanted).map_or("", |(.., title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words are those of the REST interface.
    #[test]
    fn words_are_what_the_server_reads() {
        for (choice, word, title) in STATUS {
            assert_eq!(serde_json::to_string(&choice).unwrap(), format!("\"{word}\""), "{title}");
        }
        for (choice, word, title) in SECURITY {
            assert_eq!(serde_json::to_string(&choice).unwrap(), format!("\"{word}\""), "{title}");
        }
        for (choice, word, title) in SORT {
            assert_eq!(serde_json::to_string(&choice).unwrap(), format!("\"{word}\""), "{title}");
        }
    }
}
