use std::{net::SocketAddr, path::Path};

use anyhow::{Context as _, Result};
use console_api::{Client, ClientList, OperationRequest, OperationResponse};
use serde_json::Value;
use tokio::process::Command;

use crate::{Events, Process, RawPeer, Rest, encode_segment, programs::console_program, wait};

/// A server of its own for every test: free ports, an empty data directory, ended with the test.
pub struct TestContext {
    pub http: SocketAddr,
    pub coap: SocketAddr,
    /// With security.
    pub coaps: SocketAddr,
    /// Where devices bootstrap without security.
    pub bootstrap_coap: SocketAddr,
    /// Where devices bootstrap with it.
    pub bootstrap_coaps: SocketAddr,
    pub rest: Rest,
    pub server: Process,
    data: tempfile::TempDir,
}

impl TestContext {
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// A server with further options.
    pub async fn start_with(options: &[&str]) -> Result<Self> {
        Self::start_by(Command::new(console_program()?), tempfile::tempdir()?, options).await
    }

    /// A server that is told by the system when a file cannot grow, and not killed.
    pub async fn start_with_growing_files() -> Result<Self> {
        let mut shell = Command::new("bash");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(console_program()?);
        Self::start_by(shell, tempfile::tempdir()?, &[]).await
    }

    /// A server that finds a copy of that directory.
    pub async fn start_on(directory: &Path) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let mut copy = Command::new("cp");
        let copied = copy.arg("-r").arg(directory.join(".")).arg(data.path()).status().await?;
        anyhow::ensure!(copied.success(), "cannot copy {}", directory.display());
        Self::start_by(Command::new(console_program()?), data, &[]).await
    }

    async fn start_by(program: Command, data: tempfile::TempDir, options: &[&str]) -> Result<Self> {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let addresses = Addresses {
            http: any_port,
            coap: any_port,
            coaps: any_port,
            bootstrap_coap: any_port,
            bootstrap_coaps: any_port,
        };
        let (server, addresses) = start_server(program, data.path(), addresses, options).await?;
        let Addresses { http, coap, coaps, bootstrap_coap, bootstrap_coaps } = addresses;
        let rest = Rest::new(http);
        Ok(Self { http, coap, coaps, bootstrap_coap, bootstrap_coaps, rest, server, data })
    }

    /// Starts the server again, with the same addresses and data.
    pub async fn restart(&mut self) -> Result<()> {
        if self.server.is_running() {
            self.server.terminate().await?;
        }
        let addresses = Addresses {
            http: self.http,
            coap: self.coap,
            coaps: self.coaps,
            bootstrap_coap: self.bootstrap_coap,
            bootstrap_coaps: self.bootstrap_coaps,
        };
        let program = Command::new(console_program()?);
        (self.server, _) = start_server(program, self.data.path(), addresses, &[]).await?;
        Ok(())
    }

    /// Kills the server and starts it again: a crash, as a device sees it.
    pub async fn crash(&mut self) -> Result<()> {
        self.server.kill().await?;
        self.restart().await
    }

    /// Where the server keeps everything.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// `coap://127.0.0.1:5683`
    pub fn coap_uri(&self) -> String {
        format!("coap://{}", self.coap)
    }

    /// `coaps://127.0.0.1:5684`
    pub fn coaps_uri(&self) -> String {
        format!("coaps://{}", self.coaps)
    }

    /// Address of a page of the console.
    pub fn page(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }

    /// A device that says what the test wants it to say.
    pub async fn peer(&self) -> Result<RawPeer> {
        RawPeer::connect(self.coap).await
    }

    /// One that speaks with the Bootstrap-Server.
    pub async fn bootstrap_peer(&self) -> Result<RawPeer> {
        RawPeer::connect(self.bootstrap_coap).await
    }

    /// The WebSocket of a console.
    pub async fn events(&self) -> Result<Events> {
        Events::connect(self.http).await
    }

    pub async fn clients(&self) -> Result<Vec<Client>> {
        let list: ClientList = self.rest.get("/api/v1/clients?limit=10000").await?.json(200)?;
        anyhow::ensure!(list.total == list.clients.len(), "total is {}", list.total);
        Ok(list.clients)
    }

    /// The registered client of that name, if any.
    pub async fn client(&self, endpoint: &str) -> Result<Option<Client>> {
        let answer = self.rest.get(&client_path(endpoint)).await?;
        if answer.status == 404 { Ok(None) } else { answer.json(200).map(Some) }
    }

    /// Waits until a client is registered under that name.
    pub async fn registered(&self, endpoint: &str) -> Result<Client> {
        wait::until(&format!("{endpoint} to register"), async || self.client(endpoint).await).await
    }

    /// Waits until no client is registered under that name.
    pub async fn departed(&self, endpoint: &str) -> Result<()> {
        wait::until(&format!("{endpoint} to depart"), async || {
            Ok(self.client(endpoint).await?.is_none().then_some(()))
        })
        .await
    }

    /// Performs an operation that the client answers, with whatever code.
    pub async fn operate(&self, endpoint: &str, request: &OperationRequest) -> Result<OperationResponse> {
        self.try_operate(endpoint, request).await?.json(200)
    }

    /// Performs an operation; the answer may be an error of the server.
    pub async fn try_operate(&self, endpoint: &str, request: &OperationRequest) -> Result<crate::Answer> {
        let path = format!("{}/operations", client_path(endpoint));
        self.rest.post(&path, &serde_json::to_string(request)?).await
    }
}

fn client_path(endpoint: &str) -> String {
    format!("/api/v1/clients/{}", encode_segment(endpoint))
}

/// Where a server is, or is to be.
struct Addresses {
    http: SocketAddr,
    coap: SocketAddr,
    coaps: SocketAddr,
    bootstrap_coap: SocketAddr,
    bootstrap_coaps: SocketAddr,
}

async fn start_server(
    mut command: Command,
    data: &Path,
    wanted: Addresses,
    options: &[&str],
) -> Result<(Process, Addresses)> {
    let Addresses { http, coap, coaps, bootstrap_coap, bootstrap_coaps } = wanted;
    command.args(["serve", "--http", &http.to_string(), "--coap", &coap.to_string(), "--print-addresses"]);
    command.args(["--bootstrap-coap", &bootstrap_coap.to_string()]);
    command.args(["--bootstrap-coaps", &bootstrap_coaps.to_string()]);
    command.args(["--coaps", &coaps.to_string(), "--data"]).arg(data).args(options);
    let mut server = Process::start("lwm2m-console", &mut command)?;
    let line = server.line().await?;
    let announced: Value = serde_json::from_str(&line)
        .with_context(|| format!("the first line should be the addresses, it is: {line}"))?;
    let address = |name: &str| -> Result<SocketAddr> {
        let text = announced[name].as_str().with_context(|| format!("no {name} in {line}"))?;
        text.parse().with_context(|| format!("{name} in {line}"))
    };
    let addresses = Addresses {
        http: address("http")?,
        coap: address("coap")?,
        coaps: address("coaps")?,
        bootstrap_coap: address("bootstrap_coap")?,
        bootstrap_coaps: address("bootstrap_coaps")?,
    };
    Ok((server, addresses))
}
