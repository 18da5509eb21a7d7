use lwm2m_codec::{Annotation, ContentFormat, Decoder};
use lwm2m_model::Registry;

use crate::answer::Refusal;
use crate::decode_line;
use crate::request::{Kind, Request};

/// Bytes of a range that are shown; of the rest only the number is told.
const BYTES_SHOWN: usize = 16;

/// Explains the payload of a line to people: its bytes with their meanings, in several lines.
#[must_use]
pub fn explain_line(text: &str, registry: &Registry) -> String {
    let explained = Request::read(text).and_then(|request| explain(&request, registry));
    match explained {
        Ok(Some(explanation)) => explanation,
        // Lists and arguments have no bytes that need an explanation, and a refusal says itself what is wrong.
        Ok(None) | Err(_) => decode_line(text, registry),
    }
}

fn explain(request: &Request<'_>, registry: &Registry) -> Result<Option<String>, Refusal> {
    let payload = request.payload()?;
    let (format, path) = match request.kind()? {
        Kind::Values(format) => (format, request.path()?),
        Kind::Links => (ContentFormat::CORE_LINK, lwm2m_codec::Path::ROOT),
        Kind::Paths(_) | Kind::ExecuteArguments => return Ok(None),
    };
    let definitions = request.definitions(registry)?;
    let mut decoder = Decoder::new(format, &path, definitions.lookup()).root(request.root());
    if request.relative_ids {
        decoder = decoder.relative_ids();
    }
    let mut lines = vec![format!("{path}, content format {format}, {} bytes", payload.len())];
    lines.extend(decoder.annotate(&payload).iter().map(|annotation| explained(annotation, &payload)));
    if payload.is_empty() {
        lines.push(decode_line_of(request, registry));
    }
    Ok(Some(lines.join("\n")))
}

/// An empty payload has no bytes to show; what it means is all there is to say.
fn decode_line_of(request: &Request<'_>, registry: &Registry) -> String {
    match crate::decode::decode(request, registry) {
        Ok(_) => "        nothing, as it may be".to_owned(),
        Err(refusal) => format!("        error: {}", refusal.message()),
    }
}

fn explained(annotation: &Annotation, payload: &[u8]) -> String {
    let bytes = payload.get(annotation.range.clone()).unwrap_or_default();
    let shown: Vec<String> = bytes.iter().take(BYTES_SHOWN).map(|byte| format!("{byte:02x}")).collect();
    let more = match bytes.len().checked_sub(BYTES_SHOWN) {
        Some(more) if more > 0 => format!(" +{more}"),
        _ => String::new(),
    };
    let path = annotation.path.map(|path| path.to_string()).unwrap_or_default();
    let bytes = format!("{}{more}", shown.join(" "));
    let (offset, kind, text) = (annotation.range.start, annotation.kind.name(), &annotation.text);
    format!("{offset:6}  {bytes:<52}  {kind:<17}  {path:<16}  {text}")
}
