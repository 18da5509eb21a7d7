use std::collections::{BTreeMap, BTreeSet};

use coap::{ExchangeId, Instant, Token};
use lwm2m_codec::{Path, attributes::NotificationAttributes};

use super::{ActiveObservation, ObservationTarget, RegistrationId, WantedObservation, limits};

/// Wanted observations (what operators asked for) and active ones (what clients accepted), kept apart so that a
/// client that registers anew is observed again by itself.
#[derive(Default)]
pub(super) struct Observations {
    wanted: BTreeMap<String, BTreeMap<ObservationTarget, WantedObservation>>,
    active: BTreeMap<Token, Relation>,
    by_registration: BTreeMap<RegistrationId, BTreeMap<ObservationTarget, Token>>,
    /// What is to be asked for when the client is heard.
    unasked: BTreeMap<RegistrationId, BTreeSet<ObservationTarget>>,
    /// The attributes that operators have written to a client since it registered.
    written: BTreeMap<RegistrationId, BTreeMap<Path, NotificationAttributes>>,
}

pub(super) struct Relation {
    pub(super) observation: ActiveObservation,
    /// Observe value and arrival of the newest notification.
    newest: Option<(u32, Instant)>,
    /// Fetches the rest of the newest notification.
    pub(super) fetch: Option<ExchangeId>,
}

impl Relation {
    /// Whether a notification is newer than all before it (RFC 7641 §3.4); remembers it if so.
    pub(super) fn advance(&mut self, sequence: u32, now: Instant) -> bool {
        const HALF: u32 = 1 << 23;
        const AGE_S: u64 = 128;
        let newer = self.newest.is_none_or(|(last, at)| {
            (last < sequence && sequence - last < HALF)
                || (last > sequence && last - sequence > HALF)
                || now.saturating_duration_since(at).as_secs() >= AGE_S
        });
        if newer {
            self.newest = Some((sequence, now));
        }
        newer
    }
}

impl Observations {
    pub(super) fn active_count(&self) -> usize {
        self.active.len()
    }

    /// False when this client has as many as it may have.
    pub(super) fn has_room(&self, endpoint: &str, target: &ObservationTarget) -> bool {
        self.wanted.get(endpoint).is_none_or(|wanted| {
            wanted.contains_key(target) || wanted.len() < limits::OBSERVATIONS_PER_CLIENT
        })
    }

    pub(super) fn want(&mut self, endpoint: &str, wanted: WantedObservation) {
        self.wanted.entry(endpoint.to_owned()).or_default().insert(wanted.target.clone(), wanted);
    }

    pub(super) fn unwant(&mut self, endpoint: &str, target: &ObservationTarget) -> bool {
        let Some(targets) = self.wanted.get_mut(endpoint) else { return false };
        let was_wanted = targets.remove(target).is_some();
        if targets.is_empty() {
            self.wanted.remove(endpoint);
        }
        was_wanted
    }

    pub(super) fn wanted(&self, endpoint: &str) -> Vec<WantedObservation> {
        self.wanted.get(endpoint).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }

    pub(super) fn wants(&self, endpoint: &str, target: &ObservationTarget) -> bool {
        self.wanted.get(endpoint).is_some_and(|targets| targets.contains_key(target))
    }

    /// The attributes that an operator has written to a path, for all that is known here.
    pub(super) fn attributes(&self, registration: RegistrationId, path: &Path) -> NotificationAttributes {
        let written = self.written.get(&registration).and_then(|paths| paths.get(path));
        written.copied().unwrap_or_default()
    }

    pub(super) fn write_attributes(
        &mut self,
        registration: RegistrationId,
        path: Path,
        attributes: NotificationAttributes,
    ) {
        let paths = self.written.entry(registration).or_default();
        if attributes.is_empty() {
            paths.remove(&path);
        } else if paths.len() < limits::PATHS_WITH_ATTRIBUTES || paths.contains_key(&path) {
            paths.insert(path, attributes);
        }
        if paths.is_empty() {
            self.written.remove(&registration);
        }
    }

