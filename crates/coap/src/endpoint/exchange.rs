//! Requests of ours and the responses to them (RFC 7252 §5).

use core::{fmt::Debug, time::Duration};
use std::collections::BTreeMap;

use rand_core::RngCore;

use super::{Endpoint, deduplication::Answer, message_layer::Purpose, timer::Timer};
use crate::{
    ExchangeError, ExchangeId, Instant, Message, MessageId, MessageType, Output, Request, RequestRefused,
    Token, limits,
};

struct Exchange<P> {
    peer: P,
    token: Token,
    state: State,
    deadline: Instant,
    /// The request was sent with Observe 1.
    cancels_observation: bool,
}

enum State {
    /// Waiting behind another request; encoded but for the message id.
    Queued(Vec<u8>),
    Unacknowledged(MessageId),
    Acknowledged,
}

pub(super) struct Exchanges<P> {
    by_id: BTreeMap<ExchangeId, Exchange<P>>,
    by_token: BTreeMap<(P, Token), ExchangeId>,
}

impl<P: Copy + Ord> Exchanges<P> {
    pub(super) const fn new() -> Self {
        Self { by_id: BTreeMap::new(), by_token: BTreeMap::new() }
    }

    fn insert(&mut self, id: ExchangeId, exchange: Exchange<P>) {
        self.by_token.insert((exchange.peer, exchange.token), id);
        self.by_id.insert(id, exchange);
    }

    fn remove(&mut self, id: ExchangeId) -> Option<Exchange<P>> {
        let exchange = self.by_id.remove(&id)?;
        self.by_token.remove(&(exchange.peer, exchange.token));
        Some(exchange)
    }

    fn contains_token(&self, peer: P, token: Token) -> bool {
        self.by_token.contains_key(&(peer, token))
    }

    fn of_peer(&self, peer: P) -> Vec<ExchangeId> {
        let from_peer = self.by_token.range((peer, Token::EMPTY)..);
        from_peer.take_while(|((p, _), _)| *p == peer).map(|(_, id)| *id).collect()
    }

    /// The exchange that a response outside an acknowledgement belongs to.
    fn answered_by(&self, peer: P, response: &Message) -> Option<ExchangeId> {
        let id = *self.by_token.get(&(peer, response.token))?;
        let exchange = self.by_id.get(&id)?;
        // A request shares its token with the notifications of the observation that it refreshes or cancels.
        // They answer neither a request still unsent nor one that cancels, whose own response has no Observe
        // option (RFC 7641 §3.6).
        let a_notification = matches!(exchange.state, State::Queued(_))
            || (exchange.cancels_observation && response.options.observe().is_some());
        (!a_notification).then_some(id)
    }
}

impl<P: Copy + Ord + Debug> Endpoint<P> {
    /// Sends a confirmable request, or queues it behind the open ones to the same peer.
    ///
    /// `timeout` counts from this call and covers queueing, retransmission and waiting for a separate response.
    pub fn request(
        &mut self,
        now: Instant,
        peer: P,
        request: Request,
        timeout: Duration,
    ) -> Result<(ExchangeId, Token), RequestRefused> {
        if !request.code.is_request() {
            return Err(RequestRefused::NotARequest(request.code));
        }
        let token = match request.token {
            Some(token) if self.exchanges.contains_token(peer, token) => {
                return Err(RequestRefused::TokenInUse(token));
            }
            Some(token) => token,
            None => self.fresh_token(peer),
        };
        let message = Message {
            message_type: MessageType::Confirmable,
            code: request.code,
            message_id: MessageId(0),
            token,
            options: request.options,
            payload: request.payload,
        };
        let datagram = message.encode()?;

        let id = ExchangeId(self.next_id());
        let starts = self.enter_request_lane(now, peer, id)?;
        let exchange = Exchange {
            peer,
            token,
            state: State::Queued(datagram),
            deadline: now + timeout,
            cancels_observation: message.options.observe() == Some(1),
        };
        self.timers.start(exchange.deadline, Timer::Exchange(id));
        self.exchanges.insert(id, exchange);
        if starts {
            self.start_exchange(now, id);
        }
        Ok((id, token))
    }

    /// Stops retransmitting and forgets the request. A late response surfaces as a notification.
    pub fn cancel_exchange(&mut self, now: Instant, id: ExchangeId) {
        self.end_exchange(now, id);
    }

    /// Drops everything queued for or under way to a peer; open requests to it fail. What was received from
    /// it stays known for deduplication.
    pub fn forget_peer(&mut self, peer: P) {
        self.stop_retransmissions_to(peer);
        self.peers.clear(peer);
        for id in self.exchanges.of_peer(peer) {
            if let Some(exchange) = self.exchanges.remove(id) {
                self.timers.stop(exchange.deadline, Timer::Exchange(id));
                self.failed(id, &exchange, ExchangeError::Forgotten);
            }
        }
    }

