//! The server with DTLS of others: OpenSSL, libcoap on OpenSSL and on GnuTLS, and Eclipse Leshan.

mod devices;
mod leshan;
mod libcoap;
mod s_client;
mod simulator;
