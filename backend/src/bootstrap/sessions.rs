use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use coap::{Instant, Usage};
use console_api::{
    BootstrapConfigurationName, BootstrapFailure, BootstrapSession, BootstrapSessionQuery, BootstrapState,
    BootstrapStep,
};
use store::{KeptBootstrap, KeptStep, SecurityChange};
use tokio::sync::watch;

use super::{limits, told};

/// The bootstrap sessions that are known, and what of them is not stored yet.
pub(crate) struct Sessions {
    all: Mutex<All>,
    /// Counts what has changed.
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct All {
    sessions: BTreeMap<u64, BootstrapSession>,
    /// The newest of each endpoint in which it was to receive something.
    newest: BTreeMap<String, u64>,
    running: usize,
    /// Of running sessions: when their device has registered, and whether with what was made in the session. The role may
    /// tell of the end later than the server does of the registration.
    registered: BTreeMap<u64, (u64, bool)>,
    /// How many have gone to make room.
    gone: u64,
    unstored: Unstored,
    /// What is on its way into the store.
    storing: Unstored,
}

/// Sessions that are not stored as they are, and steps that are not stored.
#[derive(Default)]
struct Unstored {
    sessions: BTreeSet<u64>,
    steps: BTreeMap<(u64, u32), BootstrapStep>,
}

impl Sessions {
    pub(super) fn new(stored: impl IntoIterator<Item = BootstrapSession>) -> Self {
        let mut all = All::default();
        stored.into_iter().for_each(|session| all.put(session));
        Self { all: Mutex::new(all), changes: watch::Sender::new(0) }
    }

    /// Tells when a session has changed.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Sessions that match, newest first.
    pub(crate) fn find(&self, query: &BootstrapSessionQuery) -> Vec<BootstrapSession> {
        let words: Vec<_> = query.text.split_whitespace().map(str::to_lowercase).collect();
        let all = self.all();
        let fits = |session: &&BootstrapSession| {
            query.endpoint.as_ref().is_none_or(|endpoint| *endpoint == session.endpoint)
                && query.state.is_none_or(|state| state == session.state)
                && has_words(session, &words)
        };
        let mut found: Vec<_> = all.sessions.values().filter(fits).cloned().collect();
        found.sort_by_key(|session| Reverse((session.started_at_ms, session.id)));
        found
    }

    pub(crate) fn one(&self, id: u64) -> Option<BootstrapSession> {
        self.all().sessions.get(&id).cloned()
    }

    /// A session with the steps of it that are not stored yet, by number.
    pub(super) fn with_unstored_steps(
        &self,
        id: u64,
    ) -> Option<(BootstrapSession, BTreeMap<u32, BootstrapStep>)> {
        let all = self.all();
        let session = all.sessions.get(&id)?.clone();
        let steps =
            [&all.storing, &all.unstored].map(|unstored| unstored.steps.range((id, 0)..=(id, u32::MAX)));
        Some((
            session,
            steps.into_iter().flatten().map(|((_, number), step)| (*number, step.clone())).collect(),
        ))
    }

    pub(crate) fn running(&self) -> usize {
        self.all().running
    }

    pub(crate) fn usage(&self) -> Usage {
        let all = self.all();
        Usage { used: all.sessions.len(), limit: limits::SESSIONS, reached: all.gone }
    }

    /// A device that has registered has come to the end of its bootstrap, if that is how it got what it connects with:
    /// `made_in` names the session. Without security nothing shows that, and the newest session counts.
    pub(crate) fn registered(&self, endpoint: &str, made_in: Option<u64>, at_ms: u64) {
        let mut all = self.all();
        let Some(id) = made_in.or_else(|| all.newest.get(endpoint).copied()) else { return };
        let Some(session) = all.sessions.get(&id) else { return };
        if session.endpoint != endpoint || session.registered_at_ms.is_some() {
            return;
        }
        match session.state {
            BootstrapState::Running => {
                all.registered.insert(id, (at_ms, made_in.is_some()));
                return;
            }
            // After a restart it is looked at again, whoever registered before.
            BootstrapState::Finished
                if made_in.is_none() && session.ended_at_ms.is_some_and(|ended| at_ms < ended) =>
            {
                return;
            }
            BootstrapState::Finished => all.register(id, at_ms),
            // It may have given the device everything.
            BootstrapState::Interrupted if made_in.is_some() => all.register(id, at_ms),
            BootstrapState::Interrupted | BootstrapState::Failed => return,
        }
        drop(all);
        self.tell();
    }

