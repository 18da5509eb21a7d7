//! Definitions of an operator's own, in whichever form they are at hand.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::ddf::{self, DdfError};
use crate::definition::ObjectDefinition;
use crate::json;
use crate::limits::JSON_MAX;
use crate::quoted::{quoted, shortened};
use crate::registry_error::RegistryError;

/// Reads the definitions of a file and finds out by itself what it is: an object definition file (XML), a registry in
/// JSON, or the bare form `{"34": {"multiple": true, "resources": [{"id", "type", "multiple", "operations",
/// "mandatory"}]}}`, which names nothing and means version 1.0.
///
/// # Errors
/// When the file is none of these, or what it is but with a mistake. Nothing of such a file is taken.
pub fn read_definitions(file: &[u8]) -> Result<Vec<ObjectDefinition>, DefinitionFileError> {
    let content = file.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(file).trim_ascii_start();
    match content.first() {
        Some(b'<') => ddf::parse(file).map_err(DefinitionFileError::Ddf),
        Some(b'{') if content.len() > JSON_MAX => {
            Err(DefinitionFileError::TooLong { limit: JSON_MAX, got: content.len() })
        }
        Some(b'{') => in_json(content),
        _ => {
            let beginning = content.get(..content.len().min(200)).unwrap_or_default();
            Err(DefinitionFileError::Unrecognised { got: quoted(&String::from_utf8_lossy(beginning)) })
        }
    }
}

fn in_json(content: &[u8]) -> Result<Vec<ObjectDefinition>, DefinitionFileError> {
    let not_json =
        |message: String| DefinitionFileError::Registry(RegistryError::Json { message: shortened(&message) });
    let text = std::str::from_utf8(content).map_err(|error| not_json(error.to_string()))?;
    let outline: Outline = serde_json::from_str(text).map_err(|error| not_json(error.to_string()))?;
    if outline.objects.is_some() {
        return json::definitions(text).map_err(DefinitionFileError::Registry);
    }
    let objects: BTreeMap<u16, json::BareObject> =
        serde_json::from_str(text).map_err(|error| not_json(error.to_string()))?;
    let definitions = objects.into_iter().map(|(id, object)| object.into_definition(id));
    definitions.collect::<Result<_, _>>().map_err(DefinitionFileError::Registry)
}

/// What tells the forms of JSON apart.
#[derive(Deserialize)]
struct Outline {
    objects: Option<IgnoredAny>,
}

/// Why a file of definitions was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DefinitionFileError {
    Ddf(DdfError),
    Registry(RegistryError),
    TooLong { limit: usize, got: usize },
    Unrecognised { got: String },
}

impl fmt::Display for DefinitionFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ddf(error) => error.fmt(f),
            Self::Registry(error) => error.fmt(f),
            Self::TooLong { limit, got } => write!(f, "expected a file of at most {limit} bytes, got {got}"),
            Self::Unrecognised { got } => {
                write!(f, "expected an object definition file (XML) or object definitions in JSON, got {got}")
            }
        }
    }
}

impl std::error::Error for DefinitionFileError {}

#[cfg(test)]
mod tests {
    use lwm2m_codec::ValueType;

    use super::*;
    use crate::version::ObjectVersion;

    const REGISTRY: &str = r#"{"objects":[{"id":7,"name":"A","version":"1.1","urn":"u","multiple":true,
        "mandatory":false,"resources":[]}]}"#;

    #[test]
    fn every_form_is_recognised() {
        assert_eq!(read_definitions(REGISTRY.as_bytes()).unwrap()[0].name, "A");
        let with_mark = format!("\u{FEFF}\n {REGISTRY}");
        assert_eq!(read_definitions(with_mark.as_bytes()).unwrap().len(), 1);
        let xml = "\u{FEFF}<LWM2M><Object><Name>B</Name><ObjectID>8</ObjectID><ObjectURN/>\
            <MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Resources/></Object></LWM2M>";
        assert_eq!(read_definitions(xml.as_bytes()).unwrap()[0].name, "B");
    }

    #[test]
    fn the_bare_form_names_nothing() {
        let text = r#"{"66":{"multiple":true,"resources":[
            {"id":1,"type":"none","multiple":false,"operations":"E","mandatory":false},
            {"id":0,"type":"objlnk","multiple":true,"operations":"RW","mandatory":true}]}, "5":
            {"multiple":false,"resources":[]}}"#;
        let definitions = read_definitions(text.as_bytes()).unwrap();
        let [first, second] = definitions.as_slice() else { panic!("{definitions:?}") };
        assert_eq!((first.id, second.id, second.version), (5, 66, ObjectVersion::V1_0));
        assert_eq!((second.name.as_str(), second.multiple), ("Object 66", true));
        let link = second.resource(0).unwrap();
        assert_eq!((link.name.as_str(), link.value_type), ("Resource 0", Some(ValueType::ObjectLink)));
        assert!(second.resource(1).unwrap().operations.execute);
    }

    #[test]
    fn anything_else_is_refused_by_what_it_looks_like() {
        let told = |file: &[u8]| read_definitions(file).unwrap_err().to_string();
        let neither = "expected an object definition file (XML) or object definitions in JSON, got ";
        assert_eq!(told(b""), format!("{neither}\"\""));
        assert_eq!(told(b"[1]"), format!("{neither}\"[1]\""));
        assert!(told(&[0xFF; 300]).starts_with(neither));
        assert!(told(b"<a").starts_with("line 1, column"));
        assert!(told(b"{\"objects\":[{}]}").contains("missing field `id`"));
        assert!(told(b"{\"a\":{}}").starts_with("expected a registry in JSON: "));
        assert!(told(b"{\xFF}").starts_with("expected a registry in JSON: "));
        let reserved = b"{\"65535\":{\"multiple\":true,\"resources\":[]}}";
        assert_eq!(told(reserved), "expected object ids from 0 to 65534, got 65535");
        assert!(
            told(&[b"{", vec![b' '; JSON_MAX].as_slice()].concat())
                .ends_with("at most 4194304 bytes, got 4194305")
        );
    }
}
