use std::fmt;

use lwm2m_codec::UnknownValueType;

use crate::version::{ObjectVersion, ObjectVersionError};

/// Why a registry text was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryError {
    Json { message: String },
    ReservedId { object: u16, resource: Option<u16> },
    BadVersion { object: u16, source: ObjectVersionError },
    DuplicateObject { object: u16, version: ObjectVersion },
    DuplicateResource { object: u16, resource: u16 },
    UnknownOperations { object: u16, resource: u16, got: String },
    UnknownType { object: u16, resource: u16, source: UnknownValueType },
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { message } => write!(f, "expected a registry in JSON: {message}"),
            Self::ReservedId { object, resource: None } => {
                write!(f, "expected object ids from 0 to 65534, got {object}")
            }
            Self::ReservedId { object, resource: Some(resource) } => {
                write!(f, "expected resource ids from 0 to 65534, got {resource} in object {object}")
            }
            Self::BadVersion { object, source } => write!(f, "object {object}: {source}"),
            Self::DuplicateObject { object, version } => {
                write!(f, "expected every version of an object once, got {object} {version} again")
            }
            Self::DuplicateResource { object, resource } => {
                write!(f, "expected every resource once, got {resource} again in object {object}")
            }
            Self::UnknownOperations { object, resource, got } => {
                write!(f, "expected operations \"\", R, W, RW or E, got {got} for /{object}/x/{resource}")
            }
            Self::UnknownType { object, resource, source } => {
                write!(f, "type of /{object}/x/{resource}: {source}")
            }
        }
    }
}

impl std::error::Error for RegistryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::UnknownType { source, .. } => Some(source),
            Self::BadVersion { source, .. } => Some(source),
            _ => None,
        }
    }
}
