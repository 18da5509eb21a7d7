//! The four periods.

use lwm2m_codec::Value;
use lwm2m_model::notification::{DeadlineReason, ResourceState, Trigger, Verdict, would_have_notified};

use crate::drive::{conditions, drive, numbers, told};

/// `pmin=10&pmax=60`: a change at 3 s is sent at 10 s, a change at 25 s at once, none is sent after 60 s.
#[test]
fn the_example_of_the_periods() {
    let conditions = conditions("pmin=10&pmax=60");
    let run = |samples: &[(u64, f64)]| told(&drive(conditions, &numbers(samples), 65_000));
    assert_eq!(run(&[(0, 20.0), (3, 21.0)]), [(10, "the value changed".into())]);
    assert_eq!(run(&[(0, 20.0), (25, 21.0)]), [(25, "the value changed".into())]);
    assert_eq!(run(&[(0, 20.0)]), [(60, "pmax=60 seconds passed since the last notification".into())]);
}

#[test]
fn what_is_held_back_is_sent_with_the_value_of_then() {
    let samples = numbers(&[(0, 20.0), (3, 21.0), (5, 22.0), (7, 20.0)]);
    let sent = drive(conditions("pmin=10"), &samples, 60_000);
    assert_eq!(sent, [(10_000, Value::Float(20.0), Trigger::Changed)], "also when it has gone back");
    let sent = drive(conditions("pmin=10&gt=25"), &numbers(&[(0, 20.0), (3, 30.0), (9, 31.0)]), 60_000);
    assert_eq!(sent, [(10_000, Value::Float(31.0), Trigger::GreaterThan { gt: 25.0, rising: true })]);
}

#[test]
fn both_periods_begin_again_with_every_notification() {
    let samples = numbers(&[(0, 1.0), (25, 2.0), (30, 3.0)]);
    let seconds = |query| -> Vec<u64> {
        drive(conditions(query), &samples, 120_000).iter().map(|(at_ms, ..)| at_ms / 1_000).collect()
    };
    assert_eq!(seconds("pmin=10&pmax=40"), [25, 35, 75, 115]);
    assert_eq!(seconds("pmin=10"), [25, 35]);
    // pmin = pmax is a strict period.
    assert_eq!(seconds("pmin=20&pmax=20"), [20, 40, 60, 80, 100, 120]);
    // A pmax of 0 and one below pmin are ignored.
    assert_eq!(seconds("pmin=10&pmax=9"), [25, 35]);
    assert_eq!(seconds("pmax=0"), [25, 30]);
}

#[test]
fn evaluation_takes_its_time() {
    // A spike between two evaluations is never seen.
    let spike = numbers(&[(0, 1.0), (2, 9.0), (3, 1.0), (20, 1.0)]);
    assert_eq!(drive(conditions("epmin=5"), &spike, 60_000), []);
    // What stays is evaluated as soon as it may be, without another sample.
    let step = numbers(&[(0, 1.0), (2, 9.0)]);
    assert_eq!(drive(conditions("epmin=5"), &step, 60_000), [(5_000, Value::Float(9.0), Trigger::Changed)]);
    // pmin counts on top.
    assert_eq!(told(&drive(conditions("epmin=5&pmin=8"), &step, 60_000)), [(8, "the value changed".into())]);
    // pmax does not wait for an evaluation.
    let sent = told(&drive(conditions("epmin=50&pmax=8"), &step, 8_000));
    assert_eq!(sent, [(8, "pmax=8 seconds passed since the last notification".into())]);
}

/// A client that is not told of changes looks by itself, at the latest after epmax.
#[test]
fn evaluation_happens_in_time() {
    let mut state = ResourceState::start(0, conditions("epmax=30"), &Value::Integer(1));
    let deadline = state.next_deadline().unwrap();
    assert_eq!((deadline.at_ms, deadline.reason), (30_000, DeadlineReason::MaximumEvaluationPeriod));
    assert_eq!(state.handle_timeout(29_999, &Value::Integer(2)), Verdict::Nothing, "not yet");
    assert_eq!(state.handle_timeout(30_000, &Value::Integer(1)), Verdict::Nothing);
    assert_eq!(state.next_deadline().unwrap().at_ms, 60_000);
    assert_eq!(state.handle_timeout(60_000, &Value::Integer(2)), Verdict::Send(Trigger::Changed));
}

