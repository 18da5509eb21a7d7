//! Observations that report several resources.

use std::collections::BTreeMap;

use lwm2m_codec::{Path, Value};
use lwm2m_model::notification::{DeadlineReason, NodeState, Verdict};
use proptest::prelude::*;

use crate::drive::{conditions, drive, numbers};

const TEMPERATURE: Path = Path::resource(3303, 0, 5700);
const SWITCH: Path = Path::resource(3342, 0, 5500);
const NAME: Path = Path::resource(3303, 0, 5750);

/// A node of three members, their values, and what was sent.
struct Observed {
    state: NodeState,
    values: BTreeMap<Path, Value>,
    sent: Vec<(u64, String)>,
}

impl Observed {
    /// The temperature has gt=30 and pmin=10, the switch edge=1, and the name only a pmax.
    fn start() -> Self {
        let values = BTreeMap::from([
            (TEMPERATURE, Value::Float(20.0)),
            (SWITCH, Value::Boolean(false)),
            (NAME, Value::String("kitchen".into())),
        ]);
        let queries =
            [(TEMPERATURE, "pmin=10&pmax=300&gt=30"), (SWITCH, "pmax=100&edge=1"), (NAME, "pmax=200")];
        let members = queries.iter().map(|(path, query)| (*path, conditions(query), &values[path]));
        Self { state: NodeState::start(0, members), values, sent: Vec::new() }
    }

    fn run_until(&mut self, until_ms: u64) {
        while let Some(deadline) = self.state.next_deadline().filter(|deadline| deadline.at_ms <= until_ms) {
            let values = self.values.clone();
            let verdict = self.state.handle_timeout(deadline.at_ms, &|path| values.get(path).cloned());
            if let Verdict::Send(firing) = verdict {
                self.send(deadline.at_ms, firing.to_string());
            }
        }
    }

    fn send(&mut self, now_ms: u64, why: String) {
        let values = self.values.clone();
        self.state.sent(now_ms, &|path| values.get(path).cloned());
        self.sent.push((now_ms / 1_000, why));
    }

    fn set(&mut self, now_ms: u64, path: Path, value: Value) {
        self.run_until(now_ms - 1);
        self.values.insert(path, value.clone());
        if let Verdict::Send(firing) = self.state.sample(now_ms, path, &value) {
            self.send(now_ms, firing.to_string());
        }
    }
}

#[test]
fn any_member_sends_the_whole_node() {
    let mut observed = Observed::start();
    observed.set(1_000, TEMPERATURE, Value::Float(25.0));
    observed.set(2_000, SWITCH, Value::Boolean(true));
    observed.set(3_000, SWITCH, Value::Boolean(false));
    observed.set(4_000, NAME, Value::String("hall".into()));
    assert_eq!(
        observed.sent,
        [
            (2, "/3342/0/5500: the value became true (edge=1)".into()),
            (4, "/3303/0/5750: the value changed".into())
        ]
    );
}

#[test]
fn the_minimum_period_is_that_of_the_member_that_fires() {
    let mut observed = Observed::start();
    observed.set(1_000, TEMPERATURE, Value::Float(35.0));
    observed.run_until(60_000);
    assert_eq!(observed.sent, [(10, "/3303/0/5700: the value rose above gt=30".into())]);
    // What was held back goes along with a member that need not wait, and is not sent again.
    let mut observed = Observed::start();
    observed.set(1_000, TEMPERATURE, Value::Float(35.0));
    observed.set(2_000, SWITCH, Value::Boolean(true));
    observed.run_until(60_000);
    assert_eq!(observed.sent, [(2, "/3342/0/5500: the value became true (edge=1)".into())]);
}

