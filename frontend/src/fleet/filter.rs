use console_api::Client;

/// The search box of the fleet: words that all must match. `/3303` and `/3303/1` ask for an Object or an
/// Object Instance; any other word is looked for in the endpoint name, a number also among the Object IDs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Object { id: u16, instance: Option<u16> },
    Text { lower: String, object: Option<u16> },
}

impl Filter {
    pub(crate) fn parse(text: &str) -> Self {
        Self { words: text.split_whitespace().map(Word::parse).collect() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(crate) fn matches(&self, client: &Client) -> bool {
        self.words.iter().all(|word| word.matches(client))
    }
}

impl Word {
    fn parse(word: &str) -> Self {
        object_path(word)
            .unwrap_or_else(|| Self::Text { lower: word.to_lowercase(), object: word.parse().ok() })
    }

    fn matches(&self, client: &Client) -> bool {
        let has = |object: u16| client.objects.iter().find(|entry| entry.id == object);
        match self {
            Self::Object { id, instance: None } => has(*id).is_some(),
            Self::Object { id, instance: Some(instance) } => {
                has(*id).is_some_and(|entry| entry.instances.contains(instance))
            }
            Self::Text { lower, object } => {
                client.endpoint.to_lowercase().contains(lower)
                    || object.is_some_and(|object| has(object).is_some())
            }
        }
    }
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
    use super::*;
    use crate::fleet::order::tests::client;

    #[test]
    fn words_and_objects() {
        let client = client("Urn:IMEI:0042", &[(3, &[0]), (3303, &[0, 1])]);
        for text in ["", "  ", "imei", "IMEI 0042", "/3303", "/3303/1", "3303", "imei /3/0", "/3/"] {
            assert!(Filter::parse(text).matches(&client), "{text}");
        }
        for text in ["meter", "/3304", "/3303/2", "imei /5", "/3/0/0", "33"] {
            assert!(!Filter::parse(text).matches(&client), "{text}");
        }
    }

    #[test]
    fn a_slash_in_an_endpoint_is_found() {
        assert!(Filter::parse("/plant").matches(&client("site/plant", &[])));
        assert!(Filter::parse("").is_empty());
    }
}
