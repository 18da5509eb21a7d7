use alloc::format;

use crate::annotate::{AnnotationKind, value_text};
use crate::content::cbor::{Item, Length, Reader};
use crate::content::collector::Collector;
use crate::content::record::Record;
use crate::content::wire::{Dialect, Wire};
use crate::error::{DecodeError, ErrorClass};
use crate::path::{Level, Path, RESERVED_ID};
use crate::value::Value;

pub(crate) fn decode(payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    let reader = Reader::new(payload)?;
    collector.reserve(values(&mut reader.clone(), 0).unwrap_or(0));
    collector.syntax_first(|| reader.check().map(|_| ()), |collector| read(&mut reader.clone(), collector))
}

fn read(reader: &mut Reader<'_>, collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    match reader.item()? {
        Item::Map(length) => {
            let prefix = collector.prefix();
            map(reader, length, &prefix, Place { start: 0, depth: 1 }, collector)?;
            reader.finish()
        }
        other => {
            let class = ErrorClass::Lwm2mCborRootNotMap;
            Err(DecodeError::new(class, "a map of ids", other.name()).at(0))
        }
    }
}

/// Counts the values of a payload. What is nested deeper than a path counts as one.
fn values(reader: &mut Reader<'_>, depth: usize) -> Result<usize, DecodeError> {
    if depth > LEVELS_MAX || !reader.is_at_map() {
        reader.skip()?;
        return Ok(1);
    }
    let Item::Map(mut left) = reader.item()? else { return Ok(0) };
    let mut count = 0;
    while reader.more(&mut left)? {
        reader.skip()?;
        count += values(reader, depth + 1)?;
    }
    Ok(count)
}

/// Object, object instance, resource, resource instance.
const LEVELS_MAX: usize = 4;

/// Where a key or a map begins, and how many maps there are around what it holds.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    depth: usize,
}

/// Reads the entries of a map below `parent`. The recursion is as deep as a path at most.
fn map(
    reader: &mut Reader<'_>,
    mut left: Length,
    parent: &Path,
    place: Place,
    collector: &mut Collector<'_>,
) -> Result<(), DecodeError> {
    let mut empty = true;
    while reader.more(&mut left)? {
        empty = false;
        let mut behind = reader.clone();
        if let Err(error) = entry(reader, parent, place.depth, collector) {
            let start = behind.position();
            behind.skip_below(place.depth)?;
            behind.skip_below(place.depth)?;
            let offset = error.offset.unwrap_or(start);
            collector.refuse(error.at(offset), behind.position())?;
            *reader = behind;
        }
    }
    if empty {
        let class = ErrorClass::Lwm2mCborEmptyMap;
        return Err(DecodeError::new(class, "a map with an entry", "an empty one").at(place.start));
    }
    Ok(())
}

fn entry(
    reader: &mut Reader<'_>,
    parent: &Path,
    depth: usize,
    collector: &mut Collector<'_>,
) -> Result<(), DecodeError> {
    let start = reader.position();
    let path = key(reader, parent)?;
    let value_start = reader.position();
    collector.note(start..value_start, key_kind(&path), Some(path), || format!("{path}"));
    if !reader.is_at_map() {
        return value(reader, path, Place { start, depth }, collector);
    }
    if path.level() == Level::ResourceInstance {
        return Err(too_deep(&path).at(value_start));
    }
    match reader.item()? {
        Item::Map(length) => {
            let place = Place { start: value_start, depth: depth + 1 };
            map(reader, length, &path, place, collector)
        }
        _ => Ok(()),
    }
}

const fn key_kind(path: &Path) -> AnnotationKind {
    match path.level() {
        Level::Root | Level::Object | Level::ObjectInstance => AnnotationKind::ObjectInstance,
        Level::Resource => AnnotationKind::Resource,
        Level::ResourceInstance => AnnotationKind::ResourceInstance,
    }
}

/// One id or an array of them, which continue the path.
fn key(reader: &mut Reader<'_>, parent: &Path) -> Result<Path, DecodeError> {
    let start = reader.position();
    let mut path = *parent;
    match reader.item()? {
        Item::Array(mut left) => {
            let mut empty = true;
            while reader.more(&mut left)? {
                empty = false;
                let start = reader.position();
                let item = reader.item()?;
                path = below(&path, &item).map_err(|error| error.at(start))?;
            }
            if empty {
                let class = ErrorClass::Lwm2mCborEmptyKey;
                return Err(DecodeError::new(class, "at least one id in a key", "none").at(start));
            }
        }
        item => path = below(&path, &item).map_err(|error| error.at(start))?,
    }
    Ok(path)
}

fn below(parent: &Path, item: &Item<'_>) -> Result<Path, DecodeError> {
    let Item::Unsigned(id) = item else {
        let expected = "an id or an array of ids as key";
        return Err(DecodeError::new(ErrorClass::Lwm2mCborBadKey, expected, item.name()));
    };
    let expected = "ids from 0 to 65534";
    match u16::try_from(*id) {
        Ok(RESERVED_ID) => {
            Err(DecodeError::new(ErrorClass::ReservedId, expected, "65535, which is reserved"))
        }
        Ok(id) => parent.child(id).ok_or_else(|| too_deep(parent)),
        Err(_) => Err(DecodeError::new(ErrorClass::IdOutOfRange, expected, format!("{id}"))),
    }
}

fn too_deep(path: &Path) -> DecodeError {
    DecodeError::new(ErrorClass::PathTooDeep, "at most 4 ids in a path", "more").about(*path)
}

fn value(
    reader: &mut Reader<'_>,
    path: Path,
    key: Place,
    collector: &mut Collector<'_>,
) -> Result<(), DecodeError> {
    let start = reader.position();
    let shape = collector.addressed_shape(&path).map_err(|error| error.at(key.start))?;
    let value = match (reader.wire(key.depth)?, shape) {
        // Whatever it is, it may mean something to whoever knows the resource.
        (Wire::Other(_), None) => Value::Raw(reader.between(start, reader.position()).into()),
        (wire, shape) => wire
            .typed(shape.and_then(|shape| shape.value_type), Dialect::Cbor)
            .map_err(|error| error.about(path).at(start))?,
    };
    collector.note(start..reader.position(), AnnotationKind::Value, Some(path), || value_text(&value));
    collector.push(Record::new(path, value), key.start)
}
