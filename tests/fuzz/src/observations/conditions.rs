//! Conditions and values out of bytes.

use lwm2m_codec::{
    Value,
    attributes::{Edge, EffectiveAttributes, NotificationAttributes, ServerDefaults},
};
use lwm2m_model::notification::{Conditions, Direction};

use crate::script::Script;

/// Conditions, and what is known of them beside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) conditions: Conditions,
    pub(super) pmin_ms: u64,
    pub(super) pmax_ms: Option<u64>,
    /// No threshold, no edge, no evaluation period: every change counts.
    pub(super) every_change_counts: bool,
}

impl Known {
    /// One bit for each attribute that is there, then its values. Periods are short and numbers are few, so that they
    /// meet.
    pub(super) fn choose(script: &mut Script) -> Self {
        let (there, more) = (script.byte(), script.byte());
        let period = |bit: u8, script: &mut Script| (there & bit != 0).then(|| u32::from(script.byte() % 32));
        let attributes = NotificationAttributes {
            pmin: period(1, script),
            pmax: period(2, script),
            epmin: period(4, script),
            epmax: period(8, script),
            gt: (there & 16 != 0).then(|| number(script.byte())),
            lt: (there & 32 != 0).then(|| number(script.byte())),
            st: (there & 64 != 0).then(|| number(script.byte()).abs()),
            edge: (there & 128 != 0).then_some(if more & 1 == 0 { Edge::Falling } else { Edge::Rising }),
            ..NotificationAttributes::default()
        };
        let effective = EffectiveAttributes::of_parameters(&attributes, &ServerDefaults::default());
        let direction = if more & 2 == 0 { Direction::Both } else { Direction::One };
        Self {
            conditions: Conditions::new(&effective, direction),
            pmin_ms: u64::from(attributes.pmin.unwrap_or(0)) * 1_000,
            pmax_ms: effective.pmax_in_force().map(|pmax| u64::from(pmax) * 1_000),
            every_change_counts: there & !3 == 0,
        }
    }
}

/// Steps of a quarter between -16 and 16.
fn number(byte: u8) -> f64 {
    f64::from(byte.cast_signed()) / 8.0
}

/// Mostly numbers, and what is no number in any of its forms.
pub(super) fn value(script: &mut Script) -> Value {
    match script.byte() {
        byte @ 0..200 => Value::Float(number(byte.wrapping_add(156))),
        byte @ 200..220 => Value::Boolean(byte % 2 == 0),
        byte @ 220..240 => Value::Integer(i64::from(byte) - 230),
        240..244 => Value::Float(f64::NAN),
        244 => Value::Float(f64::INFINITY),
        245 => Value::Integer(i64::MIN),
        246 => Value::Unsigned(u64::MAX),
        byte => Value::String(format!("{byte}").into()),
    }
}
