//! See `fuzz::ddf_xml`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::ddf_xml(data));
