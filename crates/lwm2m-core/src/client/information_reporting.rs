use std::collections::{BTreeMap, BTreeSet};

use coap::{Instant, Token};
use lwm2m_codec::{ContentFormat, Path};

use super::limits;

/// The observations of one server (LwM2M 1.0 TS §5.5, RFC 7641): one per path.
#[derive(Debug, Default)]
pub(super) struct Observations {
    by_path: BTreeMap<Path, Observation>,
    sequence: u32,
}

#[derive(Debug)]
struct Observation {
    token: Token,
    accept: Option<ContentFormat>,
    /// The value may differ from the one last sent.
    due: bool,
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
        token: Token,
        accept: Option<ContentFormat>,
    ) -> u32 {
        // A token names one observation only, so on another path it has been given up by its owner.
        self.by_path.retain(|other, held| *other == path || held.token != token);
        let fresh = Observation { token, accept, due: false, unconfirmed: 0, confirmable_at: now };
        self.by_path.insert(path, fresh);
        self.next_sequence()
    }

    /// RFC 7641 §3.6: only the relation with this token ends. Returns whether there was one.
    pub(super) fn cancel(&mut self, path: &Path, token: Token) -> bool {
        let matches = self.by_path.get(path).is_some_and(|held| held.token == token);
        matches && self.by_path.remove(path).is_some()
    }

    /// Ends the observation with this token, whatever its path.
    pub(super) fn end(&mut self, token: Token) -> Option<Path> {
        let path = *self.by_path.iter().find(|(_, held)| held.token == token)?.0;
        self.by_path.remove(&path);
        Some(path)
    }

    /// Ends all observations.
    pub(super) fn clear(&mut self) -> Vec<Path> {
        core::mem::take(&mut self.by_path).into_keys().collect()
    }

    /// Notes that the values at these paths changed. Several changes before the next notification coalesce.
    pub(super) fn mark(&mut self, changes: &BTreeSet<Path>) {
        for (path, held) in &mut self.by_path {
            held.due |= changes.iter().any(|changed| changed.starts_with(path) || path.starts_with(changed));
        }
    }

    /// The notifications to send now; they count as sent. Every `confirmable_every`-th is confirmable.
    pub(super) fn take_due(&mut self, now: Instant, confirmable_every: u32) -> Vec<Notification> {
        let due: Vec<Path> =
            self.by_path.iter().filter(|(_, held)| held.due).map(|(path, _)| *path).collect();
        let mut notifications = Vec::with_capacity(due.len());
        for path in due {
            let sequence = self.next_sequence();
            let Some(held) = self.by_path.get_mut(&path) else { continue };
            held.due = false;
            held.unconfirmed += 1;
            let silence = now.saturating_duration_since(held.confirmable_at);
            // RFC 7641 §4.5: at least every 24 hours, to find out whether the observer is still interested.
            let confirmable =
                held.unconfirmed >= confirmable_every || silence >= limits::CONFIRMABLE_AT_LEAST_EVERY;
            if confirmable {
                (held.unconfirmed, held.confirmable_at) = (0, now);
            }
            let (token, accept) = (held.token, held.accept);
            notifications.push(Notification { path, token, accept, sequence, confirmable });
        }
        notifications
    }

    /// One sequence for all observations, so that it also grows when an observation is replaced on its path.
    fn next_sequence(&mut self) -> u32 {
        self.sequence = (self.sequence + 1) & limits::OBSERVE_SEQUENCE_MASK;
        self.sequence
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    const START: Instant = Instant::from_millis(1_000);
    const TEMPERATURE: Path = Path::resource(3303, 0, 5700);

    fn token(byte: u8) -> Token {
        Token::new(&[byte]).unwrap()
    }

    fn changed(path: Path) -> BTreeSet<Path> {
        BTreeSet::from([path])
    }

    #[test]
    fn every_level_above_a_change_is_due() {
        let mut observations = Observations::default();
        for (byte, path) in [
            (1, Path::object(3303)),
            (2, Path::instance(3303, 0)),
            (3, TEMPERATURE),
            (4, Path::instance(3303, 1)),
        ] {
            observations.observe(START, path, token(byte), None);
        }
        observations.mark(&changed(TEMPERATURE));
        let paths: Vec<_> = observations.take_due(START, 10).into_iter().map(|due| due.path).collect();
        assert_eq!(paths, [Path::object(3303), Path::instance(3303, 0), TEMPERATURE]);
        assert_eq!(observations.take_due(START, 10), []);
    }

    #[test]
    fn a_change_of_the_whole_tree_reaches_everyone() {
        let mut observations = Observations::default();
        observations.observe(START, TEMPERATURE, token(1), None);
        observations.mark(&changed(Path::ROOT));
        assert_eq!(observations.take_due(START, 10).len(), 1);
    }

    #[test]
    fn a_new_token_replaces_the_older_observation_of_a_path() {
        let mut observations = Observations::default();
        observations.observe(START, TEMPERATURE, token(1), None);
        observations.observe(START, TEMPERATURE, token(2), None);
        assert!(!observations.cancel(&TEMPERATURE, token(1)), "the older relation is gone already");
        assert_eq!(observations.len(), 1);
        assert_eq!(observations.end(token(2)), Some(TEMPERATURE));
    }

    #[test]
    fn every_third_and_the_first_after_a_day_are_confirmable() {
        let mut observations = Observations::default();
        observations.observe(START, TEMPERATURE, token(1), None);
        let mut send = |now| {
            observations.mark(&changed(TEMPERATURE));
            observations.take_due(now, 3)[0].confirmable
        };
        assert_eq!([START; 6].map(&mut send), [false, false, true, false, false, true]);
        assert!(!send(START + Duration::from_secs(10)));
        assert!(send(START + Duration::from_secs(86_400)));
    }

    #[test]
    fn sequence_numbers_wrap_at_24_bits() {
        let mut observations = Observations { sequence: 0x00ff_fffe, ..Observations::default() };
        let mut next = || observations.observe(START, TEMPERATURE, token(1), None);
        assert_eq!([next(), next(), next()], [0x00ff_ffff, 0, 1]);
    }
}
