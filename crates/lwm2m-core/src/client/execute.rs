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
    let text = match payload::bounded(request)? {
        [] if is_update_trigger(path) => arguments_in_query(request)?,
        payload => core::str::from_utf8(payload)
            .map_err(|error| Refusal::bad_request(format!("arguments are not UTF-8: {error}")))?
            .to_owned(),
    };
    let arguments = execute::parse(&text).map_err(|error| Refusal::bad_request(format!("{error}")))?;
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

/// The other way to name the binding of a Registration Update Trigger: `POST /1/x/8?0=U` (LwM2M 1.1 Transport, SMS
/// Registration Update Trigger Mechanism).
fn arguments_in_query(request: &Message) -> Result<String, Refusal> {
    let queries =
        request.options.uri_query().map_err(|error| Refusal::bad_request(format!("{error}")))?.into_iter();
    let arguments = queries.map(|query| match query.split_once('=') {
        Some((digit, value)) if !value.starts_with('\'') => format!("{digit}='{value}'"),
        _ => query.to_owned(),
    });
    Ok(arguments.collect::<Vec<String>>().join(","))
}

fn is_update_trigger(path: &Path) -> bool {
    (path.object_id(), path.resource_id()) == (Some(1), Some(8))
}

/// The digits that have a meaning, for the objects that LwM2M Core itself defines (Appendix E).
fn defined_arguments(path: &Path) -> Option<&'static [u8]> {
    match path.object_id()? {
        // Registration Update Trigger: the binding to use.
        1 if is_update_trigger(path) => Some(&[0]),
        1 | 3 | 5 | 7 => Some(&[]),
        _ => None,
    }
}
