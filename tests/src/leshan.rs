use std::{
    path::PathBuf,
    process::{Command as Blocking, Stdio},
    sync::OnceLock,
};

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::{Process, TestContext, programs::workspace_root};

/// The client of Eclipse Leshan: a device that shares no code with us.
pub struct Leshan {
    pub process: Process,
}

impl Leshan {
    /// Whether its client can run here: a JDK and the libraries, downloaded if need be.
    pub fn is_available() -> bool {
        static AVAILABLE: OnceLock<bool> = OnceLock::new();
        *AVAILABLE.get_or_init(|| {
            let got = Blocking::new("bash").arg(script()).arg("get").stdin(Stdio::null()).status();
            got.is_ok_and(|status| status.success())
        })
    }

    /// For the start of a test: whether it can run. Says so loudly when not; `cargo xtask test` finds out before
    /// and counts the test as skipped.
    pub fn or_skip() -> bool {
        if !Self::is_available() {
            eprintln!("!! skipped: Leshan's client needs JDK 17 and Maven (tests/interop/leshan/run.sh get)");
        }
        Self::is_available()
    }

    /// Starts one client; its temperature changes every `period_ms`.
    pub async fn start(context: &TestContext, endpoint: &str, period_ms: u32) -> Result<Self> {
        Self::start_with(context, &["--name", endpoint, "-t", &period_ms.to_string()], 1).await
    }

    /// Starts `clients` with options of `Client.java` and waits until all are registered.
    pub async fn start_with(context: &TestContext, options: &[&str], clients: usize) -> Result<Self> {
        Self::start_towards(&context.coap_uri(), options, clients).await
    }

    /// Starts a client that is told its servers by the Bootstrap-Server at `server`, and waits until it is registered.
    pub async fn bootstrap_from(server: &str, endpoint: &str, options: &[&str]) -> Result<Self> {
        let options = [&["--bootstrap", "yes", "--name", endpoint, "-t", "0"], options].concat();
        Self::start_towards(server, &options, 1).await
    }

    /// [`Self::start_with`], towards whatever is at `server`.
    pub async fn start_towards(server: &str, options: &[&str], clients: usize) -> Result<Self> {
        if !Self::is_available() {
            bail!("Leshan's client is not available");
        }
        let mut command = Command::new("bash");
        command.arg(script()).args(["client", "--url", server, "-l", "120"]).args(options);
        let mut process = Process::start("Leshan's client", &mut command)?;
        for _ in 0..clients {
            process.line_with(" registered").await?;
        }
        Ok(Self { process })
    }
}

fn script() -> PathBuf {
    workspace_root().join("tests/interop/leshan/run.sh")
}
