use console_api::{BootstrapOperation, BootstrapStep};
use lwm2m_codec::{ContentFormat, Decoder, Path, Value, link};
use lwm2m_model::ClientModel;

use crate::format;

/// Characters of a text that a line shows.
const TEXT_SHOWN: usize = 200;

/// A value that a message carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) path: String,
    /// Of the Resource, or of the Object.
    pub(crate) name: String,
    pub(crate) value: String,
    /// It is not shown.
    pub(crate) secret: bool,
}

/// What a message carried: its values, or why they cannot be read.
pub(crate) fn decoded(step: &BootstrapStep, model: &ClientModel, east_min: i32) -> Result<Vec<Told>, String> {
    if step.payload.is_empty() {
        return Ok(Vec::new());
    }
    match step.content_format.map(ContentFormat) {
        Some(ContentFormat::CORE_LINK) => links(step, model),
        Some(format) => values(step, format, model, east_min),
        None => Ok(vec![diagnostic(step)]),
    }
}

fn values(
    step: &BootstrapStep,
    format: ContentFormat,
    model: &ClientModel,
    east_min: i32,
) -> Result<Vec<Told>, String> {
    // A pack names its paths itself.
    let base = if step.operation == BootstrapOperation::Pack { "/" } else { step.path.as_str() };
    let base: Path = base.parse().map_err(|_| format!("{base} is no path"))?;
    let records =
        Decoder::new(format, &base, model).decode(&step.payload).map_err(|error| error.to_string())?;
    let told = records.into_iter().map(|record| {
        let secret = is_masked(step, &record.path);
        let value = if secret { "secret".to_owned() } else { shown(&record.path, &record.value, east_min) };
        Told { path: record.path.to_string(), name: name(&record.path, model), value, secret }
    });
    Ok(told.collect())
}

fn links(step: &BootstrapStep, model: &ClientModel) -> Result<Vec<Told>, String> {
    let links = link::parse(&step.payload).map_err(|error| error.to_string())?;
    let told = links.into_iter().map(|link| {
        let attributes = link.attributes.iter().map(|(name, value)| match value {
            Some(value) => format!("{name}={value}"),
            None => name.clone(),
        });
        let value = attributes.collect::<Vec<_>>().join(" · ");
        let path = link.target.parse::<Path>();
        let name = path.map(|path| name(&path, model)).unwrap_or_default();
        Told { path: link.target, name, value, secret: false }
    });
    Ok(told.collect())
}

/// An answer with an error code explains itself in text (RFC 7252 §5.5.2).
fn diagnostic(step: &BootstrapStep) -> Told {
    let value = format::guess(&step.payload).map_or_else(|| format::octets(&step.payload), cut);
    Told { path: String::new(), name: "Explanation".to_owned(), value, secret: false }
}

fn is_masked(step: &BootstrapStep, path: &Path) -> bool {
    step.masked.iter().filter_map(|masked| masked.parse().ok()).any(|masked: Path| path.starts_with(&masked))
}

fn shown(path: &Path, value: &Value, east_min: i32) -> String {
    match (path.object_id(), path.resource_id(), value) {
        // Identities and Server URIs are bytes or text that people read.
        (Some(0), Some(3), Value::Opaque(bytes)) => {
            format::guess(bytes).map_or_else(|| format::octets(bytes), |text| format!("“{}”", cut(text)))
        }
        (Some(2), Some(2), Value::Integer(rights)) => rights_told(*rights),
        _ => cut(&format::value(value, east_min)),
    }
}

/// `R W E`, with the number.
fn rights_told(rights: i64) -> String {
    let letters: Vec<&str> = super::RIGHTS
        .iter()
        .filter(|(bit, ..)| rights & i64::from(*bit) != 0)
        .map(|(_, it, _)| *it)
        .collect();
    if letters.is_empty() { format!("{rights} no right") } else { format!("{rights} {}", letters.join(" ")) }
}

