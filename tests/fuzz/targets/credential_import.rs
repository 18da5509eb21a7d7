//! See `secure_fuzz::credential_import`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| secure_fuzz::credential_import(data));
