//! Bounds on start tags, checked before the XML parser runs: its work grows with the square of attributes in a
//! tag and of namespace declarations in each other.

use super::error::DdfError;
use crate::limits::{DDF_NAMESPACES_MAX, DDF_TAG_MAX};

/// Whether all tags are short, and few of them declare a namespace. Anything else that is wrong is left for the
/// parser to find.
pub(super) fn check(text: &str) -> Result<(), DdfError> {
    let mut namespaces = 0;
    let mut rest = text;
    while let Some((_, from_tag)) = rest.split_once('<') {
        let offset = text.len() - from_tag.len() - 1;
        let length = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")]
            .into_iter()
            .find(|(start, _)| from_tag.starts_with(start))
            .map(|(_, end)| from_tag.find(end).map_or(from_tag.len(), |at| at + end.len()));
        let length = match length {
            Some(length) => length,
            None => {
                let length = tag_length(from_tag);
                if length > DDF_TAG_MAX {
                    let expected = format!("tags of at most {DDF_TAG_MAX} bytes");
                    return Err(DdfError::at(text, offset, expected, "a longer one"));
                }
                namespaces += from_tag.get(..length).unwrap_or_default().matches("xmlns").count();
                if namespaces > DDF_NAMESPACES_MAX {
                    let expected = format!("at most {DDF_NAMESPACES_MAX} namespace declarations");
                    return Err(DdfError::at(text, offset, expected, "more"));
                }
                length
            }
        };
        rest = from_tag.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// Up to the `>` that stands outside of quotation marks.
fn tag_length(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return at + 1,
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    tag.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_tags_are_found_and_long_texts_are_not() {
        let long = "x".repeat(DDF_TAG_MAX);
        for text in [
            format!("<a>{long}</a>"),
            format!("<a><!-- <b {long}> --><![CDATA[<b {long}>]]><?b {long}?></a>"),
            format!("<a><!-- {long}"),
        ] {
            assert_eq!(check(&text), Ok(()));
        }
        for tag in [format!("<b {long}>"), format!("<b c='>' {long}"), format!("<b c=\"'>{long}\">")] {
            let error = check(&format!("<a>\n {tag}</a>")).unwrap_err();
            assert_eq!(
                error.to_string(),
                "line 2, column 2: expected tags of at most 4096 bytes, got a longer one"
            );
        }
    }

    #[test]
    fn namespaces_are_counted() {
        let nested = "<a xmlns:b='c'>".repeat(DDF_NAMESPACES_MAX);
        assert_eq!(check(&nested), Ok(()));
        assert!(check(&format!("{nested}<a xmlns=''>")).unwrap_err().to_string().contains("at most 64 name"));
    }
}
