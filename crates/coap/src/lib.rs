//! CoAP endpoint without I/O: message layer, deduplication, exchanges, observe.
//!
//! [`Endpoint`] is one CoAP endpoint (RFC 7252 §1.2) speaking with many peers; [`Message`] is what crosses the
//! wire; [`Output`] is everything the endpoint wants done or known.
//!
//! ```
//! use std::time::Duration;
//!
//! use coap::{Code, Endpoint, Instant, Options, Output, Request, TransmissionParameters};
//!
//! // A peer can be anything small that tells one from another; usually it holds an address.
//! let mut endpoint = Endpoint::<u16>::new(TransmissionParameters::default(), [0; 32]);
//! let now = Instant::from_millis(0);
//! let request = Request { options: Options::new().with_path("/3/0/0"), ..Request::new(Code::GET) };
//! endpoint.request(now, 5683, request, Duration::from_secs(93))?;
//!
//! // After every input: all outputs, then the next timeout.
//! while let Some(output) = endpoint.poll() {
//!     match output {
//!         Output::Transmit { peer, datagram } => assert_eq!((peer, datagram[0]), (5683, 0x48)),
//!         other => println!("{other:?}"),
//!     }
//! }
//! if let Some((due, reason)) = endpoint.poll_timeout() {
//!     println!("waiting until {due} for {reason}");
//!     endpoint.handle_timeout(due);
//! }
//! # Ok::<(), coap::RequestRefused>(())
//! ```
//!
//! Implemented are RFC 7252, the notifications of RFC 7641, and the block-wise transfer of RFC 7959: requests,
//! responses and notifications, sent and received, go in blocks without the caller noticing.

mod block;
mod code;
mod dissection;
mod endpoint;
pub mod limits;
mod message;
mod option;
pub mod option_number;
mod output;
mod parameters;
mod time;
mod token;
mod usage;

pub use block::Block;
pub use code::{Code, CodeError};
pub use dissection::{Part, PartKind, dissect};
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
pub use usage::{EndpointUsage, Usage};
