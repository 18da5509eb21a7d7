//! What the history holds, in the words of REST.

use std::{collections::BTreeMap, sync::Arc};

use console_api::{HistoryBucket, HistoryRow, UnreadableDay, hex_encode};
use lwm2m_codec::Path;
use lwm2m_core::server::{Registration, Reported, Source};
use lwm2m_model::Registry;
use store::history::{Bucket, Cursor, Day};

use crate::{
    fleet::{Fleet, to_source},
    http::operation::{decode, model},
    objects::Objects,
};

/// Puts beside each payload its values, or why it has none. Has the definitions and registrations of one moment.
pub(super) struct Telling {
    registry: Arc<Registry>,
    registrations: BTreeMap<String, Option<Arc<Registration>>>,
}

impl Telling {
    /// For payloads of these clients.
    pub(super) fn new<'a>(
        objects: &Objects,
        fleet: &Fleet,
        endpoints: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut registrations = BTreeMap::new();
        let view = fleet.view();
        for endpoint in endpoints {
            if !registrations.contains_key(endpoint) {
                registrations.insert(endpoint.to_owned(), view.registration(endpoint));
            }
        }
        drop(view);
        Self { registry: objects.registry(), registrations }
    }

    pub(super) fn row(&self, cursor: Cursor, reported: &Reported) -> HistoryRow {
        let mut row = HistoryRow {
            cursor: cursor.to_string(),
            endpoint: reported.endpoint.clone(),
            path: reported.path.to_string(),
            source: to_source(reported.source),
            at_ms: reported.at.as_millis(),
            content_format: reported.content_format.map(|format| format.0),
            payload_hex: hex_encode(&reported.payload),
            sequence: reported.sequence,
            confirmable: reported.confirmable,
            current: reported.current,
            values: Vec::new(),
            decode_error: None,
        };
        if reported.source == Source::Discover {
            return row; // links, and no values
        }
        let (registration, at_s) = (self.registration(&row.endpoint), row.at_ms as f64 / 1000.0);
        let format = reported.content_format;
        match decode(&self.registry, registration, &reported.path, format, &reported.payload, at_s) {
            Ok(values) => row.values = values,
            Err(error) => row.decode_error = Some(error),
        }
        row
    }

    /// What the definition says that a value is measured in.
    pub(super) fn unit(&self, endpoint: &str, path: &str) -> String {
        let ids = path.parse::<Path>().ok().and_then(|path| Some((path.object_id()?, path.resource_id()?)));
        let Some((object, resource)) = ids else { return String::new() };
        let model = model(&self.registry, self.registration(endpoint));
        model.resource(object, resource).map(|resource| resource.units.clone()).unwrap_or_default()
    }

    fn registration(&self, endpoint: &str) -> Option<&Registration> {
        self.registrations.get(endpoint)?.as_deref()
    }
}

pub(super) fn bucket(bucket: &Bucket) -> HistoryBucket {
    let Bucket { start, summary } = bucket;
    HistoryBucket {
        start_ms: start.as_millis(),
        count: summary.count,
        min: summary.min,
        max: summary.max,
        mean: summary.mean(),
        first: summary.first.1,
        first_ms: summary.first.0.as_millis(),
        last: summary.last.1,
        last_ms: summary.last.0.as_millis(),
    }
}

pub(super) fn unreadable(days: &[(Day, String)]) -> Vec<UnreadableDay> {
    days.iter().map(|(day, why)| UnreadableDay { day: day.to_string(), why: why.clone() }).collect()
}
