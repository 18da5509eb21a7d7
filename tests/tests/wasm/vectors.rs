use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

/// One file of vectors.
#[derive(Deserialize)]
pub(crate) struct Vectors {
    format: String,
    content_format: u16,
    pub(crate) valid: Vec<Vector>,
    pub(crate) malformed: Vec<Vector>,
}

#[derive(Deserialize)]
pub(crate) struct Vector {
    pub(crate) id: String,
    path: String,
    pub(crate) hex: String,
    /// What it means, when it is valid.
    pub(crate) decoded: Option<Box<RawValue>>,
    /// Whether an encoder gives exactly these bytes. Lists of paths leave it out.
    #[serde(default)]
    canonical: Value,
    /// Why it is refused, when it is malformed.
    pub(crate) error: Option<String>,
    /// `false`: accepting it is tolerable.
    #[serde(default)]
    pub(crate) must_reject: bool,
}

impl Vector {
    pub(crate) fn is_canonical(&self) -> bool {
        self.canonical == true
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    format: &'a str,
    content_format: u16,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'a RawValue>,
}

impl Vectors {
    pub(crate) fn read(format: &str) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/vectors");
        let path = folder.join(format!("{format}.json"));
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Vector> {
        self.valid.iter().chain(&self.malformed)
    }

    /// A payload in place of the one of the vector.
    pub(crate) fn decode_line(&self, vector: &Vector, hex: &str) -> Result<String> {
        self.line(vector, Some(hex), None)
    }

    pub(crate) fn encode_line(&self, vector: &Vector) -> Result<String> {
        // The values are taken as their text stands. A line break cannot be part of a string.
        Ok(self.line(vector, None, vector.decoded.as_deref())?.replace('\n', " "))
    }

    fn line(&self, vector: &Vector, hex: Option<&str>, values: Option<&RawValue>) -> Result<String> {
        let Vector { id, path, .. } = vector;
        let (format, content_format) = (&self.format, self.content_format);
        Ok(serde_json::to_string(&Line { id, format, content_format, path, hex, values })?)
    }
}
