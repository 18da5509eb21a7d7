//! Fleets of simulated LwM2M devices on the client role of `lwm2m-core`: the program `lwm2m-simulator`, and
//! [`SimulatedDevices`] within another one.
//!
//! A [`device::Device`] is a client and a little world that moves its values: what kinds there are is said by
//! [`profile`], what their objects do by [`objects`], what happens to them by a [`scenario`]. The [`fleet::Fleet`]
//! drives all of them from one order of deadlines; [`drive::Drive`] is the only one that knows the clock and the
//! [`network`].

mod arguments;
mod clock;
mod device;
mod devices;
mod dice;
mod download;
mod drive;
mod fleet;
mod network;
mod objects;
mod open_files;
mod profile;
mod provision;
mod run;
mod scenario;
mod security;
mod server_address;
mod signal;
mod slots;
mod tally;

use std::io::IsTerminal;

use arguments::Arguments;
use clap::Parser;
use tracing_subscriber::EnvFilter;

pub use devices::SimulatedDevices;
pub use profile::Profile;

/// Definitions of all objects.
const REGISTRY: &[u8] = include_bytes!("../../../assets/registry/registry.bin");

/// The program: reads its command line, and runs until it is asked to end.
pub fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let ansi = std::io::stdout().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_ansi(ansi).init();
    run::run(&arguments)
}
