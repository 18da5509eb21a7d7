//! Every bound of this crate, its reason, and what happens at it.

/// Longest payload that is decoded, in bytes. More: `PAYLOAD_TOO_LARGE`, nothing is read.
///
/// Far above what a constrained device sends, and low enough that large payloads cannot exhaust memory.
pub const PAYLOAD_MAX: usize = 1 << 20;

/// Most records, links with their attributes, or paths in one payload. More: `TOO_MANY_ITEMS`.
///
/// A two-byte TLV becomes a record of 48 bytes, so the payload length alone is no good bound. With this one, what is
/// decoded never takes more memory than four of the largest payloads.
pub const ITEMS_MAX: usize = 65_536;

/// Longest text of an integer, in characters. Longer: `VALUE_OUT_OF_RANGE`. Leaves room for leading zeros.
pub const INTEGER_TEXT_MAX: usize = 64;

/// Longest text of a float, in characters. Longer: `VALUE_OUT_OF_RANGE`.
///
/// The exact decimal expansion of the smallest double has 1,077 characters.
pub const FLOAT_TEXT_MAX: usize = 1_100;

/// Most attributes of one link. More: `TOO_MANY_ITEMS`. Keeps the search for duplicates cheap.
pub const LINK_ATTRIBUTES_MAX: usize = 32;

/// Largest length a TLV can carry (24 bits). Longer values cannot be encoded.
pub const TLV_VALUE_MAX: usize = 0x00FF_FFFF;

/// Characters of the input that are quoted in an error message; the rest is cut.
pub const QUOTED_INPUT_MAX: usize = 40;

/// Most Uri-Query parameters of a Register or Update. More: refused as malformed.
pub const PARAMETERS_MAX: usize = 32;

/// Longest Uri-Query option in bytes (RFC 7252 §5.10). Longer: refused as malformed.
pub const PARAMETER_MAX: usize = 255;

/// Most profile identifiers of one Register. More: refused as malformed.
pub const PROFILE_IDS_MAX: usize = 64;

/// Most objects of one client. More: `TOO_MANY_ITEMS`. The whole registry has some 330.
pub const OBJECTS_MAX: usize = 4_096;

/// Most remarks kept about one object list; further ones are dropped, they would say the same.
pub const REMARKS_MAX: usize = 16;

/// Longest endpoint client name in bytes. Longer: refused as malformed.
pub const ENDPOINT_MAX: usize = 255;

/// The lifetime of a registration that gives none, in seconds (LwM2M Core §6.2.1).
pub const DEFAULT_LIFETIME_S: u32 = 86_400;

/// Most levels of objects and arrays in JSON. More: `JSON_TOO_DEEP`. LwM2M needs three.
pub const JSON_DEPTH_MAX: usize = 64;

/// Most levels of arrays, maps and tags in CBOR. More: `CBOR_TOO_DEEP`. LwM2M needs five.
pub const CBOR_DEPTH_MAX: usize = 16;

/// Longest plain decimal number of an attribute, in characters, so that `epmin=` and it fit one Uri-Query option of
/// 255 bytes. Longer ones are written with an exponent.
pub const ATTRIBUTE_NUMBER_MAX: usize = 248;

/// Most nodes of a client that one server can attach attributes to. More: refused.
pub const ATTACHED_NODES_MAX: usize = 4_096;
