//! Payloads as JSON lines.

use std::{collections::BTreeMap, sync::LazyLock};

use lwm2m_codec::ContentFormat;
use lwm2m_model::Registry;
use payload_lines::{decode_line, encode_line, explain_line};
use serde_json::value::{RawValue, to_raw_value};

use crate::answers;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    Registry::from_bytes(include_bytes!("../../../assets/registry/registry.bin"))
        .expect("the bundled registry")
});

/// Members by name, with values as they stand.
type Members = BTreeMap<String, Box<RawValue>>;

/// Every line of the input is decoded, explained and encoded. What is decoded can be encoded, and is then decoded as the
/// same.
pub fn json_lines(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    for line in text.lines() {
        let decoded = answer(decode_line(line, &REGISTRY));
        answer(encode_line(line, &REGISTRY));
        assert!(!explain_line(line, &REGISTRY).is_empty(), "nothing is explained");
        if let Some(decoded) = decoded {
            check_again(line, &decoded);
        }
    }
}

/// The members of an answer, if it is a good one. One that is not says why.
fn answer(line: String) -> Option<Members> {
    assert!(!line.contains('\n'), "more than a line: {line}");
    let members: Members =
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("no JSON: {error}\nin {line}"));
    match members.get("ok").map(|ok| ok.get()) {
        Some("true") => Some(members),
        Some("false") => {
            for name in ["error", "message", "expected", "found"] {
                let text = members.get(name).and_then(|text| serde_json::from_str::<String>(text.get()).ok());
                answers::check_message(&text.unwrap_or_default());
            }
            None
        }
        other => panic!("ok is {other:?} in {line}"),
    }
}

fn check_again(line: &str, decoded: &Members) {
    // A list with the members in their order is understood as well.
    let Ok(request) = serde_json::from_str::<Members>(line) else { return };
    // Values are written below the root of all, and a list of paths is.
    if request.contains_key("root") || loses_its_kind(&request, decoded) {
        return;
    }
    let Some(values) = values(decoded) else { return };
    let mut to_encode = request.clone();
    to_encode.insert("values".to_owned(), values);
    match decoded.get("empty") {
        Some(empty) => to_encode.insert("empty".to_owned(), empty.clone()),
        None => to_encode.remove("empty"),
    };
    let encoded = encode_line(&written(&to_encode), &REGISTRY);
    let Some(encoded) = answer(encoded.clone()) else {
        // A format may have no way to write nothing.
        assert!(encoded.contains("EMPTY_NOT_CARRIED"), "decoded and not encoded: {encoded}\nfrom {line}");
        return;
    };
    let mut to_decode = request;
    to_decode.insert("hex".to_owned(), encoded["hex"].clone());
    let again = answer(decode_line(&written(&to_decode), &REGISTRY));
    let again = again.unwrap_or_else(|| panic!("encoded and not decoded: {}", written(&to_decode)));
    for name in ["values", "unknown", "empty"] {
        assert_eq!(sorted(&again, name), sorted(decoded, name), "{name} of {line}");
    }
}

fn written(members: &Members) -> String {
    serde_json::to_string(members).expect("members that were read")
}

/// All that was decoded; what the definition does not name stands apart from the rest.
fn values(decoded: &Members) -> Option<Box<RawValue>> {
    let values = decoded.get("values")?;
    let Some(unknown) = decoded.get("unknown") else { return Some(values.clone()) };
    let mut all: Vec<&RawValue> = serde_json::from_str(values.get()).ok()?;
    all.extend(serde_json::from_str::<Vec<&RawValue>>(unknown.get()).ok()?);
    to_raw_value(&all).ok()
}

/// What is in a list, in an order of its own: a writer may have another one than the payload. Anything else as it
/// stands.
fn sorted(answer: &Members, name: &str) -> Vec<String> {
    let text = answer.get(name).map_or("[]", |list| list.get());
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(list) => {
            let mut list: Vec<String> = list.iter().map(|item| item.get().to_owned()).collect();
            list.sort_unstable();
            list
        }
        Err(_) => vec![text.to_owned()],
    }
}

/// LwM2M CBOR says less about a value without a definition once it is written by us, see [`crate::payload`].
fn loses_its_kind(request: &Members, decoded: &Members) -> bool {
    let is = |name: &str, text: &str| request.get(name).is_some_and(|value| value.get() == text);
    let number = ContentFormat::LWM2M_CBOR.0.to_string();
    let in_question = is("content_format", &number) || is("format", "\"lwm2m_cbor\"");
    let values = values(decoded).map_or_else(String::new, |values| values.get().to_owned());
    in_question && ["raw", "time"].iter().any(|kind| values.contains(&format!("\"type\":\"{kind}\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_knows_what_the_first_inputs_are_about() {
        assert!(REGISTRY.resource(3, 9).is_some());
        assert!(REGISTRY.resource(3442, 120).is_some());
    }
}
