use console_api::Direction;
use lwm2m_codec::Path;

use super::entry::Entry;

/// Which way datagrams go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Way {
    #[default]
    Both,
    Received,
    Sent,
}

/// Which datagrams are listed: all words must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    words: Vec<String>,
    nodes: Vec<Path>,
    way: Way,
    failures: bool,
}

impl Filter {
    /// A word that is a path asks for messages about that node and those below. `failures`: only those that went
    /// wrong.
    pub(crate) fn new(text: &str, way: Way, failures: bool) -> Self {
        let mut filter = Self { way, failures, ..Self::default() };
        for word in text.to_lowercase().split_whitespace() {
            match word.parse::<Path>() {
                Ok(path) if path != Path::ROOT => filter.nodes.push(path),
                _ => filter.words.push(word.to_owned()),
            }
        }
        filter
    }

    pub(crate) fn admits_all(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn admits(&self, entry: &Entry) -> bool {
        let way = match self.way {
            Way::Both => true,
            Way::Received => entry.record.direction == Direction::Received,
            Way::Sent => entry.record.direction == Direction::Sent,
        };
        way && (!self.failures || entry.is_failure())
            && self.words.iter().all(|word| entry.text.contains(word.as_str()))
            && self.nodes.iter().all(|node| entry.path().is_some_and(|path| path.starts_with(node)))
    }
}
