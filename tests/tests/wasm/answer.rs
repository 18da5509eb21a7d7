use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A line that `decode_line` or `encode_line` gives.
#[derive(Deserialize)]
pub(crate) struct Answer<'a> {
    pub(crate) ok: bool,
    #[serde(borrow)]
    pub(crate) values: Option<&'a RawValue>,
    #[serde(borrow)]
    empty: Option<&'a RawValue>,
    pub(crate) hex: Option<String>,
    #[serde(default)]
    pub(crate) remarks: Vec<String>,
    pub(crate) error: Option<String>,
    pub(crate) expected: Option<String>,
    pub(crate) found: Option<String>,
}

impl<'a> Answer<'a> {
    pub(crate) fn read(line: &'a str) -> Result<Self> {
        serde_json::from_str(line).with_context(|| format!("no answer: {line}"))
    }

    /// The line that encodes what `line` was decoded to; none when it was refused.
    pub(crate) fn line_to_encode(&self, line: &str) -> Result<Option<String>> {
        let Some(values) = self.values else { return Ok(None) };
        let mut members: BTreeMap<&str, &RawValue> = serde_json::from_str(line)?;
        members.remove("hex");
        members.insert("values", values);
        if let Some(empty) = self.empty {
            members.insert("empty", empty);
        }
        Ok(Some(serde_json::to_string(&members)?))
    }
}
