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
        let clients = clients.to_string();
        Self::against(&context.coap_uri(), &[&["--clients", &clients], more].concat())
    }

    /// Starts devices that register with any server.
    pub fn against(server_uri: &str, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(simulator_program()?);
        command.args(["--server", server_uri]).args(arguments);
        Ok(Self { process: Process::start("lwm2m-simulator", &mut command)? })
    }
}
