//! Object definition files: the XML in which OMNA and vendors publish objects (DDF, LWM2M.xsd; LwM2M Core
//! Appendix D).
//!
//! Files in the wild differ, so elements may come in any order, unknown ones are passed over, and what only informs
//! people (range, units, descriptions) may be missing. What decides how payloads are read must be there and right.

mod element;
mod error;
mod object;
mod tags;

use std::collections::BTreeSet;

use roxmltree::{Document, ParsingOptions};

use crate::definition::ObjectDefinition;
use crate::limits::{DDF_MAX, DDF_NODES_MAX, OBJECTS_MAX};
use crate::quoted::shortened;
use element::Element;
pub use error::DdfError;

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Reads all objects of a definition file, in the order of the file.
///
/// # Errors
/// When the file is no well-formed XML, has a document type declaration, or defines something that the object model
/// has no room for. Nothing of such a file is taken.
pub fn parse(xml: &[u8]) -> Result<Vec<ObjectDefinition>, DdfError> {
    if xml.len() > DDF_MAX {
        let expected = format!("a file of at most {DDF_MAX} bytes");
        return Err(DdfError::at("", 0, expected, format!("{} bytes", xml.len())));
    }
    let text = match std::str::from_utf8(xml) {
        Ok(text) => text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text),
        Err(error) => return Err(not_utf8(xml, error.valid_up_to())),
    };
    tags::check(text)?;
    // Without a document type there are no entities beyond the five of XML: nothing is expanded or fetched.
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: DDF_NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| not_xml(text, &error))?;
    objects(Element::new(document.root_element()))
}

fn objects(root: Element) -> Result<Vec<ObjectDefinition>, DdfError> {
    if root.name() != "LWM2M" {
        return Err(root.error("<LWM2M>", format!("<{}>", root.name())));
    }
    let mut objects = Vec::new();
    let mut seen = BTreeSet::new();
    for element in root.children("Object") {
        if objects.len() == OBJECTS_MAX {
            return Err(element.error(format!("at most {OBJECTS_MAX} objects"), "more"));
        }
        let definition = object::object(element)?;
        let (id, version) = (definition.id, definition.version);
        if !seen.insert((id, version)) {
            return Err(
                element.error("every version of an object once", format!("object {id} {version} again"))
            );
        }
        objects.push(definition);
    }
    if objects.is_empty() {
        return Err(root.error("<Object> in <LWM2M>", "none"));
    }
    Ok(objects)
}

fn not_utf8(xml: &[u8], valid: usize) -> DdfError {
    let (before, after) = xml.split_at_checked(valid).unwrap_or_default();
    let got = after.first().map_or_else(|| "nothing".to_owned(), |byte| format!("the byte 0x{byte:02x}"));
    let before = std::str::from_utf8(before).unwrap_or_default();
    DdfError::at(before.strip_prefix(BYTE_ORDER_MARK).unwrap_or(before), before.len(), "UTF-8", got)
}

fn not_xml(text: &str, error: &roxmltree::Error) -> DdfError {
    if matches!(error, roxmltree::Error::DtdDetected) {
        let offset = text.find("<!DOCTYPE").unwrap_or_default();
        return DdfError::at(text, offset, "a file without document type", "<!DOCTYPE");
    }
    let message = error.to_string();
    let position = error.pos();
    let got = shortened(message.strip_suffix(&format!(" at {position}")).unwrap_or(&message));
    let expected = "well-formed XML";
    // What is missing is missing at the end; the parser gives no place for it.
    if matches!(error, roxmltree::Error::NoRootNode | roxmltree::Error::UnclosedRootNode) {
        return DdfError::at(text, text.len(), expected, got);
    }
    DdfError { line: position.row, column: position.col, expected: expected.to_owned(), got }
}
