//! Which bytes of a payload mean what, for people who look at it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::content::{Decoder, byte_count};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, ErrorClass, quoted};
use crate::lookup::Lookup;
use crate::path::Path;
use crate::value::Value;

/// A range of bytes and its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Annotation {
    pub range: Range<usize>,
    pub kind: AnnotationKind,
    /// The node the bytes are about, when they are about one.
    pub path: Option<Path>,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnnotationKind {
    /// Type, id and length of an object instance, or the key of an object or an object instance.
    ObjectInstance,
    /// Type, id and length of a resource with resource instances.
    MultipleResource,
    /// Type, id and length of a resource, or its key.
    Resource,
    /// Type, id and length of a resource instance, or its key.
    ResourceInstance,
    /// A name or base name.
    Name,
    /// The value of the resource or resource instance.
    Value,
    /// A time or base time.
    Time,
    /// Brackets, labels, lengths, and what is not used.
    Structure,
    /// A payload in a format whose parts are not told apart.
    Payload,
    /// What cannot be read, and why.
    Error,
}

impl AnnotationKind {
    /// The name used in machine-readable output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ObjectInstance => "object_instance",
            Self::MultipleResource => "multiple_resource",
            Self::Resource => "resource",
            Self::ResourceInstance => "resource_instance",
            Self::Name => "name",
            Self::Value => "value",
            Self::Time => "time",
            Self::Structure => "structure",
            Self::Payload => "payload",
            Self::Error => "error",
        }
    }
}

/// Explains a payload. Never fails: what cannot be read becomes an [`AnnotationKind::Error`], and there is
/// at least one exactly when [`decode`](crate::decode) refuses the payload (unless the payload is empty or its format
/// is not known).
///
/// The ranges are in order, do not overlap, are not empty, and cover the payload.
#[must_use]
pub fn annotate(format: ContentFormat, path: &Path, payload: &[u8], lookup: &dyn Lookup) -> Vec<Annotation> {
    Decoder::new(format, path, lookup).annotate(payload)
}

/// Makes of the notes of a decoder an explanation that covers the payload.
pub(crate) fn complete(
    (mut notes, refused): (Vec<Annotation>, Option<DecodeError>),
    format: ContentFormat,
    path: &Path,
    payload: &[u8],
) -> Vec<Annotation> {
    if payload.is_empty() {
        return Vec::new();
    }
    // A base name may come after what it is for.
    notes.sort_by_key(|note| note.range.start);
    match refused {
        Some(error) if error.class == ErrorClass::FormatNotSupported => {
            return whole(payload, AnnotationKind::Payload, *path, format!("content format {format}"));
        }
        Some(error) if !notes.iter().any(|note| note.kind == AnnotationKind::Error) => {
            mark(&mut notes, &error, path, payload.len());
        }
        _ => {}
    }
    fill(notes, payload.len())
}

fn whole(payload: &[u8], kind: AnnotationKind, path: Path, text: String) -> Vec<Annotation> {
    vec![Annotation { range: 0..payload.len(), kind, path: Some(path), text }]
}

/// Shows an error from its place to the end; without a place it is about everything.
fn mark(notes: &mut Vec<Annotation>, error: &DecodeError, path: &Path, end: usize) {
    let start = error.offset.unwrap_or(0).min(end.saturating_sub(1));
    notes.retain(|note| note.range.start < start);
    if let Some(last) = notes.last_mut() {
        last.range.end = last.range.end.min(start);
    }
    let path = error.path.unwrap_or(*path);
    notes.push(Annotation {
        range: start..end,
        kind: AnnotationKind::Error,
        path: Some(path),
        text: error.message(),
    });
}

/// Fills what is between the notes.
fn fill(notes: Vec<Annotation>, length: usize) -> Vec<Annotation> {
    let structure = |range: Range<usize>| Annotation {
        range,
        kind: AnnotationKind::Structure,
        path: None,
        text: "structure".to_string(),
    };
    let mut filled = Vec::with_capacity(notes.len());
    let mut covered = 0;
    for mut note in notes {
        note.range.start = note.range.start.max(covered);
        note.range.end = note.range.end.min(length);
        if note.range.is_empty() {
            continue;
        }
        if covered < note.range.start {
            filled.push(structure(covered..note.range.start));
        }
        covered = note.range.end;
        filled.push(note);
    }
    if covered < length {
        filled.push(structure(covered..length));
    }
    filled
}

/// A value with its type, shortened where it is long.
pub(crate) fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) | Value::CoreLink(text) => format!("{} {}", value.type_name(), quoted(text)),
        Value::Opaque(bytes) => format!("opaque, {}", byte_count(bytes.len())),
        Value::Raw(bytes) => format!("{} without a definition", byte_count(bytes.len())),
        other => format!("{} {other}", other.type_name()),
    }
}
