//! One value after another: does it satisfy a condition, and which one?

use lwm2m_codec::{ObjectLink, Value};
use lwm2m_model::notification::{Conditions, Direction, ResourceState, Verdict};

use crate::drive::{conditions, directed};

/// The reason for which `next` is notified after `sent`, when no time matters.
fn reason(conditions: Conditions, sent: &Value, next: &Value) -> Option<String> {
    let mut state = ResourceState::start(0, conditions, sent);
    match state.sample(1, next) {
        Verdict::Send(trigger) => Some(trigger.to_string()),
        Verdict::Pending { .. } => panic!("there is no minimum period"),
        Verdict::Nothing => None,
    }
}

fn number(conditions: Conditions, sent: f64, next: f64) -> Option<String> {
    reason(conditions, &Value::Float(sent), &Value::Float(next))
}

#[test]
fn crossings_and_steps() {
    let cases = [
        // gt is crossed between "at most" and "above", lt between "at least" and "below".
        ("gt=45", 45.0, 45.1, Some("the value rose above gt=45")),
        ("gt=45", 44.0, 45.0, None),
        ("gt=45", 46.0, 50.0, None),
        ("gt=45", 46.0, 45.0, Some("the value is no longer above gt=45")),
        ("lt=20", 20.0, 19.9, Some("the value fell below lt=20")),
        ("lt=20", 21.0, 20.0, None),
        ("lt=20", 19.0, 10.0, None),
        ("lt=20", 19.0, 20.0, Some("the value is no longer below lt=20")),
        ("st=10", 20.0, 30.0, Some("the value moved by st=10 or more")),
        ("st=10", 20.0, 10.0, Some("the value moved by st=10 or more")),
        ("st=10", 20.0, 29.9, None),
        ("st=0", 20.0, 20.0, None),
        ("st=0", 20.0, 20.1, Some("the value moved by st=0 or more")),
        // Any one is enough.
        ("lt=20&gt=45&st=10", 30.0, 40.0, Some("the value moved by st=10 or more")),
        ("lt=20&gt=45&st=10", 44.0, 46.0, Some("the value rose above gt=45")),
        ("lt=20&gt=45&st=10", 30.0, 39.9, None),
        ("lt=20&gt=45", 10.0, 50.0, Some("the value rose above gt=45")),
        // Without a condition every change counts; the same value is none.
        ("", 20.0, 20.1, Some("the value changed")),
        ("", 20.0, 20.0, None),
        ("pmax=60", 20.0, 20.0, None),
        // Attributes that contradict each other are ignored together.
        ("gt=20&lt=20", 30.0, 30.1, Some("the value changed")),
        ("gt=40&lt=20&st=10", 30.0, 30.1, Some("the value changed")),
    ];
    for (query, sent, next, expected) in cases {
        assert_eq!(number(conditions(query), sent, next).as_deref(), expected, "{query}: {sent} -> {next}");
    }
}

/// The printed examples have gt=45, st=10 and lt=20. They fit crossings in one direction only.
#[test]
fn the_printed_examples() {
    let cases = [
        ("gt=45&st=10", 48.0, 42.0, None, Some("the value is no longer above gt=45")),
        ("lt=20&st=10", 17.0, 24.0, None, Some("the value is no longer below lt=20")),
        ("gt=45&st=10", 45.0, 50.0, Some("the value rose above gt=45"), Some("the value rose above gt=45")),
    ];
    for (query, sent, next, one, both) in cases {
        assert_eq!(
            number(directed(query, Direction::One), sent, next).as_deref(),
            one,
            "{query} in one direction"
        );
        assert_eq!(number(conditions(query), sent, next).as_deref(), both, "{query} in both");
    }
}

/// What happens when a state sees one value after another; those that are due are sent.
fn sent(conditions: Conditions, values: &[Value]) -> Vec<usize> {
    let mut state = ResourceState::start(0, conditions, &values[0]);
    let mut sent = Vec::new();
    for (position, value) in values.iter().enumerate().skip(1) {
        if let Verdict::Send(_) = state.sample(position as u64, value) {
            state.sent(position as u64, value);
            sent.push(position);
        }
    }
    sent
}

