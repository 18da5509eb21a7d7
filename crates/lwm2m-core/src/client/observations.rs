use std::collections::{BTreeMap, BTreeSet};

use coap::{Instant, Token};
use lwm2m_codec::{ContentFormat, Path, Record, Value};

use super::{
    attributes::InForce,
    config::ClientConfig,
    history::timed_format,
    limits,
    observation::{Observation, Observe, Observed, Standing},
};

/// The observations of one server (LwM2M 1.0 TS §5.5, RFC 7641): one for each node or composite.
#[derive(Debug, Default)]
pub(super) struct Observations {
    /// Boxed: most servers observe little, and a map makes room for eleven.
    by_observed: BTreeMap<Observed, Box<Observation>>,
    /// One sequence for all observations, so that it also grows when one observation replaces another.
    sequence: u32,
}

/// A notification to be sent now.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) observed: Observed,
    pub(super) observe: Observe,
    pub(super) sequence: u32,
    pub(super) confirmable: bool,
    /// What could not be sent before, with the format that says its times. The notification is about that then, and
    /// not about the present.
    pub(super) past: Option<(ContentFormat, Vec<Record>)>,
}

impl Observations {
    pub(super) fn len(&self) -> usize {
        self.live().count()
    }

    /// Whether one more would exceed the limit.
    pub(super) fn full_for(&self, observed: &Observed) -> bool {
        self.len() >= limits::OBSERVATIONS && !self.live().any(|(held, _)| held == observed)
    }

    /// Begins or refreshes an observation; returns the value of its first Observe option.
    pub(super) fn observe(
        &mut self,
        now: Instant,
        observed: Observed,
        observe: Observe,
        in_force: &InForce<'_>,
    ) -> u32 {
        // A token names one observation only, so whatever else it named has been given up by its owner.
        let token = observe.token;
        self.by_observed.retain(|held, observation| *held == observed || !observation.is_named(token));
        let mut fresh = Box::new(Observation::begin(now, &observed, observe, in_force));
        if let Some(before) = self.by_observed.remove(&observed) {
            fresh.history = before.history;
        }
        self.by_observed.insert(observed, fresh);
        self.following()
    }

    /// RFC 7641 §3.6: only the relation with this token ends. Returns whether there was one.
    pub(super) fn cancel(&mut self, observed: &Observed, token: Token) -> bool {
        let matches = self.by_observed.get(observed).is_some_and(|held| held.is_named(token));
        matches && self.by_observed.remove(observed).is_some()
    }

    /// Ends the observations at and below `path`.
    pub(super) fn cancel_below(&mut self, path: &Path) -> Vec<Path> {
        let is_below =
            |observed: &Observed| matches!(observed, Observed::Node(held) if held.starts_with(path));
        let ended =
            self.live().filter(|(observed, _)| is_below(observed)).map(|(observed, _)| observed.path());
        let ended = ended.collect();
        self.by_observed.retain(|observed, _| !is_below(observed));
        ended
    }

    /// Ends the observation with this token, whatever it is of.
    pub(super) fn end(&mut self, token: Token) -> Option<Path> {
        let observed = self.observed(token)?;
        self.by_observed.remove(&observed);
        Some(observed.path())
    }

    /// Ends all observations.
    pub(super) fn clear(&mut self) -> Vec<Path> {
        let ended = core::mem::take(&mut self.by_observed).into_iter();
        ended
            .filter(|(_, held)| held.standing == Standing::Live)
            .map(|(observed, _)| observed.path())
            .collect()
    }

    /// Ends the observation with this token, since a notification did not arrive, and keeps what that carried.
    pub(super) fn interrupt_one(&mut self, token: Token, in_force: &InForce<'_>) -> Option<Path> {
        let observed = self.observed(token)?;
        let held = self.by_observed.get_mut(&observed)?;
        held.store_sent(&observed, in_force);
        held.standing = Standing::Interrupted;
        Some(observed.path())
    }

    /// Ends all observations and keeps from now on what would have been notified. What waited in vain to be observed
    /// again goes.
    pub(super) fn interrupt(&mut self) -> Vec<Path> {
        self.by_observed.retain(|_, held| held.standing != Standing::AwaitsObserve);
        let mut ended = Vec::new();
        for (observed, held) in &mut self.by_observed {
            if held.standing == Standing::Live {
                held.standing = Standing::Interrupted;
                ended.push(observed.path());
            }
        }
        ended
    }

    /// There is a new registration: what was kept waits for the server to observe again.
    pub(super) fn await_observe(&mut self) {
        self.by_observed.retain(|_, held| held.standing == Standing::Live || !held.history.is_empty());
        for held in self.by_observed.values_mut() {
            if held.standing == Standing::Interrupted {
                held.standing = Standing::AwaitsObserve;
            }
        }
    }

