//! Arguments of Execute.

use lwm2m_codec::execute;

use crate::{allocation, answers};

/// There is one way to write a list of arguments, so what is read is written as it came.
pub fn execute(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match allocation::reading(text.len(), || execute::parse(text)) {
        Err(error) => answers::check_error(&error, text.len()),
        Ok(arguments) => assert_eq!(execute::write(&arguments).as_deref(), Ok(text), "{arguments:?}"),
    }
}
