use std::collections::BTreeMap;
use std::fmt;

use lwm2m_codec::{Path, Value};

use super::conditions::Conditions;
use super::resource_state::ResourceState;
use super::trigger::Trigger;
use super::verdict::{Deadline, DeadlineReason, Verdict};

/// The observation of an object, an object instance, a multiple resource or a composite (LwM2M Core §6.4).
///
/// Each member has its own conditions; any that is satisfied sends the whole node, after the `pmin` of that member.
/// Sending begins the periods of all members anew, so the smallest `pmax` among them is the one of the node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeState {
    sent_at_ms: u64,
    /// Boxed: most nodes have few members, and a map makes room for eleven.
    members: BTreeMap<Path, Box<ResourceState>>,
    /// A member went since the last notification; sent from this time on.
    removed: Option<(u64, Firing)>,
}

/// Which member makes a notification due, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Firing {
    pub path: Path,
    pub trigger: Trigger,
}

impl fmt::Display for Firing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.trigger)
    }
}

impl NodeState {
    /// An observation whose answer carried these values.
    #[must_use]
    pub fn start<'a>(now_ms: u64, members: impl IntoIterator<Item = (Path, Conditions, &'a Value)>) -> Self {
        let members = members.into_iter().map(|(path, conditions, value)| {
            (path, Box::new(ResourceState::start(now_ms, conditions, value)))
        });
        Self { sent_at_ms: now_ms, members: members.collect(), removed: None }
    }

    /// The members in the order of their paths.
    pub fn members(&self) -> impl Iterator<Item = (&Path, &ResourceState)> {
        self.members.iter().map(|(path, member)| (path, &**member))
    }

    #[must_use]
    pub fn is_member(&self, path: &Path) -> bool {
        self.members.contains_key(path)
    }

    /// Takes a new value of a member. A path that is no member changes nothing.
    pub fn sample(&mut self, now_ms: u64, path: Path, value: &Value) -> Verdict<Firing> {
        match self.members.get_mut(&path) {
            Some(member) => member.sample(now_ms, value).map(|trigger| Firing { path, trigger }),
            None => Verdict::Nothing,
        }
    }

    /// A resource came to the node, for example with a new object instance.
    pub fn insert(&mut self, now_ms: u64, path: Path, conditions: Conditions) {
        let state = ResourceState::appeared(now_ms, conditions, self.sent_at_ms);
        self.members.entry(path).or_insert_with(|| Box::new(state));
    }

    /// A resource left the node; what remains is reported.
    pub fn remove(&mut self, path: &Path) {
        let Some(member) = self.members.remove(path) else { return };
        let at_ms = self.sent_at_ms.saturating_add(u64::from(member.conditions().pmin_s) * 1_000);
        let firing = Firing { path: *path, trigger: Trigger::Disappeared };
        if self.removed.is_none_or(|(earlier_ms, _)| at_ms < earlier_ms) {
            self.removed = Some((at_ms, firing));
        }
    }

    /// Other conditions for a member, after a Write-Attributes.
    pub fn set_conditions(&mut self, path: &Path, conditions: Conditions) {
        if let Some(member) = self.members.get_mut(path) {
            member.set_conditions(conditions);
        }
    }

    /// To be called when [`NodeState::next_deadline`] has come, with the values the resources have then.
    pub fn handle_timeout(
        &mut self,
        now_ms: u64,
        current: &dyn Fn(&Path) -> Option<Value>,
    ) -> Verdict<Firing> {
        let mut verdict = match self.removed {
            Some((at_ms, firing)) if now_ms >= at_ms => return Verdict::Send(firing),
            Some((at_ms, trigger)) => Verdict::Pending { at_ms, trigger },
            None => Verdict::Nothing,
        };
        for (path, member) in &mut self.members {
            if member.next_deadline().is_none_or(|deadline| now_ms < deadline.at_ms) {
                continue;
            }
            let Some(value) = current(path) else {
                // Nothing to report, and nothing to come back for again and again.
                member.skipped(now_ms);
                continue;
            };
            let own = member.handle_timeout(now_ms, &value).map(|trigger| Firing { path: *path, trigger });
            verdict = match (verdict, own) {
                (_, Verdict::Send(firing)) => return Verdict::Send(firing),
                (Verdict::Pending { at_ms: earlier_ms, .. }, Verdict::Pending { at_ms, .. })
                    if earlier_ms <= at_ms =>
                {
                    verdict
                }
                (_, own @ Verdict::Pending { .. }) => own,
                (before, _) => before,
            };
        }
        verdict
    }

    /// A notification with all readable values was sent.
    pub fn sent(&mut self, now_ms: u64, current: &dyn Fn(&Path) -> Option<Value>) {
        for (path, member) in &mut self.members {
            match current(path) {
                Some(value) => member.sent(now_ms, &value),
                None => member.withheld(now_ms),
            }
        }
        (self.sent_at_ms, self.removed) = (now_ms, None);
    }

    /// When to call [`NodeState::handle_timeout`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<Deadline> {
        let removed =
            self.removed.map(|(at_ms, _)| Deadline { at_ms, reason: DeadlineReason::MinimumPeriod });
        self.members.values().filter_map(|member| member.next_deadline()).chain(removed).min()
    }
}
