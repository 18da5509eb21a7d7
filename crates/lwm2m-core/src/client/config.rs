use core::time::Duration;

use coap::TransmissionParameters;
use lwm2m_codec::{
    ContentFormat,
    registration::{Binding, LwM2mVersion},
};
use lwm2m_model::notification::Direction;

use super::retry::Retry;

/// How a client presents itself and how patient it is. Lifetime lives in the object tree, at `/1/x/1`.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub endpoint: String,
    pub version: LwM2mVersion,
    /// What the client supports, without the Q of Queue Mode. Since LwM2M 1.1 that is `b`; in 1.0 `b` is the mode in
    /// use, `/1/x/7`, and this stands in where that resource is missing.
    pub binding: Binding,
    pub queue_mode: bool,
    /// `sms`: the number under which the client is reached by SMS.
    pub sms_number: Option<String>,
    /// `/`, or the alternate path under which all objects are found (LwM2M 1.0 TS §8.2.2).
    pub root: String,
    /// How long before the end of the lifetime an Update is sent, at most half of the lifetime.
    pub update_margin: Duration,
    /// How long a Register, Update or De-register may take, retransmissions included.
    pub request_timeout: Duration,
    /// When to try again after a Register that failed.
    pub retry: Retry,
    /// How long the device is away after a Reboot.
    pub reboot_duration: Duration,
    /// Every how many notifications of one observation one is confirmable: 1 makes all confirmable.
    pub confirmable_every: u32,
    /// Which crossings of `gt` and `lt` this client notifies.
    pub crossings: Direction,
    /// Whether this client has the composite operations, which LwM2M 1.1 leaves to it.
    pub composites: bool,
    /// `pct`: the format that a Bootstrap-Server is asked to write in, since LwM2M 1.1. It is asked for TLV otherwise.
    pub preferred_content_format: Option<ContentFormat>,
    /// Whether this client asks for a Bootstrap-Pack first, which came with LwM2M 1.2.
    pub bootstrap_pack: bool,
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
            sms_number: None,
            root: "/".to_owned(),
            update_margin: patience,
            request_timeout: patience,
            retry: Retry::ServerObject,
            reboot_duration: Duration::ZERO,
            confirmable_every: 10,
            crossings: Direction::Both,
            composites: true,
            preferred_content_format: None,
            bootstrap_pack: false,
            transmission,
        }
    }
}
