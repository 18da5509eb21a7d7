use core::time::Duration;

use coap::TransmissionParameters;
use lwm2m_codec::registration::{Binding, LwM2mVersion};
use lwm2m_model::notification::Direction;

/// How a client presents itself and how patient it is. Lifetime lives in the object tree, at `/1/x/1`.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub endpoint: String,
    pub version: LwM2mVersion,
    /// `b`, without the Q of Queue Mode.
    pub binding: Binding,
    pub queue_mode: bool,
    /// `/`, or the alternate path under which all objects are found (LwM2M 1.0 TS §8.2.2).
    pub root: String,
    /// Which instance of the Server object holds the account of the server.
    pub server_instance: u16,
    /// How long before the end of the lifetime an Update is sent, at most half of the lifetime.
    pub update_margin: Duration,
    /// How long a Register, Update or De-register may take, retransmissions included.
    pub request_timeout: Duration,
    /// Wait after the first failed registration; it doubles with every further one.
    pub retry_first: Duration,
    /// Longest wait between two attempts to register.
    pub retry_longest: Duration,
    /// Every how many notifications of one observation one is confirmable: 1 makes all confirmable.
    pub confirmable_every: u32,
    /// Which crossings of `gt` and `lt` this client notifies.
    pub crossings: Direction,
    /// Whether this client has the composite operations, which LwM2M 1.1 leaves to it.
    pub composites: bool,
    pub transmission: TransmissionParameters,
}

impl ClientConfig {
    /// The defaults of the standard for a client called `endpoint`.
    pub fn new(endpoint: &str) -> Self {
        let transmission = TransmissionParameters::default();
        // RFC 7252 §4.8.2: after MAX_TRANSMIT_WAIT nobody answers any more.
        let patience = transmission.max_transmit_wait();
        Self {
            endpoint: endpoint.to_owned(),
            version: LwM2mVersion::V1_1,
            binding: Binding::default(),
            queue_mode: false,
            root: "/".to_owned(),
            server_instance: 0,
            update_margin: patience,
            request_timeout: patience,
            // LwM2M 1.1 Core §6.2.1: Communication Retry Timer 60 s, doubled after each attempt.
            retry_first: Duration::from_secs(60),
            retry_longest: Duration::from_secs(86_400),
            confirmable_every: 10,
            crossings: Direction::Both,
            composites: true,
            transmission,
        }
    }
}