    /// A further attempt takes the place of the one before.
    pub(super) fn begin(&self, mut session: BootstrapSession) {
        let mut all = self.all();
        if let Some(before) = all.sessions.get(&session.id) {
            session.first_at_ms = before.first_at_ms.or(Some(before.started_at_ms));
        }
        all.unstored.sessions.insert(session.id);
        all.put(session);
        all.bound();
        drop(all);
        self.tell();
    }

    /// One that had failed goes on after the steps that it has.
    pub(super) fn go_on(&self, id: u64) {
        let mut all = self.all();
        let failed = |session: &&BootstrapSession| session.state == BootstrapState::Failed;
        if all.sessions.get(&id).filter(failed).is_none() {
            return;
        }
        all.running += 1;
        all.change(id, |session| {
            session.state = BootstrapState::Running;
            session.ended_at_ms = None;
            session.failure = None;
        });
        drop(all);
        self.tell();
    }

    pub(super) fn configured_as(&self, id: u64, name: BootstrapConfigurationName, servers: Vec<u16>) {
        let mut all = self.all();
        all.change(id, |session| {
            session.configuration = Some(name);
            session.short_server_ids = servers;
        });
        all.note_newest(id);
    }

    pub(super) fn step(&self, id: u64, step: BootstrapStep) {
        self.all().step(id, step);
        self.tell();
    }

    /// Nothing follows any more, but that the device registers.
    pub(super) fn end(&self, id: u64, at: Instant, state: BootstrapState, failure: Option<BootstrapFailure>) {
        let mut all = self.all();
        let was_running =
            all.sessions.get(&id).is_some_and(|session| session.state == BootstrapState::Running);
        if !was_running {
            return;
        }
        all.running -= 1;
        all.change(id, |session| {
            session.state = state;
            session.ended_at_ms = Some(at.as_millis());
            session.failure = failure;
        });
        if let Some((at_ms, is_proven)) = all.registered.remove(&id)
            && (is_proven || state == BootstrapState::Finished && at_ms >= at.as_millis())
        {
            all.register(id, at_ms);
        }
        drop(all);
        self.tell();
    }

    pub(super) fn has_unstored(&self) -> bool {
        let all = self.all();
        !all.unstored.sessions.is_empty() || !all.unstored.steps.is_empty()
    }

    /// What is to be stored now. It stays here until [`Self::stored`] says what became of it.
    pub(super) fn to_store(&self) -> Vec<SecurityChange> {
        let mut all = self.all();
        let All { sessions, unstored, storing, .. } = &mut *all;
        storing.take(unstored);
        let kept = storing.sessions.iter().filter_map(|id| sessions.get(id)).filter_map(kept);
        let mut changes: Vec<_> = kept.map(|kept| SecurityChange::Bootstrap(Box::new(kept))).collect();
        for ((session, number), step) in &storing.steps {
            let Ok(content) = serde_json::to_vec(step) else { continue };
            changes.push(SecurityChange::BootstrapStep(KeptStep {
                session: *session,
                number: *number,
                content,
            }));
        }
        changes
    }

    pub(super) fn stored(&self, is_stored: bool) {
        let mut all = self.all();
        let mut storing = core::mem::take(&mut all.storing);
        if !is_stored {
            storing.take(&mut all.unstored);
            all.unstored = storing;
        }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.changes.send_modify(|changes| *changes += 1);
    }
}

impl All {
    fn put(&mut self, session: BootstrapSession) {
        let id = session.id;
        self.running += usize::from(session.state == BootstrapState::Running);
        self.sessions.insert(id, session);
        self.note_newest(id);
    }

