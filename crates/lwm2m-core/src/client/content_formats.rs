use coap::Code;
use lwm2m_codec::{ContentFormat, EncodeError, Path, Record, registration::LwM2mVersion};

use super::refusal::Refusal;

const OF_1_0: &[ContentFormat] =
    &[ContentFormat::TEXT, ContentFormat::OPAQUE, ContentFormat::TLV, ContentFormat::JSON];

/// The last one came with 1.2.
const SINCE_1_1: &[ContentFormat] = &[
    ContentFormat::TEXT,
    ContentFormat::OPAQUE,
    ContentFormat::CBOR,
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::TLV,
    ContentFormat::LWM2M_CBOR,
];

/// The formats a client of that version reads and writes, as it announces them by `ct` on the root link
/// (LwM2M Core §7.4). The JSON of 1.0 is not for later clients.
pub(super) fn supported(version: LwM2mVersion) -> &'static [ContentFormat] {
    match version {
        LwM2mVersion::V1_0 => OF_1_0,
        LwM2mVersion::V1_1 => SINCE_1_1.split_last().map_or(SINCE_1_1, |(_, earlier)| earlier),
        LwM2mVersion::V1_2 => SINCE_1_1,
    }
}

/// What stands for a format in messages: `TLV (11542)`.
pub(super) fn shown(format: ContentFormat) -> String {
    format!("{} ({})", format.name().unwrap_or("unknown"), format.0)
}

/// The records as a payload, which is empty where the format has no way to say that there are none.
pub(super) fn encode(format: ContentFormat, path: &Path, records: &[Record]) -> Result<Vec<u8>, Refusal> {
    match lwm2m_codec::encode(format.canonical(), path, records) {
        Ok(payload) => Ok(payload),
        Err(EncodeError::EmptyNotCarried { .. }) => Ok(Vec::new()),
        Err(error) => Err(Refusal::new(Code::NOT_ACCEPTABLE, format!("{error}"))),
    }
}
