//! The codec as a module for a browser under test: `cargo xtask test vectors` compares what it says there with what
//! the same code says natively, and `cargo xtask bench codec` compares how long it takes.
//!
//! A page makes a [`Lab`] with the definitions that hold, and then hands it payloads as JSON lines. Access control is decided
//! there, too.

// A case that is none fails the test.
#[allow(clippy::unwrap_used, clippy::panic)]
#[path = "../../../crates/lwm2m-model/tests/acl_case/mod.rs"]
mod acl_case;
mod decision;

use codec_bench::Case;
use js_sys::Function;
use lwm2m_model::{Registry, read_definitions};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

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

    /// A decision for every line, which is the context and the request of a case of access control.
    #[must_use]
    pub fn decide_lines(&self, lines: &str) -> String {
        answer(lines, |line| decision::decide_line(line, &self.registry))
    }

    /// Measures a [`Case`], which is JSON as its [measurement](codec_bench::Measurement) is. `clock` gives milliseconds.
    ///
    /// # Errors
    /// When the case cannot be measured.
    pub fn bench(&self, case: &str, clock: &Function) -> Result<String, JsError> {
        let case: Case = serde_json::from_str(case)?;
        let now = || clock.call0(&JsValue::NULL).ok().and_then(|time| time.as_f64()).unwrap_or(f64::NAN);
        let measurement =
            case.measure(&self.registry, &now).map_err(|error| JsError::new(&format!("{error:#}")))?;
        Ok(serde_json::to_string(&measurement)?)
    }
}

fn answer(lines: &str, answer: impl Fn(&str) -> String) -> String {
    lines.lines().map(answer).collect::<Vec<_>>().join("\n")
}
