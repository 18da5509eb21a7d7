//! See `fuzz::cbor`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::cbor(data));
