//! See `fuzz::json_lines`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::json_lines(data));