    fn note_newest(&mut self, id: u64) {
        let Some(session) = self.sessions.get(&id).filter(|session| session.configuration.is_some()) else {
            return;
        };
        let newest = self.newest.entry(session.endpoint.clone()).or_default();
        *newest = id.max(*newest);
    }

    /// The oldest that is over goes.
    fn bound(&mut self) {
        while self.sessions.len() > limits::SESSIONS {
            let mut sessions = self.sessions.values();
            let Some(oldest) = sessions.find(|session| session.state != BootstrapState::Running) else {
                return;
            };
            let (id, endpoint) = (oldest.id, oldest.endpoint.clone());
            self.sessions.remove(&id);
            if self.newest.get(&endpoint) == Some(&id) {
                self.newest.remove(&endpoint);
            }
            self.gone += 1;
        }
    }

    fn change(&mut self, id: u64, change: impl FnOnce(&mut BootstrapSession)) {
        if let Some(session) = self.sessions.get_mut(&id) {
            change(session);
            self.unstored.sessions.insert(id);
        }
    }

    fn register(&mut self, id: u64, at_ms: u64) {
        self.step(id, told::registered(at_ms));
        self.change(id, |session| session.registered_at_ms = Some(at_ms));
    }

    fn step(&mut self, id: u64, step: BootstrapStep) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        self.unstored.steps.insert((id, session.steps), step);
        self.unstored.sessions.insert(id);
        session.steps += 1;
    }
}

impl Unstored {
    /// Takes in what is newer.
    fn take(&mut self, newer: &mut Self) {
        self.sessions.append(&mut newer.sessions);
        self.steps.append(&mut newer.steps);
    }
}

fn kept(session: &BootstrapSession) -> Option<KeptBootstrap> {
    Some(KeptBootstrap {
        id: session.id,
        endpoint: session.endpoint.clone(),
        begun_at: Instant::from_millis(session.started_at_ms),
        is_over: session.state != BootstrapState::Running,
        content: serde_json::to_vec(session).ok()?,
    })
}

/// In endpoint name, address, configuration or failure.
fn has_words(session: &BootstrapSession, words: &[String]) -> bool {
    let configuration =
        session.configuration.as_ref().map_or("", |configuration| configuration.name.as_str());
    let failure = session.failure.as_ref().map_or("", |failure| failure.what.as_str());
    let texts = [&session.endpoint, &session.address, configuration, failure].map(str::to_lowercase);
    words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
}

#[cfg(test)]
mod tests {
    use console_api::{BootstrapBeginning, SecurityMode};

    use super::*;

    fn session(id: u64, endpoint: &str) -> BootstrapSession {
        BootstrapSession {
            id,
            endpoint: endpoint.to_owned(),
            address: "192.0.2.1:7".to_owned(),
            security_mode: Some(SecurityMode::Psk),
            begun_by: BootstrapBeginning::Client,
            state: BootstrapState::Running,
            started_at_ms: 1,
            ended_at_ms: None,
            configuration: Some(BootstrapConfigurationName { id: 1, name: "all".to_owned(), version: 1 }),
            steps: 0,
            failure: None,
            registered_at_ms: None,
            short_server_ids: Vec::new(),
            attempts: 1,
            first_at_ms: None,
        }
    }

    fn finish(sessions: &Sessions, id: u64) {
        sessions.end(id, Instant::from_millis(2), BootstrapState::Finished, None);
    }

    #[test]
    fn what_is_being_stored_is_seen_and_comes_again_when_it_is_not() {
        let sessions = Sessions::new([]);
        sessions.begin(session(1, "a"));
        sessions.step(1, told::registered(1));
        assert_eq!(sessions.to_store().len(), 2);
        sessions.step(1, told::registered(2));
        assert_eq!(sessions.with_unstored_steps(1).unwrap().1.len(), 2);
        sessions.stored(false);
        assert_eq!(sessions.to_store().len(), 3, "the session once, and both steps");
        sessions.stored(true);
        assert!(!sessions.has_unstored());
        let (session, steps) = sessions.with_unstored_steps(1).unwrap();
        assert_eq!((session.steps, steps.len()), (2, 0));
    }

