use std::{cmp::Ordering, sync::Arc};

use console_api::{ClientQuery, SortBy, StatusFilter};
use lwm2m_codec::registration::LwM2mVersion;

use super::{convert::to_security, filter::Filter, row::Row};

/// A [`ClientQuery`], ready to be asked of many rows.
pub(crate) struct Query<'a> {
    asked: &'a ClientQuery,
    filter: Filter,
    /// No client has a version that is none.
    version: Option<Option<LwM2mVersion>>,
}

impl<'a> Query<'a> {
    pub(crate) fn new(asked: &'a ClientQuery) -> Self {
        let version = asked.version.as_ref().map(|version| version.parse().ok());
        Self { asked, filter: Filter::parse(&asked.text), version }
    }

    /// The rows that match, in order. `rows` are ordered by endpoint name.
    pub(crate) fn select(&self, mut rows: Vec<Arc<Row>>) -> Vec<Arc<Row>> {
        rows.retain(|row| self.matches(row));
        match (self.asked.sort, self.asked.descending) {
            (SortBy::Endpoint, false) => {}
            (SortBy::Endpoint, true) => rows.reverse(),
            // Stable: between equals the endpoint name decides.
            (sort, false) => rows.sort_by(|a, b| self.compare(sort, a, b)),
            (sort, true) => rows.sort_by(|a, b| self.compare(sort, b, a)),
        }
        rows
    }

    fn matches(&self, row: &Row) -> bool {
        let (asked, registration) = (self.asked, &row.registration);
        let tags = row.label.as_ref().map(|label| label.tags.as_slice()).unwrap_or_default();
        asked.status.admits(row.status())
            && asked.object.is_none_or(|object| registration.links.objects.contains_key(&object))
            && asked.binding.as_ref().is_none_or(|binding| registration.binding.as_str() == binding)
            && self.version.is_none_or(|version| version == Some(registration.version))
            && asked.security.is_none_or(|security| to_security(&registration.identity) == security)
            && asked.tag.as_ref().is_none_or(|tag| tags.contains(tag))
            && (!asked.queued || row.queue.queued > 0)
            && self.filter.matches(row)
    }

    fn compare(&self, sort: SortBy, a: &Row, b: &Row) -> Ordering {
        let (of_a, of_b) = (&a.registration, &b.registration);
        match sort {
            SortBy::Endpoint => a.endpoint().cmp(b.endpoint()),
            SortBy::Name => name(a).cmp(&name(b)),
            SortBy::Status => a.status().cmp(&b.status()),
            SortBy::Lifetime => of_a.expires_at().cmp(&of_b.expires_at()),
            SortBy::Binding => of_a.binding.as_str().cmp(of_b.binding.as_str()),
            SortBy::Version => of_a.version.cmp(&of_b.version),
            SortBy::Security => to_security(&of_a.identity).cmp(&to_security(&of_b.identity)),
            SortBy::Objects => of_a.links.objects.len().cmp(&of_b.links.objects.len()),
            SortBy::Observations => a.observations.cmp(&b.observations),
            SortBy::Heard => a.heard_at_ms.cmp(&b.heard_at_ms),
            SortBy::Queued => a.queue.queued.cmp(&b.queue.queued),
        }
    }
}

/// Who has no name comes after all who have one.
fn name(row: &Row) -> (bool, Option<String>) {
    let name = row.label.as_ref().and_then(|label| label.name.as_ref()).map(|name| name.to_lowercase());
    (name.is_none(), name)
}

/// What may change who belongs to a query, or their order, besides clients that come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Depends {
    /// Registration Update.
    pub(crate) on_updates: bool,
    /// Any message of a client.
    pub(crate) on_messages: bool,
    /// Clients that wake or fall asleep.
    pub(crate) on_sleep: bool,
    /// Commands that begin or cease to wait.
    pub(crate) on_commands: bool,
}

