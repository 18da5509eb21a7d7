//! See `fuzz::senml_json`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::senml_json(data));
