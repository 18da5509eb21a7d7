//! How what the server role knows is written into a column: a version, then postcard.
//!
//! The forms mirror the types of the role member by member. Members and variants are known by their position: a new
//! one goes to the end of an enum, and a struct that grows gets another [`VERSION`].

mod command;
mod observation;
mod operation;
mod plain;
mod registration;

use postcard::{Deserializer, Serializer, de_flavors::Slice, ser_flavors::AllocVec};

/// The version of all forms.
const VERSION: u8 = 1;

/// Something that has a form.
pub(super) trait Record: Sized {
    fn write(&self, serializer: &mut Serializer<AllocVec>) -> postcard::Result<()>;
    fn read<'de>(deserializer: &mut Deserializer<'de, Slice<'de>>) -> postcard::Result<Self>;
}

#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    #[error("expected a record of version {VERSION}, got {0}")]
    Version(u8),
    #[error("expected a record, got nothing")]
    Empty,
    #[error("expected the end of a record, got {0} more bytes")]
    Trailing(usize),
    #[error("not a record: {0}")]
    Malformed(#[from] postcard::Error),
}

pub(super) fn encode(record: &impl Record) -> Result<Vec<u8>, RecordError> {
    let mut serializer = Serializer { output: AllocVec::new() };
    serde::Serialize::serialize(&VERSION, &mut serializer)?;
    record.write(&mut serializer)?;
    Ok(postcard::ser_flavors::Flavor::finalize(serializer.output)?)
}

pub(super) fn decode<R: Record>(bytes: &[u8]) -> Result<R, RecordError> {
    let (version, body) = bytes.split_first().ok_or(RecordError::Empty)?;
    if *version != VERSION {
        return Err(RecordError::Version(*version));
    }
    let mut deserializer = Deserializer::from_bytes(body);
    let record = R::read(&mut deserializer)?;
    match deserializer.finalize()? {
        [] => Ok(record),
        more => Err(RecordError::Trailing(more.len())),
    }
}

impl Record for Vec<String> {
    fn write(&self, serializer: &mut Serializer<AllocVec>) -> postcard::Result<()> {
        serde::Serialize::serialize(self, serializer)
    }

    fn read<'de>(deserializer: &mut Deserializer<'de, Slice<'de>>) -> postcard::Result<Self> {
        serde::Deserialize::deserialize(deserializer)
    }
}

/// `impl Record` for a type by its form.
macro_rules! record {
    ($type:ty, $form:ty) => {
        impl $crate::sqlite::record::Record for $type {
            fn write(
                &self,
                serializer: &mut postcard::Serializer<postcard::ser_flavors::AllocVec>,
            ) -> postcard::Result<()> {
                <$form>::serialize(self, serializer)
            }

            fn read<'de>(
                deserializer: &mut postcard::Deserializer<'de, postcard::de_flavors::Slice<'de>>,
            ) -> postcard::Result<Self> {
                <$form>::deserialize(deserializer)
            }
        }
    };
}
use record;

#[cfg(test)]
mod tests;