    /// A response on its own, not in an acknowledgement (RFC 7252 §5.2.2, §5.2.3).
    pub(super) fn handle_separate_response(&mut self, now: Instant, peer: P, mut message: Message) {
        let recognised = message.options.retain_recognised();
        let exchange = self.exchanges.answered_by(peer, &message);
        if let Err(number) = recognised {
            // RFC 7252 §5.4.1: a response with an unrecognised critical option is rejected.
            self.transmit_empty(peer, MessageType::Reset, message.message_id);
            self.remember(now, peer, &message, Answer::Reset);
            self.refused(peer, format!("a response with the unrecognised critical option {number}"));
            if let Some(exchange) = exchange {
                self.fail_exchange(now, exchange, ExchangeError::UnknownCriticalOption(number));
            }
            return;
        }
        let Some(exchange) = exchange else {
            return self.handle_notification(now, peer, message);
        };
        if message.message_type == MessageType::Confirmable {
            self.transmit_empty(peer, MessageType::Acknowledgement, message.message_id);
            self.remember(now, peer, &message, Answer::Acknowledgement);
        } else {
            self.remember(now, peer, &message, Answer::Silence);
        }
        // RFC 7252 §5.2.2: a response that overtakes the acknowledgement of its request stands for both.
        self.complete_exchange(now, exchange, message);
    }

    /// A response in the acknowledgement of `purpose` (RFC 7252 §5.2.1).
    pub(super) fn handle_piggybacked(
        &mut self,
        now: Instant,
        peer: P,
        purpose: Purpose,
        mut message: Message,
    ) {
        let Purpose::Request(id) = purpose else {
            return self.refused(peer, "a response in the acknowledgement of a response".to_owned());
        };
        let Some(exchange) = self.exchanges.by_id.get(&id) else { return };
        if exchange.token != message.token {
            let what =
                format!("expected token {} in the acknowledgement, got {}", exchange.token, message.token);
            return self.refused(peer, what);
        }
        match message.options.retain_recognised() {
            Ok(()) => self.complete_exchange(now, id, message),
            // An acknowledgement is rejected by doing nothing (RFC 7252 §4.2).
            Err(number) => {
                self.refused(peer, format!("a response with the unrecognised critical option {number}"));
                self.fail_exchange(now, id, ExchangeError::UnknownCriticalOption(number));
            }
        }
    }

    pub(super) fn exchange_acknowledged(&mut self, id: ExchangeId) {
        if let Some(exchange) = self.exchanges.by_id.get_mut(&id) {
            exchange.state = State::Acknowledged;
        }
    }

    pub(super) fn exchange_timeout(&mut self, now: Instant, id: ExchangeId) {
        let Some(exchange) = self.exchanges.by_id.get(&id) else { return };
        let error = match exchange.state {
            State::Queued(_) | State::Unacknowledged(_) => ExchangeError::Timeout,
            State::Acknowledged => ExchangeError::NoResponse,
        };
        self.fail_exchange(now, id, error);
    }

    pub(super) fn fail_exchange(&mut self, now: Instant, id: ExchangeId, error: ExchangeError) {
        if let Some(exchange) = self.end_exchange(now, id) {
            self.failed(id, &exchange, error);
        }
    }

    fn complete_exchange(&mut self, now: Instant, id: ExchangeId, message: Message) {
        if let Some(Exchange { peer, token, .. }) = self.end_exchange(now, id) {
            self.outputs.push_back(Output::Response { exchange: id, peer, token, message });
        }
    }

    fn failed(&mut self, id: ExchangeId, exchange: &Exchange<P>, error: ExchangeError) {
        let (peer, token) = (exchange.peer, exchange.token);
        self.outputs.push_back(Output::Failed { exchange: id, peer, token, error });
    }

    fn end_exchange(&mut self, now: Instant, id: ExchangeId) -> Option<Exchange<P>> {
        let exchange = self.exchanges.remove(id)?;
        self.timers.stop(exchange.deadline, Timer::Exchange(id));
        let peer = exchange.peer;
        if let State::Unacknowledged(message_id) = exchange.state {
            self.stop_retransmission(peer, message_id);
        }
        let queued = matches!(exchange.state, State::Queued(_));
        let next = self.peers.with(now, peer, &mut self.random, |state| {
            if queued {
                state.requests.retain_waiting(|waiting| *waiting != id);
                return None;
            }
            state.requests.leave()
        });
        if let Some(next) = next.flatten() {
            self.start_exchange(now, next);
        }
        Some(exchange)
    }

    fn start_exchange(&mut self, now: Instant, id: ExchangeId) {
        let Some(exchange) = self.exchanges.by_id.get_mut(&id) else { return };
        let peer = exchange.peer;
        let State::Queued(datagram) = core::mem::replace(&mut exchange.state, State::Acknowledged) else {
            return;
        };
        let message_id = self.send_confirmable(now, peer, datagram, Purpose::Request(id));
        if let Some(exchange) = self.exchanges.by_id.get_mut(&id) {
            exchange.state = State::Unacknowledged(message_id);
        }
    }

    /// Whether the request may start at once.
    fn enter_request_lane(&mut self, now: Instant, peer: P, id: ExchangeId) -> Result<bool, RequestRefused> {
        let nstart = self.parameters.nstart;
        let limit = limits::QUEUED_REQUESTS_PER_PEER;
        let entered = self.peers.with(now, peer, &mut self.random, |state| {
            if !state.requests.has_room(nstart) && state.requests.waiting() >= limit {
                return Err(RequestRefused::QueueFull { limit });
            }
            Ok(state.requests.enter(id, nstart).is_some())
        });
        entered.unwrap_or(Err(RequestRefused::TooManyPeers { limit: limits::PEERS }))
    }

    fn fresh_token(&mut self, peer: P) -> Token {
        loop {
            let bytes = self.random.next_u64().to_be_bytes();
            if let Some(token) = Token::new(&bytes)
                && !self.exchanges.contains_token(peer, token)
            {
                return token;
            }
        }
    }
}
