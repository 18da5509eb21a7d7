//! DTLS 1.2 records (RFC 6347) with Connection ID (RFC 9146): no socket, no clock, no `unsafe`.

#![forbid(unsafe_code)]