#[test]
fn deadlines_say_why() {
    let at = |state: &ResourceState| {
        state.next_deadline().map(|deadline| (deadline.at_ms / 1_000, deadline.reason))
    };
    let start = |query| ResourceState::start(0, conditions(query), &Value::Integer(1));
    assert_eq!(at(&start("pmin=10")), None);
    assert_eq!(at(&start("pmax=10")), Some((10, DeadlineReason::MaximumPeriod)));
    let mut state = start("pmin=10&pmax=60&epmin=5");
    assert_eq!(state.sample(1_000, &Value::Integer(2)), Verdict::Nothing);
    assert_eq!(at(&state), Some((5, DeadlineReason::MinimumEvaluationPeriod)));
    let pending = Verdict::Pending { at_ms: 10_000, trigger: Trigger::Changed };
    assert_eq!(state.handle_timeout(5_000, &Value::Integer(2)), pending);
    assert_eq!(at(&state), Some((10, DeadlineReason::MinimumPeriod)));
}

#[test]
fn what_is_due_stays_due_until_it_is_sent_or_withheld() {
    let mut state = ResourceState::start(0, conditions("pmin=1&pmax=5"), &Value::Integer(1));
    let due = Verdict::Send(Trigger::Changed);
    assert_eq!(state.sample(2_000, &Value::Integer(2)), due);
    assert_eq!(state.handle_timeout(2_500, &Value::Integer(2)), due);
    assert_eq!(state.sample(3_000, &Value::Integer(1)), due);
    // The server may not read it any more: it keeps the value it has, and the periods go on.
    state.withheld(3_000);
    assert_eq!(state.next_deadline().unwrap().at_ms, 8_000);
    assert_eq!(state.sample(4_000, &Value::Integer(1)), Verdict::Nothing);
    assert_eq!(state.sample(5_000, &Value::Integer(2)), due);
    state.sent(5_000, &Value::Integer(2));
    assert_eq!(state.sample(7_000, &Value::Integer(2)), Verdict::Nothing);
}

#[test]
fn new_attributes_hold_for_what_comes() {
    let mut state = ResourceState::start(0, conditions("gt=45"), &Value::Integer(40));
    assert_eq!(state.sample(1_000, &Value::Integer(41)), Verdict::Nothing);
    state.set_conditions(conditions("st=1&pmax=5"));
    assert_eq!(state.next_deadline().unwrap().at_ms, 5_000);
    assert_eq!(state.sample(2_000, &Value::Integer(41)), Verdict::Send(Trigger::Step { st: 1.0 }));
}

#[test]
fn time_that_stands_or_goes_back_harms_nothing() {
    let mut state = ResourceState::start(u64::MAX - 5, conditions("pmin=10&pmax=20"), &Value::Integer(1));
    let pending = Verdict::Pending { at_ms: u64::MAX, trigger: Trigger::Changed };
    assert_eq!(state.sample(0, &Value::Integer(2)), pending);
    assert_eq!(state.sample(u64::MAX, &Value::Integer(3)), Verdict::Send(Trigger::Changed));
}

#[test]
fn a_replay_marks_the_samples_that_would_have_been_notified() {
    let samples = numbers(&[(0, 20.0), (3, 21.0), (4, 22.0), (25, 23.0), (100, 23.0)]);
    let replayed = would_have_notified(&conditions("pmin=10&pmax=60"), &samples);
    let told: Vec<_> =
        replayed.iter().map(|found| (found.at_ms / 1_000, found.sample, found.trigger.to_string())).collect();
    assert_eq!(
        told,
        [
            (0, 0, "the observation began".to_owned()),
            (10, 2, "the value changed".to_owned()),
            (25, 3, "the value changed".to_owned()),
            (85, 3, "pmax=60 seconds passed since the last notification".to_owned()),
        ]
    );
    assert_eq!(would_have_notified(&conditions(""), &[]), []);
    // A gap of centuries ends, and the sample after it is still looked at.
    let samples = numbers(&[(0, 1.0), (10_000_000_000, 2.0)]);
    let replayed = would_have_notified(&conditions("pmax=1"), &samples);
    assert_eq!(replayed.last().unwrap().sample, 1);
}
