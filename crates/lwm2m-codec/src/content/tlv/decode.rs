//! Elements to records, with all checks of nesting, ids and definitions.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::element::{Element, Kind, elements};
use super::scalar;
use super::siblings::{Siblings, complete};
use crate::annotate::{AnnotationKind, value_text};
use crate::content::collector::{Collector, too_many};
use crate::content::record::Record;
use crate::content::{byte_count, multiple_for_single, single_for_multiple};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, ErrorClass};
use crate::limits::ITEMS_MAX;
use crate::lookup::ResourceShape;
use crate::path::{Level, Path, RESERVED_ID};

pub(crate) fn decode(payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    let path = *collector.request();
    collector.reserve(values(payload, LEVELS_MAX));
    let mut reader = Reader { collector, elements: 0 };
    match path.level() {
        Level::Root => {
            let expected = format!("an object or deeper for content format {}", ContentFormat::TLV);
            Err(DecodeError::new(ErrorClass::FormatNotAllowedForPath, expected, "/"))
        }
        Level::Object => reader.object(&path, payload),
        Level::ObjectInstance => reader.object_instance(&path, payload),
        Level::Resource => reader.resource(&path, payload),
        Level::ResourceInstance => reader.resource_instance(&path, payload),
    }
}

/// Object instance, multiple resource, resource instance.
const LEVELS_MAX: usize = 3;

/// Counts the values of a payload as far as it is intact and nested as it may be.
fn values(bytes: &[u8], levels: usize) -> usize {
    let count = |element: Element<'_>| match element.kind {
        Kind::ObjectInstance | Kind::MultipleResource if levels > 1 => values(element.value, levels - 1),
        Kind::ObjectInstance | Kind::MultipleResource => 0,
        Kind::Resource | Kind::ResourceInstance => 1,
    };
    elements(bytes, 0).map_while(Result::ok).map(count).sum()
}

struct Reader<'a, 'b> {
    collector: &'a mut Collector<'b>,
    elements: usize,
}

impl Reader<'_, '_> {
    fn object(&mut self, path: &Path, payload: &[u8]) -> Result<(), DecodeError> {
        self.each(payload, 0, |reader, element, siblings| {
            expect_kind(element, &[Kind::ObjectInstance])?;
            let instance = reader.below(path, element, siblings)?;
            reader.note_header(element, &instance);
            reader.resources(&instance, element.value, element.value_offset)
        })
    }

    /// The object-instance wrapper may be there or not.
    fn object_instance(&mut self, path: &Path, payload: &[u8]) -> Result<(), DecodeError> {
        match elements(payload, 0).next() {
            Some(Ok(wrapper)) if wrapper.kind == Kind::ObjectInstance => {
                let wrapper = self.only_element(payload, 0)?;
                same_id(&wrapper, path.instance_id())?;
                self.note_header(&wrapper, path);
                self.resources(path, wrapper.value, wrapper.value_offset)
            }
            _ => self.resources(path, payload, 0),
        }
    }

    fn resource(&mut self, path: &Path, payload: &[u8]) -> Result<(), DecodeError> {
        let element = self.unwrapped(path, payload)?;
        expect_kind(&element, &[Kind::Resource, Kind::MultipleResource])?;
        same_id(&element, path.resource_id())?;
        self.resource_element(path, &element)
    }

    fn resource_instance(&mut self, path: &Path, payload: &[u8]) -> Result<(), DecodeError> {
        let mut element = self.unwrapped(path, payload)?;
        expect_kind(&element, &[Kind::ResourceInstance, Kind::MultipleResource])?;
        if element.kind == Kind::MultipleResource {
            same_id(&element, path.resource_id())?;
            self.note_header(&element, &path.truncate(Level::Resource));
            element = self.only_element(element.value, element.value_offset)?;
            expect_kind(&element, &[Kind::ResourceInstance])?;
        }
        same_id(&element, path.resource_instance_id())?;
        let shape = self.readable_shape(path, &element)?;
        if shape.is_some_and(|shape| !shape.multiple) {
            return Err(multiple_for_single(path).at(element.offset));
        }
        self.value(*path, shape, &element)
    }

    /// The content of an object instance.
    fn resources(&mut self, instance: &Path, bytes: &[u8], offset: usize) -> Result<(), DecodeError> {
        if bytes.is_empty() {
            self.collector.push_empty(*instance);
        }
        self.each(bytes, offset, |reader, element, siblings| {
            expect_kind(element, &[Kind::Resource, Kind::MultipleResource])?;
            let path = reader.below(instance, element, siblings)?;
            reader.resource_element(&path, element)
        })
    }

    fn resource_element(&mut self, path: &Path, element: &Element<'_>) -> Result<(), DecodeError> {
        let shape = self.readable_shape(path, element)?;
        match (element.kind, shape.map(|shape| shape.multiple)) {
            (Kind::MultipleResource, Some(false)) => Err(multiple_for_single(path).at(element.offset)),
            (Kind::MultipleResource, _) => self.resource_instances(path, shape, element),
            (_, Some(true)) => Err(single_for_multiple(path).at(element.offset)),
            _ => self.value(*path, shape, element),
        }
    }

    fn resource_instances(
        &mut self,
        resource: &Path,
        shape: Option<ResourceShape>,
        multiple: &Element<'_>,
    ) -> Result<(), DecodeError> {
        self.note_header(multiple, resource);
        if multiple.value.is_empty() {
            self.collector.push_empty(*resource);
        }
        self.each(multiple.value, multiple.value_offset, |reader, element, siblings| {
            expect_kind(element, &[Kind::ResourceInstance])?;
            let path = reader.below(resource, element, siblings)?;
            reader.value(path, shape, element)
        })
    }

