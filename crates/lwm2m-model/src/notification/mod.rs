//! When to notify (LwM2M Core §5.1.2 and §6.4): the conditions of an observation as a state machine.
//!
//! [`ResourceState`] is about one resource, [`NodeState`] about an observation that reports several, such as one of
//! an object or an Observe-Composite. Both are told values and times, say what to do now and when to be asked
//! again, and never send anything themselves. [`would_have_notified`] replays recorded values, [`in_words`] says what
//! attributes come to.
//!
//! Times are milliseconds since 1970.
//!
//! ```
//! use lwm2m_codec::Value;
//! use lwm2m_codec::attributes::{EffectiveAttributes, ServerDefaults, parse_observe_parameters};
//! use lwm2m_model::notification::{Conditions, Direction, ResourceState, Verdict};
//!
//! let parameters = parse_observe_parameters(["pmin=10", "gt=45"]).unwrap().unwrap();
//! let attributes = EffectiveAttributes::of_parameters(&parameters, &ServerDefaults::default());
//! let conditions = Conditions::new(&attributes, Direction::Both);
//! let mut state = ResourceState::start(0, conditions, &Value::Float(40.0));
//!
//! assert_eq!(state.sample(1_000, &Value::Float(44.0)), Verdict::Nothing);
//! let Verdict::Pending { at_ms, trigger } = state.sample(3_000, &Value::Float(47.0)) else { panic!() };
//! assert_eq!((at_ms, trigger.to_string().as_str()), (10_000, "the value rose above gt=45"));
//! assert_eq!(state.next_deadline().unwrap().at_ms, 10_000);
//! assert!(matches!(state.handle_timeout(10_000, &Value::Float(46.0)), Verdict::Send(_)));
//! state.sent(10_000, &Value::Float(46.0));
//! ```

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::expect_used, clippy::panic))]

mod conditions;
mod in_words;
mod node_state;
mod replay;
mod resource_state;
mod trigger;
mod verdict;

pub use conditions::{Conditions, Direction};
pub use in_words::in_words;
pub use node_state::{Firing, NodeState};
pub use replay::{REPLAY_STEPS_MAX, Replayed, would_have_notified};
pub use resource_state::ResourceState;
pub use trigger::Trigger;
pub use verdict::{Deadline, DeadlineReason, Verdict};
