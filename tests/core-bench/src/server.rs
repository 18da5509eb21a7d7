use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream, UdpSocket},
    path::Path,
    process::Command,
    thread,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{
    device::{Device, OBSERVED},
    program::Program,
};

/// The real server.
pub struct Server {
    pub program: Program,
    pub coap: SocketAddr,
    http: SocketAddr,
}

impl Server {
    /// On free ports.
    pub fn start(program: &Path, data: &Path) -> Result<Self> {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start_on(program, data, any_port)
    }

    /// Where its devices expect it.
    pub fn start_on(program: &Path, data: &Path, coap: SocketAddr) -> Result<Self> {
        Self::start_with(program, data, coap, "off")
    }

    /// On free ports, one of them for devices with security.
    pub fn start_secure(program: &Path, data: &Path) -> Result<Self> {
        Self::start_with(program, data, SocketAddr::from(([127, 0, 0, 1], 0)), "127.0.0.1:0")
    }

    fn start_with(program: &Path, data: &Path, coap: SocketAddr, coaps: &str) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", "--http", "127.0.0.1:0", "--coap", &coap.to_string(), "--print-addresses"]);
        command.args(["--coaps", coaps]);
        let program = Program::start(command.arg("--data").arg(data))?;
        let (http, coap) = (program.address("http")?, program.address("coap")?);
        Ok(Self { program, coap, http })
    }

    /// An operator asks for an observation of each device, and the devices agree.
    pub fn observe(&self, devices: &mut [Device], sockets: &[UdpSocket]) -> Result<()> {
        for (device, socket) in devices.iter_mut().zip(sockets) {
            let (http, endpoint) = (self.http, device.endpoint.clone());
            let asking = thread::spawn(move || ask_for_observation(http, &endpoint));
            let mut request = [0; 2048];
            let length = socket.recv(&mut request).context("no Observe came")?;
            socket.send(&device.observe(&request[..length])?)?;
            asking.join().map_err(|_| anyhow::anyhow!("the request to REST failed"))??;
        }
        Ok(())
    }

    /// How many clients are registered, as REST says.
    pub fn clients(&self) -> Result<u64> {
        let list = self.get("/api/v1/clients?limit=1")?;
        list["total"].as_u64().with_context(|| format!("no total in {list}"))
    }

    /// What REST says at `path`.
    pub fn get(&self, path: &str) -> Result<Value> {
        body(&request(self.http, "GET", path, "")?)
    }

    /// What REST answers.
    pub fn post(&self, path: &str, content: &str) -> Result<Value> {
        body(&request(self.http, "POST", path, content)?)
    }
}

fn ask_for_observation(http: SocketAddr, endpoint: &str) -> Result<()> {
    let body = serde_json::json!({ "op": "observe", "path": OBSERVED }).to_string();
    let answer = request(http, "POST", &format!("/api/v1/clients/{endpoint}/operations"), &body)?;
    ensure!(answer.contains("2.05"), "Observe was answered {answer}");
    Ok(())
}

fn body(answer: &str) -> Result<Value> {
    Ok(serde_json::from_str(answer.split("\r\n\r\n").nth(1).context("no body")?)?)
}

fn request(http: SocketAddr, method: &str, path: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(http)?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {http}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.1 20"), "{method} {path} was answered {answer}");
    Ok(answer)
}
