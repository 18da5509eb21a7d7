//! What server and console say to each other: plain serde types, no logic.
//!
//! REST speaks JSON ([`OperationRequest`], [`OperationResponse`], [`Client`], [`ApiError`]); the WebSocket
//! speaks postcard ([`ServerFrame`], [`ClientFrame`]). A payload of a device is never decoded on its way:
//! [`Reported`] carries the bytes as they came, with their Content-Format.

mod client;
mod error;
mod frame;
mod operation;

pub use client::{Client, ClientDetails, ClientList, ObjectEntry, Observation, SecurityMode, ServerStatus};
pub use error::{ApiError, Details};
pub use frame::{
    ClientFrame, Departure, Event, FrameError, PROTOCOL, Reported, ServerFrame, Source, Topic, decode, encode,
};
pub use operation::{
    Attributes, Cancellation, DecodedValue, DiscoveredNode, NamedValue, Operation, OperationRequest,
    OperationResponse, ValueContent, WriteMode, hex_decode, hex_encode,
};
