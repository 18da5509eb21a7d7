//! The numbers in what devices report, for the history: decoded with the definitions that a client has, or had when it
//! was registered last.

use std::sync::Arc;

use coap::Instant;
use lwm2m_codec::{ContentFormat, Decoder, Record, Value, registration::LwM2mVersion};
use lwm2m_core::server::{Reported, Source};
use store::history::{self, Point};

use crate::{fleet::Fleet, objects::Objects};

/// Finds them. What is no number, and what cannot be read, has none.
pub(crate) fn decoder(fleet: Arc<Fleet>, objects: Arc<Objects>) -> history::Decoder {
    Arc::new(move |reported| points(&fleet, &objects, reported))
}

fn points(fleet: &Fleet, objects: &Objects, reported: &Reported) -> Vec<Point> {
    if reported.source == Source::Discover {
        return Vec::new(); // links, and no values
    }
    // Without Content-Format it is text.
    let format = reported.content_format.unwrap_or(ContentFormat::TEXT);
    let registry = objects.registry();
    let registration = fleet.view().registration(&reported.endpoint);
    let model = match &registration {
        Some(registration) => registration.model(&registry),
        None => registry.for_client(LwM2mVersion::default(), []),
    };
    let root = registration.as_ref().map_or("/", |registration| &registration.links.root);
    let decoder = Decoder::new(format, &reported.path, &model).root(root);
    let records = decoder.decode(&reported.payload).unwrap_or_default();
    records.iter().filter_map(|record| point(record, format, reported.at)).collect()
}

fn point(record: &Record, format: ContentFormat, at: Instant) -> Option<Point> {
    let number = match &record.value {
        Value::Integer(number) => *number as f64,
        Value::Unsigned(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Boolean(truth) => f64::from(u8::from(*truth)),
        Value::Time(seconds) => *seconds as f64,
        _ => return None,
    };
    let now_s = at.as_millis() as f64 / 1_000.0;
    let measured = record.time().map(|time| format.absolute_time(time, now_s) * 1_000.0);
    // What lies before 1970 is no time of a measurement.
    let measured = measured.map(|ms| Instant::from_millis(ms.round().max(0.0) as u64));
    Some(Point { path: record.path, measured, number })
}
