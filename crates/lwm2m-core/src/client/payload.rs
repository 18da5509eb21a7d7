//! The payloads that carry values to the client: their size, their format, and what they may say.

use coap::{Code, Message};
use lwm2m_codec::{ContentFormat, DecodeError, Decoder, ErrorClass, Path, Record, Value};

use super::{config::ClientConfig, content_formats, limits, object_tree::ObjectTree, refusal::Refusal};

/// Values, and what is there with nothing in it: object instances and multiple resources.
pub(super) type Values = (Vec<Record>, Vec<Path>);

/// The payload, unless it is longer than this client takes.
pub(super) fn bounded(request: &Message) -> Result<&[u8], Refusal> {
    let (limit, length) = (limits::REQUEST_PAYLOAD_BYTES, request.payload.len());
    if length > limit {
        let text = format!("expected at most {limit} bytes, got {length}");
        return Err(Refusal::new(Code::REQUEST_ENTITY_TOO_LARGE, text));
    }
    Ok(&request.payload)
}

/// The Content-Format, which must be one of those given.
pub(super) fn format(request: &Message, supported: &[ContentFormat]) -> Result<ContentFormat, Refusal> {
    let Some(format) = request.options.content_format().map(ContentFormat) else {
        return Err(Refusal::bad_request("expected a Content-Format, got none"));
    };
    if supported.contains(&format.canonical()) {
        return Ok(format.canonical());
    }
    let names: Vec<String> = supported.iter().map(|format| content_formats::shown(*format)).collect();
    let text = format!("expected {}, got {}", names.join(", "), content_formats::shown(format));
    Err(Refusal::new(Code::UNSUPPORTED_CONTENT_FORMAT, text))
}

/// A reader of values for `path`.
pub(super) fn decoder<'a>(
    tree: &'a ObjectTree,
    config: &'a ClientConfig,
    format: ContentFormat,
    path: &Path,
) -> Decoder<'a> {
    Decoder::new(format, path, tree.registry()).root(&config.root)
}

pub(super) fn refused(error: &DecodeError) -> Refusal {
    let text = format!("{}: {error}", error.class.name());
    match error.class {
        // An executable resource among the values: no resource without the operation W can be written.
        ErrorClass::ResourceNotReadable => Refusal::not_allowed(text),
        _ => Refusal::bad_request(text),
    }
}

/// Checks type and range of a value, that a link leads somewhere (LwM2M Core §6.3.3), and that the application has
/// nothing against it.
pub(super) fn check_value(tree: &ObjectTree, record: &Record) -> Result<(), Refusal> {
    let path = &record.path;
    tree.check(path, &record.value).map_err(|error| Refusal::bad_request(format!("{error}")))?;
    let permitted = tree.permits(path, Some(&record.value));
    permitted.map_err(|why| Refusal::not_allowed(format!("{path} cannot be written: {why}")))?;
    match (&record.value, path.object_id(), path.resource_id()) {
        (Value::ObjectLink(link), ..) => {
            // 65535:65535 is the null link, n:65535 a link to the object itself.
            let target = match (link.object, link.instance) {
                (u16::MAX, u16::MAX) => return Ok(()),
                (object, u16::MAX) => Path::object(object),
                (object, instance) => Path::instance(object, instance),
            };
            if !tree.contains(&target) {
                return Err(Refusal::bad_request(format!("{path} links to {target}, which does not exist")));
            }
        }
        // The lifetime of `/1/x/1` is sent as `lt`, which is a positive number of seconds.
        (Value::Integer(seconds), Some(1), Some(1)) if !(1..=i64::from(u32::MAX)).contains(seconds) => {
            let text = format!("{path}: expected a lifetime of 1..{} s, got {seconds}", u32::MAX);
            return Err(Refusal::bad_request(text));
        }
        _ => {}
    }
    Ok(())
}

/// Everything was checked before, so a refusal by the tree is a fault of this client.
pub(super) fn internal(error: super::TreeError) -> Refusal {
    Refusal::new(Code::INTERNAL_SERVER_ERROR, format!("{error}"))
}
