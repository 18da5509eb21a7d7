//! Payloads of what is written, in a Content-Format that the client can take.

use console_api::{NamedValue, OperationRequest, hex_decode};
use lwm2m_codec::{ContentFormat, EncodeError, Level, Node, Path, Record, Value, encode, encode_node};

use super::{Addressee, reading, values};
use crate::http::error::Failure;

type Encoded = (ContentFormat, Vec<u8>);

pub(super) fn write(
    path: &Path,
    request: &OperationRequest,
    addressee: &Addressee,
) -> Result<Encoded, Failure> {
    match (&request.value, &request.values, &request.payload_hex) {
        (Some(content), None, None) => {
            if !matches!(path.level(), Level::Resource | Level::ResourceInstance) {
                let failure = Failure::bad_request("value is for one Resource; values are for more");
                return Err(failure.expected("a path such as /3/0/15", path.to_string()));
            }
            let value = values::value(path, content, &addressee.model())?;
            let format =
                request.content_format.map_or_else(|| addressee.format_of_one(&value), ContentFormat);
            encoded(format, path, &[Record::new(*path, value)])
        }
        (None, Some(named), None) => {
            encoded(format_of_several(request, addressee), path, &records(path, named, addressee)?)
        }
        (None, None, Some(hex)) => as_it_is(hex, request),
        _ => Err(missing_or_twice("value, values, or payload_hex with content_format")),
    }
}

pub(super) fn write_composite(request: &OperationRequest, addressee: &Addressee) -> Result<Encoded, Failure> {
    match (&request.values, &request.payload_hex) {
        (Some(named), None) => {
            let records = records(&Path::ROOT, named, addressee)?;
            encoded(format_of_composite(request, addressee), &Path::ROOT, &records)
        }
        (None, Some(hex)) => as_it_is(hex, request),
        _ => Err(missing_or_twice("values, or payload_hex with content_format")),
    }
}

/// A new Object Instance (LwM2M 1.1 Core §6.3.6). Without an id in `path` or in the values the client picks one,
/// if the format can leave it out.
pub(super) fn create(
    path: &Path,
    request: &OperationRequest,
    addressee: &Addressee,
) -> Result<Encoded, Failure> {
    if let Some(hex) = &request.payload_hex {
        return match request.values {
            None => as_it_is(hex, request),
            Some(_) => Err(missing_or_twice("values, or payload_hex with content_format")),
        };
    }
    let Some(object_id) = path.object_id().filter(|_| path.level() <= Level::ObjectInstance) else {
        let failure = Failure::bad_request("an Object Instance is created in an Object");
        return Err(failure.expected("a path such as /16, or /16/3 for that id", path.to_string()));
    };
    let named = request.values.as_deref().unwrap_or_default();
    let id_is_given = path.instance_id().is_some() || named.iter().any(|value| value.path.starts_with('/'));
    let instance = path.instance_id().unwrap_or_else(|| addressee.unused_instance(object_id));
    let (object, instance) = (Path::object(object_id), Path::instance(object_id, instance));
    let records = records(&instance, named, addressee)?;
    let format = format_of_several(request, addressee);
    match (format, id_is_given) {
        // LwM2M 1.2 Core §6.3.6: the client makes up everything, or everything but the id, which only TLV can say.
        (format, false) if records.is_empty() => Ok((format, Vec::new())),
        (_, true) if records.is_empty() => {
            let mut node = Node::default();
            node.insert_empty(&instance);
            let format = ContentFormat::TLV;
            encode_node(format, &object, &node).map(|payload| (format, payload)).map_err(not_encoded)
        }
        (ContentFormat::TLV, false) => encoded(format, &instance, &records),
        _ => encoded(format, &object, &records),
    }
}

/// The Content-Format of a list of paths.
pub(super) fn path_list_format(request: &OperationRequest, addressee: &Addressee) -> ContentFormat {
    let formats = [ContentFormat::SENML_CBOR, ContentFormat::SENML_JSON];
    request.content_format.map_or_else(|| addressee.pick(&formats), ContentFormat)
}

