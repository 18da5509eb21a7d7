use std::collections::{BTreeMap, BTreeSet};

use coap::{Instant, Token};
use lwm2m_codec::{ContentFormat, Path, Value, attributes::NotificationAttributes};
use lwm2m_model::notification::{NodeState, Verdict};

use super::{attributes::InForce, limits, object_tree::ObjectTree};

/// The observations of one server (LwM2M 1.0 TS §5.5, RFC 7641): one per path.
#[derive(Debug, Default)]
pub(super) struct Observations {
    by_path: BTreeMap<Path, Observation>,
    /// One sequence for all observations, so that it also grows when an observation is replaced on its path.
    sequence: u32,
}

/// What an Observe asks for.
#[derive(Clone, Debug)]
pub(super) struct Observe {
    pub(super) token: Token,
    pub(super) accept: Option<ContentFormat>,
    /// The attributes it brings (LwM2M 1.2 Core §6.4.1).
    pub(super) parameters: Option<NotificationAttributes>,
}

#[derive(Debug)]
struct Observation {
    observe: Observe,
    /// When to notify.
    state: NodeState,
    /// `con=1` for anything that is reported.
    always_confirmable: bool,
    /// Non-confirmable notifications since the last confirmable one.
    unconfirmed: u32,
    confirmable_at: Instant,
}

/// A notification to be sent now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notification {
    pub(super) path: Path,
    pub(super) token: Token,
    pub(super) accept: Option<ContentFormat>,
    pub(super) sequence: u32,
    pub(super) confirmable: bool,
}

impl Observations {
    pub(super) fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether one more path would exceed the limit.
    pub(super) fn full_for(&self, path: &Path) -> bool {
        self.by_path.len() >= limits::OBSERVATIONS && !self.by_path.contains_key(path)
    }

    /// Begins or refreshes an observation; returns the value of its first Observe option.
    pub(super) fn observe(
        &mut self,
        now: Instant,
        path: Path,
        observe: Observe,
        in_force: &InForce<'_>,
    ) -> u32 {
        // A token names one observation only, so on another path it has been given up by its owner.
        self.by_path.retain(|other, held| *other == path || held.observe.token != observe.token);
        let records = in_force.tree.records(&path);
        let parameters = observe.parameters.as_ref();
        let members = records.iter().map(|record| {
            let attributes = in_force.attributes(&record.path, parameters);
            (record.path, in_force.conditions(&attributes), &record.value)
        });
        let state = NodeState::start(now.as_millis(), members);
        let mut fresh =
            Observation { observe, state, always_confirmable: false, unconfirmed: 0, confirmable_at: now };
        fresh.refresh(in_force);
        self.by_path.insert(path, fresh);
        self.sequence = following(self.sequence);
        self.sequence
    }

    /// RFC 7641 §3.6: only the relation with this token ends. Returns whether there was one.
    pub(super) fn cancel(&mut self, path: &Path, token: Token) -> bool {
        let matches = self.by_path.get(path).is_some_and(|held| held.observe.token == token);
        matches && self.by_path.remove(path).is_some()
    }

    /// Ends the observations at and below `path`.
    pub(super) fn cancel_below(&mut self, path: &Path) -> Vec<Path> {
        let ended: Vec<Path> = self.by_path.keys().filter(|held| held.starts_with(path)).copied().collect();
        self.by_path.retain(|held, _| !held.starts_with(path));
        ended
    }

    /// Ends the observation with this token, whatever its path.
    pub(super) fn end(&mut self, token: Token) -> Option<Path> {
        let path = *self.by_path.iter().find(|(_, held)| held.observe.token == token)?.0;
        self.by_path.remove(&path);
        Some(path)
    }

    /// Ends all observations.
    pub(super) fn clear(&mut self) -> Vec<Path> {
        core::mem::take(&mut self.by_path).into_keys().collect()
    }

    /// Takes the values that changed at these paths. What comes of it is told by `take_due`.
    pub(super) fn sample(&mut self, now: Instant, changes: &BTreeSet<Path>, in_force: &InForce<'_>) {
        for (path, held) in &mut self.by_path {
            if changes.iter().any(|changed| changed.starts_with(path) || path.starts_with(changed)) {
                held.sample(now, path, changes, in_force);
            }
        }
        if changes.iter().any(|changed| in_force.depend_on(changed)) {
            self.refresh(in_force);
        }
    }

