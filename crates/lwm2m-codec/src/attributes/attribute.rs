use core::fmt;

use crate::path::Level;
use crate::registration::LwM2mVersion;
use crate::value::ValueType;

/// What an attribute is for (LwM2M Core §5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributeClass {
    /// Tells about the node; a server can only read it.
    Properties,
    /// Says when to notify; written with Write-Attributes.
    Notification,
}

impl AttributeClass {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Properties => "properties",
            Self::Notification => "notification",
        }
    }
}

/// The form of the value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributeType {
    Integer,
    Float,
    /// `0` or `1`.
    Bit,
    /// 0 to 255.
    Count,
    /// 1 to 65534.
    ShortServerId,
    /// `major.minor`.
    Version,
    /// A text in quotes.
    Text,
}

/// The resources an attribute makes sense for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppliesTo {
    Everything,
    /// Integer, Unsigned Integer, Float and Time, which is a number of seconds.
    Numbers,
    Booleans,
}

impl AppliesTo {
    #[must_use]
    pub const fn allows(self, value_type: Option<ValueType>) -> bool {
        match self {
            Self::Everything => true,
            Self::Numbers => matches!(
                value_type,
                Some(ValueType::Integer | ValueType::Unsigned | ValueType::Float | ValueType::Time)
            ),
            Self::Booleans => matches!(value_type, Some(ValueType::Boolean)),
        }
    }
}

/// The attributes of the standard (LwM2M Core §5.1.2), by the names they have on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    Pmin,
    Pmax,
    Gt,
    Lt,
    St,
    Epmin,
    Epmax,
    Edge,
    Con,
    Hqmax,
    Dim,
    Ssid,
    Uri,
    Ver,
    Lwm2m,
}

impl Attribute {
    pub const ALL: [Self; 15] = [
        Self::Pmin,
        Self::Pmax,
        Self::Gt,
        Self::Lt,
        Self::St,
        Self::Epmin,
        Self::Epmax,
        Self::Edge,
        Self::Con,
        Self::Hqmax,
        Self::Dim,
        Self::Ssid,
        Self::Uri,
        Self::Ver,
        Self::Lwm2m,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pmin => "pmin",
            Self::Pmax => "pmax",
            Self::Gt => "gt",
            Self::Lt => "lt",
            Self::St => "st",
            Self::Epmin => "epmin",
            Self::Epmax => "epmax",
            Self::Edge => "edge",
            Self::Con => "con",
            Self::Hqmax => "hqmax",
            Self::Dim => "dim",
            Self::Ssid => "ssid",
            Self::Uri => "uri",
            Self::Ver => "ver",
            Self::Lwm2m => "lwm2m",
        }
    }

    /// What the standard calls it, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pmin => "Minimum Period",
            Self::Pmax => "Maximum Period",
            Self::Gt => "Greater Than",
            Self::Lt => "Less Than",
            Self::St => "Step",
            Self::Epmin => "Minimum Evaluation Period",
            Self::Epmax => "Maximum Evaluation Period",
            Self::Edge => "Edge",
            Self::Con => "Confirmable Notification",
            Self::Hqmax => "Maximum Historical Queue",
            Self::Dim => "Dimension",
            Self::Ssid => "Short Server ID",
            Self::Uri => "Server URI",
            Self::Ver => "Object Version",
            Self::Lwm2m => "Enabler Version",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.name() == name)
    }

    #[must_use]
    pub const fn class(self) -> AttributeClass {
        match self {
            Self::Dim | Self::Ssid | Self::Uri | Self::Ver | Self::Lwm2m => AttributeClass::Properties,
            _ => AttributeClass::Notification,
        }
    }

    #[must_use]
    pub const fn attribute_type(self) -> AttributeType {
        match self {
            Self::Gt | Self::Lt | Self::St => AttributeType::Float,
            Self::Edge | Self::Con => AttributeType::Bit,
            Self::Dim => AttributeType::Count,
            Self::Ssid => AttributeType::ShortServerId,
            Self::Uri => AttributeType::Text,
            Self::Ver | Self::Lwm2m => AttributeType::Version,
            _ => AttributeType::Integer,
        }
    }

    /// The levels a node can have to carry this attribute.
    #[must_use]
    pub const fn levels(self) -> &'static [Level] {
        use Level::{Object, ObjectInstance, Resource, ResourceInstance, Root};
        match self {
            Self::Gt | Self::Lt | Self::St | Self::Edge => &[Resource, ResourceInstance],
            Self::Dim => &[Resource],
            Self::Ssid | Self::Uri => &[ObjectInstance],
            Self::Ver => &[Object],
            Self::Lwm2m => &[Root],
            _ => &[Object, ObjectInstance, Resource, ResourceInstance],
        }
    }

    /// The first version of the standard that has it.
    #[must_use]
    pub const fn since(self) -> LwM2mVersion {
        match self {
            Self::Epmin | Self::Epmax | Self::Uri => LwM2mVersion::V1_1,
            Self::Edge | Self::Con | Self::Hqmax => LwM2mVersion::V1_2,
            _ => LwM2mVersion::V1_0,
        }
    }

    #[must_use]
    pub const fn applies_to(self) -> AppliesTo {
        match self {
            Self::Gt | Self::Lt | Self::St => AppliesTo::Numbers,
            Self::Edge => AppliesTo::Booleans,
            _ => AppliesTo::Everything,
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
