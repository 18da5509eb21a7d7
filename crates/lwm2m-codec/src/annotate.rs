//! Which bytes of a payload mean what, for people who look at it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::content::tlv::{Element, Kind, decode_scalar, elements};
use crate::content::{decode, executable, shape_of};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, ErrorClass, quoted};
use crate::limits::ITEMS_MAX;
use crate::lookup::Lookup;
use crate::path::{Level, Path};
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
    /// Type, id and length of an object instance.
    ObjectInstance,
    /// Type, id and length of a resource with resource instances.
    MultipleResource,
    /// Type, id and length of a resource.
    Resource,
    /// Type, id and length of a resource instance.
    ResourceInstance,
    /// The value of the resource or resource instance.
    Value,
    /// A payload in a format whose parts are not told apart.
    Payload,
    /// What cannot be read, and why.
    Error,
}

/// Explains a payload. Never fails: what cannot be read becomes an [`AnnotationKind::Error`], and there is
/// one exactly when [`decode`] refuses the payload (unless the payload is empty or its format is not known).
///
/// The ranges are in order, do not overlap, are not empty, and cover the payload.
#[must_use]
pub fn annotate(format: ContentFormat, path: &Path, payload: &[u8], lookup: &dyn Lookup) -> Vec<Annotation> {
    if payload.is_empty() {
        return Vec::new();
    }
    match decode(format, path, payload, lookup) {
        Err(error) if error.class == ErrorClass::FormatNotSupported => {
            whole(payload, AnnotationKind::Payload, *path, format!("content format {format}"))
        }
        Err(error) if format.canonical() != ContentFormat::TLV || is_about_the_whole(&error) => {
            whole(payload, AnnotationKind::Error, *path, error.message().to_string())
        }
        Ok(records) if format.canonical() != ContentFormat::TLV => {
            let text = records.first().map(|record| value_text(&record.value)).unwrap_or_default();
            whole(payload, AnnotationKind::Value, *path, text)
        }
        decoded => {
            let mut annotator = Annotator { lookup, request: *path, elements: 0, annotations: Vec::new() };
            annotator.level(Scope::Payload, *path, payload, 0);
            if let Err(error) = decoded {
                mark(&mut annotator.annotations, &error);
            }
            annotator.annotations
        }
    }
}

fn is_about_the_whole(error: &DecodeError) -> bool {
    matches!(error.class, ErrorClass::PayloadTooLarge | ErrorClass::FormatNotAllowedForPath)
}

fn whole(payload: &[u8], kind: AnnotationKind, path: Path, text: String) -> Vec<Annotation> {
    vec![Annotation { range: 0..payload.len(), kind, path: Some(path), text }]
}

fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) | Value::CoreLink(text) => format!("{} {}", value.type_name(), quoted(text)),
        Value::Opaque(bytes) => format!("opaque, {}", byte_count(bytes.len())),
        Value::Raw(bytes) => format!("{} without a definition", byte_count(bytes.len())),
        other => format!("{} {other}", other.type_name()),
    }
}

fn byte_count(count: usize) -> String {
    if count == 1 { String::from("1 byte") } else { format!("{count} bytes") }
}

/// Shows the error that `decode` gave where it belongs, unless a place is marked already.
fn mark(annotations: &mut [Annotation], error: &DecodeError) {
    if annotations.iter().any(|annotation| annotation.kind == AnnotationKind::Error) {
        return;
    }
    let offset = error.offset.unwrap_or(0);
    let annotation = annotations.iter_mut().rev().find(|annotation| annotation.range.start <= offset);
    if let Some(annotation) = annotation {
        annotation.kind = AnnotationKind::Error;
        annotation.text = error.message().to_string();
    }
}

/// What surrounds the elements of one level.
#[derive(Clone, Copy)]
enum Scope {
    Payload,
    ObjectInstance,
    MultipleResource,
}

