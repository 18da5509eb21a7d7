use console_api::{Client, Source};
use lwm2m_codec::{ContentFormat, Decoder, Level, Path, Value};
use lwm2m_model::Registry;

use crate::format;
use crate::live::model;

const SENSOR_VALUE: u16 = 5700;
const SENSOR_UNITS: u16 = 5701;

/// The newest value of a client, as a row shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Latest {
    /// Without the slash in front: `3303/0/5700`.
    pub(crate) path: String,
    /// Name of the Resource, where it has a definition.
    pub(crate) name: Option<String>,
    pub(crate) text: String,
    pub(crate) unit: String,
    /// The bytes could not be decoded and are shown as they came.
    pub(crate) raw: bool,
    pub(crate) at_ms: u64,
}

/// Decodes what the client last reported. `None` when there is nothing, or nothing that has a value.
pub(crate) fn latest(client: &Client, registry: &Registry, east_min: i32) -> Option<Latest> {
    let reported = client.latest.as_ref().filter(|reported| reported.source != Source::Discover)?;
    let asked: Path = reported.path.parse().ok()?;
    let model = model(registry, Some(client));
    // LwM2M 1.0 §6.4: a value without Content-Format is plain text.
    let content_format = reported.content_format.map_or(ContentFormat::TEXT, ContentFormat);
    let decoder = Decoder::new(content_format, &asked, &model).root(&client.root);
    let Ok(records) = decoder.decode(&reported.payload) else {
        let text = format::octets(&reported.payload);
        return Some(line(&asked, None, text, String::new(), true, reported.at_ms));
    };
    let is = |path: &Path, resource: u16| path.resource_id() == Some(resource);
    let record = records.iter().find(|record| is(&record.path, SENSOR_VALUE)).or_else(|| records.first())?;
    let resource = record.path.truncate(Level::Resource);
    let definition = resource.object_id().zip(resource.resource_id());
    let definition = definition.and_then(|(object, resource)| model.resource(object, resource));
    // Sensor Objects of the registry have one definition for all units and name theirs in Sensor Units.
    let told = records.iter().find_map(|other| match &other.value {
        Value::String(unit) if is(&other.path, SENSOR_UNITS) => Some(unit.to_string()),
        _ => None,
    });
    let defined = definition.map(|definition| definition.units.clone()).filter(|unit| !unit.is_empty());
    let unit = defined.or(told).map(|unit| format::unit(&unit).to_owned()).unwrap_or_default();
    let name = definition.map(|definition| definition.name.clone());
    let text = format::value(&record.value, east_min);
    Some(line(&record.path, name, text, unit, false, reported.at_ms))
}

fn line(path: &Path, name: Option<String>, text: String, unit: String, raw: bool, at_ms: u64) -> Latest {
    let path = path.to_string().trim_start_matches('/').to_owned();
    Latest { path, name, text, unit, raw, at_ms }
}

#[cfg(test)]
mod tests {
    use console_api::Reported;

    use super::*;
    use crate::fleet::client;

    fn reported(path: &str, content_format: Option<u16>, payload: &[u8]) -> Client {
        let reported = Reported {
            client: 1,
            path: path.into(),
            source: Source::Notify,
            content_format,
            payload: payload.to_vec(),
            at_ms: 9,
            sequence: None,
            confirmable: false,
        };
        Client { latest: Some(reported), ..client("a", &[(3303, &[0])]) }
    }

    fn registry() -> Registry {
        let text = r#"{"objects":[{"id":3303,"name":"Temperature","urn":"u","version":"1.0","lwm2m":"1.0",
            "multiple":true,"mandatory":false,"description":"","resources":[{"id":5700,"name":"Sensor Value",
            "description":"","operations":"R","multiple":false,"mandatory":true,"type":"float","range":"",
            "units":""},{"id":5701,"name":"Sensor Units","description":"","operations":"R","multiple":false,
            "mandatory":false,"type":"string","range":"","units":""}]}]}"#;
        Registry::from_json(text).unwrap()
    }

    #[test]
    fn a_value_with_name_and_unit() {
        let registry = registry();
        let plain = latest(&reported("/3303/0/5700", Some(0), b"21.4"), &registry, 0).unwrap();
        assert_eq!(
            (plain.path.as_str(), plain.text.as_str(), plain.unit.as_str()),
            ("3303/0/5700", "21.4", "")
        );
        assert_eq!(plain.name.as_deref(), Some("Sensor Value"));
        let senml = br#"[{"bn":"/3303/0/","n":"5701","vs":"Cel"},{"n":"5700","v":19.5}]"#;
        let whole = latest(&reported("/3303/0", Some(110), senml), &registry, 0).unwrap();
        assert_eq!((whole.text.as_str(), whole.unit.as_str()), ("19.5", "°C"));
    }

    #[test]
    fn bytes_that_are_no_value_are_shown_as_bytes() {
        let broken = latest(&reported("/3303/0/5700", Some(11542), &[0xff, 0x01]), &registry(), 0).unwrap();
        assert!(broken.raw && broken.text == "ff 01", "{broken:?}");
        assert_eq!(latest(&client("a", &[]), &registry(), 0), None);
    }
}
