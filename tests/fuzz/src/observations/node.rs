//! The observation of several resources.

use std::collections::BTreeMap;

use lwm2m_codec::{Path, Value};
use lwm2m_model::notification::{Firing, NodeState, Trigger, Verdict};

use super::{
    STEPS_MAX,
    conditions::{Known, value},
    pause_ms,
};
use crate::script::Script;

/// How many resources there are at most.
const RESOURCES: u16 = 4;

/// A step: time passes, and then a resource has a new value, or other conditions, comes, goes, or is not to be read any
/// more. Timers run out in time.
pub(super) fn live(script: &mut Script) {
    let mut life = Life::start(script);
    for _ in 0..STEPS_MAX {
        if script.is_over() {
            break;
        }
        let step = script.byte();
        let then_ms = life.now_ms + pause_ms(script);
        life.wait_until(then_ms);
        life.now_ms = then_ms;
        let path = path(u16::from(step) % RESOURCES);
        match step >> 2 & 7 {
            4 => life.insert(path, script),
            5 => life.remove(&path),
            6 => life.change(path, script),
            7 => life.hide(path),
            _ => life.sample(path, value(script)),
        }
        life.settle();
    }
}

const fn path(number: u16) -> Path {
    Path::resource(3442, 0, 110 + number)
}

struct Life {
    state: NodeState,
    /// What is there; the value of a resource that may not be read is none.
    members: BTreeMap<Path, (Known, Option<Value>)>,
    now_ms: u64,
    sent_at_ms: u64,
    /// The shortest period of a resource that went since the last notification.
    removed_pmin_ms: Option<u64>,
    /// Whether all could be read all the time.
    all_readable: bool,
}

impl Life {
    fn start(script: &mut Script) -> Self {
        let count = 1 + u16::from(script.byte()) % RESOURCES;
        let members: Vec<(Path, Known, Value)> =
            (0..count).map(|number| (path(number), Known::choose(script), value(script))).collect();
        let state = members.iter().map(|(path, known, value)| (*path, known.conditions, value));
        Self {
            state: NodeState::start(0, state),
            members: members
                .iter()
                .map(|(path, known, value)| (*path, (*known, Some(value.clone()))))
                .collect(),
            now_ms: 0,
            sent_at_ms: 0,
            removed_pmin_ms: None,
            all_readable: true,
        }
    }

    fn deadline_ms(&self) -> Option<u64> {
        self.state.next_deadline().map(|deadline| deadline.at_ms)
    }

    fn wait_until(&mut self, then_ms: u64) {
        while let Some(deadline_ms) = self.deadline_ms().filter(|deadline_ms| *deadline_ms < then_ms) {
            self.now_ms = deadline_ms.max(self.now_ms);
            self.settle();
        }
    }

    fn sample(&mut self, path: Path, value: Value) {
        let verdict = self.state.sample(self.now_ms, path, &value);
        match self.members.get_mut(&path) {
            Some((_, known)) => *known = Some(value),
            None => assert_eq!(verdict, Verdict::Nothing, "{path} is not observed"),
        }
        self.follow(verdict);
    }

    fn insert(&mut self, path: Path, script: &mut Script) {
        let known = Known::choose(script);
        let value = value(script);
        self.state.insert(self.now_ms, path, known.conditions);
        self.members.entry(path).or_insert((known, Some(value)));
    }

    fn remove(&mut self, path: &Path) {
        self.state.remove(path);
        if let Some((known, _)) = self.members.remove(path) {
            let earlier_ms = self.removed_pmin_ms.unwrap_or(u64::MAX);
            self.removed_pmin_ms = Some(earlier_ms.min(known.pmin_ms));
        }
    }

    fn change(&mut self, path: Path, script: &mut Script) {
        let known = Known::choose(script);
        self.state.set_conditions(&path, known.conditions);
        if let Some((old, _)) = self.members.get_mut(&path) {
            *old = known;
        }
    }

    fn hide(&mut self, path: Path) {
        if let Some((_, value)) = self.members.get_mut(&path) {
            *value = None;
            self.all_readable = false;
        }
    }

    /// Does what is due. Several resources can be due at the same time, and one answer is for one of them.
    fn settle(&mut self) {
        for _ in 0..=2 * self.members.len() + 1 {
            if self.deadline_ms().is_none_or(|deadline_ms| deadline_ms > self.now_ms) {
                self.check_silence();
                return;
            }
            let members = &self.members;
            let verdict = self.state.handle_timeout(self.now_ms, &|path| members.get(path)?.1.clone());
            self.follow(verdict);
        }
        panic!("due again and again, at {}: {:?}", self.now_ms, self.state);
    }

    fn check_silence(&self) {
        assert!(self.state.members().map(|(path, _)| path).eq(self.members.keys()), "{:?}", self.state);
        let since_ms = self.now_ms - self.sent_at_ms;
        let pmax_ms = self.members.values().filter_map(|(known, _)| known.pmax_ms).min();
        let silent = pmax_ms.is_some_and(|pmax_ms| since_ms >= pmax_ms);
        assert!(!silent || !self.all_readable, "silent at {}: {:?}", self.now_ms, self.state);
    }

    fn follow(&mut self, verdict: Verdict<Firing>) {
        match verdict {
            Verdict::Nothing => {}
            Verdict::Pending { at_ms, trigger } => {
                assert!(at_ms > self.now_ms, "{trigger} is pending till {at_ms}: {:?}", self.state);
            }
            Verdict::Send(firing) => {
                let pmin_ms = match firing.trigger {
                    Trigger::Disappeared => self.removed_pmin_ms.expect("a resource that went"),
                    _ => self.members[&firing.path].0.pmin_ms,
                };
                assert!(self.now_ms >= self.sent_at_ms + pmin_ms, "too early, {firing}: {:?}", self.state);
                let members = &self.members;
                self.state.sent(self.now_ms, &|path| members.get(path)?.1.clone());
                (self.sent_at_ms, self.removed_pmin_ms) = (self.now_ms, None);
            }
        }
    }
}