fn format_of_several(request: &OperationRequest, addressee: &Addressee) -> ContentFormat {
    request.content_format.map_or_else(|| addressee.format_of_several(), ContentFormat)
}

fn format_of_composite(request: &OperationRequest, addressee: &Addressee) -> ContentFormat {
    let formats = [ContentFormat::SENML_CBOR, ContentFormat::SENML_JSON, ContentFormat::LWM2M_CBOR];
    request.content_format.map_or_else(|| addressee.pick(&formats), ContentFormat)
}

impl Addressee {
    /// Opaque for opaque values and text for all others, which every client has for single Resources (LwM2M 1.0 TS
    /// §6.4.1, §6.4.2), unless it said otherwise before.
    fn format_of_one(&self, value: &Value) -> ContentFormat {
        let format =
            if matches!(value, Value::Opaque(_)) { ContentFormat::OPAQUE } else { ContentFormat::TEXT };
        if self.refusals.formats.contains(&format) { self.format_of_several() } else { format }
    }

    pub(super) fn format_of_several(&self) -> ContentFormat {
        self.pick(ContentFormat::of_several(self.version()))
    }

    /// The first of `formats` that the client listed and never refused. A client that listed none of them is
    /// believed to have left them out.
    fn pick(&self, formats: &[ContentFormat]) -> ContentFormat {
        let listed = self.registration.iter().flat_map(|registration| &registration.links.content_formats);
        let listed: Vec<ContentFormat> = listed.map(|format| format.canonical()).collect();
        let not_refused = |format: &&ContentFormat| !self.refusals.formats.contains(*format);
        let is_listed = |format: &&ContentFormat| listed.contains(format);
        let mut possible = formats.iter().filter(not_refused);
        let best = possible.clone().find(is_listed).or_else(|| possible.next()).or_else(|| formats.first());
        best.copied().unwrap_or(ContentFormat::TLV)
    }

    /// The lowest id that no registered Object Instance has.
    fn unused_instance(&self, object: u16) -> u16 {
        let registered = self.registration.as_ref().and_then(|known| known.links.objects.get(&object));
        let used = |id: &u16| registered.is_some_and(|object| object.instances.contains(id));
        (0..u16::MAX).find(|id| !used(id)).unwrap_or_default()
    }
}

fn records(base: &Path, named: &[NamedValue], addressee: &Addressee) -> Result<Vec<Record>, Failure> {
    let model = addressee.model();
    let record = |named: &NamedValue| {
        let absolute = named.path.starts_with('/');
        let text = match (absolute, *base == Path::ROOT) {
            (true, _) => named.path.clone(),
            (false, true) => format!("/{}", named.path),
            (false, false) => format!("{base}/{}", named.path),
        };
        let path = reading::path(&text)?;
        Ok(Record::new(path, values::value(&path, &named.value, &model)?))
    };
    named.iter().map(record).collect()
}

fn encoded(format: ContentFormat, path: &Path, records: &[Record]) -> Result<Encoded, Failure> {
    encode(format, path, records).map(|payload| (format, payload)).map_err(not_encoded)
}

fn as_it_is(hex: &str, request: &OperationRequest) -> Result<Encoded, Failure> {
    let Some(format) = request.content_format else {
        return Err(missing_or_twice("payload_hex together with content_format"));
    };
    let payload = hex_decode(hex).ok_or_else(|| {
        Failure::bad_request("payload_hex is not hexadecimal")
            .expected("an even number of digits 0-9 a-f", hex)
    })?;
    Ok((ContentFormat(format), payload))
}

fn missing_or_twice(expected: &str) -> Failure {
    Failure::bad_request("what to write is missing or given twice").expected(expected, "something else")
}

fn not_encoded(error: EncodeError) -> Failure {
    Failure::bad_request(format!("values: {error}")).expected(error.expected(), error.found())
}
