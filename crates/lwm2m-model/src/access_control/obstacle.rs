use std::fmt;

use super::AccessRights;

/// An instance of Object 2 that a server cannot change as it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The id of the instance, as in `/2/3`.
    pub id: u16,
    pub hindrance: Hindrance,
}

/// Why. Display says it to an operator, and what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Instances come from bootstrap, or with the instances they guard (LwM2M Core §8.1).
    NotThere,
    /// What an instance guards cannot be changed: `/2/x/0` and `/2/x/1` are only read.
    GuardsAnother { object: u16, instance: u16 },
    /// The owner is 65535.
    BootstrapOnly,
    /// Another server manages it.
    OwnedBy(u16),
    /// Short Server ID 0 is none.
    NoOwner,
    /// Create on an Object Instance, or anything else on an Object.
    Meaningless { server: u16, rights: AccessRights },
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThere => f.write_str(
                "the device has no such instance: instances come from bootstrap, or with what they guard",
            ),
            Self::GuardsAnother { object, instance } => {
                write!(f, "it guards /{object}/{instance}, and that cannot be changed")
            }
            Self::BootstrapOnly => {
                f.write_str("only bootstrap can change it: write it with a bootstrap configuration")
            }
            Self::OwnedBy(owner) => {
                write!(f, "server {owner} owns it: only that server, or bootstrap, can change it")
            }
            Self::NoOwner => f.write_str("an owner from 1 to 65535 expected, got 0"),
            Self::Meaningless { server, rights } => {
                write!(f, "{rights} for server {server} has no meaning there")
            }
        }
    }
}
