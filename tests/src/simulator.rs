use anyhow::Result;
use tokio::process::Command;

use crate::{Process, TestContext, programs::simulator_program};

/// A fleet of simulated devices.
pub struct Simulator {
    pub process: Process,
}

impl Simulator {
    /// Starts `clients` devices that register with the server of the test.
    pub fn start(context: &TestContext, clients: usize, more: &[&str]) -> Result<Self> {
        Self::start_towards(&context.coap_uri(), clients, more)
    }

    /// Starts `clients` devices that register with whatever is at `server`.
    pub fn start_towards(server: &str, clients: usize, more: &[&str]) -> Result<Self> {
        let mut command = Command::new(simulator_program()?);
        command.args(["--server", server, "--clients", &clients.to_string()]).args(more);
        Ok(Self { process: Process::start("lwm2m-simulator", &mut command)? })
    }

    /// Starts devices that are told their servers by the Bootstrap-Server at `server`.
    pub fn bootstrap_from(server: &str, options: &[&str]) -> Result<Self> {
        let mut command = Command::new(simulator_program()?);
        // Of many devices it tells more than fits into a pipe that nobody reads.
        command.args(["--bootstrap", server]).args(options).env("RUST_LOG", "off");
        Ok(Self { process: Process::start("lwm2m-simulator", &mut command)? })
    }

    /// Starts devices that have their servers from the factory, with `--factory FILE` among the options.
    pub fn with_factory_data(options: &[&str]) -> Result<Self> {
        let mut command = Command::new(simulator_program()?);
        command.args(options).env("RUST_LOG", "off");
        Ok(Self { process: Process::start("lwm2m-simulator", &mut command)? })
    }

    /// Starts the devices of a scenario file towards whatever is at `server`.
    pub fn start_scenario(server: &str, file: &str) -> Result<Self> {
        let mut command = Command::new(simulator_program()?);
        command.args(["--server", server, "--scenario", file]);
        Ok(Self { process: Process::start("lwm2m-simulator", &mut command)? })
    }
}
