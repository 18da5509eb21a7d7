use std::collections::BTreeMap;

use super::block2::{Block2Transfer, Progress};
use crate::{Block, ExchangeId, Instant, Message, MessageId, Options, Token};

/// A request of ours that was neither answered nor given up so far.
pub(super) struct Exchange<P> {
    pub(super) peer: P,
    /// The token of the request, by which the exchange is known outside.
    pub(super) token: Token,
    /// The token of the message last sent: another one once further blocks are requested.
    pub(super) current_token: Token,
    pub(super) state: State,
    pub(super) deadline: Instant,
    /// The request was sent with Observe 1.
    pub(super) cancels_observation: bool,
    pub(super) block2: Option<Block2Transfer>,
}

pub(super) enum State {
    /// Waiting behind another request; encoded but for the message id.
    Queued(Vec<u8>),
    Unacknowledged(MessageId),
    Acknowledged,
}

impl<P> Exchange<P> {
    fn body_bytes(&self) -> usize {
        self.block2.as_ref().map_or(0, Block2Transfer::body_bytes)
    }
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
    body_bytes: usize,
}

impl<P: Copy + Ord> Exchanges<P> {
    pub(super) const fn new() -> Self {
        Self { by_id: BTreeMap::new(), by_token: BTreeMap::new(), body_bytes: 0 }
    }

    pub(super) const fn body_bytes(&self) -> usize {
        self.body_bytes
    }

    pub(super) fn insert(&mut self, id: ExchangeId, exchange: Exchange<P>) {
        self.by_token.insert((exchange.peer, exchange.token), id);
        self.by_id.insert(id, exchange);
    }

    pub(super) fn remove(&mut self, id: ExchangeId) -> Option<Exchange<P>> {
        let exchange = self.by_id.remove(&id)?;
        self.by_token.remove(&(exchange.peer, exchange.token));
        self.by_token.remove(&(exchange.peer, exchange.current_token));
        self.body_bytes -= exchange.body_bytes();
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

    /// The token of the next message. The first token stays known, as notifications may come with it.
    pub(super) fn set_current_token(&mut self, id: ExchangeId, token: Token) {
        let Some(exchange) = self.by_id.get_mut(&id) else { return };
        if exchange.current_token != exchange.token {
            self.by_token.remove(&(exchange.peer, exchange.current_token));
        }
        exchange.current_token = token;
        self.by_token.insert((exchange.peer, token), id);
    }

    /// What a response to the exchange leads to.
    pub(super) fn response(&mut self, id: ExchangeId, message: Message) -> Progress {
        let Some(transfer) = self.by_id.get_mut(&id).and_then(|exchange| exchange.block2.as_mut()) else {
            return Progress::Complete(message);
        };
        let before = transfer.body_bytes();
        let progress = transfer.response(message);
        self.body_bytes = self.body_bytes - before + transfer.body_bytes();
        progress
    }

    /// The options of the request for a block of the response.
    pub(super) fn block_request(&self, id: ExchangeId, block: Block) -> Option<Options> {
        Some(self.by_id.get(&id)?.block2.as_ref()?.request_options(block))
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
        // They answer neither a request still unsent nor one that cancels, whose own response has no Observe
        // option (RFC 7641 §3.6).
        let a_notification = matches!(exchange.state, State::Queued(_))
            || (exchange.cancels_observation && response.options.observe().is_some());
        if a_notification {
            Match::None
        } else if exchange.current_token != response.token {
            Match::Early
        } else {
            Match::Answer(*id)
        }
    }
}
