use core::fmt;

use coap::{Instant, Token};
use lwm2m_codec::{ContentFormat, Path, attributes::NotificationAttributes};

use super::{Operation, RegistrationId};

/// What an observation is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObservationTarget {
    /// Observe
    Path(Path),
    /// Observe-Composite; in ascending order, each once.
    Paths(Vec<Path>),
}

impl ObservationTarget {
    pub fn composite(mut paths: Vec<Path>) -> Self {
        paths.sort_unstable();
        paths.dedup();
        Self::Paths(paths)
    }

    /// The path that its payloads are for: `/` for several.
    pub const fn path(&self) -> Path {
        match self {
            Self::Path(path) => *path,
            Self::Paths(_) => Path::ROOT,
        }
    }
}

/// `/3/0/9`, or `/1/0/1, /3/0/9`
impl fmt::Display for ObservationTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{path}"),
            Self::Paths(paths) => paths.iter().enumerate().try_for_each(|(position, path)| {
                write!(f, "{}{path}", if position == 0 { "" } else { ", " })
            }),
        }
    }
}

/// An observation as an operator wants it. It is asked for again the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedObservation {
    pub target: ObservationTarget,
    /// Content-Format of the list of paths. A single path needs none.
    pub content_format: Option<ContentFormat>,
    pub accept: Option<ContentFormat>,
    /// Those of the request itself, since 1.2.
    pub parameters: Option<NotificationAttributes>,
    /// Those that the operator has written to the observed path. A client that registers anew may have lost them, so
    /// they are written again before it is asked.
    pub attributes: NotificationAttributes,
}

impl WantedObservation {
    /// What an Observe or Observe-Composite wants; other operations want no observation.
    pub(super) fn of(operation: &Operation) -> Option<Self> {
        match operation {
            Operation::Observe { path, accept, parameters } => Some(Self {
                target: ObservationTarget::Path(*path),
                content_format: None,
                accept: *accept,
                parameters: *parameters,
                attributes: NotificationAttributes::default(),
            }),
            Operation::ObserveComposite { paths, content_format, accept, parameters } => Some(Self {
                target: ObservationTarget::composite(paths.clone()),
                content_format: Some(*content_format),
                accept: *accept,
                parameters: *parameters,
                attributes: NotificationAttributes::default(),
            }),
            _ => None,
        }
    }
}

/// A wanted observation that a client accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveObservation {
    pub token: Token,
    pub registration: RegistrationId,
    /// How it was asked for. It is cancelled with the same options (RFC 7641 §3.6).
    pub asked: WantedObservation,
    pub since: Instant,
}
