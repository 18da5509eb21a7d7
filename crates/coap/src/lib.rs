//! CoAP endpoint without I/O: message layer, deduplication, exchanges, observe.
//!
//! [`Endpoint`] is one CoAP endpoint (RFC 7252 §1.2) speaking with many peers; [`Message`] is what crosses the
//! wire; [`Output`] is everything the endpoint wants done or known.

mod block;
mod code;
mod endpoint;
pub mod limits;
mod message;
mod option;
pub mod option_number;
mod output;
mod parameters;
mod time;
mod token;

pub use block::Block;
pub use code::{Code, CodeError};
pub use endpoint::Endpoint;
pub use message::{Message, MessageError, MessageId, MessageType};
pub use option::{OptionError, Options};
pub use output::{
    ExchangeError, ExchangeId, NotificationEnd, NotificationId, Output, Request, RequestId, RequestRefused,
    Response, TimeoutReason,
};
pub use parameters::TransmissionParameters;
pub use time::Instant;
pub use token::Token;
