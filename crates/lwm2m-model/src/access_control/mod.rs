//! Access control (LwM2M Core §8): whether a client performs an operation for a server, and why.
//!
//! The client decides; a server that knows Object 2 of the client can tell beforehand what the answer will be.
//! The decision is a pure function of the [`AccessControlContext`], who asks, the [`Operation`] and what is
//! [present](Presence). What a payload adds (an id that is taken, a value out of range) is not looked at.
//!
//! ```
//! use lwm2m_codec::ResourceShape;
//! use lwm2m_model::access_control::{
//!     AccessControlContext, AccessControlInstance, AccessRights, Operation, Presence, Requester, ResourcePresence,
//! };
//!
//! /// A client with `/3/0` of which no more is known.
//! struct Device;
//!
//! impl Presence for Device {
//!     fn objects(&self) -> Vec<u16> {
//!         vec![3]
//!     }
//!     fn instances(&self, object: u16) -> Vec<u16> {
//!         if object == 3 { vec![0] } else { vec![] }
//!     }
//!     fn resource(&self, _object: u16, _instance: u16, _resource: u16) -> ResourcePresence {
//!         ResourcePresence::Undefined
//!     }
//!     fn resource_instance(&self, _object: u16, _instance: u16, _resource: u16, _id: u16) -> bool {
//!         true
//!     }
//! }
//!
//! let acl = [(101, AccessRights::ALL_OF_INSTANCE), (102, AccessRights::READ)].into();
//! let context = AccessControlContext {
//!     enabled: true,
//!     servers: [101, 102].into(),
//!     instances: vec![AccessControlInstance { id: 2, object: 3, instance: 0, owner: 101, acl }],
//! };
//! let write = Operation::Write("/3/0/14".parse().unwrap());
//! let decision = context.decide(Requester::Server(102), &write, &Device);
//! assert_eq!(decision.outcome.to_string(), "4.01 Unauthorized");
//! assert_eq!(decision.reason.to_string(), "the entry of server 102 in /2/2 grants R, and Write needs W");
//! ```

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::expect_used, clippy::panic))]

mod aggregate;
mod check;
mod context;
mod decide;
mod decision;
mod obstacle;
mod operation;
mod plan;
mod presence;
mod reading;
mod reason;
mod refusal;
mod rights;
mod template;

pub use check::{Check, checks};
pub use context::{AccessControlContext, AccessControlInstance, Grant, GrantedRights};
pub use decision::{Decision, Difference, Effect, LeftOut, Outcome, ResponseCode};
pub use obstacle::{Hindrance, Obstacle};
pub use operation::{Operation, Requester};
pub use plan::{AccessControlChange, AccessControlPlan, AccessControlWrite};
pub use presence::{Presence, ResourcePresence};
pub use reading::{Registered, accounts_in, instances_in};
pub use reason::Reason;
pub use rights::AccessRights;
pub use template::{AccessControlRule, RuledInstances, ruled};

/// The Security object, OSCORE and COSE. No server reaches them (LwM2M Core §6.3, E.1).
const FORBIDDEN_OBJECTS: [u16; 3] = [0, 21, 23];

/// The Access Control object.
const ACCESS_CONTROL: u16 = 2;

/// MAX_ID: an Access Control instance for the object itself, and an owner that only bootstrap can be.
const MAX_ID: u16 = u16::MAX;