    /// Puts attributes into force that were written meanwhile.
    pub(super) fn refresh(&mut self, in_force: &InForce<'_>) {
        for held in self.by_path.values_mut() {
            held.refresh(in_force);
        }
    }

    /// The notifications to send now; they count as sent. Every `confirmable_every`-th is confirmable.
    pub(super) fn take_due(
        &mut self,
        now: Instant,
        confirmable_every: u32,
        tree: &ObjectTree,
    ) -> Vec<Notification> {
        let current = |path: &Path| tree.value(path).cloned();
        let mut notifications = Vec::new();
        for (path, held) in &mut self.by_path {
            if !held.is_due(now, &current) {
                continue;
            }
            held.state.sent(now.as_millis(), &current);
            let confirmable = held.count(now, confirmable_every);
            self.sequence = following(self.sequence);
            let Observe { token, accept, .. } = held.observe;
            notifications.push(Notification {
                path: *path,
                token,
                accept,
                sequence: self.sequence,
                confirmable,
            });
        }
        notifications
    }

    /// When a notification may be due.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let deadlines = self.by_path.values().filter_map(|held| held.state.next_deadline());
        deadlines.min().map(|deadline| Instant::from_millis(deadline.at_ms))
    }
}

impl Observation {
    fn sample(&mut self, now: Instant, path: &Path, changes: &BTreeSet<Path>, in_force: &InForce<'_>) {
        let now_ms = now.as_millis();
        let records = in_force.tree.records(path);
        let present: BTreeSet<Path> = records.iter().map(|record| record.path).collect();
        let gone: Vec<Path> =
            self.state.members().map(|(path, _)| *path).filter(|path| !present.contains(path)).collect();
        for path in gone {
            self.state.remove(&path);
        }
        for record in &records {
            if !self.state.is_member(&record.path) {
                let attributes = in_force.attributes(&record.path, self.observe.parameters.as_ref());
                self.always_confirmable |= attributes.con.is_some_and(|con| con.value);
                self.state.insert(now_ms, record.path, in_force.conditions(&attributes));
            } else if changes.iter().any(|changed| record.path.starts_with(changed)) {
                self.state.sample(now_ms, record.path, &record.value);
            }
        }
    }

    fn refresh(&mut self, in_force: &InForce<'_>) {
        self.always_confirmable = false;
        let members: Vec<Path> = self.state.members().map(|(path, _)| *path).collect();
        for path in members {
            let attributes = in_force.attributes(&path, self.observe.parameters.as_ref());
            // LwM2M 1.2 Core §5.1.2: con=1 anywhere in what is reported.
            self.always_confirmable |= attributes.con.is_some_and(|con| con.value);
            self.state.set_conditions(&path, in_force.conditions(&attributes));
        }
    }

    fn is_due(&mut self, now: Instant, current: &dyn Fn(&Path) -> Option<Value>) -> bool {
        let now_ms = now.as_millis();
        let reached = self.state.next_deadline().is_some_and(|deadline| deadline.at_ms <= now_ms);
        reached && matches!(self.state.handle_timeout(now_ms, current), Verdict::Send(_))
    }

    /// Counts a notification; returns whether it is to be confirmable.
    fn count(&mut self, now: Instant, confirmable_every: u32) -> bool {
        self.unconfirmed += 1;
        let silence = now.saturating_duration_since(self.confirmable_at);
        // RFC 7641 §4.5: at least every 24 hours, to find out whether the observer is still interested.
        let confirmable = self.always_confirmable
            || self.unconfirmed >= confirmable_every
            || silence >= limits::CONFIRMABLE_AT_LEAST_EVERY;
        if confirmable {
            (self.unconfirmed, self.confirmable_at) = (0, now);
        }
        confirmable
    }
}

/// The next value of an Observe option (RFC 7641 §3.4).
const fn following(sequence: u32) -> u32 {
    (sequence + 1) & limits::OBSERVE_SEQUENCE_MASK
}

#[cfg(test)]
mod tests {
    use core::time::Duration;
    use std::sync::Arc;

