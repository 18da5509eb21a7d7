//! Requests of ours and the responses to them (RFC 7252 §5).

use core::{fmt::Debug, time::Duration};

use rand_core::RngCore;

use super::{
    Endpoint,
    blockwise::{BlockwiseRequest, Progress},
    deduplication::Answer,
    exchange::{Exchange, Match, State},
    message_layer::Purpose,
    timer::Timer,
};
use crate::{
    Block, Code, ExchangeError, ExchangeId, Instant, Message, MessageType, NotificationId, Options, Output,
    Request, RequestRefused, Token, limits, option_number,
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
        self.check_outgoing_body(request.payload.len())?;
        let szx = self.parameters.block_szx();
        let request = BlockwiseRequest::new(request.code, request.options, request.payload, szx);
        let id = self.open_exchange(now, peer, token, request, timeout)?;
        Ok((id, token))
    }

    /// Fetches the rest of a notification whose Block2 option says that more blocks follow, by GET requests
    /// with the `options` of the one that began the observation, but for Observe (RFC 7959 §3.4).
    ///
    /// The whole surfaces as one response, with the Observe option of the notification.
    pub fn fetch_rest(
        &mut self,
        now: Instant,
        peer: P,
        options: Options,
        first: Message,
        timeout: Duration,
    ) -> Result<(ExchangeId, Token), RequestRefused> {
        self.fetch_rest_by(now, peer, Request { options, ..Request::new(Code::GET) }, first, timeout)
    }

    /// The same for an observation that another `request` began, such as FETCH (RFC 8132 §2.4).
    pub fn fetch_rest_by(
        &mut self,
        now: Instant,
        peer: P,
        request: Request,
        first: Message,
        timeout: Duration,
    ) -> Result<(ExchangeId, Token), RequestRefused> {
        let Request { code, mut options, payload, .. } = request;
        if !code.is_request() {
            return Err(RequestRefused::NotARequest(code));
        }
        self.check_outgoing_body(payload.len())?;
        options.remove(option_number::BLOCK1);
        options.remove(option_number::BLOCK2);
        let token = self.fresh_token(peer);
        let mut request = BlockwiseRequest::new(code, options, payload, self.parameters.block_szx());
        let output = match request.receive(first) {
            Progress::Next => {
                let id = self.open_exchange(now, peer, token, request, timeout)?;
                self.keep_incoming_limit(now, id);
                return Ok((id, token));
            }
            Progress::Complete(message) => Ok(Message { token, ..message }),
            Progress::Failed(error) => Err(error),
        };
        let exchange = ExchangeId(self.next_id());
        self.outputs.push_back(match output {
            Ok(message) => Output::Response { exchange, peer, token, message, notification: None },
            Err(error) => Output::Failed { exchange, peer, token, error },
        });
        Ok((exchange, token))
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
        self.response_bodies.forget(peer);
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
        if self.begins_observation(exchange, &message) {
            let Some((notification, _)) = self.receive_notification(now, peer, &message) else { return };
            return self.answer_exchange(now, exchange, message, Some(notification));
        }
        if message.message_type == MessageType::Confirmable {
            self.transmit_empty(peer, MessageType::Acknowledgement, message.message_id);
            self.remember(now, peer, &message, Answer::Acknowledgement);
        } else {
            self.remember(now, peer, &message, Answer::Silence);
        }
        // RFC 7252 §5.2.2: a response that overtakes the acknowledgement of its request stands for both.
        self.answer_exchange(now, exchange, message, None);
    }

    /// Whether `message` may be a notification as well as the answer to the exchange.
    fn begins_observation(&self, exchange: ExchangeId, message: &Message) -> bool {
        message.message_type == MessageType::Confirmable
            && message.options.observe().is_some()
            && self.exchanges.get(exchange).is_some_and(|exchange| exchange.request.begins_observation())
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
            Ok(()) => self.answer_exchange(now, id, message, None),
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
            State::Queued(_) | State::Delayed(_) | State::Unacknowledged(_) => ExchangeError::Timeout,
            State::Acknowledged => ExchangeError::NoResponse,
        };
        self.fail_exchange(now, id, error);
    }

    pub(super) fn fail_exchange(&mut self, now: Instant, id: ExchangeId, error: ExchangeError) {
        if let Some(exchange) = self.end_exchange(now, id) {
            self.failed(id, &exchange, error);
        }
    }

    /// A response came, to a part of the request or with a part of the whole response.
    fn answer_exchange(
        &mut self,
        now: Instant,
        id: ExchangeId,
        message: Message,
        notification: Option<NotificationId>,
    ) {
        let progress = self.exchanges.response(id, message);
        if let Progress::Complete(message) = progress {
            return self.complete_exchange(now, id, message, notification);
        }
        if let Some(notification) = notification {
            // Its value is only there with the blocks that are fetched now.
            self.acknowledge(now, notification);
        }
        match progress {
            Progress::Complete(_) => {}
            Progress::Failed(error) => self.fail_exchange(now, id, error),
            Progress::Next if self.keep_incoming_limit(now, id) => self.send_next(now, id),
            Progress::Next => {}
        }
    }

    fn keep_incoming_limit(&mut self, now: Instant, id: ExchangeId) -> bool {
        let limit = limits::BLOCK2_TOTAL_BYTES;
        let kept = self.exchanges.incoming_bytes() <= limit;
        if !kept {
            self.fail_exchange(now, id, ExchangeError::BodyTooLarge { limit });
        }
        kept
    }

    fn check_outgoing_body(&self, length: usize) -> Result<(), RequestRefused> {
        let limit = limits::BLOCK1_SENT_BODY_BYTES;
        if length > limit {
            return Err(RequestRefused::BodyTooLarge { limit });
        }
        let limit = limits::BLOCK1_SENT_TOTAL_BYTES;
        if length > Block::MAX_SIZE && self.exchanges.outgoing_bytes() + length > limit {
            return Err(RequestRefused::TooManyBodies { limit });
        }
        Ok(())
    }

    fn open_exchange(
        &mut self,
        now: Instant,
        peer: P,
        token: Token,
        request: BlockwiseRequest,
        timeout: Duration,
    ) -> Result<ExchangeId, RequestRefused> {
        let datagram = request.message(token).encode()?;
        let id = ExchangeId(self.next_id());
        let starts = self.enter_request_lane(now, peer, id)?;
        let deadline = now + timeout;
        self.timers.start(deadline, Timer::Exchange(id));
        let state = State::Queued(datagram);
        self.exchanges.insert(id, Exchange { peer, token, current_token: token, state, deadline, request });
        if starts {
            self.start_exchange(now, id);
        }
        Ok(id)
    }

    /// The next block of a request, or the request for the next block of a response.
    fn send_next(&mut self, now: Instant, id: ExchangeId) {
        let Some((peer, state)) = self.exchanges.set_state(id, State::Acknowledged) else { return };
        if let State::Unacknowledged(message_id) = state {
            self.stop_retransmission(peer, message_id);
        }
        let token = self.fresh_token(peer);
        let Some(message) = self.exchanges.next_message(id, token) else { return };
        match message.encode() {
            Ok(datagram) => self.send_request(now, peer, id, datagram),
            // The request filled a datagram already, without room for the Block2 option.
            Err(_) => self.fail_exchange(now, id, ExchangeError::BodyIncoherent),
        }
    }

    fn complete_exchange(
        &mut self,
        now: Instant,
        id: ExchangeId,
        message: Message,
        notification: Option<NotificationId>,
    ) {
        if let Some(Exchange { peer, token, .. }) = self.end_exchange(now, id) {
            let message = Message { token, ..message };
            self.outputs.push_back(Output::Response { exchange: id, peer, token, message, notification });
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
        self.send_request(now, peer, id, datagram);
    }

    /// A message id may be free again.
    pub(super) fn send_delayed(&mut self, now: Instant, id: ExchangeId) {
        let delayed =
            self.exchanges.get(id).is_some_and(|exchange| matches!(exchange.state, State::Delayed(_)));
        if delayed
            && let Some((peer, State::Delayed(datagram))) = self.exchanges.set_state(id, State::Acknowledged)
        {
            self.send_request(now, peer, id, datagram);
        }
    }

    fn send_request(&mut self, now: Instant, peer: P, id: ExchangeId, datagram: Vec<u8>) {
        let state = match self.send_confirmable(now, peer, datagram, Purpose::Request(id)) {
            Ok(message_id) => State::Unacknowledged(message_id),
            Err((datagram, free)) => {
                self.timers.start(free, Timer::MessageId(id));
                State::Delayed(datagram)
            }
        };
        self.exchanges.set_state(id, state);
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
