//! The text form of values.

use lwm2m_codec::{Value, ValueType};

use crate::{allocation, answers, records::is_same_value};

/// Reads the text as a value of every type.
pub fn value_text(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    for value_type in ValueType::ALL {
        match allocation::reading(text.len(), || Value::parse(value_type, text)) {
            Err(error) => answers::check_error(&error, text.len()),
            Ok(value) => {
                assert_eq!(value.value_type(), Some(value_type), "{value:?}");
                let written = value.to_text();
                let again = Value::parse(value_type, &written);
                let same = again.as_ref().is_ok_and(|again| is_same_value(again, &value));
                assert!(same, "{value:?} is written as {written:?} and read as {again:?}");
            }
        }
    }
}
