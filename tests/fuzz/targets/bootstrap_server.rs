//! See `fuzz::bootstrap_server`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::bootstrap_server(data));