#[test]
fn in_one_direction_each_crossing_counts_again() {
    let values = [40.0, 50.0, 40.0, 50.0, 44.0, 50.0].map(Value::Float);
    assert_eq!(sent(directed("gt=45", Direction::One), &values), [1, 3, 5]);
    assert_eq!(sent(conditions("gt=45"), &values), [1, 2, 3, 4, 5]);
    let values = [40.0, 10.0, 40.0, 10.0].map(Value::Float);
    assert_eq!(sent(directed("lt=20", Direction::One), &values), [1, 3]);
}

#[test]
fn a_slow_drift_is_measured_from_what_was_sent() {
    let values = [20.0, 24.0, 28.0, 31.0, 35.0, 41.0].map(Value::Float);
    assert_eq!(sent(conditions("st=10"), &values), [3, 5]);
}

#[test]
fn edges() {
    let values = [false, true, true, false, true, false, false].map(Value::Boolean);
    assert_eq!(sent(conditions("edge=1"), &values), [1, 4]);
    assert_eq!(sent(conditions("edge=0"), &values), [3, 5]);
    assert_eq!(sent(conditions(""), &values), [1, 3, 4, 5]);
    let rose = reason(conditions("edge=1"), &Value::Boolean(false), &Value::Boolean(true));
    assert_eq!(rose.as_deref(), Some("the value became true (edge=1)"));
    let fell = reason(conditions("edge=0"), &Value::Boolean(true), &Value::Boolean(false));
    assert_eq!(fell.as_deref(), Some("the value became false (edge=0)"));
}

#[test]
fn every_kind_of_number_has_thresholds_and_nothing_else_has() {
    let pairs = [
        (Value::Integer(40), Value::Integer(50)),
        (Value::Unsigned(40), Value::Unsigned(50)),
        (Value::Time(40), Value::Time(50)),
        (Value::Float(40.0), Value::Float(50.0)),
    ];
    for (low, high) in pairs {
        assert_eq!(reason(conditions("gt=45"), &low, &high).as_deref(), Some("the value rose above gt=45"));
        assert_eq!(reason(conditions("gt=55"), &low, &high), None);
    }
    let pairs = [
        (Value::String("a".into()), Value::String("b".into())),
        (Value::opaque([1]), Value::opaque([2])),
        (Value::ObjectLink(ObjectLink::NULL), Value::ObjectLink(ObjectLink { object: 3, instance: 0 })),
        (Value::Raw([1].into()), Value::Raw([].into())),
        (Value::Boolean(true), Value::Boolean(false)),
        (Value::Integer(1), Value::String("1".into())),
    ];
    for (one, other) in pairs {
        for query in ["gt=45", "st=1", ""] {
            assert_eq!(reason(conditions(query), &one, &other).as_deref(), Some("the value changed"));
            assert_eq!(reason(conditions(query), &one, &one), None);
        }
    }
    // An edge is about Booleans only.
    assert_eq!(number(conditions("edge=1"), 0.0, 1.0).as_deref(), Some("the value changed"));
}

#[test]
fn what_is_not_a_number() {
    let unknown = "the value became a number or ceased to be one";
    for query in ["gt=45", "lt=20", "st=10", "gt=45&lt=20&st=10"] {
        assert_eq!(number(conditions(query), 30.0, f64::NAN).as_deref(), Some(unknown), "{query}");
        assert_eq!(number(conditions(query), f64::NAN, 30.0).as_deref(), Some(unknown), "{query}");
        assert_eq!(number(conditions(query), f64::NAN, f64::NAN), None, "{query}");
        assert_eq!(number(conditions(query), f64::INFINITY, f64::INFINITY), None, "{query}");
    }
    assert_eq!(number(conditions(""), f64::NAN, f64::NAN), None);
    assert_eq!(number(conditions(""), f64::NAN, 1.0).as_deref(), Some("the value changed"));
    let infinite = number(conditions("gt=45"), 30.0, f64::INFINITY);
    assert_eq!(infinite.as_deref(), Some("the value rose above gt=45"));
}
