//! See `fuzz::senml_cbor`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::senml_cbor(data));
