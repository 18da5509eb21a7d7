//! Execute (LwM2M Core §6.3.5).

use coap::{Code, Message};
use lwm2m_codec::{
    ContentFormat, Path,
    execute::{self, Argument},
};

use super::{payload, refusal::Refusal};

/// The arguments, which are for the application to judge where the standard does not.
pub(super) fn arguments(path: &Path, request: &Message) -> Result<Vec<Argument>, Refusal> {
    let format = request.options.content_format().map(ContentFormat);
    if format.is_some_and(|format| format.canonical() != ContentFormat::TEXT) {
        let text = "expected arguments as text/plain (0)";
        return Err(Refusal::new(Code::UNSUPPORTED_CONTENT_FORMAT, text));
    }
    let payload = payload::bounded(request)?;
    let text = core::str::from_utf8(payload)
        .map_err(|error| Refusal::bad_request(format!("arguments are not UTF-8: {error}")))?;
    let arguments = execute::parse(text).map_err(|error| Refusal::bad_request(format!("{error}")))?;
    let Some(defined) = defined_arguments(path) else { return Ok(arguments) };
    match arguments.iter().find(|argument| !defined.contains(&argument.digit)) {
        None => Ok(arguments),
        Some(Argument { digit, .. }) if defined.is_empty() => {
            Err(Refusal::bad_request(format!("{path}: expected no arguments, got argument {digit}")))
        }
        Some(Argument { digit, .. }) => {
            Err(Refusal::bad_request(format!("{path} knows the argument 0 only, got argument {digit}")))
        }
    }
}

/// The digits that have a meaning, for the objects that LwM2M Core itself defines (Appendix E).
fn defined_arguments(path: &Path) -> Option<&'static [u8]> {
    match path.object_id()? {
        // Registration Update Trigger: the binding to use.
        1 if path.resource_id() == Some(8) => Some(&[0]),
        1 | 3 | 5 | 7 => Some(&[]),
        _ => None,
    }
}