    /// The observation of a path is wanted with other attributes than before.
    pub(super) fn want_attributes(
        &mut self,
        endpoint: &str,
        path: Path,
        attributes: NotificationAttributes,
    ) -> Option<WantedObservation> {
        let wanted = self.wanted.get_mut(endpoint)?.get_mut(&ObservationTarget::Path(path))?;
        let changed = core::mem::replace(&mut wanted.attributes, attributes) != attributes;
        changed.then(|| wanted.clone())
    }

    pub(super) fn ask_later(&mut self, registration: RegistrationId, target: ObservationTarget) {
        self.unasked.entry(registration).or_default().insert(target);
    }

    /// What can be asked for now.
    pub(super) fn take_unasked(&mut self, registration: RegistrationId) -> BTreeSet<ObservationTarget> {
        self.unasked.remove(&registration).unwrap_or_default()
    }

    pub(super) fn activate(&mut self, observation: ActiveObservation, sequence: Option<u32>, now: Instant) {
        let targets = self.by_registration.entry(observation.registration).or_default();
        if let Some(older) = targets.insert(observation.asked.target.clone(), observation.token)
            && older != observation.token
        {
            self.active.remove(&older);
        }
        let newest = sequence.map(|sequence| (sequence, now));
        let fetch = None;
        self.active.insert(observation.token, Relation { observation, newest, fetch });
    }

    pub(super) fn relation(&mut self, token: Token) -> Option<&mut Relation> {
        self.active.get_mut(&token)
    }

    /// The observation that a client has accepted of this target.
    pub(super) fn active(
        &self,
        registration: RegistrationId,
        target: &ObservationTarget,
    ) -> Option<&ActiveObservation> {
        let token = self.by_registration.get(&registration)?.get(target)?;
        self.active.get(token).map(|relation| &relation.observation)
    }

    /// What a client has accepted to notify of.
    pub(super) fn targets(&self, registration: RegistrationId) -> Vec<(ObservationTarget, Token)> {
        let targets = self.by_registration.get(&registration).into_iter().flatten();
        targets.map(|(target, token)| (target.clone(), *token)).collect()
    }

    pub(super) fn end(&mut self, token: Token) -> Option<Relation> {
        let relation = self.active.remove(&token)?;
        let observation = &relation.observation;
        if let Some(targets) = self.by_registration.get_mut(&observation.registration) {
            if targets.get(&observation.asked.target) == Some(&token) {
                targets.remove(&observation.asked.target);
            }
            if targets.is_empty() {
                self.by_registration.remove(&observation.registration);
            }
        }
        Some(relation)
    }

    /// Ends all of a registration (RFC 7641 §4.1: they belong to the client's state, which is gone).
    pub(super) fn end_all(&mut self, registration: RegistrationId) -> Vec<Token> {
        self.unasked.remove(&registration);
        self.written.remove(&registration);
        let tokens = self.by_registration.remove(&registration).unwrap_or_default();
        tokens.into_values().inspect(|token| drop(self.active.remove(token))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation() -> Relation {
        let observation = ActiveObservation {
            token: Token::new(&[1]).unwrap(),
            registration: RegistrationId::new([0; 10]),
            asked: WantedObservation {
                target: ObservationTarget::Path(Path::resource(3303, 0, 5700)),
                content_format: None,
                accept: None,
                parameters: None,
                attributes: NotificationAttributes::default(),
            },
            since: Instant::from_millis(0),
        };
        Relation { observation, newest: None, fetch: None }
    }

    #[test]
    fn order_of_notifications_follows_rfc_7641() {
        let mut relation = relation();
        let at = Instant::from_millis;
        assert!(relation.advance(5, at(0)));
        assert!(relation.advance(6, at(10)));
        assert!(!relation.advance(5, at(20)), "older");
        assert!(!relation.advance(6, at(20)), "same");
        assert!(relation.advance((1 << 23) + 5, at(30)), "just within half the number space");
        assert!(relation.advance(1, at(40)), "wrapped around");
        assert!(!relation.advance((1 << 24) - 1, at(50)), "before the wrap");
        assert!(relation.advance(0, at(200_000)), "anything is newer after 128 s");
    }
}
