use alloc::borrow::Cow;
use alloc::format;
use core::ops::Range;

use super::label::Label;
use crate::content::wire::{Dialect, Wire};
use crate::error::{DecodeError, ErrorClass, quoted};

/// Newest version of SenML that is understood (RFC 8428 §4.4).
const VERSION_MAX: f64 = 10.0;

/// What a pack is read from: JSON or CBOR.
pub(super) trait Source<'a>: Clone {
    const DIALECT: Dialect;
    const DUPLICATE: ErrorClass;
    /// How far the reader is in an array or a map.
    type Progress;

    /// Bytes read so far.
    fn position(&self) -> usize;
    /// Passes over one whole value.
    fn skip(&mut self) -> Result<(), DecodeError>;
    /// Checks the syntax of the whole pack.
    fn check(&self) -> Result<(), DecodeError>;
    /// How many records there may be.
    fn most_records(&self) -> usize;
    /// Checks that nothing follows.
    fn finish(&mut self) -> Result<(), DecodeError>;
    /// Enters the array of records.
    fn enter_pack(&mut self) -> Result<Self::Progress, DecodeError>;
    /// Whether there is another record.
    fn another(&mut self, progress: &mut Self::Progress) -> Result<bool, DecodeError>;
    /// The fields of the next record.
    fn fields(&mut self) -> Result<Fields<'a>, DecodeError>;
    fn text(&mut self, label: Label) -> Result<Cow<'a, str>, DecodeError>;
    fn number(&mut self, label: Label) -> Result<f64, DecodeError>;
    /// The content of one of the value fields.
    fn value(&mut self, label: Label) -> Result<Wire<'a>, DecodeError>;
}

/// What a field says and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Located<T> {
    pub(super) content: T,
    pub(super) range: Range<usize>,
}

/// The fields of one record.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) base_name: Option<Located<Cow<'a, str>>>,
    pub(super) base_time: Option<Located<f64>>,
    pub(super) name: Option<Located<Cow<'a, str>>>,
    pub(super) time: Option<Located<f64>>,
    pub(super) value: Option<Located<Wire<'a>>>,
    value_label: Option<Label>,
    seen: u16,
}

impl<'a> Fields<'a> {
    /// Reads the content of a field.
    pub(super) fn read<S: Source<'a>>(&mut self, label: Label, source: &mut S) -> Result<(), DecodeError> {
        let start = source.position();
        if self.seen & label.bit() != 0 {
            let found = format!("{} again", label.name());
            return Err(DecodeError::new(S::DUPLICATE, "every field once", found).at(start));
        }
        self.seen |= label.bit();
        match label {
            Label::BaseName => self.base_name = Some(located(source, |source| source.text(label))?),
            Label::Name => self.name = Some(located(source, |source| source.text(label))?),
            Label::BaseTime => self.base_time = Some(located(source, |source| source.number(label))?),
            Label::Time => self.time = Some(located(source, |source| source.number(label))?),
            Label::BaseVersion => check_version(source.number(label)?).map_err(|error| error.at(start))?,
            // Units are those of the definition, and every value says itself when it will be renewed.
            Label::BaseUnit | Label::Unit => drop(source.text(label)?),
            Label::UpdateTime => drop(source.number(label)?),
            Label::BaseValue | Label::BaseSum | Label::Sum => {
                let expected = "no base value, base sum or sum, which LwM2M has no use for";
                let found = label.name();
                return Err(DecodeError::new(ErrorClass::SenmlUnsupportedField, expected, found).at(start));
            }
            Label::Value
            | Label::StringValue
            | Label::BooleanValue
            | Label::DataValue
            | Label::ObjectLinkValue => {
                if let Some(other) = self.value_label.replace(label) {
                    let found = format!("{} and {}", other.name(), label.name());
                    return Err(DecodeError::new(ErrorClass::ManyValues, "one value", found).at(start));
                }
                self.value = Some(located(source, |source| source.value(label))?);
            }
        }
        Ok(())
    }
}

fn located<'a, S: Source<'a>, T>(
    source: &mut S,
    read: impl FnOnce(&mut S) -> Result<T, DecodeError>,
) -> Result<Located<T>, DecodeError> {
    let start = source.position();
    let content = read(source)?;
    Ok(Located { content, range: start..source.position() })
}

fn check_version(version: f64) -> Result<(), DecodeError> {
    if (1.0..=VERSION_MAX).contains(&version) {
        return Ok(());
    }
    let expected = format!("a SenML version from 1 to {VERSION_MAX}");
    Err(DecodeError::new(ErrorClass::SenmlVersion, expected, format!("{version}")))
}

pub(super) fn not_understood(name: &str) -> DecodeError {
    let expected = "only fields that are known where the name ends in \"_\"";
    DecodeError::new(ErrorClass::SenmlMustUnderstand, expected, quoted(name))
}
