use super::row::Row;

/// The text of a query: words that all must match. `/3303` and `/3303/1` ask for an Object or an Object Instance;
/// any other word is looked for in endpoint name, name and tags, a number also among the Object IDs.
#[derive(Debug)]
pub(super) struct Filter {
    words: Vec<Word>,
}

#[derive(Debug)]
enum Word {
    Object { id: u16, instance: Option<u16> },
    Text { lower: String, object: Option<u16> },
}

impl Filter {
    pub(super) fn parse(text: &str) -> Self {
        Self { words: text.split_whitespace().map(Word::parse).collect() }
    }

    pub(super) fn matches(&self, row: &Row) -> bool {
        self.words.iter().all(|word| word.matches(row))
    }
}

impl Word {
    fn parse(word: &str) -> Self {
        object_path(word)
            .unwrap_or_else(|| Self::Text { lower: word.to_lowercase(), object: word.parse().ok() })
    }

    fn matches(&self, row: &Row) -> bool {
        let has = |object: u16| row.registration.links.objects.get(&object);
        match self {
            Self::Object { id, instance: None } => has(*id).is_some(),
            Self::Object { id, instance: Some(instance) } => {
                has(*id).is_some_and(|object| object.instances.contains(instance))
            }
            Self::Text { lower, object } => {
                let label = row.label.as_deref();
                let names = label.into_iter().flat_map(|label| label.name.iter().chain(&label.tags));
                contains(row.endpoint(), lower)
                    || names.into_iter().any(|name| contains(name, lower))
                    || object.is_some_and(|object| has(object).is_some())
            }
        }
    }
}

/// Whether a text contains a word that is in lower case.
fn contains(text: &str, lower: &str) -> bool {
    if text.is_ascii() {
        // Nearly every name is, and so nothing is copied.
        let (text, lower) = (text.as_bytes(), lower.as_bytes());
        return text.windows(lower.len()).any(|part| part.eq_ignore_ascii_case(lower));
    }
    text.to_lowercase().contains(lower)
}

fn object_path(word: &str) -> Option<Word> {
    let mut ids = word.strip_prefix('/')?.trim_end_matches('/').split('/');
    let id = ids.next()?.parse().ok()?;
    let instance = match ids.next() {
        Some(instance) => Some(instance.parse().ok()?),
        None => None,
    };
    ids.next().is_none().then_some(Word::Object { id, instance })
}

#[cfg(test)]
mod tests {
    use console_api::Label;

    use super::*;
    use crate::fleet::samples::{labelled, row};

    #[test]
    fn words_and_objects() {
        let row = row(1, "Urn:IMEI:0042", "</3/0>,</3303/0>,</3303/1>");
        for text in ["", "  ", "imei", "IMEI 0042", "/3303", "/3303/1", "3303", "imei /3/0", "/3/"] {
            assert!(Filter::parse(text).matches(&row), "{text}");
        }
        for text in ["meter", "/3304", "/3303/2", "imei /5", "/3/0/0", "33"] {
            assert!(!Filter::parse(text).matches(&row), "{text}");
        }
    }

    #[test]
    fn a_slash_in_an_endpoint_is_found() {
        assert!(Filter::parse("/plant").matches(&row(1, "site/plant", "</3/0>")));
    }

    #[test]
    fn names_and_tags_are_found_in_any_case() {
        let label =
            Label { name: Some("Kühlhaus Ost".into()), tags: vec!["Floor-2".into()], ..Label::default() };
        let row = labelled(row(1, "a", "</3/0>"), label);
        for text in ["kühlhaus", "KÜHLHAUS ost", "floor-2", "a floor"] {
            assert!(Filter::parse(text).matches(&row), "{text}");
        }
        assert!(!Filter::parse("west").matches(&row));
    }
}
