//! Forgetting a client, which no standard knows: an operator cleans up.

use coap::{Code, Instant};

use super::{
    Answer, Change, Departure, Event, Flow, OperationError, OperationId, Outcome, Server, commands::Asker,
    kept,
};

impl Server {
    /// Removes everything about a client, registered or not. The device is told nothing: its next request gets 4.04,
    /// and then it registers anew, as a client that nobody knows. Answers the operation when that is stored.
    pub fn forget(&mut self, now: Instant, operation: OperationId, endpoint: String) {
        if !self.flows.has_room() {
            self.answer(Asker::Operation(operation), Err(OperationError::TooManyRequests));
        } else {
            let change = Change::Forgotten { endpoint: endpoint.clone() };
            self.persist(Flow::Forget { operation, endpoint }, change);
        }
        self.drain(now);
    }

    pub(super) fn finish_forget(
        &mut self,
        now: Instant,
        operation: OperationId,
        endpoint: String,
        outcome: Outcome,
    ) {
        if outcome == Outcome::Stored {
            self.forget_commands(now, &endpoint);
            self.configs.remove(&endpoint);
            if let Some(registration) = self.registrations.by_endpoint(&endpoint).cloned() {
                self.registrations.remove(registration.id);
                self.end_registration(now, &registration, Departure::Forgotten);
            }
            // Also those that came while the store was at work.
            for wanted in self.observations.wanted(&endpoint) {
                let (endpoint, target) = (endpoint.clone(), wanted.target);
                self.observations.unwant(&endpoint, &target);
                self.persist_unwaited(Change::ObservationUnwanted { endpoint, target });
            }
            self.event(Event::Forgotten { endpoint });
        }
        self.answer(Asker::Operation(operation), kept(nothing_sent(), outcome));
    }
}

/// The answer to an operation that sends nothing.
pub(super) fn nothing_sent() -> Answer {
    Answer { code: Code::EMPTY, content_format: None, payload: Vec::new(), location: Vec::new(), block: None }
}