#[test]
fn the_maximum_period_is_the_smallest() {
    let mut observed = Observed::start();
    let deadline = observed.state.next_deadline().unwrap();
    assert_eq!((deadline.at_ms, deadline.reason), (100_000, DeadlineReason::MaximumPeriod));
    observed.set(50_000, NAME, Value::String("hall".into()));
    observed.run_until(260_000);
    let pmax = "/3342/0/5500: pmax=100 seconds passed since the last notification";
    assert_eq!(
        observed.sent,
        [(50, "/3303/0/5750: the value changed".into()), (150, pmax.into()), (250, pmax.into())]
    );
}

#[test]
fn what_has_no_value_is_not_looked_at_again_and_again() {
    let value = Value::Float(1.0);
    let mut state = NodeState::start(0, [(TEMPERATURE, conditions("epmin=1&epmax=3"), &value)]);
    assert_eq!(state.sample(500, TEMPERATURE, &Value::Float(2.0)), Verdict::Nothing);
    for now_ms in [1_000, 4_000, 7_000] {
        assert_eq!(state.next_deadline().map(|deadline| deadline.at_ms), Some(now_ms));
        assert_eq!(state.handle_timeout(now_ms, &|_| None), Verdict::Nothing);
    }
}

#[test]
fn members_come_and_go() {
    let mut observed = Observed::start();
    let second = Path::resource(3303, 1, 5700);
    observed.values.insert(second, Value::Float(1.0));
    observed.state.insert(1_000, second, conditions("pmin=5"));
    observed.run_until(30_000);
    observed.values.remove(&TEMPERATURE);
    observed.state.remove(&TEMPERATURE);
    observed.run_until(60_000);
    observed.set(61_000, second, Value::Float(2.0));
    assert_eq!(
        observed.sent,
        [
            (5, "/3303/1/5700: it is new".into()),
            (15, "/3303/0/5700: it was removed".into()),
            (61, "/3303/1/5700: the value changed".into()),
        ]
    );
    assert_eq!(observed.state.members().count(), 3);
    assert_eq!(observed.state.sample(62_000, TEMPERATURE, &Value::Float(9.0)), Verdict::Nothing);
}

#[test]
fn new_attributes_of_a_member() {
    let mut observed = Observed::start();
    observed.state.set_conditions(&SWITCH, conditions(""));
    observed.state.set_conditions(&Path::ROOT, conditions("pmax=1"));
    assert_eq!(observed.state.next_deadline().unwrap().at_ms, 200_000);
}

/// A value that is gone without the state being told is nothing to report, and no reason to spin.
#[test]
fn a_member_without_a_value() {
    let mut observed = Observed::start();
    observed.values.clear();
    observed.run_until(1_000_000);
    assert_eq!(observed.sent, []);
}

proptest! {
    /// A node of one member is notified like the resource by itself.
    #[test]
    fn a_node_of_one_member(
        pmin in 0..20u32,
        pmax in 0..40u32,
        epmin in 0..10u32,
        steps in proptest::collection::vec((1..9u64, 0..5u8), 1..30),
    ) {
        let conditions = conditions(&format!("pmin={pmin}&pmax={pmax}&epmin={epmin}&gt=3&lt=1"));
        let mut now = 0;
        let later = |(gap, number)| {
            now += gap;
            (now, f64::from(number))
        };
        let samples = numbers(&steps.into_iter().map(later).collect::<Vec<_>>());
        let (begin, first) = samples[0].clone();
        let state = NodeState::start(begin, [(TEMPERATURE, conditions, &first)]);
        let mut observed = Observed { state, values: BTreeMap::from([(TEMPERATURE, first)]), sent: Vec::new() };
        for (at_ms, value) in samples.iter().skip(1) {
            observed.set(*at_ms, TEMPERATURE, value.clone());
        }
        observed.run_until(400_000);
        let alone = drive(conditions, &samples, 400_000);
        let alone: Vec<_> =
            alone.iter().map(|(at_ms, _, why)| (at_ms / 1_000, format!("{TEMPERATURE}: {why}"))).collect();
        prop_assert_eq!(observed.sent, alone);
    }
}
