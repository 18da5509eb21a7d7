use lwm2m_codec::limits::PAYLOAD_MAX;

/// Longest line that is read, in bytes. Longer: answered with `LINE_TOO_LONG`, nothing of it is looked at.
///
/// Room for the largest payload in hexadecimal, and for as many values as it may hold.
pub const LINE_MAX: usize = 8 * PAYLOAD_MAX;

/// Characters of what was found in place of something else; a longer text loses its middle.
pub(crate) const FOUND_MAX: usize = 200;
