use roxmltree::Node;

use super::error::DdfError;
use crate::quoted::quoted;

/// An XML element, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Element<'a>(Node<'a, 'a>);

impl<'a> Element<'a> {
    pub(super) fn new(node: Node<'a, 'a>) -> Self {
        Self(node)
    }

    /// Namespaces make no difference.
    pub(super) fn name(&self) -> &'a str {
        self.0.tag_name().name()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.0.attribute(name)
    }

    pub(super) fn error(&self, expected: impl Into<String>, got: impl Into<String>) -> DdfError {
        let text = self.0.document().input_text();
        DdfError::at(text, self.0.range().start, expected, got)
    }

    /// The child elements of a name, in any order among others.
    pub(super) fn children(&self, name: &'static str) -> impl Iterator<Item = Self> + use<'a> {
        self.0.children().filter(move |child| child.is_element() && child.tag_name().name() == name).map(Self)
    }

    /// The child element of a name, if there is one.
    pub(super) fn optional(&self, name: &'static str) -> Result<Option<Self>, DdfError> {
        let mut children = self.children(name);
        let first = children.next();
        match children.next() {
            Some(second) => Err(second.error(format!("one <{name}> in <{}>", self.name()), "a second one")),
            None => Ok(first),
        }
    }

    /// The child element of a name, which has to be there.
    pub(super) fn required(&self, name: &'static str) -> Result<Self, DdfError> {
        self.optional(name)?.ok_or_else(|| self.error(format!("<{name}> in <{}>", self.name()), "none"))
    }

    /// The text inside without blanks around it; CDATA and comments may be part of it.
    pub(super) fn text(&self) -> Result<String, DdfError> {
        let mut text = String::new();
        for child in self.0.children() {
            if child.is_element() {
                let child = Self(child);
                return Err(child.error(format!("text in <{}>", self.name()), format!("<{}>", child.name())));
            }
            if child.is_text() {
                text.push_str(child.text().unwrap_or_default());
            }
        }
        Ok(text.trim().to_owned())
    }

    /// The text of a child element that may be missing.
    pub(super) fn optional_text(&self, name: &'static str) -> Result<String, DdfError> {
        self.optional(name)?.map_or_else(|| Ok(String::new()), |child| child.text())
    }

    /// The text of a child element, by which one of two things is meant.
    pub(super) fn choice(&self, name: &'static str, yes: &str, no: &str) -> Result<bool, DdfError> {
        let child = self.required(name)?;
        match child.text()? {
            text if text == yes => Ok(true),
            text if text == no => Ok(false),
            text => Err(child.error(format!("{yes} or {no} in <{name}>"), quoted(&text))),
        }
    }
}
