use std::cmp::Ordering;

use console_api::Client;

use super::Filter;

/// A column that the fleet can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Endpoint,
    Lifetime,
    Binding,
    Version,
    Objects,
    Updated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) column: Column,
    pub(crate) descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { column: Column::Endpoint, descending: false }
    }
}

impl Sort {
    /// What a click on a column head does: choose it, or turn it round.
    pub(crate) fn choose(self, column: Column) -> Self {
        if self.column == column {
            return Self { column, descending: !self.descending };
        }
        // The newest message is what one looks for first.
        Self { column, descending: column == Column::Updated }
    }

    /// Whether a Registration Update may move a row.
    pub(crate) fn follows_updates(self) -> bool {
        self.column != Column::Endpoint
    }
}

/// Ids of the clients that match, in order. The endpoint name decides between equals, so that rows never jump.
pub(crate) fn order<'a>(clients: impl Iterator<Item = &'a Client>, filter: &Filter, sort: Sort) -> Vec<u32> {
    let mut rows: Vec<&Client> = clients.filter(|client| filter.matches(client)).collect();
    rows.sort_unstable_by(|a, b| {
        let by_column = compare(a, b, sort.column);
        let by_column = if sort.descending { by_column.reverse() } else { by_column };
        by_column.then_with(|| a.endpoint.cmp(&b.endpoint))
    });
    rows.into_iter().map(|client| client.id).collect()
}

fn compare(a: &Client, b: &Client, column: Column) -> Ordering {
    match column {
        Column::Endpoint => a.endpoint.cmp(&b.endpoint),
        Column::Lifetime => a.expires_at_ms.cmp(&b.expires_at_ms),
        Column::Binding => a.binding.cmp(&b.binding),
        Column::Version => a.lwm2m_version.cmp(&b.lwm2m_version),
        Column::Objects => a.objects.len().cmp(&b.objects.len()),
        Column::Updated => a.updated_at_ms.cmp(&b.updated_at_ms),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use console_api::{ObjectEntry, SecurityMode, Status};

    use super::*;

    #[test]
    fn sorts_filters_and_breaks_ties_by_name() {
        let mut clients = [client("b", &[(3, &[0])]), client("a", &[(3, &[0])]), client("c", &[(5, &[0])])];
        for (i, client) in clients.iter_mut().enumerate() {
            client.id = i as u32;
            client.updated_at_ms = if client.endpoint == "c" { 9 } else { 1 };
        }
        let all = Filter::default();
        assert_eq!(order(clients.iter(), &all, Sort::default()), [1, 0, 2]);
        let newest = Sort::default().choose(Column::Updated);
        assert_eq!(order(clients.iter(), &all, newest), [2, 1, 0]);
        assert_eq!(order(clients.iter(), &Filter::parse("/3"), newest.choose(Column::Updated)), [1, 0]);
    }

    #[test]
    fn choosing_a_column_twice_turns_it_round() {
        let sort = Sort::default().choose(Column::Endpoint);
        assert!(sort.descending && !sort.follows_updates());
        assert!(sort.choose(Column::Lifetime).follows_updates());
    }

    pub(crate) fn client(endpoint: &str, objects: &[(u16, &[u16])]) -> Client {
        Client {
            id: 1,
            endpoint: endpoint.into(),
            name: None,
            tags: vec![],
            status: Status::Awake,
            registration_id: "r".into(),
            address: "127.0.0.1:5000".into(),
            security: SecurityMode::NoSec,
            lwm2m_version: "1.1".into(),
            lifetime_s: 300,
            binding: "U".into(),
            queue_mode: false,
            sms_number: None,
            registered_at_ms: 0,
            updated_at_ms: 0,
            heard_at_ms: 0,
            expires_at_ms: 300_000,
            departed: None,
            root: "/".into(),
            content_formats: vec![],
            objects: objects
                .iter()
                .map(|(id, instances)| ObjectEntry { id: *id, version: None, instances: instances.to_vec() })
                .collect(),
            observation_count: 0,
            latest: None,
            remarks: vec![],
        }
    }
}
