//! See `fuzz::single`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::single(data));
