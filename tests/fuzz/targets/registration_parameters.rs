//! See `fuzz::registration_parameters`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::registration_parameters(data));
