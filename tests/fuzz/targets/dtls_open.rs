//! See `fuzz::dtls_open`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::dtls_open(data));
