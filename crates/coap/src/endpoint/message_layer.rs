//! Confirmable messages on their way: retransmission, acknowledgement, Reset (RFC 7252 §4).

use core::{fmt::Debug, time::Duration};

use rand_core::RngCore;

use super::{Endpoint, timer::Timer};
use crate::{
    Code, ExchangeError, ExchangeId, Instant, Message, MessageId, MessageType, NotificationEnd, Output,
    Response, Token,
};

/// A confirmable message that was sent and neither acknowledged nor rejected so far.
pub(super) struct Unacknowledged {
    datagram: Vec<u8>,
    timeout: Duration,
    retransmissions: u32,
    due: Instant,
    pub(super) purpose: Purpose,
}

#[derive(Copy, Clone)]
pub(super) enum Purpose {
    Request(ExchangeId),
    SeparateResponse,
    Notification(Token),
}

impl<P: Copy + Ord + Debug> Endpoint<P> {
    pub(super) fn transmit(&mut self, peer: P, datagram: Vec<u8>) {
        self.outputs.push_back(Output::Transmit { peer, datagram });
    }

    pub(super) fn transmit_empty(&mut self, peer: P, message_type: MessageType, id: MessageId) {
        self.transmit(peer, bare(message_type, Code::EMPTY, id, Token::EMPTY));
    }

    /// Sends a message that was encoded with any message id, until it is acknowledged. When no id is free: the
    /// message, and when one will be.
    pub(super) fn send_confirmable(
        &mut self,
        now: Instant,
        peer: P,
        mut datagram: Vec<u8>,
        purpose: Purpose,
    ) -> Result<MessageId, (Vec<u8>, Instant)> {
        let id = match self.fresh_message_id(now, peer) {
            Ok(id) => id,
            Err(free) => return Err((datagram, free)),
        };
        set_message_id(&mut datagram, id);
        let timeout = self.initial_timeout();
        let due = now + timeout;
        self.timers.start(due, Timer::Retransmission(peer, id));
        self.transmit(peer, datagram.clone());
        let message = Unacknowledged { datagram, timeout, retransmissions: 0, due, purpose };
        self.unacknowledged.insert((peer, id), message);
        Ok(id)
    }

    /// Sends a message that was encoded with any message id, once. When no id is free it counts as lost.
    pub(super) fn send_non_confirmable(
        &mut self,
        now: Instant,
        peer: P,
        mut datagram: Vec<u8>,
    ) -> Option<MessageId> {
        let id = self.fresh_message_id(now, peer).ok()?;
        set_message_id(&mut datagram, id);
        self.transmit(peer, datagram);
        Some(id)
    }

    pub(super) fn handle_acknowledgement(&mut self, now: Instant, peer: P, message: Message) {
        let id = message.message_id;
        let Some(purpose) = self.unacknowledged.get(&(peer, id)).map(|message| message.purpose) else {
            return;
        };
        if message.code != Code::EMPTY {
            return self.handle_piggybacked(now, peer, purpose, message);
        }
        self.stop_retransmission(peer, id);
        match purpose {
            Purpose::Request(exchange) => self.exchange_acknowledged(exchange),
            Purpose::Notification(_) => self.next_notification(now, peer),
            Purpose::SeparateResponse => {}
        }
    }

    pub(super) fn handle_reset(&mut self, now: Instant, peer: P, id: MessageId) {
        match self.stop_retransmission(peer, id) {
            Some(Purpose::Request(exchange)) => self.fail_exchange(now, exchange, ExchangeError::Reset),
            Some(Purpose::Notification(token)) => {
                self.confirmable_notification_failed(now, peer, token, NotificationEnd::Reset);
            }
            Some(Purpose::SeparateResponse) => {}
            None => self.non_confirmable_notification_rejected(peer, id),
        }
    }

