//! A datagram as a CoAP message.

use coap::Message;

use crate::{allocation, answers::check_message};

/// There is one way to write a message, so that what is read is written again as it was.
pub fn coap_message(data: &[u8]) {
    match allocation::receiving(data.len(), || Message::decode(data)) {
        Ok(message) => assert_eq!(message.encode().as_deref(), Ok(data), "{message:?}"),
        Err(error) => check_message(&error.to_string()),
    }
}
