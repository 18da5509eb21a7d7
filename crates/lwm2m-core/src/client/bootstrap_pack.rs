//! Bootstrap-Pack (LwM2M 1.2 Core §6.1.7.7): everything in one answer.

use std::collections::BTreeSet;

use coap::{Code, Message, Options, Request};
use lwm2m_codec::{ContentFormat, Decoder, Path, registration::LwM2mVersion};

use super::{
    bootstrap_consistency, bootstrap_delete, bootstrap_write, config::ClientConfig, object_tree::ObjectTree,
    payload, refusal::Refusal,
};

/// The formats a pack may have.
const FORMATS: [ContentFormat; 3] =
    [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR, ContentFormat::LWM2M_CBOR];

pub(super) fn request(config: &ClientConfig) -> Request {
    let preferred = config.preferred_content_format.filter(|format| FORMATS.contains(format));
    let accept = preferred.unwrap_or(ContentFormat::SENML_CBOR);
    let mut request = Request::new(Code::GET);
    request.options = Options::new()
        .with_path("/bspack")
        .with_query(&format!("ep={}", config.endpoint))
        .with_accept(accept.0);
    request
}

/// Puts the Objects that the pack names in place of those that are there; those it does not name stay.
pub(super) fn apply(
    tree: &mut ObjectTree,
    version: LwM2mVersion,
    bootstrap: Option<u16>,
    pack: &Message,
) -> Result<(), Refusal> {
    let format = payload::format(pack, &FORMATS)?;
    let decoder = Decoder::new(format, &Path::ROOT, tree.registry());
    let (records, empty) = decoder
        .decode_with_empty(payload::bounded(pack)?)
        .map_err(|error| Refusal::bad_request(format!("{}: {error}", error.class.name())))?;
    let named = records.iter().map(|record| &record.path).chain(&empty);
    let objects: BTreeSet<u16> = named.filter_map(Path::object_id).collect();
    for object in objects {
        bootstrap_delete::clear(tree, bootstrap, object)?;
    }
    bootstrap_write::write_values(tree, version, &Path::ROOT, (records, empty))?;
    let checked = bootstrap_consistency::check(tree, version);
    checked.map_err(|wrong| Refusal::new(Code::NOT_ACCEPTABLE, wrong.to_string()))
}
