//! What must be true of any payload in any format that carries values:
//!
//! - Reading takes memory in proportion to the payload, and gives no more than [`ITEMS_MAX`] records, all of them at
//!   or below the path that was asked for.
//! - A refusal says what was expected and what came, at a place within the payload.
//! - An explanation covers the payload without gaps, and has an error exactly when the payload is refused.
//! - What was read can be written in the same format, and is then read as the same.

use lwm2m_codec::{
    AnnotationKind, ContentFormat, DecodeError, Decoder, EncodeError, Node, Record, Value, encode,
    encode_node, limits::ITEMS_MAX,
};

use crate::{allocation, answers, records, request::Request};

pub(crate) fn check(format: ContentFormat, data: &[u8]) {
    let (request, payload) = Request::split(data);
    check_with(Decoder::new(format, &request.path, request.lookup), format, &request, payload);
}

/// LwM2M CBOR whose ids may begin below the target.
pub(crate) fn check_relative(data: &[u8]) {
    let format = ContentFormat::LWM2M_CBOR;
    let (request, payload) = Request::split(data);
    let decoder = Decoder::new(format, &request.path, request.lookup).relative_ids();
    check_with(decoder, format, &request, payload);
}

fn check_with(decoder: Decoder<'_>, format: ContentFormat, request: &Request, payload: &[u8]) {
    let decoded = allocation::reading(payload.len(), || decoder.decode(payload));
    check_explanation(&decoder, payload, decoded.as_ref().err());
    let node = decoder.decode_node(payload);
    match decoded {
        Err(error) => {
            answers::check_error(&error, payload.len());
            assert_eq!(node, Err(error), "a tree is refused for the same reason");
        }
        Ok(decoded) => {
            assert!(decoded.len() <= ITEMS_MAX, "{} records", decoded.len());
            let outside = decoded.iter().find(|record| !record.path.starts_with(&request.path));
            assert!(outside.is_none(), "not below {}: {outside:?}", request.path);
            check_written(&decoder, format, request, decoded);
            if let Ok(node) = node {
                check_tree(&decoder, format, request, &node);
            }
        }
    }
}

pub(crate) fn check_explanation(decoder: &Decoder<'_>, payload: &[u8], refused: Option<&DecodeError>) {
    let annotations = allocation::explaining(payload.len(), || decoder.annotate(payload));
    let mut covered = 0;
    for annotation in &annotations {
        assert_eq!(annotation.range.start, covered, "a gap or an overlap: {annotations:?}");
        assert!(!annotation.range.is_empty(), "nothing is explained: {annotations:?}");
        answers::check_message(&annotation.text);
        covered = annotation.range.end;
    }
    assert_eq!(covered, payload.len(), "not to the end: {annotations:?}");
    let marked = annotations.iter().any(|annotation| annotation.kind == AnnotationKind::Error);
    let expected = refused.is_some() && !payload.is_empty();
    assert_eq!(marked, expected, "refused: {refused:?}, explained as {annotations:?}");
}

fn check_written(decoder: &Decoder<'_>, format: ContentFormat, request: &Request, decoded: Vec<Record>) {
    let written = match encode(format, &request.path, &decoded) {
        Ok(written) => written,
        // A map of LwM2M CBOR cannot be empty.
        Err(EncodeError::EmptyNotCarried { .. }) if decoded.is_empty() => return,
        Err(error) => panic!("read but not written: {error}\nfrom {decoded:?}"),
    };
    let again = decoder.decode(&written);
    let again = again.unwrap_or_else(|error| panic!("{error}\nin {written:02x?}\nfrom {decoded:?}"));
    if loses_its_kind(format, request, &decoded) {
        return;
    }
    records::assert_same(&records::sorted(again), &records::sorted(decoded), "written and read again");
}

/// Whether LwM2M CBOR says less about a value without a definition once it is written by us: what is no type of LwM2M
/// becomes a byte string, and a time goes without its tag.
fn loses_its_kind(format: ContentFormat, request: &Request, records: &[Record]) -> bool {
    let loses = |record: &Record| {
        matches!(record.value, Value::Raw(_) | Value::Time(_)) && !request.defines(&record.path)
    };
    format == ContentFormat::LWM2M_CBOR && records.iter().any(loses)
}

/// In TLV a tree can be written with all that is empty in it; other formats refuse that, and say so.
fn check_tree(decoder: &Decoder<'_>, format: ContentFormat, request: &Request, node: &Node) {
    let written = match encode_node(format, &request.path, node) {
        Ok(written) => written,
        Err(EncodeError::EmptyNotCarried { .. }) if format != ContentFormat::TLV => return,
        Err(error) => panic!("a tree was read but not written: {error}\nfrom {node:?}"),
    };
    let again = decoder.decode_node(&written);
    let again = again.unwrap_or_else(|error| panic!("{error}\nin {written:02x?}\nfrom {node:?}"));
    if loses_its_kind(format, request, &node.records()) {
        return;
    }
    records::assert_same(&again.records(), &node.records(), "the tree written and read again");
    assert_eq!(again.empty_paths(), node.empty_paths(), "what is empty in the tree");
}
