use std::fmt;

use lwm2m_codec::Path;

use super::operation::Operation;
use super::reason::Reason;

/// The answers that access control leads to (RFC 7252 §12.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseCode {
    Created,
    Deleted,
    Changed,
    Content,
    Unauthorized,
    NotFound,
    MethodNotAllowed,
}

impl ResponseCode {
    /// Class and detail, as in 4.01.
    #[must_use]
    pub const fn parts(self) -> (u8, u8) {
        match self {
            Self::Created => (2, 1),
            Self::Deleted => (2, 2),
            Self::Changed => (2, 4),
            Self::Content => (2, 5),
            Self::Unauthorized => (4, 1),
            Self::NotFound => (4, 4),
            Self::MethodNotAllowed => (4, 5),
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Deleted => "Deleted",
            Self::Changed => "Changed",
            Self::Content => "Content",
            Self::Unauthorized => "Unauthorized",
            Self::NotFound => "Not Found",
            Self::MethodNotAllowed => "Method Not Allowed",
        }
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, detail) = self.parts();
        write!(f, "{class}.{detail:02} {}", self.name())
    }
}

/// What the client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Answer(ResponseCode),
    /// A notification or Send goes out.
    Sent,
    /// A notification or Send does not go out.
    NotSent,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(code) => code.fmt(f),
            Self::Sent => f.write_str("sent"),
            Self::NotSent => f.write_str("not sent"),
        }
    }
}

/// A target that a read or report does without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub path: Path,
    pub reason: Reason,
}

/// What happens to Object 2 along with an operation that succeeds (LwM2M Core §8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The new instance gets an instance of Object 2 with this owner, who has all rights.
    GuardCreated {
        object: u16,
        /// `None` when the client chooses the id.
        instance: Option<u16>,
        owner: u16,
    },
    /// The instance of Object 2 that guarded `guarded` goes too.
    GuardRemoved { access_control: u16, guarded: Path },
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GuardCreated { object, instance: Some(instance), owner } => {
                write!(f, "a new instance of Object 2 guards /{object}/{instance}, owned by server {owner}")
            }
            Self::GuardCreated { object, instance: None, owner } => {
                write!(
                    f,
                    "a new instance of Object 2 guards the new instance of /{object}, owned by server {owner}"
                )
            }
            Self::GuardRemoved { access_control, guarded } => {
                write!(f, "/2/{access_control}, which guarded {guarded}, is removed")
            }
        }
    }
}

/// Where the standard leaves room or clients are known to decide otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Difference {
    /// The owner rule is used although the list has other entries.
    OwnerBesideOtherEntries,
    /// One server account, and Object 2 instantiated all the same.
    OnlyServerWithAccessControl,
    NothingReadable,
    MissingBeforeRights,
    ReadOfAccessControl,
    ManagementOfAccessControl,
    RootWithoutAccessControl,
    DeleteByAnotherThanOwner,
}

impl Difference {
    /// What another client may do, for people.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::OwnerBesideOtherEntries => {
                "some clients (Anjay) give an owner without an entry all rights only while the list is empty"
            }
            Self::OnlyServerWithAccessControl => {
                "some clients apply Object 2 also to a server that is the only one"
            }
            Self::NothingReadable => {
                "some clients answer 2.05 with nothing in it when no instance can be read"
            }
            Self::MissingBeforeRights => "some clients answer 4.01 for a target that does not exist",
            Self::ReadOfAccessControl => "the standard does not say who may read Object 2",
            Self::ManagementOfAccessControl => {
                "the standard does not say that a server cannot create or delete instances of Object 2"
            }
            Self::RootWithoutAccessControl => "some clients include Object 2 when the root is read",
            Self::DeleteByAnotherThanOwner => {
                "the standard has the instance of Object 2 removed only when the owner deletes what it guards"
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.explanation())
    }
}

/// What a client does with an operation, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    pub reason: Reason,
    /// What the operation reaches: the target itself, and for an object, the root or several paths the part of it
    /// that the server may read. Nothing when it is refused.
    pub allowed: Vec<Path>,
    /// What was asked for and is left out.
    pub left_out: Vec<LeftOut>,
    pub effects: Vec<Effect>,
    /// Why another client may decide otherwise; empty when the standard leaves no room.
    pub may_differ: Vec<Difference>,
}

impl Decision {
    /// The code of the answer; none for Notify and Send.
    #[must_use]
    pub const fn code(&self) -> Option<ResponseCode> {
        match self.outcome {
            Outcome::Answer(code) => Some(code),
            Outcome::Sent | Outcome::NotSent => None,
        }
    }

    /// Whether the operation is performed, at least for a part of its targets.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        match self.outcome {
            Outcome::Answer(code) => code.parts().0 == 2,
            Outcome::Sent => true,
            Outcome::NotSent => false,
        }
    }

    pub(super) fn allowed(operation: &Operation, reason: Reason, allowed: Vec<Path>) -> Self {
        let outcome = match operation {
            Operation::Create { .. } => Outcome::Answer(ResponseCode::Created),
            Operation::Delete(_) => Outcome::Answer(ResponseCode::Deleted),
            Operation::Write(_)
            | Operation::WriteAttributes(_)
            | Operation::Execute(_)
            | Operation::WriteComposite(_) => Outcome::Answer(ResponseCode::Changed),
            Operation::Read(_)
            | Operation::Discover(_)
            | Operation::Observe(_)
            | Operation::ReadComposite(_)
            | Operation::ObserveComposite(_) => Outcome::Answer(ResponseCode::Content),
            Operation::Notify(_) | Operation::Send(_) => Outcome::Sent,
        };
        Self { outcome, reason, allowed, left_out: Vec::new(), effects: Vec::new(), may_differ: Vec::new() }
    }
}
