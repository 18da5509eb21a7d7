use std::collections::BTreeMap;

use lwm2m_codec::execute::{self, Argument};
use lwm2m_codec::registration::{ObjectLinks, RegisteredObject};
use lwm2m_codec::{ContentFormat, Node, Path, Record, encode, encode_node, encode_paths};
use lwm2m_model::Registry;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::answer::{Refusal, line};
use crate::hex;
use crate::request::{Kind, Request};
use crate::value::GivenRecord;

#[derive(Serialize)]
struct Encoded {
    hex: String,
}

#[derive(Deserialize)]
struct GivenLinks {
    #[serde(default = "no_root")]
    root: String,
    #[serde(default)]
    ct: Vec<u16>,
    objects: Vec<GivenObject>,
}

#[derive(Deserialize)]
struct GivenObject {
    id: u16,
    ver: Option<String>,
    #[serde(default)]
    instances: Vec<u16>,
}

fn no_root() -> String {
    "/".to_owned()
}

/// Encodes the values of a line, in the form that [`decode_line`](crate::decode_line) gives them. Whatever the line
/// holds, the answer is a line.
#[must_use]
pub fn encode_line(text: &str, registry: &Registry) -> String {
    match Request::read(text) {
        Ok(request) => {
            let encoded = payload(&request, registry).map(|payload| Encoded { hex: hex::encode(&payload) });
            line(request.id, encoded)
        }
        Err(refusal) => line::<BTreeMap<(), ()>>(None::<&RawValue>, Err(refusal)),
    }
}

fn payload(request: &Request<'_>, registry: &Registry) -> Result<Vec<u8>, Refusal> {
    let kind = request.kind()?;
    let Some(values) = request.values else {
        return Err(Refusal::new("BAD_REQUEST", "what to encode in values", "none"));
    };
    match kind {
        Kind::Values(format) => {
            let definitions = request.definitions(registry)?;
            let mut given: Vec<GivenRecord<'_>> = read(values, "a list of {path, type, value} in values")?;
            if let Some(unknown) = request.unknown {
                given.extend(read::<Vec<_>>(unknown, "a list of {path, type, value} in unknown")?);
            }
            let records = given.iter().map(|record| record.record(definitions.lookup()));
            let records = records.collect::<Result<Vec<_>, _>>()?;
            with_empty(request, format, &request.path()?, &records)
        }
        Kind::Paths(format) => {
            let given: Vec<String> = read(values, "a list of paths in values")?;
            let paths = given.iter().map(|text| path(text)).collect::<Result<Vec<_>, _>>()?;
            Ok(encode_paths(format, &paths)?)
        }
        Kind::Links => {
            let given: GivenLinks = read(values, "{root, ct, objects} in values")?;
            let objects = given.objects.into_iter().map(|object| {
                let instances = object.instances.into_iter().collect();
                (object.id, RegisteredObject { version: object.ver, instances })
            });
            let content_formats = given.ct.into_iter().map(ContentFormat).collect();
            let (root, objects) = (given.root, objects.collect());
            let links = ObjectLinks { root, content_formats, objects, ..ObjectLinks::default() };
            Ok(links.write().into_bytes())
        }
        Kind::ExecuteArguments => {
            let given: Vec<(u8, Option<String>)> = read(values, "a list of [digit, value] in values")?;
            let arguments = given.into_iter().map(|(digit, value)| Argument { digit, value });
            Ok(execute::write(&arguments.collect::<Vec<_>>())?.into_bytes())
        }
    }
}

/// Nodes with nothing in them make it a tree, which has no place for times and knows no order.
fn with_empty(
    request: &Request<'_>,
    format: ContentFormat,
    target: &Path,
    records: &[Record],
) -> Result<Vec<u8>, Refusal> {
    if request.empty.is_empty() {
        return Ok(encode(format, target, records)?);
    }
    let mut node = Node::from_records(records.iter().cloned())
        .map_err(|path| Refusal::new("DUPLICATE_ID", "one value per path", format!("several for {path}")))?;
    for text in &request.empty {
        node.insert_empty(&path(text)?);
    }
    Ok(encode_node(format, target, &node)?)
}

fn path(text: &str) -> Result<Path, Refusal> {
    text.parse().map_err(|error| {
        Refusal::new("BAD_PATH", "a path such as /3/0/0", format!("{text:?}")).because(&error)
    })
}

fn read<'a, T: Deserialize<'a>>(values: &'a RawValue, expected: &str) -> Result<T, Refusal> {
    serde_json::from_str(values.get())
        .map_err(|error| Refusal::new("BAD_REQUEST", expected, error.to_string()))
}
