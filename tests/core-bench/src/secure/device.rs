use std::{
    net::{SocketAddr, UdpSocket},
    time::SystemTime,
};

use anyhow::{Context as _, Result, bail};
use core_bench::{device::Device, load};
use dtls::{Client, ClientConfig, ClientCredential, ClientOutput, Instant};
use zeroize::Zeroizing;

/// The key of all devices that have one.
pub(super) const KEY: &[u8] = b"0123456789abcdef";

/// Datagrams, or waits for one, after which a device has to have its answer.
const STEPS: usize = 20;

/// A device with a socket and a DTLS session.
pub(super) struct SecureDevice {
    device: Device,
    socket: UdpSocket,
    client: Client,
    data: Option<Vec<u8>>,
}

pub(super) fn endpoint(number: usize) -> String {
    Device::new(number).endpoint
}

pub(super) fn psk(number: usize) -> ClientConfig {
    let (identity, key) = (endpoint(number).into_bytes(), Zeroizing::new(KEY.to_vec()));
    ClientConfig::new(ClientCredential::Psk { identity, key })
}

impl SecureDevice {
    pub(super) fn new(number: usize, server: SocketAddr, config: ClientConfig) -> Result<Self> {
        let (device, socket) = (Device::new(number), load::socket(number, server)?);
        Ok(Self { device, socket, client: Client::new(config)?, data: None })
    }

    pub(super) fn is_connected(&self) -> bool {
        self.client.is_connected()
    }

    /// Begins the handshake.
    pub(super) fn connect(&mut self) -> Result<()> {
        self.client.connect(now()?);
        self.send()
    }

    /// Takes one datagram of the server and sends what follows from it.
    pub(super) fn step(&mut self) -> Result<()> {
        let mut buffer = [0; 2048];
        match self.socket.recv(&mut buffer) {
            Ok(length) => self.client.handle_datagram(now()?, &mut buffer[..length]),
            // Nothing came in time.
            Err(_) => self.client.handle_timeout(now()?),
        }
        self.send()
    }

    pub(super) fn send_register(&mut self) -> Result<()> {
        let register = self.device.register()?;
        self.client.send(&register)?;
        self.send()
    }

    /// Waits for the answer.
    pub(super) fn registered(&mut self) -> Result<()> {
        for _ in 0..STEPS {
            if let Some(answer) = self.data.take() {
                return self.device.registered(&answer);
            }
            self.step()?;
        }
        bail!("the Register of {} is not answered", self.device.endpoint);
    }

    fn send(&mut self) -> Result<()> {
        while let Some(output) = self.client.poll() {
            match output {
                ClientOutput::Transmit(datagram) => drop(self.socket.send(&datagram)?),
                ClientOutput::Data(data) => self.data = Some(data),
                ClientOutput::Failed(failure) => {
                    return Err(failure)
                        .with_context(|| format!("the handshake of {}", self.device.endpoint));
                }
                ClientOutput::Closed(why) => {
                    bail!("the session of {} is closed: {why}", self.device.endpoint)
                }
                ClientOutput::Connected { .. } => {}
            }
        }
        Ok(())
    }
}

fn now() -> Result<Instant> {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Instant::from_millis(u64::try_from(since_1970.as_millis())?))
}
