//! Comparing records exactly, not-a-number included.

use lwm2m_codec::{Record, Value};

pub(crate) fn sorted(mut records: Vec<Record>) -> Vec<Record> {
    // Stable: values of several times at one path keep their order.
    records.sort_by_key(|record| record.path);
    records
}

pub(crate) fn assert_same(got: &[Record], expected: &[Record], what: &str) {
    let same = got.len() == expected.len() && got.iter().zip(expected).all(|(a, b)| is_same(a, b));
    assert!(same, "{what}\ngot      {got:?}\nexpected {expected:?}");
}

fn is_same(a: &Record, b: &Record) -> bool {
    is_same_place(a, b) && is_same_value(&a.value, &b.value)
}

/// Whether path and time are the same. There is one point in time at zero, whatever its sign.
pub(crate) fn is_same_place(a: &Record, b: &Record) -> bool {
    a.path == b.path && a.time() == b.time()
}

/// Tells 0.0 from -0.0, and finds one not-a-number the same as another.
pub(crate) fn is_same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (a, b) => a == b,
    }
}
