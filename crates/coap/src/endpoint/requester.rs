//! Requests of ours and the responses to them (RFC 7252 §5).

use core::{fmt::Debug, time::Duration};

use rand_core::RngCore;

use super::{
    Endpoint,
    block2::{Block2Transfer, Progress},
    deduplication::Answer,
    exchange::{Exchange, Match, State},
    message_layer::Purpose,
    timer::Timer,
};
use crate::{
    Block, Code, ExchangeError, ExchangeId, Instant, Message, MessageId, MessageType, Output, Request,
    RequestRefused, Token, limits,
};

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
            current_token: token,
            state: State::Queued(datagram),
            deadline: now + timeout,
            cancels_observation: message.options.observe() == Some(1),
            block2: (message.code == Code::GET).then(|| Block2Transfer::new(&message.options)).flatten(),
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
        self.block1_transfers.forget(peer);
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
        let exchange = match self.exchanges.matching(peer, &message) {
            Match::Answer(exchange) => Some(exchange),
            Match::None => None,
            // Not remembered as received, so that a retransmission finds the exchange complete.
            Match::Early => {
                return self
                    .refused(peer, format!("token {} of a response still being fetched", message.token));
            }
        };
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
        self.answer_exchange(now, exchange, message);
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
        let Some(exchange) = self.exchanges.get(id) else { return };
        if exchange.current_token != message.token {
            let expected = exchange.current_token;
            let what = format!("expected token {expected} in the acknowledgement, got {}", message.token);
            return self.refused(peer, what);
        }
        match message.options.retain_recognised() {
            Ok(()) => self.answer_exchange(now, id, message),
            // An acknowledgement is rejected by doing nothing (RFC 7252 §4.2).
            Err(number) => {
                self.refused(peer, format!("a response with the unrecognised critical option {number}"));
                self.fail_exchange(now, id, ExchangeError::UnknownCriticalOption(number));
            }
        }
    }

    pub(super) fn exchange_acknowledged(&mut self, id: ExchangeId) {
        self.exchanges.set_state(id, State::Acknowledged);
    }

    pub(super) fn exchange_timeout(&mut self, now: Instant, id: ExchangeId) {
        let Some(exchange) = self.exchanges.get(id) else { return };
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

    /// A response came, or the first block of one.
    fn answer_exchange(&mut self, now: Instant, id: ExchangeId, message: Message) {
        match self.exchanges.response(id, message) {
            Progress::Complete(message) => self.complete_exchange(now, id, message),
            Progress::Failed(error) => self.fail_exchange(now, id, error),
            Progress::Next(_) if self.exchanges.body_bytes() > limits::BLOCK2_TOTAL_BYTES => {
                let limit = limits::BLOCK2_TOTAL_BYTES;
                self.fail_exchange(now, id, ExchangeError::BodyTooLarge { limit });
            }
            Progress::Next(block) => self.request_block(now, id, block),
        }
    }

    /// RFC 7959 §2.4: a further block is requested like the first one, under a token of its own.
    fn request_block(&mut self, now: Instant, id: ExchangeId, block: Block) {
        let Some(options) = self.exchanges.block_request(id, block) else { return };
        let Some((peer, state)) = self.exchanges.set_state(id, State::Acknowledged) else { return };
        if let State::Unacknowledged(message_id) = state {
            self.stop_retransmission(peer, message_id);
        }
        let token = self.fresh_token(peer);
        self.exchanges.set_current_token(id, token);
        let empty = Message::empty(MessageType::Confirmable, MessageId(0));
        match (Message { code: Code::GET, token, options, ..empty }).encode() {
            Ok(datagram) => {
                let message_id = self.send_confirmable(now, peer, datagram, Purpose::Request(id));
                self.exchanges.set_state(id, State::Unacknowledged(message_id));
            }
            // The request filled a datagram already, without room for the Block2 option.
            Err(_) => self.fail_exchange(now, id, ExchangeError::BodyIncoherent),
        }
    }

    fn complete_exchange(&mut self, now: Instant, id: ExchangeId, message: Message) {
        if let Some(Exchange { peer, token, .. }) = self.end_exchange(now, id) {
            let message = Message { token, ..message };
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
        let Some((peer, State::Queued(datagram))) = self.exchanges.set_state(id, State::Acknowledged) else {
            return;
        };
        let message_id = self.send_confirmable(now, peer, datagram, Purpose::Request(id));
        self.exchanges.set_state(id, State::Unacknowledged(message_id));
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
