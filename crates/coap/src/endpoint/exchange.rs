use std::collections::BTreeMap;

use super::blockwise::{BlockwiseRequest, Progress};
use crate::{ExchangeId, Instant, Message, MessageId, Token};

/// A request of ours that was neither answered nor given up so far.
pub(super) struct Exchange<P> {
    pub(super) peer: P,
    /// The token of the request, by which the exchange is known outside.
    pub(super) token: Token,
    /// The token of the message last sent: another one once further blocks are requested.
    pub(super) current_token: Token,
    pub(super) state: State,
    pub(super) deadline: Instant,
    pub(super) request: BlockwiseRequest,
}

pub(super) enum State {
    /// Waiting behind another request; encoded but for the message id.
    Queued(Vec<u8>),
    /// Waiting for a free message id; encoded but for that.
    Delayed(Vec<u8>),
    Unacknowledged(MessageId),
    Acknowledged,
}

/// What a response outside an acknowledgement is to the exchanges.
pub(super) enum Match {
    /// The answer to the exchange.
    Answer(ExchangeId),
    /// A message with the token of an exchange that is busy fetching the rest of its first answer.
    Early,
    /// Nothing.
    None,
}

pub(super) struct Exchanges<P> {
    by_id: BTreeMap<ExchangeId, Exchange<P>>,
    by_token: BTreeMap<(P, Token), ExchangeId>,
    /// Bytes of all bodies received in part.
    incoming_bytes: usize,
    /// Bytes of all bodies that go out in blocks.
    outgoing_bytes: usize,
}

impl<P: Copy + Ord> Exchanges<P> {
    pub(super) const fn new() -> Self {
        Self { by_id: BTreeMap::new(), by_token: BTreeMap::new(), incoming_bytes: 0, outgoing_bytes: 0 }
    }

    pub(super) const fn incoming_bytes(&self) -> usize {
        self.incoming_bytes
    }

    pub(super) const fn outgoing_bytes(&self) -> usize {
        self.outgoing_bytes
    }

    pub(super) fn insert(&mut self, id: ExchangeId, exchange: Exchange<P>) {
        self.by_token.insert((exchange.peer, exchange.token), id);
        self.incoming_bytes += exchange.request.incoming_bytes();
        self.outgoing_bytes += exchange.request.outgoing_bytes();
        self.by_id.insert(id, exchange);
    }

    pub(super) fn remove(&mut self, id: ExchangeId) -> Option<Exchange<P>> {
        let exchange = self.by_id.remove(&id)?;
        self.by_token.remove(&(exchange.peer, exchange.token));
        self.by_token.remove(&(exchange.peer, exchange.current_token));
        self.incoming_bytes -= exchange.request.incoming_bytes();
        self.outgoing_bytes -= exchange.request.outgoing_bytes();
        Some(exchange)
    }

    pub(super) fn get(&self, id: ExchangeId) -> Option<&Exchange<P>> {
        self.by_id.get(&id)
    }

    /// Replaces the state; returns the peer and the state before.
    pub(super) fn set_state(&mut self, id: ExchangeId, state: State) -> Option<(P, State)> {
        let exchange = self.by_id.get_mut(&id)?;
        Some((exchange.peer, core::mem::replace(&mut exchange.state, state)))
    }

    /// The message to be sent next. A request for another block gets the fresh token; the first one stays
    /// known, as notifications may come with it. All blocks of the request itself share the first token, by
    /// which the peer knows an observation.
    pub(super) fn next_message(&mut self, id: ExchangeId, fresh: Token) -> Option<Message> {
        let exchange = self.by_id.get_mut(&id)?;
        if exchange.request.asks_for_block() {
            if exchange.current_token != exchange.token {
                self.by_token.remove(&(exchange.peer, exchange.current_token));
            }
            exchange.current_token = fresh;
            self.by_token.insert((exchange.peer, fresh), id);
        }
        Some(exchange.request.message(exchange.current_token))
    }

    /// What a response to the exchange leads to.
    pub(super) fn response(&mut self, id: ExchangeId, message: Message) -> Progress {
        let Some(exchange) = self.by_id.get_mut(&id) else { return Progress::Complete(message) };
        let before = exchange.request.incoming_bytes();
        let progress = exchange.request.response(message);
        self.incoming_bytes = self.incoming_bytes - before + exchange.request.incoming_bytes();
        progress
    }

    pub(super) fn contains_token(&self, peer: P, token: Token) -> bool {
        self.by_token.contains_key(&(peer, token))
    }

    pub(super) fn of_peer(&self, peer: P) -> Vec<ExchangeId> {
        let from_peer = self.by_token.range((peer, Token::EMPTY)..);
        from_peer.take_while(|((p, _), _)| *p == peer).map(|(_, id)| *id).collect()
    }

    pub(super) fn matching(&self, peer: P, response: &Message) -> Match {
        let Some(id) = self.by_token.get(&(peer, response.token)) else { return Match::None };
        let Some(exchange) = self.by_id.get(id) else { return Match::None };
        // A request shares its token with the notifications of the observation that it refreshes or cancels.
        // They answer neither a request still unsent, in whole or in part, nor one that cancels, whose own
        // response has no Observe option (RFC 7641 §3.6).
        let expects_no_observe =
            exchange.request.cancels_observation() || exchange.request.is_sending_blocks();
        let a_notification = matches!(exchange.state, State::Queued(_))
            || (expects_no_observe && response.options.observe().is_some());
        if a_notification {
            Match::None
        } else if exchange.current_token != response.token {
            Match::Early
        } else {
            Match::Answer(*id)
        }
    }
}
