use alloc::borrow::Cow;
use alloc::format;

use super::fields::{Fields, Source};
use crate::annotate::{AnnotationKind, value_text};
use crate::content::collector::Collector;
use crate::content::name;
use crate::content::record::{Record, time_of};
use crate::content::wire::Wire;
use crate::error::{DecodeError, ErrorClass, quoted};
use crate::path::Path;

pub(super) fn decode<'a, S: Source<'a>>(source: S, collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    collector.reserve(source.most_records());
    let read = |collector: &mut Collector<'_>| {
        let mut pack = Pack::default();
        records(&mut source.clone(), |fields, start, end| {
            let outcome = fields.and_then(|fields| pack.record::<S>(fields, start, collector));
            outcome.or_else(|error| {
                let offset = error.offset.unwrap_or(start);
                collector.refuse(error.at(offset), end)
            })
        })
    };
    collector.syntax_first(|| source.check(), read)
}

/// Reads the records of a pack one after the other. `each` is given the fields or why there are none, the place of
/// the record, and the place after it; whether an error ends it all is for `each` to say.
pub(super) fn records<'a, S: Source<'a>>(
    source: &mut S,
    mut each: impl FnMut(Result<Fields<'a>, DecodeError>, usize, usize) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut progress = source.enter_pack()?;
    while source.another(&mut progress)? {
        let start = source.position();
        let mut behind = source.clone();
        let fields = source.fields();
        if fields.is_err() {
            behind.skip()?;
            *source = behind;
        }
        each(fields, start, source.position())?;
    }
    source.finish()
}

/// What stands for no value at all.
pub(super) const NULL: Wire<'static> = Wire::Other("null");

/// Base name and base time, which hold from the record that gives them (RFC 8428 §4.1).
#[derive(Default)]
pub(super) struct Pack<'a> {
    base_name: Cow<'a, str>,
    base_time: Option<f64>,
}

impl<'a> Pack<'a> {
    /// Takes the base fields of a record and gives the path that it names.
    pub(super) fn path(
        &mut self,
        fields: &mut Fields<'a>,
        start: usize,
        collector: &mut Collector<'_>,
    ) -> Result<Path, DecodeError> {
        let mut offset = start;
        if let Some(base_name) = fields.base_name.take() {
            offset = base_name.range.start;
            collector.note(base_name.range, AnnotationKind::Name, None, || {
                format!("base name {}", quoted(&base_name.content))
            });
            self.base_name = base_name.content;
        }
        if let Some(base_time) = fields.base_time.take() {
            collector.note(base_time.range, AnnotationKind::Time, None, || {
                format!("base time {}", base_time.content)
            });
            self.base_time = Some(base_time.content);
        }
        let name = fields.name.as_ref();
        offset = name.map_or(offset, |name| name.range.start);
        let own = name.map_or("", |name| &name.content);
        name::resolve(&self.base_name, own, collector.root()).map_err(|error| error.at(offset))
    }

    /// Takes a whole record.
    pub(super) fn record<S: Source<'a>>(
        &mut self,
        mut fields: Fields<'a>,
        start: usize,
        collector: &mut Collector<'_>,
    ) -> Result<(), DecodeError> {
        let path = self.path(&mut fields, start, collector);
        let nothing = fields.value.as_ref().is_none_or(|value| value.content == NULL);
        if nothing && collector.removals() {
            collector.push_empty(path?);
            return Ok(());
        }
        let Some(wire) = fields.value else {
            let found = "a record without a value";
            return Err(DecodeError::new(ErrorClass::NoValue, "one of v, vs, vb, vd, vlo", found).at(start));
        };
        let path = path?;
        let name_offset = fields.name.as_ref().map_or(start, |name| name.range.start);
        let shape = collector.addressed_shape(&path).map_err(|error| error.at(name_offset))?;
        let value_type = shape.and_then(|shape| shape.value_type);
        let value = wire
            .content
            .typed(value_type, S::DIALECT)
            .map_err(|error| error.about(path).at(wire.range.start))?;
        if let Some(name) = fields.name {
            collector.note(name.range, AnnotationKind::Name, Some(path), || format!("{path}"));
        }
        collector.note(wire.range, AnnotationKind::Value, Some(path), || value_text(&value));
        let mut record = Record::new(path, value);
        if let Some(time) = fields.time {
            let offset = time.range.start;
            collector.note(time.range, AnnotationKind::Time, Some(path), || format!("time {}", time.content));
            let sum = time_of(time.content, self.base_time).map_err(|error| error.at(offset))?;
            record = record.at_time(sum);
        } else if let Some(base_time) = self.base_time {
            record = record.at_time(base_time);
        }
        collector.push(record, start)
    }
}
