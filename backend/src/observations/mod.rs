//! What operators want observed, and what has become of it. Kept beside the role, which forgets why something ended.

mod entry;
mod sequence;

use std::{
    collections::BTreeMap,
    sync::{
        PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use console_api::{ObservationEntry, ObservationState};
use entry::Entry;
use lwm2m_codec::{Path, attributes::NotificationAttributes};
use lwm2m_core::server::{
    ActiveObservation, CANCELLED, Command, CommandState, Departure, Event, ObservationTarget, Operation,
    Reported, Source, WantedObservation,
};

use crate::fleet::InForce;

/// Why an observation is pending.
const ASKED: &str = "the client is asked and has not answered yet";
const ASLEEP: &str = "the client is asleep: it is asked when it wakes";
const QUEUED: &str = "the request waits for the client to wake, or for its turn";

/// Observations that are listed. Beyond, a further one works but is not listed.
pub(crate) const LISTED: usize = 500_000;

#[derive(Default)]
pub(crate) struct Observations {
    list: RwLock<List>,
    /// Notifications and Sends that were taken.
    reports: AtomicU64,
}

#[derive(Default)]
struct List {
    by_client: BTreeMap<String, BTreeMap<ObservationTarget, Entry>>,
    len: usize,
    /// Observations for which there was no room.
    left_out: u64,
}

/// Which of them.
pub(crate) struct Filter<'a> {
    pub(crate) endpoint: Option<&'a str>,
    pub(crate) state: Option<ObservationState>,
    /// Words that must all occur in endpoint, name or paths.
    pub(crate) text: &'a str,
}

impl Observations {
    pub(crate) fn apply(&self, event: &Event, now_ms: u64) {
        match event {
            Event::ObservationStarted { endpoint, observation } => {
                self.write().start(endpoint, observation);
            }
            Event::ObservationEnded { endpoint, target, why } => {
                self.write().end(endpoint, target, why, now_ms);
            }
            Event::ObservationPending { endpoint, target, why } => {
                self.write().await_again(endpoint, target, why, now_ms);
            }
            Event::Departed { registration, why } => {
                let why = match why {
                    Departure::Deregistered => "the client has de-registered",
                    Departure::Expired => "the registration has expired",
                    Departure::Replaced => "the client has registered anew and is asked again",
                    Departure::Forgotten => "the client is forgotten",
                    Departure::Revoked => "the credential of the client is revoked",
                };
                self.write().wait(&registration.endpoint, ObservationState::Waiting, why, now_ms);
            }
            Event::Registered(registration) => {
                self.write().wait(&registration.endpoint, ObservationState::Pending, ASKED, now_ms);
            }
            Event::Awake { endpoint, .. } => self.write().explain_pending(endpoint, ASKED),
            Event::Asleep { endpoint } => self.write().explain_pending(endpoint, ASLEEP),
            Event::Command(command) => self.write().command(command, now_ms),
            Event::Forgotten { endpoint } => self.forget(endpoint),
            Event::Reported(reported) if matches!(reported.source, Source::Notify | Source::Send) => {
                self.reports.fetch_add(1, Ordering::Relaxed);
                if reported.source == Source::Notify {
                    self.write().notified(reported);
                }
            }
            _ => {}
        }
    }

    /// What was wanted before the server started. It is asked for when the client is heard, unless it is active.
    pub(crate) fn expect(&self, endpoint: &str, wanted: &WantedObservation, registered: bool, now_ms: u64) {
        let (state, why) = if registered {
            (ObservationState::Pending, "the client is asked when it is heard")
        } else {
            (ObservationState::Waiting, "the client is not registered")
        };
        if let Some(entry) = self.write().entry(endpoint, &wanted.target) {
            entry.stop(state, why, now_ms);
            entry.asked(wanted);
            // Of a command that waits it may be there already.
            entry.fleeting = false;
        }
    }

    /// Nothing is wanted of this client any more.
    fn forget(&self, endpoint: &str) {
        let mut list = self.write();
        let gone = list.by_client.remove(endpoint).map_or(0, |targets| targets.len());
        list.len -= gone;
    }

    /// All that match, in the order of endpoint and path: how many, and those of a page. `attributes` is asked for those of the
    /// page.
    pub(crate) fn select(
        &self,
        filter: &Filter,
        name: impl Fn(&str) -> Option<String>,
        mut attributes: impl FnMut(&str, &ObservationTarget, Option<&NotificationAttributes>) -> Option<InForce>,
        offset: usize,
        limit: usize,
    ) -> (usize, Vec<ObservationEntry>) {
        let words: Vec<String> = filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        let (mut total, mut page) = (0, Vec::new());
        for (endpoint, targets) in &list.by_client {
            if filter.endpoint.is_some_and(|wanted| wanted != endpoint) {
                continue;
            }
            let name = name(endpoint);
            for (target, entry) in targets {
                let fits = filter.state.is_none_or(|state| state == entry.state)
                    && matches(&words, endpoint, name.as_deref(), target);
                if !fits {
                    continue;
                }
                if total >= offset && page.len() < limit {
                    let attributes = attributes(endpoint, target, entry.parameters());
                    page.push(entry.told(endpoint, name.clone(), target, attributes));
                }
                total += 1;
            }
        }
        (total, page)
    }

    pub(crate) fn reports(&self) -> u64 {
        self.reports.load(Ordering::Relaxed)
    }

    /// How many are listed, and how many there was no room for.
    pub(crate) fn fill(&self) -> (usize, u64) {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        (list.len, list.left_out)
    }

    fn write(&self) -> RwLockWriteGuard<'_, List> {
        self.list.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl List {
    fn start(&mut self, endpoint: &str, observation: &ActiveObservation) {
        if let Some(entry) = self.entry(endpoint, &observation.asked.target) {
            entry.start(observation.since.as_millis());
            entry.asked(&observation.asked);
        }
    }

    fn end(&mut self, endpoint: &str, target: &ObservationTarget, why: &str, now_ms: u64) {
        if why != CANCELLED {
            if let Some(entry) = self.entry(endpoint, target) {
                entry.stop(ObservationState::Ended, why, now_ms);
            }
            return;
        }
        self.remove(endpoint, target);
    }

    fn wait(&mut self, endpoint: &str, state: ObservationState, why: &str, now_ms: u64) {
        let entries = self.by_client.get_mut(endpoint).into_iter().flat_map(BTreeMap::values_mut);
        entries.for_each(|entry| entry.stop(state, why, now_ms));
    }

    fn explain_pending(&mut self, endpoint: &str, why: &str) {
        let entries = self.by_client.get_mut(endpoint).into_iter().flat_map(BTreeMap::values_mut);
        for entry in entries.filter(|entry| entry.state == ObservationState::Pending) {
            entry.explain(why);
        }
    }

    /// An Observe that waits is listed until it is over: then it is active, or its command says why not.
    fn command(&mut self, command: &Command, now_ms: u64) {
        let Some(target) = observed(&command.operation) else { return };
        let endpoint = &command.endpoint;
        let known = self.by_client.get(endpoint).and_then(|targets| targets.get(&target));
        let fleeting = known.is_none_or(|entry| entry.fleeting);
        if !fleeting {
            return;
        }
        if command.state.is_over() {
            return self.remove(endpoint, &target);
        }
        if let Some(entry) = self.entry(endpoint, &target) {
            let why = if command.state == CommandState::Sent { ASKED } else { QUEUED };
            entry.stop(ObservationState::Pending, why, now_ms);
            entry.fleeting = true;
        }
    }

    fn remove(&mut self, endpoint: &str, target: &ObservationTarget) {
        let Some(targets) = self.by_client.get_mut(endpoint) else { return };
        self.len -= usize::from(targets.remove(target).is_some());
        if targets.is_empty() {
            self.by_client.remove(endpoint);
        }
    }

    /// It was asked for and is asked for again.
    fn await_again(&mut self, endpoint: &str, target: &ObservationTarget, why: &str, now_ms: u64) {
        if let Some(entry) = self.entry(endpoint, target) {
            entry.stop(ObservationState::Pending, why, now_ms);
            entry.fleeting = false;
        }
    }

    fn notified(&mut self, reported: &Reported) {
        let Some(targets) = self.by_client.get_mut(&reported.endpoint) else { return };
        if reported.path != Path::ROOT {
            let target = ObservationTarget::Path(reported.path);
            return targets.get_mut(&target).into_iter().for_each(|entry| entry.notify(reported));
        }
        // The paths in the payload tell several apart.
        let several = targets.keys().filter(|target| target.path() == Path::ROOT).count() > 1;
        let named = if several { reported.subject().named } else { Vec::new() };
        for (target, entry) in targets {
            if let ObservationTarget::Paths(paths) = target
                && named.iter().all(|named| paths.iter().any(|path| named.starts_with(path)))
            {
                return entry.notify(reported);
            }
        }
    }

    fn entry(&mut self, endpoint: &str, target: &ObservationTarget) -> Option<&mut Entry> {
        let known = self.by_client.get(endpoint).is_some_and(|targets| targets.contains_key(target));
        if !known && self.len >= LISTED {
            self.left_out += 1;
            return None;
        }
        self.len += usize::from(!known);
        let targets = self.by_client.entry(endpoint.to_owned()).or_default();
        Some(targets.entry(target.clone()).or_default())
    }
}

/// What an operation begins to observe.
fn observed(operation: &Operation) -> Option<ObservationTarget> {
    match operation {
        Operation::Observe { path, .. } => Some(ObservationTarget::Path(*path)),
        Operation::ObserveComposite { paths, .. } => Some(ObservationTarget::composite(paths.clone())),
        _ => None,
    }
}

fn matches(words: &[String], endpoint: &str, name: Option<&str>, target: &ObservationTarget) -> bool {
    if words.is_empty() {
        return true;
    }
    let text = format!("{endpoint} {} {target}", name.unwrap_or_default()).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use coap::{Instant, Token};
    use lwm2m_core::server::RegistrationId;

    use super::*;

    fn target(paths: &[&str]) -> ObservationTarget {
        match paths {
            [path] => ObservationTarget::Path(path.parse().unwrap()),
            paths => ObservationTarget::composite(paths.iter().map(|path| path.parse().unwrap()).collect()),
        }
    }

    fn started(endpoint: &str, paths: &[&str]) -> Event {
        let asked = WantedObservation {
            target: target(paths),
            content_format: None,
            accept: None,
            parameters: None,
            attributes: NotificationAttributes::default(),
        };
        let observation = ActiveObservation {
            token: Token::new(&[1]).unwrap(),
            registration: RegistrationId::new([0; 10]),
            asked,
            since: Instant::from_millis(1_000),
        };
        Event::ObservationStarted { endpoint: endpoint.into(), observation }
    }

    fn ended(endpoint: &str, path: &str, why: &str) -> Event {
        Event::ObservationEnded { endpoint: endpoint.into(), target: target(&[path]), why: why.into() }
    }

    fn notified(endpoint: &str, path: &str, payload: &[u8], at_ms: u64) -> Event {
        let reported = Reported {
            endpoint: endpoint.into(),
            path: path.parse().unwrap(),
            source: Source::Notify,
            content_format: Some(lwm2m_codec::ContentFormat::SENML_JSON),
            payload: payload.into(),
            at: Instant::from_millis(at_ms),
            sequence: Some(1),
            confirmable: false,
            delivery: None,
            current: true,
        };
        Event::Reported(reported.into())
    }

    fn all(observations: &Observations) -> Vec<ObservationEntry> {
        let filter = Filter { endpoint: None, state: None, text: "" };
        observations.select(&filter, |_| None, |_, _, _| None, 0, 100).1
    }

    #[test]
    fn what_was_cancelled_goes_and_what_the_client_ended_stays_with_the_reason() {
        let observations = Observations::default();
        for event in [
            started("a", &["/3/0/9"]),
            started("a", &["/3/0/13"]),
            ended("a", "/3/0/9", CANCELLED),
            ended("a", "/3/0/13", "the client answered 4.04"),
        ] {
            observations.apply(&event, 5_000);
        }
        let [entry] = &all(&observations)[..] else { panic!("one expected") };
        assert_eq!((entry.state, entry.since_ms), (ObservationState::Ended, 5_000));
        assert_eq!(
            (entry.path.as_str(), entry.why.as_deref()),
            ("/3/0/13", Some("the client answered 4.04"))
        );
        observations.apply(&started("a", &["/3/0/13"]), 6_000);
        let entry = &all(&observations)[0];
        assert_eq!((entry.state, entry.since_ms, &entry.why), (ObservationState::Active, 1_000, &None));
        assert_eq!(observations.fill(), (1, 0));
        observations.forget("a");
        assert_eq!((all(&observations).len(), observations.fill()), (0, (0, 0)));
    }

    fn observe(id: u64, state: CommandState) -> Event {
        let at = Instant::from_millis(1);
        Event::Command(std::sync::Arc::new(Command {
            id: lwm2m_core::server::CommandId(id),
            endpoint: "a".into(),
            operation: Operation::Observe { path: "/3/0/9".parse().unwrap(), accept: None, parameters: None },
            author: "REST".into(),
            force: false,
            created_at: at,
            deadline: at,
            timeout: std::time::Duration::from_secs(1),
            attempts: 0,
            state,
            changed_at: at,
        }))
    }

    #[test]
    fn an_observe_that_waits_is_listed_until_it_is_over() {
        let observations = Observations::default();
        observations.apply(&observe(1, CommandState::Queued), 5);
        let [entry] = &all(&observations)[..] else { panic!("one expected") };
        assert_eq!((entry.state, entry.why.as_deref()), (ObservationState::Pending, Some(QUEUED)));
        observations.apply(&observe(1, CommandState::Sent), 6);
        assert_eq!(all(&observations)[0].why.as_deref(), Some(ASKED));
        observations.apply(&observe(1, CommandState::Expired), 7);
        assert_eq!((all(&observations).len(), observations.fill()), (0, (0, 0)));
        // One that was accepted stays, whatever becomes of a further request.
        observations.apply(&started("a", &["/3/0/9"]), 8);
        observations.apply(&observe(2, CommandState::Cancelled), 9);
        assert_eq!(all(&observations)[0].state, ObservationState::Active);
    }

    #[test]
    fn notifications_are_counted_for_what_they_are_about() {
        let observations = Observations::default();
        observations.apply(&started("a", &["/3/0/9", "/3/0/13"]), 0);
        observations.apply(&started("a", &["/1/0/1", "/3303/0/5700"]), 0);
        observations.apply(&started("a", &["/3303/0/5700"]), 0);
        let temperature = br#"[{"n":"/3303/0/5700","v":21.5}]"#;
        observations.apply(&notified("a", "/", temperature, 10_000), 0);
        observations.apply(&notified("a", "/", temperature, 16_000), 0);
        observations.apply(&notified("a", "/3303/0/5700", temperature, 20_000), 0);
        let told: Vec<_> = all(&observations)
            .into_iter()
            .map(|entry| (entry.paths.len(), entry.notifications, entry.per_minute))
            .collect();
        assert_eq!(told, [(0, 1, None), (2, 2, Some(10.0)), (2, 0, None)]);
        assert_eq!(observations.reports(), 3);
    }

    #[test]
    fn a_list_is_filtered_and_told_in_pages() {
        let observations = Observations::default();
        for number in 0..5 {
            observations.apply(&started(&format!("lamp-{number}"), &["/3/0/9"]), 0);
        }
        observations.apply(&ended("lamp-3", "/3/0/9", "because"), 0);
        let select = |endpoint, state, text, offset, limit| {
            let name = |endpoint: &str| (endpoint == "lamp-1").then(|| "Hall".to_owned());
            let (total, page) =
                observations.select(&Filter { endpoint, state, text }, name, |_, _, _| None, offset, limit);
            (total, page.into_iter().map(|entry| entry.endpoint).collect::<Vec<_>>())
        };
        assert_eq!(select(None, None, "", 1, 2), (5, vec!["lamp-1".into(), "lamp-2".into()]));
        assert_eq!(select(Some("lamp-4"), None, "", 0, 9), (1, vec!["lamp-4".into()]));
        assert_eq!(select(None, Some(ObservationState::Ended), "", 0, 9), (1, vec!["lamp-3".into()]));
        assert_eq!(select(None, None, "HALL /3/0", 0, 9), (1, vec!["lamp-1".into()]));
        assert_eq!(select(None, None, "hall /4", 0, 9), (0, vec![]));
    }
}
