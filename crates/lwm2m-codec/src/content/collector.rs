//! What decoders fill: records, and notes about bytes where an explanation is wanted.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

use super::decoder::Decoder;
use super::record::Record;
use super::{executable, multiple_for_single, not_readable, single_for_multiple};
use crate::annotate::{Annotation, AnnotationKind};
use crate::error::{DecodeError, ErrorClass};
use crate::limits::ITEMS_MAX;
use crate::lookup::{Lookup, ResourceShape};
use crate::path::{Level, Path};

pub(crate) struct Collector<'a> {
    target: &'a Decoder<'a>,
    records: Vec<Record>,
    /// Object instances and multiple resources that are there with nothing in them.
    empty: Vec<Path>,
    /// While every record comes after the one before it, none can be there twice.
    ascending: bool,
    notes: Option<Vec<Annotation>>,
    /// The first error in a payload that is explained to its end.
    refused: Option<DecodeError>,
    /// Which of the records, counted from the first, has its place asked for. None of them is kept then.
    wanted: Option<usize>,
    located: Option<usize>,
    count: usize,
}

impl<'a> Collector<'a> {
    pub(super) const fn new(target: &'a Decoder<'a>) -> Self {
        Self {
            target,
            records: Vec::new(),
            empty: Vec::new(),
            ascending: true,
            notes: None,
            refused: None,
            wanted: None,
            located: None,
            count: 0,
        }
    }

    /// One that notes what the bytes mean and does not stop at the first error.
    pub(super) fn explaining(target: &'a Decoder<'a>) -> Self {
        Self { notes: Some(Vec::new()), ..Self::new(target) }
    }

    /// One that finds out where the record of that index stands in the payload.
    pub(super) fn locating(target: &'a Decoder<'a>, index: usize) -> Self {
        Self { wanted: Some(index), ..Self::new(target) }
    }

    pub(super) const fn located(&self) -> Option<usize> {
        self.located
    }

