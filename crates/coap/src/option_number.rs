//! CoAP option numbers (IANA "CoAP Option Numbers") and what their definitions allow.

pub const IF_MATCH: u16 = 1;
pub const URI_HOST: u16 = 3;
pub const ETAG: u16 = 4;
pub const IF_NONE_MATCH: u16 = 5;
pub const OBSERVE: u16 = 6;
pub const URI_PORT: u16 = 7;
pub const LOCATION_PATH: u16 = 8;
pub const OSCORE: u16 = 9;
pub const URI_PATH: u16 = 11;
pub const CONTENT_FORMAT: u16 = 12;
pub const MAX_AGE: u16 = 14;
pub const URI_QUERY: u16 = 15;
pub const ACCEPT: u16 = 17;
pub const LOCATION_QUERY: u16 = 20;
pub const BLOCK2: u16 = 23;
pub const BLOCK1: u16 = 27;
pub const SIZE2: u16 = 28;
pub const PROXY_URI: u16 = 35;
pub const PROXY_SCHEME: u16 = 39;
pub const SIZE1: u16 = 60;
pub const ECHO: u16 = 252;
pub const NO_RESPONSE: u16 = 258;
pub const REQUEST_TAG: u16 = 292;

/// A receiver that does not know a critical option must not act on the message (RFC 7252 §5.4.1).
pub const fn is_critical(number: u16) -> bool {
    number & 1 == 1
}

/// "Uri-Path", `None` for a number this crate has no name for.
pub const fn name(number: u16) -> Option<&'static str> {
    Some(match number {
        IF_MATCH => "If-Match",
        URI_HOST => "Uri-Host",
        ETAG => "ETag",
        IF_NONE_MATCH => "If-None-Match",
        OBSERVE => "Observe",
        URI_PORT => "Uri-Port",
        LOCATION_PATH => "Location-Path",
        OSCORE => "OSCORE",
        URI_PATH => "Uri-Path",
        CONTENT_FORMAT => "Content-Format",
        MAX_AGE => "Max-Age",
        URI_QUERY => "Uri-Query",
        ACCEPT => "Accept",
        LOCATION_QUERY => "Location-Query",
        BLOCK2 => "Block2",
        BLOCK1 => "Block1",
        SIZE2 => "Size2",
        PROXY_URI => "Proxy-Uri",
        PROXY_SCHEME => "Proxy-Scheme",
        SIZE1 => "Size1",
        ECHO => "Echo",
        NO_RESPONSE => "No-Response",
        REQUEST_TAG => "Request-Tag",
        _ => return None,
    })
}

/// What the definition of an option allows.
pub(crate) struct Definition {
    pub(crate) min_length: usize,
    pub(crate) max_length: usize,
    pub(crate) repeatable: bool,
}

/// The options an endpoint acts on or may pass over knowingly.
///
/// If-Match, If-None-Match and OSCORE are left out. Nothing here evaluates their conditions, and 4.12
/// Precondition Failed would claim that one was found false (RFC 7252 §5.10.8): they are answered 4.02 like
/// every critical option that is not recognised (§5.4.1).
pub(crate) const fn recognised(number: u16) -> Option<Definition> {
    let (min_length, max_length, repeatable) = match number {
        URI_HOST | PROXY_SCHEME => (1, 255, false),
        PROXY_URI => (1, 1034, false),
        ETAG => (1, 8, true),
        OBSERVE | BLOCK1 | BLOCK2 => (0, 3, false),
        URI_PORT | CONTENT_FORMAT | ACCEPT => (0, 2, false),
        URI_PATH | URI_QUERY | LOCATION_PATH | LOCATION_QUERY => (0, 255, true),
        MAX_AGE | SIZE1 | SIZE2 => (0, 4, false),
        ECHO => (1, 40, false),
        NO_RESPONSE => (0, 1, false),
        REQUEST_TAG => (0, 8, true),
        _ => return None,
    };
    Some(Definition { min_length, max_length, repeatable })
}
