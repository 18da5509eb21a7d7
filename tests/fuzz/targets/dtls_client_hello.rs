//! See `fuzz::dtls_client_hello`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::dtls_client_hello(data));
