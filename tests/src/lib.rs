//! The real programs, driven from outside.
//!
//! A test starts a [`TestContext`]: the server on free ports with a data directory of its own. Then it talks to
//! it as the world does: a [`RawPeer`] speaks scripted CoAP datagrams, [`Rest`] and [`Events`] are the two
//! interfaces of the console, [`Simulator`] and [`Leshan`] are whole devices, and [`Browser`] is an operator in
//! front of the console. A [`Lab`] is the codec itself in that browser. Nothing sleeps: [`wait::until`] looks again until a deadline.

mod accessibility;
mod browser;
mod drag;
mod events;
mod json_events;
mod lab;
mod leshan;
mod leshan_bootstrap_server;
mod leshan_server;
mod look;
mod page;
mod process;
mod programs;
mod raw_peer;
mod rest;
mod scripted_device;
mod simulator;
mod sleeper;
mod test_context;
pub mod wait;

pub use browser::Browser;
pub use events::Events;
pub use json_events::{EventStream, JsonEvents, SentEvent};
pub use lab::{Lab, asset, definitions, registry_file};
pub use leshan::Leshan;
pub use leshan_bootstrap_server::LeshanBootstrapServer;
pub use leshan_server::{LeshanEvents, LeshanServer};
pub use look::{ColorScheme, Viewport};
pub use process::Process;
pub use programs::{console_program, ensure_web_build, simulator_program};
pub use raw_peer::{RawPeer, register_options};
pub use rest::{Answer, Rest, encode_segment};
pub use scripted_device::{Manner, ScriptedDevice, ScriptedState, guard};
pub use simulator::Simulator;
pub use sleeper::Sleeper;
pub use test_context::TestContext;