    /// Takes the values that changed at these paths. What comes of it is told by `take_due`.
    pub(super) fn sample(&mut self, now: Instant, changes: &BTreeSet<Path>, in_force: &InForce<'_>) {
        for (observed, held) in &mut self.by_observed {
            let touched = changes.iter().any(|changed| observed.is_touched_by(changed));
            if touched && held.standing != Standing::AwaitsObserve {
                held.sample(now, observed, changes, in_force);
            }
        }
        if changes.iter().any(|changed| in_force.depend_on(changed)) {
            self.refresh(in_force);
        }
    }

    /// Puts attributes into force that were written meanwhile.
    pub(super) fn refresh(&mut self, in_force: &InForce<'_>) {
        for (observed, held) in &mut self.by_observed {
            held.refresh(observed, in_force);
        }
    }

    /// The notifications to send now; they count as sent.
    pub(super) fn take_due(
        &mut self,
        now: Instant,
        config: &ClientConfig,
        readable: &dyn Fn(&Path) -> Option<Value>,
    ) -> Vec<Due> {
        let mut notifications = Vec::new();
        for (observed, held) in &mut self.by_observed {
            let mut history = match held.standing {
                Standing::Live => core::mem::take(&mut held.history),
                _ => continue,
            };
            let has_history = !history.is_empty();
            let format = timed_format(held.observe.format, config.version).filter(|_| has_history);
            let past = format.map(|format| (format, history.take(now, format)));
            if past.is_none() {
                if !has_history && !held.is_due(now, readable) {
                    continue;
                }
                held.state.sent(now.as_millis(), readable);
            }
            // What was kept for so long shall not get lost on its way.
            let confirmable = held.count(now, config.confirmable_every) || has_history;
            self.sequence = following(self.sequence);
            let (observed, observe, sequence) = (observed.clone(), held.observe.clone(), self.sequence);
            notifications.push(Due { observed, observe, sequence, confirmable, past });
        }
        notifications
    }

    /// Keeps the values of the notifications that would be sent now, or drops them. They count as sent.
    pub(super) fn withhold_due(&mut self, now: Instant, keep: bool, in_force: &InForce<'_>) {
        let current = |path: &Path| in_force.tree.value(path).cloned();
        for (observed, held) in &mut self.by_observed {
            if held.standing == Standing::AwaitsObserve || !held.is_due(now, &current) {
                continue;
            }
            held.state.sent(now.as_millis(), &current);
            if keep {
                held.store(now, observed, in_force);
            }
        }
    }

    /// When a notification may be due.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let moving = self.by_observed.values().filter(|held| held.standing != Standing::AwaitsObserve);
        let deadlines = moving.filter_map(|held| held.state.next_deadline());
        deadlines.min().map(|deadline| Instant::from_millis(deadline.at_ms))
    }

    fn live(&self) -> impl Iterator<Item = (&Observed, &Observation)> {
        let all = self.by_observed.iter().map(|(observed, held)| (observed, &**held));
        all.filter(|(_, held)| held.standing == Standing::Live)
    }

    fn observed(&self, token: Token) -> Option<Observed> {
        self.by_observed.iter().find(|(_, held)| held.is_named(token)).map(|(observed, _)| observed.clone())
    }

    fn following(&mut self) -> u32 {
        self.sequence = following(self.sequence);
        self.sequence
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

    use coap::Options;
    use lwm2m_codec::attributes::AttachedAttributes;
    use lwm2m_model::Registry;

    use super::*;
    use crate::client::ObjectTree;

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
            let in_force = InForce {
                attached: &self.attached,
                tree: &self.tree,
                config: &self.config,
                server_instance: 0,
            };
            let observe =
                Observe { token: token(byte), format: None, parameters: None, resource: Options::new() };
            self.observations.observe(START, Observed::Node(path), observe, &in_force)
        }

        /// Sets the temperature to a new value and says that `changed` changed.
        fn change(&mut self, now: Instant, changed: Path, confirmable_every: u32) -> Vec<Due> {
            self.value += 1.0;
            self.tree.set(TEMPERATURE, Value::Float(self.value)).unwrap();
            let in_force = InForce {
                attached: &self.attached,
                tree: &self.tree,
                config: &self.config,
                server_instance: 0,
            };
            self.observations.sample(now, &BTreeSet::from([changed]), &in_force);
            self.take_due(now, confirmable_every)
        }

        fn take_due(&mut self, now: Instant, confirmable_every: u32) -> Vec<Due> {
            let config = ClientConfig { confirmable_every, ..self.config.clone() };
            self.observations.take_due(now, &config, &|path| self.tree.value(path).cloned())
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
        let paths: Vec<_> = due.into_iter().map(|due| due.observed.path()).collect();
        assert_eq!(paths, [Path::object(3303), Path::instance(3303, 0), TEMPERATURE]);
        assert_eq!(bench.take_due(START, 10).len(), 0);
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
        let older = observations.cancel(&Observed::Node(TEMPERATURE), token(1));
        assert!(!older, "the older relation is gone already");
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
