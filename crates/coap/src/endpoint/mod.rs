mod block1_receiving;
mod block1_sending;
mod block2_receiving;
mod block2_sending;
mod blockwise;
mod deduplication;
mod exchange;
mod lane;
mod message_ids;
mod message_layer;
mod observed;
mod observer;
mod peers;
mod requester;
mod responder;
mod timer;

use core::{
    fmt::{self, Debug},
    time::Duration,
};
use std::collections::{BTreeMap, VecDeque};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use self::{
    block1_receiving::Block1Transfers,
    block2_sending::ResponseBodies,
    deduplication::{Answer, Bounds, Deduplication},
    exchange::Exchanges,
    message_layer::Unacknowledged,
    observed::SentNotifications,
    observer::Notifications,
    peers::Peers,
    responder::OpenRequest,
    timer::{Timer, Timers},
};
use crate::{
    Code, EndpointUsage, Instant, Message, MessageError, MessageId, MessageType, Output, RequestId,
    TimeoutReason, TransmissionParameters, Usage, limits,
};

/// One CoAP endpoint (RFC 7252 §1.2) speaking with many peers `P`.
///
/// After every call, drain [`Self::poll`] until it returns `None`; then [`Self::poll_timeout`] says when to
/// call [`Self::handle_timeout`] unless another input comes first.
pub struct Endpoint<P> {
    parameters: TransmissionParameters,
    random: ChaCha20Rng,
    outputs: VecDeque<Output<P>>,
    timers: Timers<P>,
    peers: Peers<P>,
    deduplication: Deduplication<P>,
    unacknowledged: BTreeMap<(P, MessageId), Unacknowledged>,
    exchanges: Exchanges<P>,
    open_requests: BTreeMap<RequestId, OpenRequest<P>>,
    block1_transfers: Block1Transfers<P>,
    response_bodies: ResponseBodies<P>,
    notifications: Notifications<P>,
    sent_notifications: SentNotifications<P>,
    /// Requests for which there was no room among the open ones.
    requests_turned_away: u64,
    last_id: u64,
}

impl<P> Debug for Endpoint<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("parameters", &self.parameters).finish_non_exhaustive()
    }
}

impl<P: Copy + Ord + Debug> Endpoint<P> {
    /// All randomness (message ids, tokens, retransmission timeouts) comes from `seed`.
    pub fn new(parameters: TransmissionParameters, seed: [u8; 32]) -> Self {
        let szx = parameters.block_szx();
        Self {
            parameters,
            random: ChaCha20Rng::from_seed(seed),
            outputs: VecDeque::new(),
            timers: Timers::new(),
            peers: Peers::new(limits::PEERS),
            deduplication: Deduplication::new(Bounds {
                entries: limits::DEDUPLICATION_ENTRIES,
                answer_bytes: limits::DEDUPLICATION_ANSWER_BYTES,
                entries_per_peer: limits::DEDUPLICATION_ENTRIES_PER_PEER,
                answer_bytes_per_peer: limits::DEDUPLICATION_ANSWER_BYTES_PER_PEER,
            }),
            unacknowledged: BTreeMap::new(),
            exchanges: Exchanges::new(),
            open_requests: BTreeMap::new(),
            block1_transfers: Block1Transfers::new(limits::BLOCK1_TRANSFERS, limits::BLOCK1_TOTAL_BYTES, szx),
            response_bodies: ResponseBodies::new(),
            notifications: Notifications::new(),
            sent_notifications: SentNotifications::new(limits::SENT_NON_NOTIFICATIONS),
            requests_turned_away: 0,
            last_id: 0,
        }
    }

