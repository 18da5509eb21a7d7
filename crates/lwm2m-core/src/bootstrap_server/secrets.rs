//! Secrets are written to devices and shown to nobody.

use lwm2m_codec::{Path, Record, Value};
use lwm2m_model::Registry;

/// Resources of the core Objects and of those registered with OMA that hold a key or a password, by Object and number.
const SECRETS: [(u16, u16); 16] = [
    (0, 5),
    (0, 8),
    (9, 15),
    (11, 6),
    (12, 17),
    (12, 18),
    (12, 21),
    (12, 22),
    (12, 23),
    (12, 24),
    (12, 25),
    (12, 28),
    (21, 0),
    (23, 2),
    (24, 8),
    (18830, 9),
];

/// The records with zeros in place of secrets, each as long as the secret, and the paths of these.
pub(super) fn masked(records: &[Record], definitions: &Registry) -> (Vec<Record>, Vec<Path>) {
    let mut paths = Vec::new();
    let records = records.iter().map(|record| {
        if !is_secret(&record.path, definitions) {
            return record.clone();
        }
        paths.push(record.path);
        Record::new(record.path, blank(&record.value))
    });
    (records.collect(), paths)
}

/// Also what can be written and not read is for the eyes of the device only.
fn is_secret(path: &Path, definitions: &Registry) -> bool {
    let (Some(object), Some(resource)) = (path.object_id(), path.resource_id()) else { return false };
    let write_only = definitions
        .resource(object, resource)
        .is_some_and(|definition| definition.operations.write && !definition.operations.read);
    SECRETS.contains(&(object, resource)) || write_only
}

fn blank(value: &Value) -> Value {
    match value {
        Value::Opaque(bytes) => Value::opaque(vec![0; bytes.len()]),
        Value::Raw(bytes) => Value::Raw(vec![0; bytes.len()].into()),
        Value::String(text) => Value::string("0".repeat(text.len())),
        Value::CoreLink(text) => Value::CoreLink("0".repeat(text.len()).into()),
        Value::Integer(_) => Value::Integer(0),
        Value::Unsigned(_) => Value::Unsigned(0),
        Value::Time(_) => Value::Time(0),
        Value::Float(_) => Value::Float(0.0),
        Value::Boolean(_) => Value::Boolean(false),
        Value::ObjectLink(link) => Value::ObjectLink(*link),
    }
}
