//! See `fuzz::dtls_records`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::dtls_records(data));
