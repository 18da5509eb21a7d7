use lwm2m_codec::{ContentFormat, registration::LwM2mVersion};

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

/// A payload with nothing in it, in a format where that is not an empty text.
pub(super) fn nothing(format: ContentFormat) -> Option<&'static [u8]> {
    // A map without entries.
    (format == ContentFormat::LWM2M_CBOR).then_some(&[0xA0])
}
