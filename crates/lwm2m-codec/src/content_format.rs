use core::fmt;

use crate::registration::LwM2mVersion;

/// Times from here on are absolute in SenML: 2^28 (RFC 8428 §4.5.3).
const SENML_ABSOLUTE_MIN: f64 = 268_435_456.0;

/// A CoAP Content-Format number (LwM2M Core §7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentFormat(pub u16);

impl ContentFormat {
    pub const TEXT: Self = Self(0);
    pub const CORE_LINK: Self = Self(40);
    pub const OPAQUE: Self = Self(42);
    pub const CBOR: Self = Self(60);
    pub const SENML_JSON: Self = Self(110);
    pub const SENML_CBOR: Self = Self(112);
    pub const SENML_ETCH_JSON: Self = Self(320);
    pub const SENML_ETCH_CBOR: Self = Self(322);
    pub const TLV: Self = Self(11542);
    pub const JSON: Self = Self(11543);
    pub const LWM2M_CBOR: Self = Self(11544);

    /// Every format that carries values.
    pub const WITH_VALUES: [Self; 8] = [
        Self::TEXT,
        Self::OPAQUE,
        Self::CBOR,
        Self::TLV,
        Self::JSON,
        Self::SENML_JSON,
        Self::SENML_CBOR,
        Self::LWM2M_CBOR,
    ];

    /// The registered number for the numbers that were used before LwM2M 1.0 was published (1541 to 1544);
    /// any other number is itself. They are understood on input and never sent.
    #[must_use]
    pub const fn canonical(self) -> Self {
        match self.0 {
            1541 => Self::TEXT,
            1542 => Self::TLV,
            1543 => Self::JSON,
            1544 => Self::OPAQUE,
            _ => self,
        }
    }

    /// When a value was measured, in seconds since 1970: `time` is what its record gives, `now` the present.
    ///
    /// SenML counts small times from now (RFC 8428 §4.5.3), and the JSON of LwM2M 1.0 those that are not positive
    /// (TS 1.0 §6.4.4).
    #[must_use]
    pub fn absolute_time(self, time: f64, now: f64) -> f64 {
        let relative = match self.canonical() {
            Self::SENML_JSON | Self::SENML_CBOR | Self::SENML_ETCH_JSON | Self::SENML_ETCH_CBOR => {
                time < SENML_ABSOLUTE_MIN
            }
            Self::JSON => time <= 0.0,
            _ => false,
        };
        if relative { now + time } else { time }
    }

    /// What a server sends several values in to a client of that version, best first.
    #[must_use]
    pub const fn of_several(version: LwM2mVersion) -> &'static [Self] {
        match version {
            LwM2mVersion::V1_0 => &[Self::TLV, Self::JSON],
            // TLV is what a client had to have in 1.0, and most still have (LwM2M 1.1 Core §7.4).
            LwM2mVersion::V1_1 => &[Self::TLV, Self::SENML_CBOR, Self::SENML_JSON, Self::LWM2M_CBOR],
            LwM2mVersion::V1_2 => &[Self::SENML_CBOR, Self::LWM2M_CBOR, Self::SENML_JSON, Self::TLV],
        }
    }

    /// The name people know the format by.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self.canonical() {
            Self::TEXT => Some("text"),
            Self::CORE_LINK => Some("link format"),
            Self::OPAQUE => Some("opaque"),
            Self::CBOR => Some("CBOR"),
            Self::SENML_JSON => Some("SenML JSON"),
            Self::SENML_CBOR => Some("SenML CBOR"),
            Self::SENML_ETCH_JSON => Some("SenML-ETCH JSON"),
            Self::SENML_ETCH_CBOR => Some("SenML-ETCH CBOR"),
            Self::TLV => Some("TLV"),
            Self::JSON => Some("JSON"),
            Self::LWM2M_CBOR => Some("LwM2M CBOR"),
            _ => None,
        }
    }
}

/// `11542 (TLV)`, or only the number of a format without a name.
impl fmt::Display for ContentFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_used_before_1_0_map_to_registered_ones() {
        let mapped = [1541, 1542, 1543, 1544].map(|number| ContentFormat(number).canonical());
        assert_eq!(
            mapped,
            [ContentFormat::TEXT, ContentFormat::TLV, ContentFormat::JSON, ContentFormat::OPAQUE]
        );
        assert_eq!(ContentFormat(1545).canonical(), ContentFormat(1545));
    }

    #[test]
    fn times_count_from_where_the_format_says() {
        let now = 1_700_000_000.0;
        assert_eq!(ContentFormat::SENML_CBOR.absolute_time(-10.0, now), now - 10.0);
        assert_eq!(ContentFormat::SENML_JSON.absolute_time(25_462_634.0, now), now + 25_462_634.0);
        assert_eq!(ContentFormat::SENML_JSON.absolute_time(268_435_456.0, now), 268_435_456.0);
        assert_eq!(ContentFormat::JSON.absolute_time(25_462_634.0, now), 25_462_634.0);
        assert_eq!(ContentFormat(1543).absolute_time(-5.0, now), now - 5.0);
    }

    #[test]
    fn shown_with_number_and_name() {
        assert_eq!(ContentFormat::SENML_JSON.to_string(), "110 (SenML JSON)");
        assert_eq!(ContentFormat(1542).to_string(), "1542 (TLV)");
        assert_eq!(ContentFormat(7).to_string(), "7");
    }
}
