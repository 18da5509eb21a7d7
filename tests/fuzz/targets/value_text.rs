//! See `fuzz::value_text`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::value_text(data));
