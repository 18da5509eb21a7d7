use std::fmt;

use lwm2m_codec::{Level, Operations, Path};

use super::rights::AccessRights;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Requester {
    Bootstrap,
    /// A server, by its Short Server ID.
    Server(u16),
}

/// What is asked for. Notify and Send are the client's own, so there the question is what may go out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    Read(Path),
    Discover(Path),
    Write(Path),
    WriteAttributes(Path),
    Execute(Path),
    Create {
        object: u16,
        /// The id of the new instance, when it is known.
        instance: Option<u16>,
    },
    Delete(Path),
    Observe(Path),
    ReadComposite(Vec<Path>),
    WriteComposite(Vec<Path>),
    ObserveComposite(Vec<Path>),
    /// A notification that is due for these paths.
    Notify(Vec<Path>),
    /// A Send with these paths.
    Send(Vec<Path>),
}

impl Operation {
    /// The name in the standard.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Read(_) => "Read",
            Self::Discover(_) => "Discover",
            Self::Write(_) => "Write",
            Self::WriteAttributes(_) => "Write-Attributes",
            Self::Execute(_) => "Execute",
            Self::Create { .. } => "Create",
            Self::Delete(_) => "Delete",
            Self::Observe(_) => "Observe",
            Self::ReadComposite(_) => "Read-Composite",
            Self::WriteComposite(_) => "Write-Composite",
            Self::ObserveComposite(_) => "Observe-Composite",
            Self::Notify(_) => "Notify",
            Self::Send(_) => "Send",
        }
    }

    /// The right it takes on each object instance it touches; none for Discover (LwM2M Core §8.2).
    #[must_use]
    pub const fn needs(&self) -> AccessRights {
        match self {
            Self::Discover(_) => AccessRights::NONE,
            Self::Write(_) | Self::WriteComposite(_) => AccessRights::WRITE,
            Self::Execute(_) => AccessRights::EXECUTE,
            Self::Create { .. } => AccessRights::CREATE,
            Self::Delete(_) => AccessRights::DELETE,
            Self::Read(_)
            | Self::WriteAttributes(_)
            | Self::Observe(_)
            | Self::ReadComposite(_)
            | Self::ObserveComposite(_)
            | Self::Notify(_)
            | Self::Send(_) => AccessRights::READ,
        }
    }

    /// Whether the standard defines it for a path of this level (LwM2M Core §6.3, §6.4).
    pub(super) const fn allows(&self, level: Level) -> bool {
        use Level::{Object, ObjectInstance, Resource, ResourceInstance, Root};
        match self {
            Self::Create { .. } => matches!(level, Object),
            Self::Execute(_) => matches!(level, Resource),
            Self::Delete(_) => matches!(level, ObjectInstance | ResourceInstance),
            Self::Write(_) | Self::WriteComposite(_) => {
                matches!(level, ObjectInstance | Resource | ResourceInstance)
            }
            Self::Discover(_) => matches!(level, Object | ObjectInstance | Resource),
            _ => !matches!(level, Root),
        }
    }

    /// The paths it names.
    pub(super) fn targets(&self) -> Vec<Path> {
        match self {
            Self::Create { object, .. } => vec![Path::object(*object)],
            Self::Read(path)
            | Self::Discover(path)
            | Self::Write(path)
            | Self::WriteAttributes(path)
            | Self::Execute(path)
            | Self::Delete(path)
            | Self::Observe(path) => vec![*path],
            Self::ReadComposite(paths)
            | Self::WriteComposite(paths)
            | Self::ObserveComposite(paths)
            | Self::Notify(paths)
            | Self::Send(paths) => paths.clone(),
        }
    }

    /// Whether a resource with these operations supports it.
    pub(super) const fn is_supported(&self, operations: Operations) -> bool {
        match self {
            Self::Write(_) | Self::WriteComposite(_) | Self::Delete(_) => operations.write,
            Self::Execute(_) => operations.execute,
            Self::Discover(_) | Self::WriteAttributes(_) | Self::Create { .. } => true,
            _ => operations.read,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
