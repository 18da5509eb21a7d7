//! Elements to records, with all checks of nesting, ids and definitions.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::element::{Element, Kind, elements};
use super::scalar;
use crate::content::{Record, executable, multiple_for_single, not_readable, shape_of};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, ErrorClass};
use crate::limits::ITEMS_MAX;
use crate::lookup::{Lookup, ResourceShape};
use crate::path::{Level, Path, RESERVED_ID};

pub(crate) fn decode(path: &Path, payload: &[u8], lookup: &dyn Lookup) -> Result<Vec<Record>, DecodeError> {
    let mut reader = Reader { lookup, records: Vec::new(), elements: 0 };
    match path.level() {
        Level::Root => {
            let message =
                format!("content format {}: expected an object or deeper, got /", ContentFormat::TLV);
            return Err(DecodeError::new(ErrorClass::FormatNotAllowedForPath, message));
        }
        Level::Object => reader.object(path, payload)?,
        Level::ObjectInstance => reader.object_instance(path, payload)?,
        Level::Resource => reader.resource(path, payload)?,
        Level::ResourceInstance => reader.resource_instance(path, payload)?,
    }
    Ok(reader.records)
}

struct Reader<'a> {
    lookup: &'a dyn Lookup,
    records: Vec<Record>,
    elements: usize,
}

impl Reader<'_> {
    fn object(&mut self, path: &Path, payload: &[u8]) -> Result<(), DecodeError> {
        let mut seen = BTreeSet::new();
        for element in siblings(payload, 0)? {
            let element = element?;
            expect_kind(&element, &[Kind::ObjectInstance])?;
            let instance = self.below(path, &element, &mut seen)?;
            self.resources(&instance, element.value, element.value_offset)?;
        }
        Ok(())
    }

    /// The object-instance wrapper may be there or not.
    fn object_instance(&mut self, path: &Path, payload: &[u8]) -> Result<(), DecodeError> {
        let mut siblings = siblings(payload, 0)?;
        match siblings.next().transpose()? {
            Some(wrapper) if wrapper.kind == Kind::ObjectInstance => {
                nothing_after(siblings)?;
                same_id(&wrapper, path.instance_id())?;
                self.resources(path, wrapper.value, wrapper.value_offset)
            }
            _ => self.resources(path, payload, 0),
        }
    }

    fn resource(&mut self, path: &Path, payload: &[u8]) -> Result<(), DecodeError> {
        let element = unwrapped(path, payload)?;
        expect_kind(&element, &[Kind::Resource, Kind::MultipleResource])?;
        same_id(&element, path.resource_id())?;
        self.resource_element(path, &element)
    }

    fn resource_instance(&mut self, path: &Path, payload: &[u8]) -> Result<(), DecodeError> {
        let mut element = unwrapped(path, payload)?;
        expect_kind(&element, &[Kind::ResourceInstance, Kind::MultipleResource])?;
        if element.kind == Kind::MultipleResource {
            same_id(&element, path.resource_id())?;
            element = only_element(element.value, element.value_offset)?;
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
        let mut seen = BTreeSet::new();
        for element in siblings(bytes, offset)? {
            let element = element?;
            expect_kind(&element, &[Kind::Resource, Kind::MultipleResource])?;
            let path = self.below(instance, &element, &mut seen)?;
            self.resource_element(&path, &element)?;
        }
        Ok(())
    }

    fn resource_element(&mut self, path: &Path, element: &Element<'_>) -> Result<(), DecodeError> {
        let shape = self.readable_shape(path, element)?;
        match (element.kind, shape.map(|shape| shape.multiple)) {
            (Kind::MultipleResource, Some(false)) => Err(multiple_for_single(path).at(element.offset)),
            (Kind::MultipleResource, _) => self.resource_instances(path, shape, element),
            (_, Some(true)) => {
                let message =
                    format!("expected a multiple resource, as it is defined, got a single one ({path})");
                Err(DecodeError::new(ErrorClass::SingleForMultiple, message).at(element.offset))
            }
            _ => self.value(*path, shape, element),
        }
    }

    fn resource_instances(
        &mut self,
        resource: &Path,
        shape: Option<ResourceShape>,
        multiple: &Element<'_>,
    ) -> Result<(), DecodeError> {
        let mut seen = BTreeSet::new();
        for element in siblings(multiple.value, multiple.value_offset)? {
            let element = element?;
            expect_kind(&element, &[Kind::ResourceInstance])?;
            let path = self.below(resource, &element, &mut seen)?;
            self.value(path, shape, &element)?;
        }
        Ok(())
    }

    /// The definition, if there is one; an executable resource has no value to carry.
    fn readable_shape(
        &self,
        path: &Path,
        element: &Element<'_>,
    ) -> Result<Option<ResourceShape>, DecodeError> {
        let shape = shape_of(path, self.lookup);
        match shape {
            Some(shape) if executable(shape) => Err(not_readable(path).at(element.offset)),
            _ => Ok(shape),
        }
    }

    /// The path of an element below its parent; ids must be legal and appear once.
    fn below(
        &mut self,
        parent: &Path,
        element: &Element<'_>,
        seen: &mut BTreeSet<u16>,
    ) -> Result<Path, DecodeError> {
        let name = element.kind.name();
        let refused = |class, message| Err(DecodeError::new(class, message).at(element.offset));
        self.elements += 1;
        if self.elements > ITEMS_MAX {
            return refused(
                ErrorClass::TooManyItems,
                format!("expected at most {ITEMS_MAX} elements, got more"),
            );
        }
        if element.id == RESERVED_ID {
            return refused(
                ErrorClass::ReservedId,
                format!("expected {name} 0 to 65534, got 65535, which is reserved"),
            );
        }
        if !seen.insert(element.id) {
            return refused(
                ErrorClass::DuplicateId,
                format!("expected every {name} once, got {} again", element.id),
            );
        }
        match parent.child(element.id) {
            Some(path) => Ok(path),
            None => refused(ErrorClass::TlvBadNesting, format!("expected no {name} below {parent}")),
        }
    }

    fn value(
        &mut self,
        path: Path,
        shape: Option<ResourceShape>,
        element: &Element<'_>,
    ) -> Result<(), DecodeError> {
        let value_type = shape.and_then(|shape| shape.value_type);
        let value = scalar::decode(value_type, element.value, element.value_offset)?;
        self.records.push(Record::new(path, value));
        Ok(())
    }
}

