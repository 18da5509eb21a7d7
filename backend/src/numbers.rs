//! The numbers in what devices report, for the history: decoded with the definitions that a client has, or had when it
//! was registered last.

use std::sync::Arc;

use coap::Instant;
use lwm2m_codec::{ContentFormat, Decoder, Record, Value};
use lwm2m_core::server::{Registration, Reported, Source};
use lwm2m_model::Registry;
use store::history::{self, Point};

use crate::{fleet::Fleet, http::model, objects::Objects};

/// Finds them. What is no number, and what cannot be read, has none.
pub(crate) fn decoder(fleet: Arc<Fleet>, objects: Arc<Objects>) -> history::Decoder {
    Arc::new(move |reported| {
        let registration = fleet.view().registration(&reported.endpoint);
        points(reported, registration.as_deref(), &objects.registry())
    })
}

/// A moment in seconds since 1970; none before that, and after the end of time.
pub(crate) fn to_moment(seconds: f64) -> Option<Instant> {
    let milliseconds = (seconds * 1000.0).round();
    (0.0..u64::MAX as f64).contains(&milliseconds).then(|| Instant::from_millis(milliseconds as u64))
}

fn points(reported: &Reported, registration: Option<&Registration>, registry: &Registry) -> Vec<Point> {
    if reported.source == Source::Discover {
        return Vec::new(); // links, and no values
    }
    // Without Content-Format it is text.
    let format = reported.content_format.unwrap_or(ContentFormat::TEXT);
    let root = registration.map_or("/", |registration| registration.links.root.as_str());
    let model = model(registry, registration);
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
    let measured = record.time().and_then(|time| to_moment(format.absolute_time(time, now_s)));
    Some(Point { path: record.path, measured, number })
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::Path;

    use super::*;
    use crate::objects::bundled;

    fn reported(path: Path, format: ContentFormat, payload: &[u8]) -> Reported {
        Reported {
            endpoint: "a".into(),
            path,
            source: Source::Notify,
            content_format: Some(format),
            payload: payload.to_vec(),
            at: Instant::from_millis(1_700_000_000_000),
            sequence: None,
            confirmable: false,
            delivery: None,
            current: true,
        }
    }

    fn found(path: Path, format: ContentFormat, payload: &[u8]) -> Vec<(String, f64, Option<u64>)> {
        let points = points(&reported(path, format, payload), None, bundled());
        let shown =
            |point: Point| (point.path.to_string(), point.number, point.measured.map(Instant::as_millis));
        points.into_iter().map(shown).collect()
    }

    #[test]
    fn numbers_are_found_with_the_definitions() {
        let temperature = Path::resource(3303, 0, 5700);
        assert_eq!(found(temperature, ContentFormat::TEXT, b"21.5"), [("/3303/0/5700".into(), 21.5, None)]);
        // Two sources of power, each an instance of a Resource, and a text.
        let device = [0x86, 6, 0x41, 0, 1, 0x41, 1, 5, 0xC2, 14, b'+', b'1'];
        let of_device = found(Path::instance(3, 0), ContentFormat::TLV, &device);
        assert_eq!(of_device, [("/3/0/6/0".into(), 1.0, None), ("/3/0/6/1".into(), 5.0, None)]);
        let switch = Path::resource(3311, 0, 5850);
        assert_eq!(
            found(switch, ContentFormat::TLV, &[0xE1, 0x16, 0xDA, 1]),
            [("/3311/0/5850".into(), 1.0, None)]
        );
        assert_eq!(found(temperature, ContentFormat::TEXT, b"warm"), []);
        assert_eq!(found(temperature, ContentFormat::TEXT, b""), []);
    }

    /// RFC 8428 §4.5.3: small times count from the time of arrival.
    #[test]
    fn the_time_of_the_device_is_told_beside_the_number() {
        let json = br#"[{"bn":"/3303/0/5700","bt":1600000000,"v":1},{"v":2,"t":0.5}]"#;
        let path = "/3303/0/5700".to_owned();
        let absolute =
            [(path.clone(), 1.0, Some(1_600_000_000_000)), (path.clone(), 2.0, Some(1_600_000_000_500))];
        assert_eq!(found(Path::ROOT, ContentFormat::SENML_JSON, json), absolute);
        let json = br#"[{"n":"/3303/0/5700","t":-60,"v":1}]"#;
        assert_eq!(
            found(Path::ROOT, ContentFormat::SENML_JSON, json),
            [(path, 1.0, Some(1_699_999_940_000))]
        );
    }

    #[test]
    fn a_moment_is_within_time() {
        assert_eq!(to_moment(-0.001), None);
        assert_eq!(to_moment(0.0), Some(Instant::from_millis(0)));
        assert_eq!(to_moment(1.0015), Some(Instant::from_millis(1002)));
        for never in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(to_moment(never), None);
        }
    }
}
