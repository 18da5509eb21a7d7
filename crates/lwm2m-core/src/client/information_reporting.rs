//! What one server is told of the changes (LwM2M 1.0 TS §5.5).

use std::collections::BTreeSet;

use coap::{Code, Instant, NotificationEnd, Options, Response, Token};
use lwm2m_codec::{ContentFormat, Level, Path, attributes::AttachedAttributes, encode};
use lwm2m_model::access_control::Requester;

use super::{
    access_control, attributes::InForce, composite::Selection, device_management::representation,
    event::Event, observation::Observed, observations::Due, registration::State,
    server_account::ServerAccount, shared::Shared,
};

const NOTIFICATION_STORING: u16 = 6;

/// What becomes of a notification that is due.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reporting {
    Send,
    /// The server cannot be reached, and wants to know later what it misses.
    Store,
    /// The server cannot be reached, and does not want to know.
    Drop,
    /// Whether the registration stands will be known in a moment.
    Hold,
}

impl ServerAccount {
    /// Takes note of changes in the tree.
    pub(super) fn sample(&mut self, shared: &Shared, changes: &BTreeSet<Path>) {
        for changed in changes.iter().filter(|changed| changed.level() != Level::Root) {
            if !shared.tree.contains(changed) {
                // What comes back later under the same id is something new.
                self.attached.remove(changed);
            }
        }
        let in_force = in_force(&self.attached, shared, self.instance);
        self.observations.sample(shared.now, changes, &in_force);
    }

    /// Sends or keeps the notifications that are due.
    pub(super) fn report(&mut self, shared: &mut Shared) {
        let keep = match self.reporting(shared) {
            Reporting::Send => return self.send_due(shared),
            Reporting::Hold => return,
            reporting => reporting == Reporting::Store,
        };
        let in_force = in_force(&self.attached, shared, self.instance);
        self.observations.withhold_due(shared.now, keep, &in_force);
    }

    /// When a notification may be due.
    pub(super) fn next_report(&self, shared: &Shared) -> Option<Instant> {
        self.observations.next_deadline().filter(|_| self.reporting(shared) != Reporting::Hold)
    }

    /// All observations end, and nothing is kept of them.
    pub(super) fn end_observations(&mut self, shared: &mut Shared) {
        for path in self.observations.clear() {
            self.push_event(shared, Event::ObservationEnded { path });
        }
    }

    /// All observations end, and what would be notified until the server is back is kept, if it wants that.
    pub(super) fn interrupt_observations(&mut self, shared: &mut Shared) {
        if !self.stores_notifications(shared) {
            return self.end_observations(shared);
        }
        for path in self.observations.interrupt() {
            self.push_event(shared, Event::ObservationEnded { path });
        }
    }

    /// The server rejected a notification or did not acknowledge it (RFC 7641 §4.5).
    pub(super) fn notification_failed(&mut self, shared: &mut Shared, token: Token, why: NotificationEnd) {
        let lost = why == NotificationEnd::Timeout;
        let ended = if lost && self.stores_notifications(shared) {
            let in_force = in_force(&self.attached, shared, self.instance);
            self.observations.interrupt_one(token, &in_force)
        } else {
            self.observations.end(token)
        };
        let Some(path) = ended else { return };
        self.push_event(shared, Event::ObservationEnded { path });
        if lost && self.state.is_registered() {
            // LwM2M 1.1 Core §6.4.1: a client that lost an observation registers, so that the server observes again.
            self.register(shared);
        }
    }

    fn send_due(&mut self, shared: &mut Shared) {
        let requester = access_control::requester(&shared.tree, self.instance);
        let readable = |path: &Path| {
            // LwM2M Core §8.2: what the server may not read any more, it is not told either.
            let may_read = access_control::may_read(&shared.tree, requester, path);
            shared.tree.value(path).filter(|_| may_read).cloned()
        };
        let due = self.observations.take_due(shared.now, &shared.config, &readable);
        for mut due in due {
            let Some(response) = notification(shared, requester, &mut due) else { continue };
            let ended = !response.code.is_success();
            let confirmable = due.confirmable || ended;
            shared.endpoint.notify(
                shared.now,
                self.peer,
                due.observe.token,
                &due.observe.resource,
                response,
                confirmable,
            );
            if ended {
                self.observations.cancel(&due.observed, due.observe.token);
                self.push_event(shared, Event::ObservationEnded { path: due.observed.path() });
            }
        }
    }

    fn reporting(&self, shared: &Shared) -> Reporting {
        match &self.state {
            State::Registered(registered) if self.online && registered.doubtful => Reporting::Hold,
            State::Registered(_) if self.online => Reporting::Send,
            _ if self.stores_notifications(shared) => Reporting::Store,
            _ => Reporting::Drop,
        }
    }

    /// LwM2M Core, Server object: Notification Storing When Disabled or Offline.
    fn stores_notifications(&self, shared: &Shared) -> bool {
        self.flag(&shared.tree, NOTIFICATION_STORING).unwrap_or(true)
    }
}

fn in_force<'a>(attached: &'a AttachedAttributes, shared: &'a Shared, instance: u16) -> InForce<'a> {
    InForce { attached, tree: &shared.tree, config: &shared.config, server_instance: instance }
}

/// The values, or the error that ends the observation (RFC 7641 §4.2). None while the server has no right to read
/// them (LwM2M Core §8.2).
fn notification(shared: &Shared, requester: Requester, due: &mut Due) -> Option<Response> {
    let Shared { tree, config, .. } = shared;
    let path = due.observed.path();
    if !tree.contains(&path) {
        return Some(Response::new(Code::NOT_FOUND));
    }
    let past = past(shared, requester, due);
    let current = || match &due.observed {
        Observed::Node(path) => representation(tree, config.version, requester, path, due.observe.format),
        Observed::Composite(paths) => {
            let format = due.observe.format.unwrap_or(ContentFormat::SENML_CBOR);
            let selection = Selection { paths: paths.clone(), format };
            selection.representation(tree, requester).map(|payload| (format, payload))
        }
    };
    match past.map_or_else(current, Ok) {
        Ok((format, payload)) => {
            let options = Options::new().with_observe(due.sequence).with_content_format(format.0);
            Some(Response { code: Code::CONTENT, options, payload })
        }
        Err(refusal) if refusal.code == Code::UNAUTHORIZED => None,
        Err(refusal) => Some(refusal.into_response()),
    }
}

/// What could not be sent before, as far as the server may read it.
fn past(shared: &Shared, requester: Requester, due: &mut Due) -> Option<(ContentFormat, Vec<u8>)> {
    let (format, mut records) = due.past.take()?;
    records.retain(|record| access_control::may_read(&shared.tree, requester, &record.path));
    if records.is_empty() {
        return None;
    }
    let payload = encode(format, &due.observed.path(), &records).ok()?;
    Some((format, payload))
}
