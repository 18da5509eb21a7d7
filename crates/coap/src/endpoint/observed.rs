//! Our notifications to peers (RFC 7641 §4).

use core::fmt::Debug;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    Endpoint,
    block2_sending::Resource,
    message_layer::{Purpose, encode_response},
    peers::WaitingNotification,
};
use crate::{
    Block, Code, Instant, MessageId, MessageType, NotificationEnd, Options, Output, Response, Token, limits,
};

/// Non-confirmable notifications sent lately, so that a Reset to one is understood.
pub(super) struct SentNotifications<P> {
    by_id: BTreeMap<(P, MessageId), (Instant, Token)>,
    expiries: BTreeSet<(Instant, P, MessageId)>,
    max_length: usize,
}

impl<P: Copy + Ord> SentNotifications<P> {
    pub(super) const fn new(max_length: usize) -> Self {
        Self { by_id: BTreeMap::new(), expiries: BTreeSet::new(), max_length }
    }

    fn insert(&mut self, now: Instant, expiry: Instant, peer: P, id: MessageId, token: Token) {
        self.remove(peer, id);
        self.by_id.insert((peer, id), (expiry, token));
        self.expiries.insert((expiry, peer, id));
        while let Some((expiry, peer, id)) = self.expiries.first().copied() {
            if expiry > now && self.by_id.len() <= self.max_length {
                break;
            }
            self.remove(peer, id);
        }
    }

    fn remove(&mut self, peer: P, id: MessageId) -> Option<Token> {
        let (expiry, token) = self.by_id.remove(&(peer, id))?;
        self.expiries.remove(&(expiry, peer, id));
        Some(token)
    }
}

impl<P: Copy + Ord + Debug> Endpoint<P> {
    /// Sends a notification. A confirmable one waits behind the unacknowledged one to the same peer
    /// (RFC 7641 §4.5.1); should it fail, those waiting with the same token are dropped.
    ///
    /// `resource` are the options of the request that began the observation: a peer fetches the further blocks
    /// of a long notification with a GET of the same (RFC 7959 §3.4).
    pub fn notify(
        &mut self,
        now: Instant,
        peer: P,
        token: Token,
        resource: &Options,
        response: Response,
        confirmable: bool,
    ) {
        let asked = resource.block2().filter(|block| block.num == 0 && block.szx <= Block::MAX_SZX);
        let response = self.in_blocks(now, (peer, Resource::new(Code::GET, resource)), asked, response);
        if confirmable {
            let datagram = encode_response(MessageType::Confirmable, MessageId(0), token, response);
            return self.notify_confirmable(now, peer, WaitingNotification { token, datagram });
        }
        let datagram = encode_response(MessageType::NonConfirmable, MessageId(0), token, response);
        if let Some(id) = self.send_non_confirmable(now, peer, datagram) {
            let expiry = now + self.parameters.non_lifetime();
            self.sent_notifications.insert(now, expiry, peer, id, token);
        }
    }

    fn notify_confirmable(&mut self, now: Instant, peer: P, notification: WaitingNotification) {
        let nstart = self.parameters.nstart;
        let mut notification = Some(notification);
        let entered = self.peers.with(now, peer, &mut self.random, |state| {
            let lane = &mut state.notifications;
            if lane.waiting() >= limits::QUEUED_NOTIFICATIONS_PER_PEER {
                lane.drop_oldest_waiting();
            }
            notification.take().and_then(|notification| lane.enter(notification, nstart))
        });
        // Without room for the peer's state there is nothing to wait in.
        if let Some(notification) = entered.unwrap_or(notification) {
            self.start_notification(now, peer, notification);
        }
    }

    pub(super) fn next_notification(&mut self, now: Instant, peer: P) {
        let next = self.peers.with(now, peer, &mut self.random, |state| state.notifications.leave());
        if let Some(notification) = next.flatten() {
            self.start_notification(now, peer, notification);
        }
    }

    /// RFC 7641 §4.5: a rejected or unacknowledged notification ends the observation.
    pub(super) fn confirmable_notification_failed(
        &mut self,
        now: Instant,
        peer: P,
        token: Token,
        why: NotificationEnd,
    ) {
        self.peers.with(now, peer, &mut self.random, |state| {
            state.notifications.retain_waiting(|waiting| waiting.token != token);
        });
        self.outputs.push_back(Output::NotificationEnded { peer, token, why });
        self.next_notification(now, peer);
    }

    pub(super) fn non_confirmable_notification_rejected(&mut self, peer: P, id: MessageId) {
        if let Some(token) = self.sent_notifications.remove(peer, id) {
            let why = NotificationEnd::Reset;
            self.outputs.push_back(Output::NotificationEnded { peer, token, why });
        }
    }

    fn start_notification(&mut self, now: Instant, peer: P, notification: WaitingNotification) {
        let WaitingNotification { token, datagram } = notification;
        if self.send_confirmable(now, peer, datagram, Purpose::Notification(token)).is_err() {
            // Left out (RFC 7641 §4.5.2): those waiting are newer, though not more lucky before an id is free.
            self.next_notification(now, peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    #[test]
    fn sent_notifications_are_bounded_and_expire() {
        let mut sent = SentNotifications::new(2);
        let lifetime = Duration::from_millis(10);
        for id in 1..=3 {
            let now = Instant::from_millis(id.into());
            sent.insert(now, now + lifetime, 'a', MessageId(id), Token::EMPTY);
        }
        assert_eq!(sent.remove('a', MessageId(1)), None);
        assert_eq!(sent.remove('a', MessageId(2)), Some(Token::EMPTY));
        let late = Instant::from_millis(100);
        sent.insert(late, late + lifetime, 'a', MessageId(9), Token::EMPTY);
        assert_eq!(sent.remove('a', MessageId(3)), None);
        assert_eq!(sent.expiries.len(), 1);
    }
}
