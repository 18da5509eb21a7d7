//! See `fuzz::access_control`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::access_control(data));