    #[test]
    fn a_registration_completes_the_session_that_led_to_it() {
        let sessions = Sessions::new([]);
        let registered = |id| sessions.one(id).unwrap().registered_at_ms;
        sessions.begin(session(1, "a"));
        sessions.registered("a", None, 1);
        finish(&sessions, 1);
        assert_eq!(registered(1), None, "it was not over");
        sessions.begin(session(2, "a"));
        finish(&sessions, 2);
        sessions.registered("b", Some(1), 4);
        assert_eq!(registered(1), None, "another device");
        sessions.registered("a", Some(1), 5);
        sessions.registered("a", None, 6);
        sessions.registered("a", None, 7);
        assert_eq!((registered(1), registered(2)), (Some(5), Some(6)));
        assert_eq!(sessions.one(2).unwrap().steps, 1);
        for (id, made_in) in [(3, None), (4, Some(4))] {
            sessions.begin(session(id, "a"));
            sessions.registered("a", made_in, 8);
            assert_eq!(registered(id), None);
            finish(&sessions, id);
            assert_eq!(registered(id), Some(8), "the end is told later");
        }
    }

    #[test]
    fn a_refusal_that_repeats_is_one_session_and_the_newest() {
        let sessions = Sessions::new([]);
        let refused = |at: u64, attempts: u32| {
            let refused =
                BootstrapSession { configuration: None, started_at_ms: at, attempts, ..session(1, "a") };
            sessions.begin(refused);
            sessions.step(1, told::registered(at));
            sessions.end(1, Instant::from_millis(at + 1), BootstrapState::Failed, None);
        };
        refused(10, 1);
        sessions.begin(BootstrapSession { started_at_ms: 11, ..session(2, "a") });
        finish(&sessions, 2);
        refused(20, 2);
        refused(30, 3);
        let found = sessions.find(&BootstrapSessionQuery::default());
        let told: Vec<_> = found.iter().map(|it| (it.id, it.attempts, it.first_at_ms, it.steps)).collect();
        assert_eq!(told, [(1, 3, Some(10), 1), (2, 1, None, 0)]);
        assert_eq!(sessions.running(), 0);
        sessions.registered("a", None, 40);
        assert_eq!(sessions.one(2).unwrap().registered_at_ms, Some(40), "a refusal leads to no registration");
    }

    #[test]
    fn one_that_goes_on_keeps_its_steps() {
        let sessions = Sessions::new([session(1, "a")]);
        sessions.step(1, told::registered(1));
        sessions.end(1, Instant::from_millis(5), BootstrapState::Failed, None);
        sessions.go_on(1);
        let told = sessions.one(1).unwrap();
        assert_eq!((told.state, told.steps, told.ended_at_ms), (BootstrapState::Running, 1, None));
        assert_eq!(sessions.running(), 1);
        sessions.go_on(1);
        sessions.go_on(2);
        assert_eq!(sessions.running(), 1, "it runs already, and the other is not known");
        finish(&sessions, 1);
        assert_eq!(sessions.running(), 0);
    }

    #[test]
    fn they_are_found_by_words_and_state() {
        let sessions = Sessions::new([session(1, "Lamp-1"), session(2, "meter")]);
        finish(&sessions, 1);
        let find = |text: &str, state| {
            let query = BootstrapSessionQuery { endpoint: None, state, text: text.to_owned() };
            sessions.find(&query).iter().map(|session| session.id).collect::<Vec<_>>()
        };
        assert_eq!((find("", None), find("lamp 192.0", None)), (vec![2, 1], vec![1]));
        assert_eq!(find("", Some(BootstrapState::Running)), [2]);
        assert_eq!((find("lamp meter", None), sessions.running()), (vec![], 1));
    }

    #[test]
    fn the_oldest_that_is_over_goes() {
        let sessions = Sessions::new((1..=limits::SESSIONS as u64).map(|id| session(id, "a")));
        finish(&sessions, 2);
        sessions.begin(session(limits::SESSIONS as u64 + 1, "b"));
        assert!(sessions.one(1).is_some() && sessions.one(2).is_none());
        assert_eq!(sessions.usage().reached, 1);
    }
}