    /// The retransmission timer went off (RFC 7252 §4.2).
    pub(super) fn retransmit(&mut self, now: Instant, peer: P, id: MessageId) {
        let Some(message) = self.unacknowledged.get_mut(&(peer, id)) else { return };
        if message.retransmissions < self.parameters.max_retransmit {
            message.retransmissions += 1;
            message.timeout = message.timeout.saturating_mul(2);
            message.due = now + message.timeout;
            self.timers.start(message.due, Timer::Retransmission(peer, id));
            let datagram = message.datagram.clone();
            return self.transmit(peer, datagram);
        }
        match self.stop_retransmission(peer, id) {
            Some(Purpose::Request(exchange)) => self.fail_exchange(now, exchange, ExchangeError::Timeout),
            Some(Purpose::Notification(token)) => {
                self.confirmable_notification_failed(now, peer, token, NotificationEnd::Timeout);
            }
            Some(Purpose::SeparateResponse) | None => {}
        }
    }

    pub(super) fn stop_retransmission(&mut self, peer: P, id: MessageId) -> Option<Purpose> {
        let message = self.unacknowledged.remove(&(peer, id))?;
        self.timers.stop(message.due, Timer::Retransmission(peer, id));
        Some(message.purpose)
    }

    pub(super) fn stop_retransmissions_to(&mut self, peer: P) {
        let ids: Vec<_> = self
            .unacknowledged
            .range((peer, MessageId(0))..=(peer, MessageId(u16::MAX)))
            .map(|((_, id), _)| *id)
            .collect();
        for id in ids {
            self.stop_retransmission(peer, id);
        }
    }

    /// Random between ACK_TIMEOUT and ACK_TIMEOUT * ACK_RANDOM_FACTOR (RFC 7252 §4.2).
    fn initial_timeout(&mut self) -> Duration {
        let shortest = self.parameters.ack_timeout;
        let spread = self.parameters.max_ack_timeout().saturating_sub(shortest);
        let spread_ms = u64::try_from(spread.as_millis()).unwrap_or(u64::MAX);
        let extra = Duration::from_millis(self.random.next_u64() % spread_ms.saturating_add(1));
        shortest.saturating_add(extra)
    }

    fn fresh_message_id(&mut self, now: Instant, peer: P) -> Result<MessageId, Instant> {
        let expiry = now + self.parameters.exchange_lifetime();
        loop {
            let next =
                self.peers.with(now, peer, &mut self.random, |peer| peer.message_ids.take(now, expiry));
            let id = next.unwrap_or_else(|| Ok(MessageId((self.random.next_u32() >> 16) as u16)))?;
            if !self.unacknowledged.contains_key(&(peer, id)) {
                return Ok(id);
            }
        }
    }
}

/// The datagram of a response. One that cannot be sent becomes 5.00 Internal Server Error.
pub(super) fn encode_response(
    message_type: MessageType,
    message_id: MessageId,
    token: Token,
    response: Response,
) -> Vec<u8> {
    let Response { code, options, payload } = response;
    let error = || bare(message_type, Code::INTERNAL_SERVER_ERROR, message_id, token);
    if !code.is_response() {
        return error();
    }
    let message = Message { message_type, code, message_id, token, options, payload };
    message.encode().unwrap_or_else(|_| error())
}

/// A datagram of header and token only.
fn bare(message_type: MessageType, code: Code, id: MessageId, token: Token) -> Vec<u8> {
    let type_bits = match message_type {
        MessageType::Confirmable => 0,
        MessageType::NonConfirmable => 1,
        MessageType::Acknowledgement => 2,
        MessageType::Reset => 3,
    };
    let token = token.as_bytes();
    let [id_high, id_low] = id.0.to_be_bytes();
    let mut datagram = vec![0x40 | (type_bits << 4) | token.len() as u8, code.as_byte(), id_high, id_low];
    datagram.extend_from_slice(token);
    datagram
}

/// Every encoded message has its id in the third and fourth byte (RFC 7252 §3).
fn set_message_id(datagram: &mut [u8], id: MessageId) {
    datagram[2..4].copy_from_slice(&id.0.to_be_bytes());
}