    pub(super) const fn request(&self) -> &'a Path {
        &self.target.path
    }

    pub(super) const fn root(&self) -> &'a str {
        self.target.root
    }

    pub(super) const fn prefix(&self) -> Path {
        self.target.prefix
    }

    pub(super) const fn removals(&self) -> bool {
        self.target.removals
    }

    pub(super) const fn lookup(&self) -> &'a dyn Lookup {
        self.target.lookup
    }

    /// The definition of a resource, if there is one. An executable resource has no value to carry.
    pub(super) fn readable_shape(&self, path: &Path) -> Result<Option<ResourceShape>, DecodeError> {
        let shape = super::shape_of(path, self.target.lookup);
        match shape {
            Some(shape) if executable(shape) => Err(not_readable(path)),
            _ => Ok(shape),
        }
    }

    /// The definition for a value that is addressed by its whole path.
    pub(super) fn addressed_shape(&self, path: &Path) -> Result<Option<ResourceShape>, DecodeError> {
        let request = self.request();
        if !path.starts_with(request) {
            let expected = format!("a path at or below {request}");
            return Err(DecodeError::new(ErrorClass::PathNotUnderRequest, expected, format!("{path}")));
        }
        if path.level() < Level::Resource {
            let found = format!("a value for the {} {path}", path.level().name());
            let expected = "a value for a resource or resource instance";
            return Err(DecodeError::new(ErrorClass::NameNotResource, expected, found));
        }
        let shape = self.readable_shape(path)?;
        match (shape.map(|shape| shape.multiple), path.level()) {
            (Some(true), Level::Resource) => Err(single_for_multiple(path)),
            (Some(false), Level::ResourceInstance) => Err(multiple_for_single(path)),
            _ => Ok(shape),
        }
    }

    /// Makes room for that many records at once: a list that grows takes its memory twice while it moves.
    pub(super) fn reserve(&mut self, records: usize) {
        if !self.explains() && self.wanted.is_none() {
            self.records.reserve_exact(records.min(ITEMS_MAX));
        }
    }

    /// Takes a record that stands at `offset`.
    pub(super) fn push(&mut self, record: Record, offset: usize) -> Result<(), DecodeError> {
        let index = self.count;
        if index == ITEMS_MAX {
            return Err(too_many("values").at(offset));
        }
        self.count += 1;
        if let Some(wanted) = self.wanted {
            if wanted == index {
                self.located = Some(offset);
            }
            return Ok(());
        }
        if let Some(last) = self.records.last() {
            self.ascending &= last.identity() < record.identity() && !last.clashes_with(&record);
        }
        // The first record of a payload whose number of records is not known beforehand.
        if self.records.capacity() == 0 {
            self.records.reserve_exact(1);
        }
        self.records.push(record);
        Ok(())
    }

    pub(super) fn push_empty(&mut self, path: Path) {
        self.empty.push(path);
    }

    /// The first record that is there for the second time, or that has no place beside another one: a resource has
    /// a value or resource instances, not both.
    pub(super) fn duplicate(&self) -> Option<(usize, DecodeError)> {
        if self.ascending {
            return None;
        }
        // Two bytes for a record: memory matters here.
        const { assert!(ITEMS_MAX <= 1 << 16) };
        let record = |index: &u16| self.records.get(usize::from(*index));
        let mut order: Vec<u16> = (0..=u16::MAX).take(self.records.len()).collect();
        order.sort_unstable_by(|first, second| self.compare(*first, *second));
        let neighbours = order.iter().zip(order.iter().skip(1));
        let clashing = neighbours.filter(|(first, second)| {
            record(first).zip(record(second)).is_some_and(|(first, second)| first.clashes_with(second))
        });
        let index = clashing.map(|(first, second)| *first.max(second)).min()?;
        let expected = "every value once, and none beside resource instances";
        let error = DecodeError::new(ErrorClass::DuplicateId, expected, "another one");
        Some((usize::from(index), error.about(record(&index)?.path)))
    }

    /// A call of its own, since the networks that short lists are sorted with repeat it a hundred times.
    #[inline(never)]
    fn compare(&self, first: u16, second: u16) -> Ordering {
        let identity = |index: u16| self.records.get(usize::from(index)).map(Record::identity);
        (identity(first), first).cmp(&(identity(second), second))
    }

    pub(super) fn into_parts(self) -> (Vec<Record>, Vec<Path>) {
        (self.records, self.empty)
    }

    /// Says what a range of bytes means, if anybody wants to know.
    pub(super) fn note(
        &mut self,
        range: Range<usize>,
        kind: AnnotationKind,
        path: Option<Path>,
        text: impl FnOnce() -> String,
    ) {
        if let Some(notes) = &mut self.notes
            && !range.is_empty()
        {
            notes.push(Annotation { range, kind, path, text: text() });
        }
    }

    pub(super) const fn explains(&self) -> bool {
        self.notes.is_some()
    }

    /// Reads a payload so that an error of syntax anywhere in it comes before all others: what is only half there must
    /// not be judged by its content. Syntax is checked by itself only where reading fails, or is to be explained.
    pub(super) fn syntax_first(
        &mut self,
        check: impl FnOnce() -> Result<(), DecodeError>,
        read: impl FnOnce(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if !self.explains() {
            return read(self).or_else(|error| check().and(Err(error)));
        }
        if let Err(error) = check() {
            self.remember(error)?;
        }
        read(self)
    }

    /// Refuses a part of the payload that ends before `end`. An explanation goes on after it.
    pub(super) fn refuse(&mut self, error: DecodeError, end: usize) -> Result<(), DecodeError> {
        let Some(notes) = &mut self.notes else { return Err(error) };
        let start = error.offset.unwrap_or(0).min(end.saturating_sub(1));
        while notes.last().is_some_and(|note| note.range.start >= start) {
            notes.pop();
        }
        if let Some(last) = notes.last_mut() {
            last.range.end = last.range.end.min(start);
        }
        let (kind, path, text) = (AnnotationKind::Error, error.path, error.message());
        notes.push(Annotation { range: start..end, kind, path, text });
        self.refused.get_or_insert(error);
        Ok(())
    }

    /// An error that leaves the rest readable as far as it goes: an explanation goes on, a decoder stops.
    pub(super) fn remember(&mut self, error: DecodeError) -> Result<(), DecodeError> {
        if !self.explains() {
            return Err(error);
        }
        self.refused.get_or_insert(error);
        Ok(())
    }

    /// The notes, and why the payload is refused if it is.
    pub(super) fn into_notes(
        self,
        outcome: Result<(), DecodeError>,
    ) -> (Vec<Annotation>, Option<DecodeError>) {
        let duplicate = self.duplicate().map(|(_, error)| error);
        let refused = self.refused.or(outcome.err()).or(duplicate);
        (self.notes.unwrap_or_default(), refused)
    }
}

pub(super) fn too_many(what: &str) -> DecodeError {
    DecodeError::new(ErrorClass::TooManyItems, format!("at most {ITEMS_MAX} {what}"), "more")
}