/// The elements of one level, after a check that all of them are complete: a truncated payload is reported as
/// truncated, whatever its intact beginning says.
fn siblings(
    bytes: &[u8],
    offset: usize,
) -> Result<impl Iterator<Item = Result<Element<'_>, DecodeError>>, DecodeError> {
    let siblings = elements(bytes, offset);
    siblings.clone().try_for_each(|element| element.map(|_| ()))?;
    Ok(siblings)
}

fn only_element(bytes: &[u8], offset: usize) -> Result<Element<'_>, DecodeError> {
    let mut siblings = siblings(bytes, offset)?;
    let Some(element) = siblings.next() else {
        let message = String::from("expected one value, got none");
        return Err(DecodeError::new(ErrorClass::EmptyPayload, message).at(offset));
    };
    nothing_after(siblings)?;
    element
}

fn nothing_after<'a>(
    mut siblings: impl Iterator<Item = Result<Element<'a>, DecodeError>>,
) -> Result<(), DecodeError> {
    match siblings.next().transpose()? {
        None => Ok(()),
        Some(element) => {
            let message = format!("expected the end of the payload, got another {}", element.kind.name());
            Err(DecodeError::new(ErrorClass::TlvTrailingData, message).at(element.offset))
        }
    }
}

/// The one element of a resource payload. Some clients put it into an object instance.
fn unwrapped<'a>(path: &Path, payload: &'a [u8]) -> Result<Element<'a>, DecodeError> {
    let element = only_element(payload, 0)?;
    if element.kind != Kind::ObjectInstance {
        return Ok(element);
    }
    same_id(&element, path.instance_id())?;
    only_element(element.value, element.value_offset)
}

fn expect_kind(element: &Element<'_>, kinds: &[Kind]) -> Result<(), DecodeError> {
    if kinds.contains(&element.kind) {
        return Ok(());
    }
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let message = format!("expected {}, got {} {}", names.join(" or "), element.kind.name(), element.id);
    Err(DecodeError::new(ErrorClass::TlvBadNesting, message).at(element.offset))
}

fn same_id(element: &Element<'_>, id: Option<u16>) -> Result<(), DecodeError> {
    match id {
        Some(id) if id != element.id => {
            let message = format!("expected {} {id}, got {}", element.kind.name(), element.id);
            Err(DecodeError::new(ErrorClass::IdMismatch, message).at(element.offset))
        }
        _ => Ok(()),
    }
}
