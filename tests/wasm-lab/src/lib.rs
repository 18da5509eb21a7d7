//! The codec as a module for a browser under test: `cargo xtask test vectors` compares what it says there with what
//! the same code says natively.
//!
//! A page makes a [`Lab`] with the definitions that hold, and then hands it payloads as JSON lines.

use lwm2m_model::{Registry, read_definitions};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// The definitions, and what can be done with them.
#[wasm_bindgen]
pub struct Lab {
    registry: Registry,
}

#[wasm_bindgen]
impl Lab {
    /// `registry` is in the compact form, `definitions` is any file of definitions that are added to it.
    ///
    /// # Errors
    /// When one of them cannot be read.
    #[wasm_bindgen(constructor)]
    pub fn new(registry: &[u8], definitions: &[u8]) -> Result<Self, JsError> {
        let mut registry = Registry::from_bytes(registry)?;
        registry.add(read_definitions(definitions)?);
        Ok(Self { registry })
    }

    /// A line for every line, see [`payload_lines::decode_line`].
    #[must_use]
    pub fn decode_lines(&self, lines: &str) -> String {
        answer(lines, |line| payload_lines::decode_line(line, &self.registry))
    }

    /// A line for every line, see [`payload_lines::encode_line`].
    #[must_use]
    pub fn encode_lines(&self, lines: &str) -> String {
        answer(lines, |line| payload_lines::encode_line(line, &self.registry))
    }
}

fn answer(lines: &str, answer: impl Fn(&str) -> String) -> String {
    lines.lines().map(answer).collect::<Vec<_>>().join("\n")
}
