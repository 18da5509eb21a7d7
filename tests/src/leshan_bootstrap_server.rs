use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    path::PathBuf,
    process::{Command as Blocking, Stdio},
    sync::OnceLock,
};

use anyhow::Result;
use tokio::process::Command;

use crate::{Process, programs::workspace_root};

/// A Bootstrap-Server on the libraries of Eclipse Leshan: one that shares no code with us.
pub struct LeshanBootstrapServer {
    pub process: Process,
    coap: SocketAddr,
    coaps: SocketAddr,
    _dir: tempfile::TempDir,
}

impl LeshanBootstrapServer {
    /// For the start of a test: whether it can run. Says so loudly when not; `cargo xtask test` finds out before
    /// and counts the test as skipped.
    pub fn or_skip() -> bool {
        static AVAILABLE: OnceLock<bool> = OnceLock::new();
        let available = *AVAILABLE.get_or_init(|| {
            let got = Blocking::new("bash").arg(script()).arg("get").stdin(Stdio::null()).status();
            got.is_ok_and(|status| status.success())
        });
        if !available {
            eprintln!(
                "!! skipped: Leshan's bootstrap server needs JDK 17 and Maven (tests/interop/leshan/bootstrap_server.sh \
                 get)"
            );
        }
        available
    }

    /// With options of `BootstrapServer.java`.
    pub async fn start(options: &[&str]) -> Result<Self> {
        let udp = [UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?, UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?];
        let [coap, coaps] = [udp[0].local_addr()?, udp[1].local_addr()?];
        drop(udp);
        let dir = tempfile::tempdir()?;
        let ports = [coap, coaps].map(|address| address.port().to_string());
        let mut command = Command::new("bash");
        command.arg(script()).args(["server", "--coap", &ports[0], "--coaps", &ports[1]]);
        command.args(options).current_dir(dir.path());
        let mut process = Process::start("Leshan's bootstrap server", &mut command)?;
        process.line_with("ready").await?;
        Ok(Self { process, coap, coaps, _dir: dir })
    }

    pub fn coap_uri(&self) -> String {
        format!("coap://{}", self.coap)
    }

    pub fn coaps_uri(&self) -> String {
        format!("coaps://{}", self.coaps)
    }
}

fn script() -> PathBuf {
    workspace_root().join("tests/interop/leshan/bootstrap_server.sh")
}
