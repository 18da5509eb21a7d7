//! See `fuzz::execute`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::execute(data));
