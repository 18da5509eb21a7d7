//! Scripted CoAP conversations with the real server, datagram by datagram.

mod device_management;
mod http;
mod information_reporting;
mod messages;
mod object_versions;
mod payload_lines;
mod registration;
mod start;
