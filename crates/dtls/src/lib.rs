//! DTLS 1.2 for both roles, without sockets.