    use lwm2m_codec::attributes::AttachedAttributes;
    use lwm2m_model::Registry;

    use super::*;
    use crate::client::ClientConfig;

    const START: Instant = Instant::from_millis(1_000);
    const TEMPERATURE: Path = Path::resource(3303, 0, 5700);

    fn token(byte: u8) -> Token {
        Token::new(&[byte]).unwrap()
    }

    /// A client with two temperatures and no attributes.
    struct Bench {
        tree: ObjectTree,
        config: ClientConfig,
        attached: AttachedAttributes,
        observations: Observations,
        value: f64,
    }

    impl Bench {
        fn new() -> Self {
            let registry = include_str!("../../../../assets/registry/objects.json");
            let mut tree = ObjectTree::new(Arc::new(Registry::from_json(registry).unwrap()));
            tree.insert(TEMPERATURE, Value::Float(0.0)).unwrap();
            tree.insert(Path::resource(3303, 1, 5700), Value::Float(0.0)).unwrap();
            let (config, attached) = (ClientConfig::new("a"), AttachedAttributes::default());
            Self { tree, config, attached, observations: Observations::default(), value: 0.0 }
        }

        fn observe(&mut self, path: Path, byte: u8) -> u32 {
            let in_force = InForce { attached: &self.attached, tree: &self.tree, config: &self.config };
            let observe = Observe { token: token(byte), accept: None, parameters: None };
            self.observations.observe(START, path, observe, &in_force)
        }

        /// Sets the temperature to a new value and says that `changed` changed.
        fn change(&mut self, now: Instant, changed: Path, confirmable_every: u32) -> Vec<Notification> {
            self.value += 1.0;
            self.tree.set(TEMPERATURE, Value::Float(self.value)).unwrap();
            let in_force = InForce { attached: &self.attached, tree: &self.tree, config: &self.config };
            self.observations.sample(now, &BTreeSet::from([changed]), &in_force);
            self.observations.take_due(now, confirmable_every, &self.tree)
        }
    }

    #[test]
    fn every_level_above_a_change_is_due() {
        let mut bench = Bench::new();
        for (byte, path) in [
            (1, Path::object(3303)),
            (2, Path::instance(3303, 0)),
            (3, TEMPERATURE),
            (4, Path::instance(3303, 1)),
        ] {
            bench.observe(path, byte);
        }
        let due = bench.change(START, TEMPERATURE, 10);
        let paths: Vec<_> = due.into_iter().map(|due| due.path).collect();
        assert_eq!(paths, [Path::object(3303), Path::instance(3303, 0), TEMPERATURE]);
        assert_eq!(bench.observations.take_due(START, 10, &bench.tree), []);
    }

    #[test]
    fn a_change_of_the_whole_tree_reaches_everyone() {
        let mut bench = Bench::new();
        bench.observe(TEMPERATURE, 1);
        assert_eq!(bench.change(START, Path::ROOT, 10).len(), 1);
    }

    #[test]
    fn a_new_token_replaces_the_older_observation_of_a_path() {
        let mut bench = Bench::new();
        bench.observe(TEMPERATURE, 1);
        bench.observe(TEMPERATURE, 2);
        let observations = &mut bench.observations;
        assert!(!observations.cancel(&TEMPERATURE, token(1)), "the older relation is gone already");
        assert_eq!(observations.len(), 1);
        assert_eq!(observations.end(token(2)), Some(TEMPERATURE));
    }

    #[test]
    fn every_third_and_the_first_after_a_day_are_confirmable() {
        let mut bench = Bench::new();
        bench.observe(TEMPERATURE, 1);
        let mut send = |now| bench.change(now, TEMPERATURE, 3)[0].confirmable;
        assert_eq!([START; 6].map(&mut send), [false, false, true, false, false, true]);
        assert!(!send(START + Duration::from_secs(10)));
        assert!(send(START + Duration::from_secs(86_400)));
    }

    #[test]
    fn sequence_numbers_wrap_at_24_bits() {
        let mut bench = Bench::new();
        bench.observations.sequence = 0x00ff_fffe;
        let mut next = || bench.observe(TEMPERATURE, 1);
        assert_eq!([next(), next(), next()], [0x00ff_ffff, 0, 1]);
    }
}
