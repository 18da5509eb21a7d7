//! Notifications of peers: acknowledged or rejected as the caller decides (RFC 7641 §3).

use core::{fmt::Debug, time::Duration};
use std::collections::BTreeMap;

use super::{Endpoint, deduplication::Answer};
use crate::{Instant, Message, MessageId, MessageType, NotificationId, Output, limits};

/// A notification that surfaced.
struct Undecided<P> {
    peer: P,
    message_id: MessageId,
    received: Instant,
}

/// Notifications that can still be acknowledged or rejected. Ids grow with time, so that the oldest one is
/// the first.
pub(super) struct Notifications<P> {
    confirmable: BTreeMap<NotificationId, Undecided<P>>,
    non_confirmable: BTreeMap<NotificationId, Undecided<P>>,
}

impl<P> Notifications<P> {
    pub(super) const fn new() -> Self {
        Self { confirmable: BTreeMap::new(), non_confirmable: BTreeMap::new() }
    }

    fn has_room_for_confirmable(&self) -> bool {
        self.confirmable.len() < limits::UNDECIDED_NOTIFICATIONS
    }

    fn insert(&mut self, id: NotificationId, confirmable: bool, notification: Undecided<P>) {
        if confirmable {
            self.confirmable.insert(id, notification);
            return;
        }
        if self.non_confirmable.len() >= limits::REJECTABLE_NON_NOTIFICATIONS {
            self.non_confirmable.pop_first();
        }
        self.non_confirmable.insert(id, notification);
    }

    fn drop_older_than(&mut self, age: Duration, now: Instant) {
        for notifications in [&mut self.confirmable, &mut self.non_confirmable] {
            while let Some(oldest) = notifications.first_entry() {
                if oldest.get().received + age > now {
                    break;
                }
                oldest.remove();
            }
        }
    }
}

impl<P: Copy + Ord + Debug> Endpoint<P> {
    /// Acknowledges a confirmable notification, to be called once its content is safe. A Non-confirmable one
    /// needs nothing, but can no longer be rejected.
    pub fn acknowledge(&mut self, _now: Instant, id: NotificationId) {
        if let Some(Undecided { peer, message_id, .. }) = self.notifications.confirmable.remove(&id) {
            self.transmit_empty(peer, MessageType::Acknowledgement, message_id);
            self.deduplication.set_answer(peer, message_id, Answer::Acknowledgement);
        }
        self.notifications.non_confirmable.remove(&id);
    }

    /// Rejects a notification with a Reset, which ends the observation at the peer (RFC 7641 §3.6).
    pub fn reject(&mut self, _now: Instant, id: NotificationId) {
        let confirmable = self.notifications.confirmable.remove(&id);
        let notification = confirmable.or_else(|| self.notifications.non_confirmable.remove(&id));
        if let Some(Undecided { peer, message_id, .. }) = notification {
            self.transmit_empty(peer, MessageType::Reset, message_id);
            self.deduplication.set_answer(peer, message_id, Answer::Reset);
        }
    }

    /// Leaves a notification unanswered, as if it had been lost: a confirmable one comes again and surfaces anew.
    pub fn ignore(&mut self, id: NotificationId) {
        if let Some(Undecided { peer, message_id, .. }) = self.notifications.confirmable.remove(&id) {
            self.deduplication.forget(peer, message_id);
        }
        self.notifications.non_confirmable.remove(&id);
    }

    pub(super) fn handle_notification(&mut self, now: Instant, peer: P, message: Message) {
        if let Some((id, confirmable)) = self.receive_notification(now, peer, &message) {
            self.outputs.push_back(Output::Notification { id, peer, message, confirmable });
        }
    }

    /// Remembers a notification until it is decided on; `None` if there is no room for it. With whether it is
    /// confirmable.
    pub(super) fn receive_notification(
        &mut self,
        now: Instant,
        peer: P,
        message: &Message,
    ) -> Option<(NotificationId, bool)> {
        // By then the peer has stopped retransmitting, and a decision would come too late for it.
        self.notifications.drop_older_than(self.parameters.exchange_lifetime(), now);
        let confirmable = message.message_type == MessageType::Confirmable;
        if confirmable && !self.notifications.has_room_for_confirmable() {
            // Not remembered as received either, so that the retransmission gets its chance.
            self.refused(peer, "a notification beyond the limit of undecided ones".to_owned());
            return None;
        }
        self.remember(now, peer, message, Answer::Silence);
        let id = NotificationId(self.next_id());
        let undecided = Undecided { peer, message_id: message.message_id, received: now };
        self.notifications.insert(id, confirmable, undecided);
        Some((id, confirmable))
    }
}
