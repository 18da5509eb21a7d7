use alloc::string::{String, ToString};
use core::fmt;

use super::attribute::{Attribute, AttributeType};
use super::attribute_error::AttributeError;
use super::number;
use crate::error::quoted;

/// Which change of a Boolean resource counts (LwM2M Core 1.2 §5.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// From true to false, `edge=0`.
    Falling,
    /// From false to true, `edge=1`.
    Rising,
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Falling => "0",
            Self::Rising => "1",
        })
    }
}

/// The value of an attribute of class notification.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AttributeValue {
    /// pmin, pmax, epmin, epmax (seconds), hqmax (entries).
    Integer(u32),
    /// gt, lt, st.
    Float(f64),
    Edge(Edge),
    /// con.
    Boolean(bool),
}

impl AttributeValue {
    /// Reads the value of `attribute`, which must be of class notification.
    pub(super) fn parse(attribute: Attribute, text: &str) -> Result<Self, AttributeError> {
        let malformed =
            |got| AttributeError::Malformed { attribute, expected: Self::expected(attribute), got };
        match (attribute, attribute.attribute_type()) {
            (Attribute::Edge, _) => {
                bit(text).map(|bit| Self::Edge(if bit { Edge::Rising } else { Edge::Falling }))
            }
            (_, AttributeType::Bit) => bit(text).map(Self::Boolean),
            (_, AttributeType::Float) => number::float(text).map(Self::Float),
            (_, AttributeType::Integer) => number::integer(text).map(Self::Integer),
            _ => return Err(AttributeError::ReadOnly { attribute }),
        }
        .map_err(malformed)
    }

    /// What a value of `attribute` looks like.
    pub(super) const fn expected(attribute: Attribute) -> &'static str {
        match (attribute, attribute.attribute_type()) {
            (Attribute::Edge, _) => "0 (falling) or 1 (rising)",
            (_, AttributeType::Bit) => "0 or 1",
            (_, AttributeType::Float) => number::FLOAT,
            (_, AttributeType::Integer) => number::INTEGER,
            (_, AttributeType::Count) => "an integer from 0 to 255",
            (_, AttributeType::ShortServerId) => "an integer from 1 to 65534",
            (_, AttributeType::Version) => "a version of the form major.minor",
            (_, AttributeType::Text) => "a text",
        }
    }

    /// The text that stands in a query or link.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => number::float_text(*number),
            Self::Edge(edge) => edge.to_string(),
            Self::Boolean(truth) => String::from(if *truth { "1" } else { "0" }),
        }
    }
}

impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

fn bit(text: &str) -> Result<bool, String> {
    match text {
        "0" => Ok(false),
        "1" => Ok(true),
        other => Err(quoted(other)),
    }
}
