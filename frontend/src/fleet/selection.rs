use std::collections::BTreeSet;

use console_api::{Client, ClientQuery};

/// Devices that the operator wants to do something with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selection {
    Named(BTreeSet<String>),
    /// Whatever matches, but for a few. The server knows which ones.
    All {
        query: ClientQuery,
        except: BTreeSet<String>,
    },
}

/// Rows between two clicks, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

impl Default for Selection {
    fn default() -> Self {
        Self::Named(BTreeSet::new())
    }
}

impl Selection {
    pub(crate) fn all(query: ClientQuery) -> Self {
        Self::All { query, except: BTreeSet::new() }
    }

    pub(crate) fn contains(&self, endpoint: &str) -> bool {
        match self {
            Self::Named(named) => named.contains(endpoint),
            Self::All { except, .. } => !except.contains(endpoint),
        }
    }

    pub(crate) fn toggle(&mut self, endpoint: &str) {
        let set = match self {
            Self::Named(set) | Self::All { except: set, .. } => set,
        };
        if !set.remove(endpoint) {
            set.insert(endpoint.to_owned());
        }
    }

    /// Selects these too.
    pub(crate) fn add<'a>(&mut self, clients: impl IntoIterator<Item = &'a Client>) {
        for client in clients {
            match self {
                Self::Named(named) => _ = named.insert(client.endpoint.clone()),
                Self::All { except, .. } => _ = except.remove(&client.endpoint),
            }
        }
    }

    /// How many, when so many match now.
    pub(crate) fn count(&self, matching: usize) -> usize {
        match self {
            Self::Named(named) => named.len(),
            Self::All { except, .. } => matching.saturating_sub(except.len()),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Named(named) if named.is_empty())
    }

    /// Every row that matches is selected.
    pub(crate) fn is_all(&self) -> bool {
        matches!(self, Self::All { except, .. } if except.is_empty())
    }

    /// Another question has other answers: what was selected as a whole is not known any more.
    pub(crate) fn keep_for(&mut self, asked: &ClientQuery) {
        if let Self::All { query, .. } = self
            && !same_clients(query, asked)
        {
            *self = Self::default();
        }
    }
}

impl Range {
    pub(crate) fn new(one: usize, other: usize) -> Self {
        Self { first: one.min(other), last: one.max(other) }
    }

    pub(crate) fn len(self) -> usize {
        self.last - self.first + 1
    }
}

/// The order does not decide who is there.
fn same_clients(one: &ClientQuery, other: &ClientQuery) -> bool {
    ClientQuery { sort: other.sort, descending: other.descending, ..one.clone() } == *other
}

#[cfg(test)]
mod tests {
    use console_api::SortBy;

    use super::*;
    use crate::fleet::client;

    #[test]
    fn named_devices() {
        let mut selection = Selection::default();
        selection.toggle("a");
        selection.add([&client("b", &[]), &client("a", &[])]);
        assert!(selection.contains("a") && selection.contains("b") && !selection.contains("c"));
        selection.toggle("a");
        assert_eq!((selection.count(99), selection.is_empty(), selection.is_all()), (1, false, false));
        selection.keep_for(&ClientQuery { text: "x".into(), ..ClientQuery::default() });
        assert!(selection.contains("b"));
    }

    #[test]
    fn all_but_a_few() {
        let mut selection = Selection::all(ClientQuery::default());
        assert!(selection.is_all() && selection.contains("anything"));
        selection.toggle("a");
        assert_eq!((selection.count(10), selection.contains("a"), selection.is_all()), (9, false, false));
        selection.add([&client("a", &[])]);
        assert!(selection.is_all());
        selection.keep_for(&ClientQuery { sort: SortBy::Heard, ..ClientQuery::default() });
        assert!(selection.is_all());
        selection.keep_for(&ClientQuery { text: "x".into(), ..ClientQuery::default() });
        assert!(selection.is_empty());
    }

    #[test]
    fn a_range_in_either_direction() {
        assert_eq!(Range::new(7, 3), Range { first: 3, last: 7 });
        assert_eq!(Range::new(3, 3).len(), 1);
    }
}
