//! Payloads as JSON lines: what `lwm2m-console decode` and `lwm2m-console encode` read and write. The same code runs
//! in the browser.
//!
//! ```
//! use lwm2m_model::Registry;
//!
//! let line = r#"{"content_format":11542,"path":"/40000/0","hex":"c10905"}"#;
//! let answer = payload_lines::decode_line(line, &Registry::default());
//! assert_eq!(answer, r#"{"ok":true,"values":[{"path":"/40000/0/9","type":"raw","value":"05"}]}"#);
//! ```
//!
//! In: `content_format`, `path` and `hex`; or `format` in place of the number: `link`, `execute_args`,
//! `senml_json_paths`, `senml_cbor_paths`, or the name of a content format. Optional are `root` (alternate path),
//! `relative_ids` (of LwM2M CBOR), `lwm2m` and `versions` (`{"3":"1.0"}`: what the client says of itself), and `id`,
//! which comes back as it is. Other members are ignored.
//!
//! Out: `{"ok":true,"values":…}`, or `{"ok":false,"error":…,"message":…,"expected":…,"found":…,"offset":…}`.
//! `values` is a list of `{"path","type","value"}` with `t` where a record has a time, in seconds as it stands in the
//! payload. Opaque and raw values are hexadecimal, links are `"66:0"`, times are seconds since 1970. What the
//! definition of an object does not name stands in `unknown`, what is there without a value in `empty`.

#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod answer;
mod decode;
mod encode;
mod explain;
mod hex;
mod limits;
mod request;
mod value;

pub use answer::line_too_long;
pub use decode::decode_line;
pub use encode::encode_line;
pub use explain::explain_line;
pub use limits::LINE_MAX;
