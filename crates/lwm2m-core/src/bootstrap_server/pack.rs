//! Everything at once (Bootstrap-Pack, LwM2M 1.2 Core §6.1.7.7).

use coap::Options;
use lwm2m_codec::{ContentFormat, Level, Path, encode, registration::LwM2mVersion};
use lwm2m_model::Registry;

use super::{
    BootstrapInformation, Failure,
    discovered::Discovered,
    failure, limits, secrets,
    writes::{self, Receiver},
};

/// What a pack can be written in; the first is what a device gets that does not say.
pub(super) const FORMATS: [ContentFormat; 5] = [
    ContentFormat::SENML_CBOR,
    ContentFormat::SENML_JSON,
    ContentFormat::LWM2M_CBOR,
    ContentFormat::SENML_ETCH_CBOR,
    ContentFormat::SENML_ETCH_JSON,
];

/// The pack of one device.
pub(super) struct Pack {
    pub(super) format: ContentFormat,
    pub(super) payload: Vec<u8>,
    /// What is shown of it.
    pub(super) shown: Vec<u8>,
    pub(super) masked: Vec<Path>,
    pub(super) remark: String,
}

impl Pack {
    pub(super) fn new(
        information: &BootstrapInformation,
        accept: Option<ContentFormat>,
        definitions: &Registry,
    ) -> Result<Self, Failure> {
        let wanted = accept.or(information.content_format).filter(|format| FORMATS.contains(format));
        let format = wanted.unwrap_or(FORMATS[0]);
        let left = Discovered::default();
        let receiver = Receiver { version: LwM2mVersion::V1_2, left: &left, format, definitions };
        let writes = writes::writes(information, &receiver)?;
        let records: Vec<_> = writes.into_iter().flat_map(|write| write.records).collect();
        let (shown, masked) = secrets::masked(&records, definitions);
        let encoded = |records: &[_]| {
            encode(format, &Path::ROOT, records)
                .map_err(|error| failure::not_encoded(&Path::ROOT, format, &error))
        };
        let payload = encoded(&records)?;
        if payload.len() > limits::PAYLOAD_BYTES {
            return Err(failure::too_large(&Path::ROOT, payload.len()));
        }
        let replaced = |path: &Path| records.iter().any(|record| record.path.object_id() == path.object_id());
        let remark = not_deleted(information.delete.iter().filter(|path| !replaced(path)));
        Ok(Self { format, payload, shown: encoded(&shown)?, masked, remark })
    }

    pub(super) fn options(&self) -> Options {
        Options::new().with_content_format(self.format.0)
    }
}

/// The device empties the Objects that a pack names, and no others.
fn not_deleted<'a>(paths: impl Iterator<Item = &'a Path>) -> String {
    let paths: Vec<String> = paths
        .map(|path| match path.level() {
            Level::Root => "what is in Objects that it does not name".to_owned(),
            _ => path.to_string(),
        })
        .collect();
    if paths.is_empty() { String::new() } else { format!("a pack does not delete {}", paths.join(", ")) }
}