struct Annotator<'a> {
    lookup: &'a dyn Lookup,
    request: Path,
    elements: usize,
    annotations: Vec<Annotation>,
}

impl Annotator<'_> {
    /// Annotates sibling elements; `parent` is the node they belong to.
    fn level(&mut self, scope: Scope, parent: Path, bytes: &[u8], offset: usize) {
        let end = offset + bytes.len();
        for element in elements(bytes, offset) {
            match element {
                Ok(element) if self.elements < ITEMS_MAX => {
                    self.elements += 1;
                    self.element(scope, &parent, &element);
                }
                Ok(element) => {
                    return self.push(element.offset..end, AnnotationKind::Error, None, "too many elements");
                }
                Err(error) => {
                    let start = error.offset.unwrap_or(offset);
                    return self.push(start..end, AnnotationKind::Error, None, error.message());
                }
            }
        }
    }

    fn element(&mut self, scope: Scope, parent: &Path, element: &Element<'_>) {
        let name = element.kind.name();
        let Some(path) = self.place(scope, parent, element) else {
            let text = format!("{name} {} is not expected here", element.id);
            return self.push(element.offset..element.end(), AnnotationKind::Error, None, &text);
        };
        let text = format!("{name} {}, {}", element.id, byte_count(element.value.len()));
        let header = element.offset..element.value_offset;
        let (kind, inner) = match element.kind {
            Kind::ObjectInstance => (AnnotationKind::ObjectInstance, Some(Scope::ObjectInstance)),
            Kind::MultipleResource => (AnnotationKind::MultipleResource, Some(Scope::MultipleResource)),
            Kind::Resource => (AnnotationKind::Resource, None),
            Kind::ResourceInstance => (AnnotationKind::ResourceInstance, None),
        };
        self.push(header, kind, Some(path), &text);
        match inner {
            Some(inner) => self.level(inner, path, element.value, element.value_offset),
            None => self.value(&path, element),
        }
    }

    /// The path of an element, if its kind may appear here.
    fn place(&self, scope: Scope, parent: &Path, element: &Element<'_>) -> Option<Path> {
        let instance = parent.truncate(Level::ObjectInstance);
        let resource_instance = self.request.level() == Level::ResourceInstance;
        match (element.kind, scope) {
            (Kind::ObjectInstance, Scope::Payload) => parent.truncate(Level::Object).child(element.id),
            (Kind::MultipleResource, Scope::Payload | Scope::ObjectInstance)
                if instance.level() == Level::ObjectInstance =>
            {
                instance.child(element.id)
            }
            (Kind::Resource, Scope::Payload | Scope::ObjectInstance)
                if instance.level() == Level::ObjectInstance && !resource_instance =>
            {
                instance.child(element.id)
            }
            (Kind::ResourceInstance, Scope::MultipleResource) => parent.child(element.id),
            (Kind::ResourceInstance, _) if resource_instance => {
                self.request.truncate(Level::Resource).child(element.id)
            }
            _ => None,
        }
    }

    fn value(&mut self, path: &Path, element: &Element<'_>) {
        let range = element.value_offset..element.end();
        let shape = shape_of(path, self.lookup);
        if shape.is_some_and(executable) {
            return self.push(
                range,
                AnnotationKind::Error,
                Some(*path),
                "an executable resource has no value",
            );
        }
        let value_type = shape.and_then(|shape| shape.value_type);
        match decode_scalar(value_type, element.value, element.value_offset) {
            Ok(value) => self.push(range, AnnotationKind::Value, Some(*path), &value_text(&value)),
            Err(error) => self.push(range, AnnotationKind::Error, Some(*path), error.message()),
        }
    }

    /// Empty ranges are left out: there is nothing to point at.
    fn push(&mut self, range: Range<usize>, kind: AnnotationKind, path: Option<Path>, text: &str) {
        if !range.is_empty() {
            self.annotations.push(Annotation { range, kind, path, text: String::from(text) });
        }
    }
}
