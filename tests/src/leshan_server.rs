use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    path::PathBuf,
    process::{Command as Blocking, Stdio},
    sync::OnceLock,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::TcpStream,
    process::Command,
    time::timeout,
};

use crate::{Process, Rest, programs::workspace_root, wait::PATIENCE};

/// The server demo of Eclipse Leshan: a server that shares no code with us.
pub struct LeshanServer {
    pub process: Process,
    rest: Rest,
    http: SocketAddr,
    coap: SocketAddr,
    _dir: tempfile::TempDir,
}

/// What happens to one client, as the server tells its web page.
pub struct LeshanEvents(Lines<BufReader<TcpStream>>);

impl LeshanServer {
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
                "!! skipped: Leshan's server needs Java and Maven (tests/interop/leshan/server.sh get)"
            );
        }
        available
    }

    pub async fn start() -> Result<Self> {
        let http = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let udp = [UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?, UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?];
        let [coap, coaps] = [udp[0].local_addr()?, udp[1].local_addr()?];
        drop(udp);
        let dir = tempfile::tempdir()?;
        let ports = [http, coap, coaps].map(|address| address.port().to_string());
        let mut command = Command::new("bash");
        command.arg(script()).arg("server").args(ports).current_dir(dir.path());
        let mut process = Process::start("Leshan's server", &mut command)?;
        process.line_with("Web server started").await?;
        Ok(Self { process, rest: Rest::new(http), http, coap, _dir: dir })
    }

    pub fn coap_uri(&self) -> String {
        format!("coap://{}", self.coap)
    }

    /// What the server knows of its clients.
    pub async fn clients(&self) -> Result<Vec<Value>> {
        self.rest.get("/api/clients").await?.json(200)
    }

    /// One operation at `path` of a client, and what came of it.
    pub async fn operate(&self, method: &str, endpoint: &str, path: &str, body: &str) -> Result<Value> {
        let host = self.http.to_string();
        let headers = [("host", host.as_str()), ("content-type", "application/json")];
        let target = format!("/api/clients/{endpoint}{path}");
        self.rest.request(method, &target, &headers, body).await?.json(200)
    }

    /// What happens to a client from now on.
    pub async fn events(&self, endpoint: &str) -> Result<LeshanEvents> {
        let mut stream = TcpStream::connect(self.http).await?;
        let host = self.http;
        let request = format!(
            "GET /api/event?ep={endpoint} HTTP/1.1\r\nhost: {host}\r\naccept: text/event-stream\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut events = LeshanEvents(BufReader::new(stream).lines());
        let status = events.line().await?;
        ensure!(status.contains("200"), "expected a stream of events, got {status}");
        Ok(events)
    }
}

impl LeshanEvents {
    /// The data of the next event of a kind, such as `NOTIFICATION`.
    pub async fn next(&mut self, kind: &str) -> Result<Value> {
        loop {
            if self.line().await?.strip_prefix("event:").map(str::trim) == Some(kind) {
                let data = self.line().await?;
                let data =
                    data.strip_prefix("data:").with_context(|| format!("{kind} has no data: {data}"))?;
                return Ok(serde_json::from_str(data)?);
            }
        }
    }

    async fn line(&mut self) -> Result<String> {
        let line = timeout(PATIENCE, self.0.next_line()).await.context("Leshan's server tells nothing")??;
        line.context("Leshan's server has closed the stream of events")
    }
}

fn script() -> PathBuf {
    workspace_root().join("tests/interop/leshan/server.sh")
}
