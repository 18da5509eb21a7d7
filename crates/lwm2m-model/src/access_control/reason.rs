use std::fmt;

use lwm2m_codec::Path;

use super::MAX_ID;
use super::context::Grant;
use super::rights::AccessRights;

/// Why a client decides as it does. Display says it to an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The Bootstrap interface is above access control.
    Bootstrap,
    /// Security, OSCORE and COSE.
    ForbiddenObject { object: u16 },
    /// The rights on an object instance: granted or, when they lack what is needed, refused.
    Rights { server: u16, operation: &'static str, needed: AccessRights, granted: AccessRights, grant: Grant },
    /// The object-level instance of Object 2 has an entry for the server, with Create or without.
    CreateEntry { server: u16, access_control: u16, granted: AccessRights },
    /// The object-level instance of Object 2 has no entry for the server. The default entry does not count.
    NoCreateEntry { server: u16, access_control: u16 },
    /// No instance of Object 2 is about the object itself.
    NoCreateGuard { object: u16 },
    /// Create and Delete of instances of Object 2.
    ManagementOfAccessControl,
    /// Discover, and Write-Attributes on an object.
    NoRightNeeded { operation: &'static str },
    /// There is no such object, instance, resource or resource instance.
    NotFound { path: Path },
    /// The operation is not defined for a path of this level.
    WrongLevel { operation: &'static str, path: Path },
    /// The right is there, but the resource does not support the operation.
    NotSupported { operation: &'static str, path: Path },
    /// `/3/0` is there for good.
    DeviceInstance,
    /// Of several targets some are readable, all are, or there is none at all.
    Aggregate { readable: usize, left_out: usize },
    /// Of several targets none is readable.
    NothingReadable { left_out: usize },
    /// All targets of a Write-Composite can be written.
    AllWritable { targets: usize },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bootstrap => f.write_str("access control does not apply to the Bootstrap interface"),
            Self::ForbiddenObject { object } => write!(f, "no server can reach Object {object}, which holds keys"),
            Self::Rights { server, operation, needed, granted, grant } => {
                write_grant(f, *server, *granted, *grant)?;
                if granted.contains(*needed) { Ok(()) } else { write!(f, ", and {operation} needs {needed}") }
            }
            Self::CreateEntry { server, access_control, granted } => {
                write!(f, "the entry of server {server} in /2/{access_control}, which is about the object itself, ")?;
                write!(f, "grants {granted}")?;
                if granted.contains(AccessRights::CREATE) { Ok(()) } else { f.write_str(", and Create needs C") }
            }
            Self::NoCreateEntry { server, access_control } => write!(
                f,
                "/2/{access_control}, which is about the object itself, has no entry for server {server}, and a \
                 default entry does not count there"
            ),
            Self::NoCreateGuard { object } => {
                write!(f, "no instance of Object 2 is about /{object} itself, so no server can create instances of it")
            }
            Self::ManagementOfAccessControl => f.write_str(
                "instances of Object 2 come from bootstrap, or with the instances they guard; no server creates or \
                 deletes them",
            ),
            Self::NoRightNeeded { operation } => write!(f, "{operation} needs no right here"),
            Self::NotFound { path } => write!(f, "{path} does not exist"),
            Self::WrongLevel { operation, path } => write!(f, "{operation} is not defined for {path}"),
            Self::NotSupported { operation, path } => {
                write!(f, "the server has the right, but {path} does not support {operation}")
            }
            Self::DeviceInstance => f.write_str("the instance of the Device object cannot be deleted"),
            Self::Aggregate { readable, left_out: 0 } => write!(f, "all targets can be read ({readable})"),
            Self::Aggregate { readable, left_out } => {
                write!(f, "of {} targets {readable} can be read", readable + left_out)
            }
            Self::NothingReadable { left_out } => write!(f, "none of {left_out} targets can be read"),
            Self::AllWritable { targets } => write!(f, "all targets can be written ({targets})"),
        }
    }
}

fn write_grant(f: &mut fmt::Formatter<'_>, server: u16, granted: AccessRights, grant: Grant) -> fmt::Result {
    match grant {
        Grant::Disabled => f.write_str("access control is disabled, so the server has all rights"),
        Grant::OnlyServer => write!(f, "server {server} is the only one, so it has all rights"),
        Grant::OwnEntry { access_control } => {
            write!(f, "the entry of server {server} in /2/{access_control} grants {granted}")
        }
        Grant::Owner { access_control } => write!(
            f,
            "server {server} owns /2/{access_control}, which has no entry for it, so it has all rights ({granted})"
        ),
        Grant::DefaultEntry { access_control } => write!(
            f,
            "/2/{access_control} has no entry for server {server}, and its default entry grants {granted}"
        ),
        Grant::NoEntry { access_control, owner } => write!(
            f,
            "/2/{access_control} has no entry for server {server} and no default entry, and its owner is {}",
            Owner(owner)
        ),
        Grant::Unguarded => {
            f.write_str("no instance of Object 2 guards the target, so no server has a right on it")
        }
        Grant::AccessControl { owner } => {
            write!(
                f,
                "every server may read Object 2, and the owner of this instance, who may write it, is {}",
                Owner(owner)
            )
        }
    }
}

struct Owner(u16);

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            MAX_ID => f.write_str("the bootstrap server"),
            server => write!(f, "server {server}"),
        }
    }
}