fn name(path: &Path, model: &ClientModel) -> String {
    let object = path.object_id();
    let resource = object.zip(path.resource_id()).and_then(|(object, id)| model.resource(object, id));
    match resource {
        Some(resource) => resource.name.clone(),
        None => object.and_then(|id| model.object(id)).map(|object| object.name.clone()).unwrap_or_default(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use console_api::{BootstrapSpeaker, hex_decode};
    use lwm2m_codec::{Operations, ValueType};
    use lwm2m_model::{ObjectDefinition, Registry, ResourceDefinition};

    use super::*;
    use crate::bootstrap::sequence::step;

    fn registry() -> Registry {
        let resource = |id, name: &str, value_type, multiple| ResourceDefinition {
            id,
            name: name.into(),
            operations: Operations::default(),
            multiple,
            mandatory: true,
            value_type: Some(value_type),
            range: String::new(),
            units: String::new(),
            description: String::new(),
        };
        let object = |id, name: &str, resources| ObjectDefinition {
            id,
            name: name.into(),
            version: "1.0".parse().unwrap(),
            lwm2m_version: String::new(),
            urn: String::new(),
            multiple: true,
            mandatory: true,
            description: String::new(),
            description2: String::new(),
            licence: String::new(),
            copyright: String::new(),
            resources,
        };
        let mut registry = Registry::new();
        let security = vec![
            resource(0, "LwM2M Server URI", ValueType::String, false),
            resource(5, "Secret Key", ValueType::Opaque, false),
        ];
        let access_control = vec![
            resource(0, "Object ID", ValueType::Integer, false),
            resource(1, "Object Instance ID", ValueType::Integer, false),
            resource(2, "ACL", ValueType::Integer, true),
            resource(3, "Access Control Owner", ValueType::Integer, false),
        ];
        registry.add([object(0, "LwM2M Security", security), object(2, "Access Control", access_control)]);
        registry
    }

    fn written(path: &str, hex: &str) -> BootstrapStep {
        BootstrapStep {
            content_format: Some(ContentFormat::TLV.0),
            payload: hex_decode(hex).unwrap(),
            ..step(BootstrapSpeaker::Server, BootstrapOperation::Write, "PUT", path)
        }
    }

    fn told(step: &BootstrapStep) -> Result<Vec<Told>, String> {
        let registry = registry();
        decoded(step, &registry.for_client(Default::default(), []), 0)
    }

    #[test]
    fn secrets_are_named_and_not_shown() {
        let mut step = written("/0/0", "c80009636f6170733a2f2f78c40500000000");
        step.masked = vec!["/0/0/5".into()];
        let told = told(&step).unwrap();
        assert_eq!((told[0].name.as_str(), told[0].value.as_str()), ("LwM2M Server URI", "coaps://x"));
        assert_eq!((told[1].value.as_str(), told[1].secret), ("secret", true));
    }

    /// The access control instance of the worked example.
    #[test]
    fn rights_are_letters() {
        let told = told(&written("/2/0", "c10001c10100830241650fc10365")).unwrap();
        assert_eq!((told[2].path.as_str(), told[2].value.as_str()), ("/2/0/2/101", "15 R W E D"));
    }

    #[test]
    fn what_cannot_be_read_says_why_and_what_is_no_payload_is_empty() {
        assert!(told(&written("/2/0", "c1")).is_err());
        assert_eq!(told(&written("/2/0", "")), Ok(vec![]));
        let refusal = BootstrapStep {
            payload: b"no room".to_vec(),
            ..step(BootstrapSpeaker::Device, BootstrapOperation::Write, "4.00", "/0/0")
        };
        assert_eq!(told(&refusal).unwrap()[0].value, "no room");
    }

    #[test]
    fn a_discover_answer_lists_what_the_device_has() {
        let answer = BootstrapStep {
            content_format: Some(ContentFormat::CORE_LINK.0),
            payload: b"</>;lwm2m=1.1,</0/0>;ssid=101;uri=\"coaps://x\",</2>".to_vec(),
            ..step(BootstrapSpeaker::Device, BootstrapOperation::Discover, "2.05", "/")
        };
        let told = told(&answer).unwrap();
        assert_eq!(told[1].value, "ssid=101 · uri=coaps://x");
        assert_eq!((told[2].path.as_str(), told[2].name.as_str()), ("/2", "Access Control"));
    }
}
