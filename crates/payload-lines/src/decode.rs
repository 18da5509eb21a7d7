use std::collections::BTreeMap;

use lwm2m_codec::registration::ObjectLinks;
use lwm2m_codec::{Decoder, decode_paths_below, execute};
use lwm2m_model::Registry;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::answer::{Refusal, line};
use crate::request::{Kind, Request};
use crate::value::ShownRecords;

/// What a payload holds.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Decoded {
    Records {
        values: ShownRecords,
        #[serde(skip_serializing_if = "ShownRecords::is_empty")]
        unknown: ShownRecords,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        empty: Vec<String>,
    },
    Paths {
        values: Vec<String>,
    },
    Links {
        values: ShownLinks,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        remarks: Vec<String>,
    },
    ExecuteArguments {
        values: Vec<(u8, Option<String>)>,
    },
}

/// What a client registers.
#[derive(Serialize)]
pub(crate) struct ShownLinks {
    root: String,
    ct: Vec<u16>,
    objects: Vec<ShownObject>,
}

#[derive(Serialize)]
pub(crate) struct ShownObject {
    id: u16,
    ver: Option<String>,
    instances: Vec<u16>,
}

/// Decodes the payload of a line. Whatever the line holds, the answer is a line.
#[must_use]
pub fn decode_line(text: &str, registry: &Registry) -> String {
    match Request::read(text) {
        Ok(request) => line(request.id, decode(&request, registry)),
        Err(refusal) => line::<BTreeMap<(), ()>>(None::<&RawValue>, Err(refusal)),
    }
}

pub(crate) fn decode(request: &Request<'_>, registry: &Registry) -> Result<Decoded, Refusal> {
    let payload = request.payload()?;
    match request.kind()? {
        Kind::Values(format) => {
            let definitions = request.definitions(registry)?;
            let path = request.path()?;
            let mut decoder = Decoder::new(format, &path, definitions.lookup()).root(request.root());
            if request.relative_ids {
                decoder = decoder.relative_ids();
            }
            let (records, empty) = decoder.decode_with_empty(&payload)?;
            let (unknown, known) =
                records.into_iter().partition(|record| definitions.is_unknown(&record.path));
            Ok(Decoded::Records {
                values: ShownRecords(known),
                unknown: ShownRecords(unknown),
                empty: empty.iter().map(ToString::to_string).collect(),
            })
        }
        Kind::Paths(format) => {
            let paths = decode_paths_below(request.root(), format, &payload)?;
            Ok(Decoded::Paths { values: paths.iter().map(ToString::to_string).collect() })
        }
        Kind::Links => {
            let links = ObjectLinks::parse(&payload)?;
            let objects = links.objects.into_iter().map(|(id, object)| ShownObject {
                id,
                ver: object.version,
                instances: object.instances.into_iter().collect(),
            });
            let ct = links.content_formats.iter().map(|format| format.0).collect();
            let values = ShownLinks { root: links.root, ct, objects: objects.collect() };
            Ok(Decoded::Links { values, remarks: links.remarks })
        }
        Kind::ExecuteArguments => {
            let arguments = execute::parse_payload(&payload)?;
            let values = arguments.into_iter().map(|argument| (argument.digit, argument.value));
            Ok(Decoded::ExecuteArguments { values: values.collect() })
        }
    }
}
