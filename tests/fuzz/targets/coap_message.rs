//! See `fuzz::coap_message`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::coap_message(data));