impl Depends {
    pub(crate) fn of(query: &ClientQuery) -> Self {
        let filtered = !query.text.is_empty() || query.object.is_some() || query.binding.is_some();
        let by_status = query.sort == SortBy::Status
            || matches!(query.status, StatusFilter::Awake | StatusFilter::Asleep);
        let by_message = matches!(query.sort, SortBy::Heard | SortBy::Observations);
        let by_registration =
            matches!(query.sort, SortBy::Lifetime | SortBy::Binding | SortBy::Objects | SortBy::Version);
        Self {
            on_updates: filtered || by_message || by_registration,
            on_messages: by_message,
            on_sleep: by_status,
            on_commands: query.queued || query.sort == SortBy::Queued,
        }
    }
}

#[cfg(test)]
mod tests {
    use console_api::{Departed, Departure, Label, Queue};

    use super::*;
    use crate::fleet::samples::{labelled, row};

    fn rows() -> Vec<Arc<Row>> {
        let mut a = labelled(row(1, "a", "</3/0>"), Label { name: Some("Zoo".into()), ..Label::default() });
        a.heard_at_ms = 1;
        let mut b = row(2, "b", "</3/0>,</5/0>");
        b.heard_at_ms = 9;
        b.queue = Queue { awake: false, queued: 1, ..b.queue };
        let tags = vec!["t".to_owned()];
        let mut c =
            labelled(row(3, "c", "</3/0>"), Label { name: Some("ape".into()), tags, ..Label::default() });
        c.heard_at_ms = 1;
        let mut d = row(4, "d", "</3/0>");
        d.departed = Some(Departed { why: Departure::Expired, at_ms: 5 });
        [a, b, c, d].map(Arc::new).into()
    }

    fn found(query: &ClientQuery) -> String {
        Query::new(query).select(rows()).iter().map(|row| row.endpoint().to_owned()).collect()
    }

    fn sorted(sort: SortBy, descending: bool) -> String {
        found(&ClientQuery { sort, descending, ..ClientQuery::default() })
    }

    #[test]
    fn registered_clients_by_name_unless_asked_otherwise() {
        assert_eq!(found(&ClientQuery::default()), "abc");
        assert_eq!(sorted(SortBy::Endpoint, true), "cba");
        let any = ClientQuery { status: StatusFilter::Any, ..ClientQuery::default() };
        assert_eq!(found(&any), "abcd");
        let expired = ClientQuery { status: StatusFilter::Expired, ..ClientQuery::default() };
        assert_eq!(found(&expired), "d");
    }

    #[test]
    fn the_endpoint_name_decides_between_equals() {
        assert_eq!(sorted(SortBy::Heard, false), "acb");
        assert_eq!(sorted(SortBy::Heard, true), "bac");
        assert_eq!(sorted(SortBy::Objects, true), "bac");
        assert_eq!(sorted(SortBy::Queued, true), "bac");
        assert_eq!(sorted(SortBy::Name, false), "cab", "who has no name comes last");
        assert_eq!(sorted(SortBy::Lifetime, true), "abc");
    }

    #[test]
    fn every_filter_filters() {
        let only = |change: fn(&mut ClientQuery)| {
            let mut query = ClientQuery::default();
            change(&mut query);
            found(&query)
        };
        assert_eq!(only(|query| query.object = Some(5)), "b");
        assert_eq!(only(|query| query.tag = Some("t".into())), "c");
        assert_eq!(only(|query| query.queued = true), "b");
        assert_eq!(only(|query| query.status = StatusFilter::Asleep), "b");
        assert_eq!(only(|query| query.text = "zoo".into()), "a");
        assert_eq!(only(|query| query.binding = Some("UQ".into())), "");
        assert_eq!(only(|query| query.version = Some("1.1".into())), "abc");
        assert_eq!(only(|query| query.security = Some(console_api::SecurityMode::Psk)), "");
    }

    #[test]
    fn a_plain_list_does_not_follow_updates() {
        let plain = Depends::of(&ClientQuery::default());
        let nothing = Depends { on_updates: false, on_messages: false, on_sleep: false, on_commands: false };
        assert_eq!(plain, nothing);
        let by = |sort| Depends::of(&ClientQuery { sort, ..ClientQuery::default() });
        assert!(by(SortBy::Heard).on_messages && by(SortBy::Lifetime).on_updates);
        assert!(by(SortBy::Status).on_sleep && !by(SortBy::Lifetime).on_messages);
        assert!(by(SortBy::Queued).on_commands && !by(SortBy::Status).on_commands);
    }
}
