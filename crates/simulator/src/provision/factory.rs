//! Factory data, a JSON file: object instances by their paths, resources by their ids.
//!
//! ```json
//! {
//!   "/0/0": {"0": "coaps://127.0.0.1:5684", "1": false, "2": 0,
//!            "3": {"text": "%"}, "4": "", "5": "00112233445566778899aabbccddeeff", "10": 101},
//!   "/1/0": {"0": 101, "1": 300, "6": true, "7": "U"},
//!   "/2/0": {"0": 3, "1": 0, "2": {"101": 15}, "3": 101}
//! }
//! ```
//!
//! Bytes are hexadecimal, or `{"text": …}`; several instances of a resource stand under their ids. In texts `%` stands
//! for the endpoint name.

use std::{collections::BTreeMap, fs, path::Path as FilePath};

use anyhow::{Context, bail};
use lwm2m_codec::{ContentFormat, Level, Path, Record, Value, ValueType, decode};
use lwm2m_model::Registry;
use serde_json::Value as Json;

use crate::security::of_endpoint;

type Instances = BTreeMap<String, BTreeMap<u16, Json>>;

pub(crate) fn read(file: &FilePath, endpoint: &str, registry: &Registry) -> anyhow::Result<Vec<Record>> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    parse(&text, endpoint, registry).with_context(|| format!("{shown} is no factory data"))
}

fn parse(text: &str, endpoint: &str, registry: &Registry) -> anyhow::Result<Vec<Record>> {
    let instances: Instances = serde_json::from_str(text)?;
    let mut records = Vec::new();
    for (at, resources) in instances {
        let instance: Path = at.parse().map_err(|error| anyhow::anyhow!("{at:?}: {error}"))?;
        if instance.level() != Level::ObjectInstance {
            bail!("expected the path of an object instance, such as /0/0, got {at:?}");
        }
        for (resource, content) in resources {
            let path = instance.child(resource).with_context(|| format!("{at}: {resource} is no id"))?;
            match &content {
                Json::Object(entries) if !entries.contains_key("text") => {
                    for (id, content) in entries {
                        let id = id.parse().ok().and_then(|id| path.child(id));
                        let path = id.with_context(|| format!("{path}: expected ids or \"text\""))?;
                        records.push(Record::new(path, value(&path, content, endpoint, registry)?));
                    }
                }
                content => records.push(Record::new(path, value(&path, content, endpoint, registry)?)),
            }
        }
    }
    Ok(records)
}

fn value(path: &Path, content: &Json, endpoint: &str, registry: &Registry) -> anyhow::Result<Value> {
    let ids = path.object_id().zip(path.resource_id());
    let definition = ids.and_then(|(object, resource)| registry.resource(object, resource));
    let definition = definition.with_context(|| format!("{path} has no definition in the registry"))?;
    let Some(value_type) = definition.value_type else { bail!("{path} is executable and has no value") };
    let text = match (value_type, content) {
        (ValueType::Opaque, Json::String(hex)) => {
            return Ok(Value::opaque(bytes(hex).with_context(|| format!("{path}: expected hexadecimal"))?));
        }
        (ValueType::Opaque, content) => {
            let text = content.get("text").and_then(Json::as_str);
            let text = text.with_context(|| format!("{path}: expected hexadecimal or {{\"text\": …}}"))?;
            return Ok(Value::opaque(of_endpoint(text, endpoint).into_bytes()));
        }
        (ValueType::String, Json::String(text)) => return Ok(Value::string(of_endpoint(text, endpoint))),
        (_, Json::String(text)) => text.clone(),
        (_, Json::Bool(truth)) => u8::from(*truth).to_string(),
        (_, Json::Number(number)) => number.to_string(),
        (_, other) => bail!("{path}: expected a {}, got {other}", value_type.name()),
    };
    let records = decode(ContentFormat::TEXT, path, text.as_bytes(), registry);
    let record = records.with_context(|| format!("{path}: expected a {}", value_type.name()))?.pop();
    record.map(|record| record.value).with_context(|| format!("{path}: expected a value"))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(byte).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::registry;

    #[test]
    fn values_have_the_types_of_their_definitions() {
        let text = r#"{"/0/0": {"0": "coap://%.example", "1": true, "2": 3, "3": {"text": "id-%"}, "5": "0aff"},
                       "/2/0": {"2": {"101": 15}}}"#;
        let records = parse(text, "dev-1", &registry()).unwrap();
        let shown: Vec<String> =
            records.iter().map(|record| format!("{} {:?}", record.path, record.value)).collect();
        assert_eq!(
            shown,
            [
                r#"/0/0/0 String("coap://dev-1.example")"#,
                "/0/0/1 Boolean(true)",
                "/0/0/2 Integer(3)",
                "/0/0/3 Opaque([105, 100, 45, 100, 101, 118, 45, 49])",
                "/0/0/5 Opaque([10, 255])",
                "/2/0/2/101 Integer(15)",
            ]
        );
    }

    #[test]
    fn mistakes_are_explained() {
        for (text, expected) in [
            (r#"{"/0": {}}"#, "object instance"),
            (r#"{"/1/0": {"1": "soon"}}"#, "/1/0/1"),
            (r#"{"/1/0": {"8": 1}}"#, "executable"),
            (r#"{"/1/0": {"99": 1}}"#, "no definition"),
            (r#"{"/0/0": {"5": "0g"}}"#, "hexadecimal"),
            (r#"{"/2/0": {"2": {"all": 1}}}"#, "ids"),
            ("[]", "expected a map"),
        ] {
            let error = format!("{:#}", parse(text, "a", &registry()).unwrap_err());
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
