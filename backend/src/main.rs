//! `lwm2m-console`: an LwM2M Server with a console in the browser, in one process.
//!
//! [`runtime`] owns the CoAP socket and drives the server role; [`fleet`] is what everyone may know of the
//! clients; [`http`] serves REST, the WebSocket and the console itself.

mod access_control;
mod addresses;
mod boards;
mod bootstrap;
mod clock;
mod commands;
mod credentials;
mod documents;
mod fleet;
mod history;
mod http;
mod licences;
mod lines;
mod maintenance;
mod numbers;
mod objects;
mod observations;
mod options;
mod process;
mod runtime;
mod serve;
mod simulated;
mod trace;

use std::{io::IsTerminal, process::ExitCode};

use anyhow::Result;
use options::{Command, Options};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let done = match Command::from_command_line() {
        Command::Serve(options) => {
            log();
            run(&options)
        }
        Command::Decode(options) => lines::decode(&options),
        Command::Encode(options) => lines::encode(&options),
        Command::Backup(options) => maintenance::backup(&options),
        Command::Check(options) => maintenance::check(&options),
        Command::Licences => {
            print!("{}", licences::TEXT);
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lwm2m-console: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn log() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,lwm2m_simulator=warn"));
    let colour = std::io::stderr().is_terminal();
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).with_writer(std::io::stderr);
    // A line that finds no room on a full disk is lost, and nothing else happens.
    log.log_internal_errors(false).init();
}

fn run(options: &Options) -> Result<()> {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio.block_on(serve::serve(options))
}
