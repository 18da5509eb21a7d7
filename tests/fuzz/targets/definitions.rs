//! See `fuzz::definitions`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::definitions(data));