    pub fn handle_datagram(&mut self, now: Instant, peer: P, datagram: &[u8]) {
        self.sweep(now);
        match Message::decode(datagram) {
            Ok(message) => self.handle_message(now, peer, message),
            Err(error) => {
                // RFC 7252 §4.2, §4.3: a malformed Confirmable message is rejected, any other one ignored.
                if let MessageError::FormatError {
                    message_type: MessageType::Confirmable, message_id, ..
                } = error
                {
                    self.transmit_empty(peer, MessageType::Reset, message_id);
                }
                self.refused(peer, error.to_string());
            }
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        self.sweep(now);
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::Retransmission(peer, id) => self.retransmit(now, peer, id),
                Timer::Exchange(id) => self.exchange_timeout(now, id),
                Timer::EmptyAcknowledgement(id) => self.acknowledge_request(id),
                Timer::MessageId(id) => self.send_delayed(now, id),
            }
        }
    }

    pub fn poll(&mut self) -> Option<Output<P>> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] is due next, and what for.
    pub fn poll_timeout(&self) -> Option<(Instant, TimeoutReason)> {
        let sweep = self.deduplication.next_sweep().map(|due| (due, TimeoutReason::DeduplicationSweep));
        self.timers.next().into_iter().chain(sweep).min()
    }

    /// How much of its bounds is in use.
    pub fn usage(&self) -> EndpointUsage {
        EndpointUsage {
            deduplication_entries: self.deduplication.usage(),
            open_requests: Usage {
                used: self.open_requests.len(),
                limit: limits::OPEN_REQUESTS,
                reached: self.requests_turned_away,
            },
            peers: self.peers.usage(),
        }
    }

    fn handle_message(&mut self, now: Instant, peer: P, message: Message) {
        let code = message.code;
        match message.message_type {
            MessageType::Acknowledgement if code == Code::EMPTY || code.is_response() => {
                self.handle_acknowledgement(now, peer, message);
            }
            MessageType::Reset if code == Code::EMPTY => self.handle_reset(now, peer, message.message_id),
            MessageType::Confirmable if code == Code::EMPTY => {
                // RFC 7252 §4.3: a "CoAP ping".
                self.transmit_empty(peer, MessageType::Reset, message.message_id);
            }
            MessageType::Confirmable if code.is_reserved() => {
                self.transmit_empty(peer, MessageType::Reset, message.message_id);
                self.refused(peer, format!("reserved code {code}"));
            }
            MessageType::Confirmable | MessageType::NonConfirmable
                if self.answer_duplicate(now, peer, &message) => {}
            MessageType::Confirmable | MessageType::NonConfirmable if code.is_request() => {
                self.handle_request(now, peer, message);
            }
            MessageType::Confirmable | MessageType::NonConfirmable if code.is_response() => {
                self.handle_separate_response(now, peer, message);
            }
            // RFC 7252 §4.2, §4.3: rejected by doing nothing.
            message_type => self.refused(peer, format!("{message_type:?} message with code {code}")),
        }
    }

    /// RFC 7252 §4.5: every copy gets the answer of the first, which is acted on only once.
    fn answer_duplicate(&mut self, now: Instant, peer: P, message: &Message) -> bool {
        let id = message.message_id;
        match self.deduplication.answer(now, peer, id) {
            None => return false,
            Some(Answer::Silence) => {}
            Some(Answer::Acknowledgement) => self.transmit_empty(peer, MessageType::Acknowledgement, id),
            Some(Answer::Reset) => self.transmit_empty(peer, MessageType::Reset, id),
            Some(Answer::Response(datagram)) => {
                let datagram = datagram.to_vec();
                self.transmit(peer, datagram);
            }
        }
        true
    }

    /// A request in blocks is kept no longer than the memory of its last block, so that one timer serves both.
    /// A body kept for others to fetch needs none: it may well stay until something else happens.
    fn sweep(&mut self, now: Instant) {
        self.deduplication.sweep(now);
        self.block1_transfers.sweep(now);
        self.response_bodies.sweep(now);
    }

    fn remember(&mut self, now: Instant, peer: P, message: &Message, answer: Answer) {
        let lifetime = self.lifetime(message.message_type);
        self.deduplication.remember(peer, message.message_id, now + lifetime, answer);
    }

    /// How long a received message may come again (RFC 7252 §4.8.2).
    fn lifetime(&self, message_type: MessageType) -> Duration {
        match message_type {
            MessageType::Confirmable => self.parameters.exchange_lifetime(),
            _ => self.parameters.non_lifetime(),
        }
    }

    fn refused(&mut self, peer: P, what: String) {
        self.outputs.push_back(Output::Refused { peer, what });
    }

    const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}