    /// Reads sibling elements, after a check that all of them are complete: a truncated payload is reported as
    /// truncated, whatever its intact beginning says.
    fn each(
        &mut self,
        bytes: &[u8],
        offset: usize,
        mut read: impl FnMut(&mut Self, &Element<'_>, &mut Siblings) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let (mut siblings, complete) = Siblings::of(bytes, offset);
        if let Err(error) = complete {
            self.collector.remember(error)?;
        }
        for element in elements(bytes, offset) {
            match element {
                Ok(element) => {
                    if let Err(error) = read(self, &element, &mut siblings) {
                        self.collector.refuse(error, element.end())?;
                    }
                }
                Err(error) => self.collector.refuse(error, offset + bytes.len())?,
            }
        }
        Ok(())
    }

    fn only_element<'p>(&mut self, bytes: &'p [u8], offset: usize) -> Result<Element<'p>, DecodeError> {
        complete(elements(bytes, offset))?;
        let mut siblings = elements(bytes, offset);
        let Some(element) = siblings.next().transpose()? else {
            return Err(DecodeError::new(ErrorClass::EmptyPayload, "one value", "none").at(offset));
        };
        match siblings.next().transpose()? {
            None => Ok(element),
            Some(next) => {
                let found = format!("another {}", next.kind.name());
                let expected = "the end of the payload";
                Err(DecodeError::new(ErrorClass::TlvTrailingData, expected, found).at(next.offset))
            }
        }
    }

    /// The one element of a resource payload. Some clients put it into an object instance.
    fn unwrapped<'p>(&mut self, path: &Path, payload: &'p [u8]) -> Result<Element<'p>, DecodeError> {
        let element = self.only_element(payload, 0)?;
        if element.kind != Kind::ObjectInstance {
            return Ok(element);
        }
        same_id(&element, path.instance_id())?;
        self.note_header(&element, &path.truncate(Level::ObjectInstance));
        self.only_element(element.value, element.value_offset)
    }

    /// The definition, if there is one; an executable resource has no value to carry.
    fn readable_shape(
        &self,
        path: &Path,
        element: &Element<'_>,
    ) -> Result<Option<ResourceShape>, DecodeError> {
        self.collector.readable_shape(path).map_err(|error| error.at(element.offset))
    }

    /// The path of an element below its parent; ids must be legal and appear once.
    fn below(
        &mut self,
        parent: &Path,
        element: &Element<'_>,
        siblings: &mut Siblings,
    ) -> Result<Path, DecodeError> {
        let name = element.kind.name();
        let refused = |class, expected: String, found: String| {
            Err(DecodeError::new(class, expected, found).at(element.offset))
        };
        self.elements += 1;
        if self.elements > ITEMS_MAX {
            return Err(too_many("elements").at(element.offset));
        }
        if element.id == RESERVED_ID {
            let found = String::from("65535, which is reserved");
            return refused(ErrorClass::ReservedId, format!("{name} 0 to 65534"), found);
        }
        if !siblings.insert(element.id) {
            let found = format!("{} again", element.id);
            return refused(ErrorClass::DuplicateId, format!("every {name} once"), found);
        }
        match parent.child(element.id) {
            Some(path) => Ok(path),
            None => {
                let expected = format!("no {name} below {parent}");
                refused(ErrorClass::TlvBadNesting, expected, String::from("one"))
            }
        }
    }

    fn value(
        &mut self,
        path: Path,
        shape: Option<ResourceShape>,
        element: &Element<'_>,
    ) -> Result<(), DecodeError> {
        self.note_header(element, &path);
        let value_type = shape.and_then(|shape| shape.value_type);
        let value = scalar::decode(value_type, element.value, element.value_offset)
            .map_err(|error| error.about(path))?;
        let range = element.value_offset..element.end();
        self.collector.note(range, AnnotationKind::Value, Some(path), || value_text(&value));
        self.collector.push(Record::new(path, value), element.offset)
    }

    fn note_header(&mut self, element: &Element<'_>, path: &Path) {
        let kind = match element.kind {
            Kind::ObjectInstance => AnnotationKind::ObjectInstance,
            Kind::MultipleResource => AnnotationKind::MultipleResource,
            Kind::Resource => AnnotationKind::Resource,
            Kind::ResourceInstance => AnnotationKind::ResourceInstance,
        };
        let header = element.offset..element.value_offset;
        self.collector.note(header, kind, Some(*path), || {
            format!("{} {}, {}", element.kind.name(), element.id, byte_count(element.value.len()))
        });
    }
}

fn expect_kind(element: &Element<'_>, kinds: &[Kind]) -> Result<(), DecodeError> {
    if kinds.contains(&element.kind) {
        return Ok(());
    }
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let found = format!("{} {}", element.kind.name(), element.id);
    Err(DecodeError::new(ErrorClass::TlvBadNesting, names.join(" or "), found).at(element.offset))
}

fn same_id(element: &Element<'_>, id: Option<u16>) -> Result<(), DecodeError> {
    match id {
        Some(id) if id != element.id => {
            let expected = format!("{} {id}", element.kind.name());
            let found = format!("{}", element.id);
            Err(DecodeError::new(ErrorClass::IdMismatch, expected, found).at(element.offset))
        }
        _ => Ok(()),
    }
}
