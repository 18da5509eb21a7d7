//! Read-Composite and Write-Composite (LwM2M Core §6.3.8, §6.3.9), and what an Observe-Composite reports.

use std::collections::BTreeSet;

use coap::{Code, Message};
use lwm2m_codec::{ContentFormat, Level, Path, Record, decode_paths_below, registration::LwM2mVersion};
use lwm2m_model::access_control::{Operation, Requester};

use super::{
    access_control,
    config::ClientConfig,
    content_formats,
    object_tree::ObjectTree,
    payload::{self, Values, check_value, internal},
    refusal::Refusal,
};

/// The formats of lists of paths: SenML without values and, since LwM2M 1.2, those of FETCH (RFC 8790).
const PATHS: [ContentFormat; 4] = [
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::SENML_ETCH_JSON,
    ContentFormat::SENML_ETCH_CBOR,
];

/// What a Write-Composite comes in. The last three came with LwM2M 1.2.
const WRITTEN: [ContentFormat; 5] = [
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::SENML_ETCH_JSON,
    ContentFormat::SENML_ETCH_CBOR,
    ContentFormat::LWM2M_CBOR,
];

/// What is read from any number of objects. The last one came with LwM2M 1.2.
const READ: [ContentFormat; 3] =
    [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR, ContentFormat::LWM2M_CBOR];

/// The paths that a Read-Composite or Observe-Composite asks for, and the format of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) paths: Vec<Path>,
    pub(super) format: ContentFormat,
}

impl Selection {
    pub(super) fn of(config: &ClientConfig, request: &Message) -> Result<Self, Refusal> {
        let asked = payload::format(request, of_version(&PATHS, 2, config.version))?;
        let paths = decode_paths_below(&config.root, asked, payload::bounded(request)?)
            .map_err(|error| payload::refused(&error))?;
        let accept = request.options.accept().map(ContentFormat);
        let format = accept.unwrap_or(match asked {
            ContentFormat::SENML_CBOR | ContentFormat::SENML_ETCH_CBOR => ContentFormat::SENML_CBOR,
            _ => ContentFormat::SENML_JSON,
        });
        if of_version(&READ, 2, config.version).contains(&format) {
            return Ok(Self { paths, format });
        }
        let text = format!("composites are not available as {}", content_formats::shown(format));
        Err(Refusal::new(Code::NOT_ACCEPTABLE, text))
    }

    /// What the server may read of it now. What is missing or may not be read is left out; 4.01 when that leaves
    /// nothing, and then a notification is not sent.
    pub(super) fn read(&self, tree: &ObjectTree, requester: Requester) -> Result<Vec<Record>, Refusal> {
        let operation = Operation::ReadComposite(self.paths.clone());
        let readable = access_control::permit(tree, requester, &operation)?.allowed;
        let mut seen = BTreeSet::new();
        let records = readable.iter().flat_map(|path| tree.records(path));
        Ok(records.filter(|record| seen.insert(record.path)).collect())
    }

    /// [`Self::read`] as a payload.
    pub(super) fn representation(&self, tree: &ObjectTree, requester: Requester) -> Result<Vec<u8>, Refusal> {
        content_formats::encode(self.format, &Path::ROOT, &self.read(tree, requester)?)
    }
}

/// What a Write-Composite did.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) values: Vec<Record>,
    /// Resource instances that were removed: those with nothing as their value (RFC 8790 §3.2).
    pub(super) removed: Vec<Path>,
}

/// Writes all values of the payload, wherever they belong, or none.
pub(super) fn write(
    tree: &mut ObjectTree,
    config: &ClientConfig,
    requester: Requester,
    request: &Message,
) -> Result<Written, Refusal> {
    let (values, removed) = decode(tree, config, request)?;
    let targets: Vec<Path> = values.iter().map(|record| record.path).chain(removed.iter().copied()).collect();
    access_control::permit(tree, requester, &Operation::WriteComposite(targets.clone()))?;
    let mut seen = BTreeSet::new();
    if let Some(twice) = targets.iter().find(|target| !seen.insert(**target)) {
        return Err(Refusal::bad_request(format!("expected every path once, got {twice} again")));
    }
    if let Some(other) = removed.iter().find(|path| path.level() != Level::ResourceInstance) {
        let text = format!("expected a value for {other}: only resource instances can be removed");
        return Err(Refusal::bad_request(text));
    }
    values.iter().try_for_each(|record| check_value(tree, record))?;
    for path in &removed {
        tree.remove(*path).map_err(internal)?;
    }
    for record in &values {
        if tree.value(&record.path) != Some(&record.value) {
            tree.insert(record.path, record.value.clone()).map_err(internal)?;
        }
    }
    Ok(Written { values, removed })
}

fn decode(tree: &ObjectTree, config: &ClientConfig, request: &Message) -> Result<Values, Refusal> {
    let format = payload::format(request, of_version(&WRITTEN, 2, config.version))?;
    let decoder = payload::decoder(tree, config, format, &Path::ROOT).removals();
    let (values, removed) =
        decoder.decode_with_empty(payload::bounded(request)?).map_err(|error| payload::refused(&error))?;
    if values.is_empty() && removed.is_empty() {
        return Err(Refusal::bad_request("expected values, got none"));
    }
    Ok((values, removed))
}

/// The formats of LwM2M 1.1 are the first ones, and 1.2 has them all.
fn of_version(formats: &[ContentFormat], of_1_1: usize, version: LwM2mVersion) -> &[ContentFormat] {
    match version {
        LwM2mVersion::V1_2 => formats,
        _ => formats.get(..of_1_1).unwrap_or(formats),
    }
}
