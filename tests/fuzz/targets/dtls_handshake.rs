//! See `secure_fuzz::dtls_handshake`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| secure_fuzz::dtls_handshake(data));
